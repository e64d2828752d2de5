"""Outages of the phone check: opened by themselves or by a clerk, told to everybody, closed by a clerk."""

import time
from typing import Any

from registry.models import Outage

HELD_SECONDS = 5  # an outage opened or closed is seen by every process within this time

_held: tuple[float, Outage | None] | None = None


def current() -> Outage | None:
    """The outage that is open now, as this process last looked."""
    global _held  # noqa: PLW0603 -- the process's copy of one row
    if _held is None or _held[0] < time.monotonic():
        _held = (time.monotonic() + HELD_SECONDS, Outage.objects.open().first())
    return _held[1]


def forget() -> None:
    """Look anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def extends() -> bool:
    """Whether passes last beyond their grace now, because numbers could not be checked."""
    return current() is not None


def as_json() -> dict[str, Any] | None:
    """What wallets are told: since when (milliseconds), null where all is well."""
    outage = current()
    return outage and {"since": int(outage.began_at.timestamp() * 1000)}
