"""What a clerk may set at the gate, as every process holds it; the row in the database is gate.models.GateSettings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings

USUAL_RATE = 30.0  # people per second, until this machine was measured
USUAL_POLLS = 400.0
USUAL_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """Newer ones have the larger `version` (µs at which they were written)."""

    rate: float = USUAL_RATE  # people per second who may begin, all processes together
    polls: float = USUAL_POLLS  # questions of waiting browsers per second, all processes together
    minutes: int = USUAL_MINUTES  # an admission's
    limits: Mapping[str, int] = field(default_factory=lambda: dict(settings.GATE_LIMITS))
    version: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Rules":
        """A class that the content does not know keeps the limit of the settings."""
        rules = cls(**content)
        return replace(rules, limits=dict(settings.GATE_LIMITS) | dict(rules.limits))
