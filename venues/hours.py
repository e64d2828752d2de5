"""Opening hours: {"0": ["09:00", "22:00"], …} by weekday from Monday, a day that is missing is closed. Pure.

A closing time at or before the opening time is of the next day.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
EVERY_DAY = _("Every day")
TIME = re.compile(r"([01]?\d|2[0-3]):?([0-5]\d)|24:?00")

Hours = Mapping[str, list[str]]


def read_time(text: str) -> str | None:
    """ "9:00", "0900" or "24:00" as "09:00", "09:00", "00:00"; None for what is no time of day."""
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    return f"{int(found[1]):02d}:{found[2]}" if found[1] else "00:00"


def usual(hours: Hours) -> list[str] | None:
    """The hours that most days have, two at the least: what one says first; None where each day has its own."""
    counted = Counter(tuple(times) for times in hours.values()).most_common(1)
    return list(counted[0][0]) if counted and counted[0][1] > 1 else None


def week(every: list[str] | None, own: Hours, closed: Collection[str]) -> dict[str, list[str]]:
    """Opening hours out of those of every day, those that differ, and the days on which it is closed."""
    told = {day: own.get(day) or every for day in map(str, range(len(DAYS))) if day not in closed}
    return {day: times for day, times in told.items() if times}


def lines(hours: Hours) -> list[tuple[str, str]]:
    """The opening hours in words: those of every day and the days that differ, where these are few; else each weekday.
    Nothing where no hours were told."""
    if not hours:
        return []
    closed = str(pgettext_lazy("opening hours", "Closed"))
    every = usual(hours)
    each = [(str(day), "–".join(hours[str(n)]) if hours.get(str(n)) else closed) for n, day in enumerate(DAYS)]
    differ = [each[n] for n in range(len(DAYS)) if hours.get(str(n)) != every]
    return each if every is None or len(differ) > 2 else [(str(EVERY_DAY), "–".join(every)), *differ]


def opened(hours: Hours, moment: datetime) -> datetime | None:
    """When the opening began in which `moment`, a local time, lies, a week ago at the earliest where it goes round the
    clock; None while closed or where no hours were told."""
    found = next((begin for begin, end in _around(hours, moment) if begin <= moment < end), None)
    for _day in range(len(DAYS)):
        if found is None:
            break
        before = next((begin for begin, end in _around(hours, found) if begin < found <= end), None)
        if before is None:
            break
        found = before
    return found


def _around(hours: Hours, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The openings that begin on the day of a moment and on the day before."""
    for back in (0, 1):
        day = moment - timedelta(days=back)
        if times := hours.get(str(day.weekday())):
            begin, end = (_at(day, text) for text in times)
            yield begin, end if end > begin else end + timedelta(days=1)


def _at(day: datetime, text: str) -> datetime:
    clock = time.fromisoformat(text)
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
