"""How many phone checks are due on each day: counted every ten minutes, with what this process has added since.

A pass that is carried on another's phone is not counted: its holder is checked with that person.
"""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Count

from registry.models import Citizen
from registry.reverification import duedates

HELD_SECONDS = 600  # each process spreads its own evenly meanwhile, so that their sum is even as well

_lock = threading.Lock()
_held: tuple[tuple[date, int, int], float] | None = None
_loads: Counter[date] = Counter()


def due(first: date, last: date) -> dict[date, int]:
    """How many are due on each day from `first` to `last`, both inclusive, now; days without any are left out."""
    rows = Citizen.objects.filter(due_on__range=(first, last), guardian__isnull=True).order_by()
    return {day: n for day, n in rows.values("due_on").annotate(n=Count("pk")).values_list("due_on", "n") if day}


def for_checks(today: date, *, earliest: int, latest: int) -> Mapping[date, int]:
    """What `duedates.choose` looks at for a check made today: who is due in its window, and who will be once those have
    checked who are due before (`duedates.anticipate`). While one thread counts anew, the others go on with what is
    known."""
    global _held  # noqa: PLW0603 -- the process's copy of some forty numbers
    asked = (today, earliest, latest)
    with _lock:
        known = _held is not None and _held[0] == asked
        if known and _held and _held[1] > time.monotonic():
            return _loads
        _held = (asked, time.monotonic() + HELD_SECONDS)
    counted = due(today, today + timedelta(days=latest + latest - earliest))
    expected = duedates.anticipate(counted, today, earliest=earliest, latest=latest)
    with _lock:
        _loads.clear()
        _loads.update(expected)
    return _loads


def add(day: date) -> None:
    """One more is due on a day, for this process until it counts again."""
    with _lock:
        _loads[day] += 1


def forget() -> None:
    """Count anew at the next use."""
    global _held  # noqa: PLW0603
    with _lock:
        _held = None
