"""From being seen at a door to having been there: pure.

Few venues see people leave. Whoever was not seen leaving is assumed to have stayed for a time that the asker chooses,
and the answer says which of the two it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(hours=12)  # between coming and leaving; beyond it they belong to different visits


@dataclass(frozen=True, slots=True)
class Stay:
    """From when until when somebody was at a place. `seen`: both were seen at the door, none was assumed."""

    since: datetime
    until: datetime
    seen: bool

    def overlap(self, since: datetime, until: datetime) -> timedelta:
        """How long of it lies within a window."""
        return max(timedelta(0), min(self.until, until) - max(self.since, since))

    def meets(self, since: datetime, until: datetime) -> bool:
        return self.since < until and self.until >= since


def stays(seen: Iterable[tuple[datetime, bool]], assumed: timedelta) -> list[Stay]:
    """The stays of one person at one place, in order, from the moments at its door: (when, whether leaving).

    Coming in again within the assumed time goes on with the stay; leaving without having been seen to come assumes the
    time before.
    """
    found: list[Stay] = []
    came = last = None
    for at, leaving in sorted(seen):
        if came and last and at - (came if leaving else last) > (LONGEST if leaving else assumed):
            found.append(Stay(came, last + assumed, False))
            came = last = None
        if leaving:
            found.append(Stay(came, at, True) if came else Stay(at - assumed, at, False))
            came = last = None
        else:
            came, last = came or at, at
    if came and last:
        found.append(Stay(came, last + assumed, False))
    return found
