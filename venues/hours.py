"""Opening hours: {"0": ["09:00", "22:00"], …} by weekday from Monday, a day that is missing is closed. Pure.

A closing time at or before the opening time is of the next day.
"""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
TIME = re.compile(r"([01]?\d|2[0-3]):?([0-5]\d)|24:?00")

Hours = Mapping[str, list[str]]


def read_time(text: str) -> str | None:
    """ "9:00", "0900" or "24:00" as "09:00", "09:00", "00:00"; None for what is no time of day."""
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    return f"{int(found[1]):02d}:{found[2]}" if found[1] else "00:00"


def lines(hours: Hours) -> list[tuple[str, str]]:
    """Each weekday with its hours in words; nothing where no hours were told."""
    closed = str(pgettext_lazy("opening hours", "Closed"))
    if not hours:
        return []
    return [(str(day), "–".join(hours[str(n)]) if hours.get(str(n)) else closed) for n, day in enumerate(DAYS)]


def opened(hours: Hours, moment: datetime) -> datetime | None:
    """When the opening began in which `moment`, a local time, lies; None while closed or where no hours were told."""
    for back in (0, 1):
        day = moment - timedelta(days=back)
        if times := hours.get(str(day.weekday())):
            begin, end = (_at(day, text) for text in times)
            if begin <= moment < (end if end > begin else end + timedelta(days=1)):
                return begin
    return None


def _at(day: datetime, text: str) -> datetime:
    clock = time.fromisoformat(text)
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
