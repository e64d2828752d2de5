"""Which policy is in force on a day. How a version comes into force: registry.policymaking."""

import time
from datetime import date

from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.models import PolicyVersion
from registry.validity import Rules

HELD_SECONDS = 5  # a published version is seen by every process within this time

_held: tuple[float, list[PolicyVersion]] | None = None


class NoPolicy(DomainError):
    """No published policy covers the day."""

    code = "no_policy"
    status = 503
    message = _("No policy is in force on this day. A clerk must publish one.")


def published() -> list[PolicyVersion]:
    """The published versions, latest effective day first, as this process last read them."""
    global _held  # noqa: PLW0603 -- the process's copy of a handful of rows
    if _held is None or _held[0] < time.monotonic():
        rows = list(PolicyVersion.objects.published().order_by("-effective_on"))
        _held = (time.monotonic() + HELD_SECONDS, rows)
    return _held[1]


def forget() -> None:
    """Read the versions anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def in_force_on(day: date) -> PolicyVersion:
    """The version in force on a day. Raises NoPolicy."""
    for version in published():
        if version.effective_on <= day:
            return version
    raise NoPolicy


def floor_on(day: date) -> int:
    """The least policy number that a pass for `day` must carry; 0 where none is set."""
    floors = [version.number for version in published() if version.floor_from and version.floor_from <= day]
    return max(floors, default=0)


def rules_of(version: PolicyVersion) -> Rules:
    """The version's rules. Raises InvalidRules."""
    return Rules.from_json(version.rules)
