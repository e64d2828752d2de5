"""How many phone checks are due on each day: counted once a minute, with what this process has added since."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date

from django.db.models import Count

from registry.models import Citizen

HELD_SECONDS = 60

_lock = threading.Lock()
_held: tuple[tuple[date, date], float] | None = None
_loads: Counter[date] = Counter()


def between(first: date, last: date) -> Mapping[date, int]:
    """Due dates by day, at most a minute old. While one thread counts anew, the others go on with what is known."""
    global _held  # noqa: PLW0603 -- the process's copy of some forty numbers
    with _lock:
        known = _held is not None and _held[0] == (first, last)
        if known and _held and _held[1] > time.monotonic():
            return _loads
        _held = ((first, last), time.monotonic() + HELD_SECONDS)
    rows = Citizen.objects.filter(due_on__range=(first, last)).order_by().values("due_on").annotate(n=Count("pk"))
    counted = {day: n for day, n in rows.values_list("due_on", "n") if day}
    with _lock:
        _loads.clear()
        _loads.update(counted)
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
