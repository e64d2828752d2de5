"""What a clerk may set at the gate, as every process holds it; the row in the database is gate.models.GateSettings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.conf import settings

from gate.callers import Caller, digest_of, key_in

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
    callers: Mapping[str, Caller] = field(default_factory=dict)  # by the digest of their key; one may have two
    version: int = 0

    def caller(self, header: str) -> Caller | None:
        """Who calls with this `Authorization` header; None where the key is not known."""
        key = key_in(header)
        return self.callers.get(digest_of(key)) if key else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Rules":
        """A class that the content does not know keeps the limit of the settings."""
        rules = cls(**content)
        callers = {digest: Caller(**caller) for digest, caller in content.get("callers", {}).items()}
        return replace(rules, limits=dict(settings.GATE_LIMITS) | dict(rules.limits), callers=callers)
