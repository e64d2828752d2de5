"""Looking the log over: whether what is counted is stored, and keys, partitions and registers tell the same story.

Each finding says what is wrong and what to do. Rows are read of the days asked for, one day after the other; nothing is
changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from checkins.log import partitions, register, retention
from checkins.models import Destruction, LegalHold
from registry import vault
from registry.errors import VaultUnavailable
from registry.validity import SEOUL
from venues import scanner_health
from venues.models import Scanner

GAP_PATIENCE = timedelta(days=1)  # numbers that were left out come with the next uploads, or wait for the vault
MOST_GAPS = 50  # scanners that are told of


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and what to do about it."""

    what: str
    do: str


def look(now: datetime, *, days: int = 3) -> Iterator[Finding]:
    """Everything, the rows of the last `days` days among it."""
    today = vault.today(now)
    yield from _partitions(today)
    yield from _keys(today)
    yield from _registers()
    yield from _counts([today - timedelta(days=number) for number in range(1, days + 1)])
    yield from _gaps(now)


def _partitions(today: date) -> Iterator[Finding]:
    there, held = partitions.attached(), _held(today)
    ahead = {today + timedelta(days=number) for number in range(partitions.AHEAD.days + 1)}
    for day in sorted(ahead - there.keys()):
        do = _("The beat makes it within the hour, or the first upload: see whether worker and beat run.")
        yield Finding(_("The partition of {day} is missing.").format(day=day), do)
    for day in sorted(day for day in there if retention.over(day, today) and day not in held):
        do = _("The nightly run is behind: see whether worker and beat run, and whether a transaction is hours old.")
        yield Finding(_("{day} is over and its rows are still there.").format(day=day), do)
    for day, pending in there.items():
        if pending:
            do = _("The next run finishes it; if it does not, end the transaction that still reads the log.")
            yield Finding(_("Taking {day} out of the log was begun and not finished.").format(day=day), do)
    for day in sorted(partitions.loose()):
        do = _("It is dropped by the next run where its destruction was begun; else look what made it, and drop it.")
        yield Finding(_("The table of {day} stands beside the log.").format(day=day), do)


def _held(today: date) -> set[date]:
    return {
        hold.first_day + timedelta(days=number)
        for hold in LegalHold.objects.in_force(today)
        for number in range((hold.last_day - hold.first_day).days + 1)
    }


def _keys(today: date) -> Iterator[Finding]:
    """Keys without rows to open, and rows without a key."""
    try:
        keyed = vault.keyed_days()
    except VaultUnavailable:
        do = _("Start it, or see why it cannot be reached; nothing is destroyed meanwhile. Then look again.")
        yield Finding(_("The vault is away: keys and its register were not looked at."), do)
        return
    there, begun = partitions.attached().keys(), set(Destruction.objects.values_list("day", flat=True))
    for day in sorted(day for day in keyed if retention.over(day, today) and day not in there):
        do = _("The next run destroys it; if it came with a restored vault, run `manage.py replay_destructions`.")
        yield Finding(_("{day} is over, has no rows, and its key lives.").format(day=day), do)
    for day in sorted(day for day in there - keyed if day <= today and day not in begun):
        do = _("Its entries lead to nobody. If the vault was restored, a newer backup of it may have the key.")
        yield Finding(_("{day} has rows and no key.").format(day=day), do)
    for day in sorted({today + timedelta(days=number) for number in range(vault.AHEAD_DAYS)} - keyed):
        do = _("Passes for it cannot be issued ahead: see why `make_keys` does not run.")
        yield Finding(_("The key of {day} is not made yet.").format(day=day), do)
        return  # one says it: the others lack for the same reason


def _registers() -> Iterator[Finding]:
    try:
        back = register.risen(register.everywhere())
    except VaultUnavailable:
        return
    for day in back:
        do = _("Run `manage.py replay_destructions`.")
        yield Finding(_("{day} was destroyed and has come back, or one register has forgotten it.").format(day=day), do)


# Of those who came in with a code: by the day on which they were seen, as they are counted. A code may be of the day
# before, hence its partition.
_COUNTED = """
    WITH stored AS (
        SELECT venue, count(*) AS rows FROM checkins_entry
        WHERE day BETWEEN %(day)s::date - 1 AND %(day)s::date + 1 AND seen_at >= %(begin)s AND seen_at < %(end)s
        AND direction = 'in' AND method IN ('qr', 'paper', 'poster') GROUP BY venue
    ), counted AS (
        SELECT venue_id AS venue, sum(count) AS people FROM checkins_hourcount
        WHERE day = %(day)s AND direction = 'in' AND admitted AND method IN ('qr', 'paper', 'poster') GROUP BY venue_id
    )
    SELECT venue, coalesce(rows, 0), coalesce(people, 0) FROM stored FULL JOIN counted USING (venue)
    WHERE coalesce(rows, 0) <> coalesce(people, 0)
    ORDER BY abs(coalesce(rows, 0) - coalesce(people, 0)) DESC LIMIT 20"""


def _counts(days: Iterable[date]) -> Iterator[Finding]:
    for day in days:
        begin = datetime.combine(day, datetime.min.time(), tzinfo=SEOUL)
        asked: dict[str, Any] = {"day": day, "begin": begin, "end": begin + timedelta(days=1)}
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, asked)
            found = cursor.fetchall()
        for venue, rows, people in found:
            what = _("{day}, venue {venue}: {people} counted and {rows} stored.")
            do = _(
                "Fewer rows: they were lost; compare with the day’s backup. More rows: counts were lost; they are "
                "figures alone, so nothing needs doing but to know it."
            )
            yield Finding(what.format(day=day, venue=venue, people=people, rows=rows), do)


def _gaps(now: datetime) -> Iterator[Finding]:
    """Scanners of which numbers never came, though later ones have."""
    lacking = Scanner.objects.filter(gap_since__lt=now - GAP_PATIENCE).select_related("venue").order_by("gap_since")
    for scanner in lacking[:MOST_GAPS]:
        what = _("{number} scans of scanner {key} ({name}, {venue}) never came, since {since}.").format(
            number=scanner_health.missing(scanner),
            key=scanner.pk,
            name=scanner.name,
            venue=scanner.venue,
            since=timezone.localdate(scanner.gap_since),
        )
        do = _(
            "Open its page where it stands, online, so that it sends what it holds; if its storage was deleted, they "
            "are lost."
        )
        yield Finding(what, do)
