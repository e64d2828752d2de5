"""When the next phone check is due. Pure.

Due dates that simply lie a month ahead repeat the rush of the first day every month; here each goes to the day of the
policy's window on which fewest are due, so that a rush of one day is spread over the whole window of the next month.
"""

from collections.abc import Mapping
from datetime import date, timedelta


def window(verified_on: date, *, earliest: int, latest: int) -> tuple[date, date]:
    """First and last day that the due date of a check on `verified_on` may fall on, both inclusive."""
    return verified_on + timedelta(days=earliest), verified_on + timedelta(days=latest)


def choose(verified_on: date, *, earliest: int, latest: int, loads: Mapping[date, int]) -> date:
    """The least-loaded day of the window; of several the last, which is best for the citizen.

    `loads` tells how many are due on a day; a day that it lacks has none.
    """
    first, last = window(verified_on, earliest=earliest, latest=latest)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return min(days, key=lambda day: (loads.get(day, 0), -day.toordinal()))
