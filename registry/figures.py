"""Counting for the desk's charts: each kind by one task, kept whole, read by day or hour in a moment."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Q, Sum

from registry.models import Figure, Spreading
from registry.reverification import dueloads, endings
from registry.validity import SEOUL

What = Figure.What
Hour = tuple[date, int]
DAYS = 40  # ahead: due dates, and passes that end
CHECKS_SETTLE = 1  # hours: a check lives for minutes, so older hours change no more
NOWHERE = "-"  # a check is of no region
KEPT = timedelta(days=40)  # of days gone by
LATE = timedelta(days=31)  # due dates gone by that are counted on: no grace is longer
FRESH = timedelta(minutes=30)
_DUE = """
    SELECT region, due_on, count(*) FROM registry_citizen
    WHERE guardian_id IS NULL AND due_on BETWEEN %s AND %s GROUP BY region, due_on"""
_CHECKS = """
    SELECT (started_at AT TIME ZONE 'Asia/Seoul')::date, extract(hour FROM started_at AT TIME ZONE 'Asia/Seoul')::int,
        count(*), count(confirmed_at)
    FROM registry_verification WHERE started_at >= %s AND started_at < %s GROUP BY 1, 2"""


@dataclass(frozen=True)
class Series:
    """Numbers by day and hour; `counted_at` None where nothing was counted yet."""

    numbers: Mapping[Hour, int] = field(default_factory=dict)
    counted_at: datetime | None = None


@transaction.atomic
def keep(what: What, numbers: Mapping[tuple[str, date, int], int], hours: Iterable[Hour], *, now: datetime) -> None:
    """Put the numbers by region, day and hour in the place of what is kept of these hours, with the sum of each."""
    hours = list(hours)
    of_all: Counter[Hour] = Counter(dict.fromkeys(hours, 0))
    for (_region, day, hour), number in numbers.items():
        of_all[day, hour] += number
    rows = {("", day, hour): number for (day, hour), number in of_all.items()}
    rows |= {key: number for key, number in numbers.items() if key[0]}
    with connection.cursor() as cursor:  # of two at once the later one finds the rows of the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('figures'), hashtext(%s))", [what.value])
    for day in {day for day, _hour in hours}:
        of_day = [hour for each, hour in hours if each == day]
        Figure.objects.filter(what=what, day=day, hour__in=of_day).delete()
    Figure.objects.bulk_create(
        [
            Figure(what=what, region=region, day=day, hour=hour, number=number, counted_at=now)
            for (region, day, hour), number in rows.items()
        ],
        batch_size=2000,
    )


def note(what: What, found: int, *, now: datetime) -> None:
    """Keep how many things a look through has found, for the figures that wake somebody."""
    here = now.astimezone(SEOUL)
    hour = (here.date(), here.hour)
    keep(what, {(NOWHERE, *hour): found}, [hour], now=now)


def last_noted(what: What) -> Figure | None:
    """What the latest look through has found, and when."""
    return Figure.objects.filter(what=what, region="").order_by("-day", "-hour").first()


def of(whats: Iterable[What], first: date, last: date, *, region: str = "") -> dict[What, Series]:
    """What is kept of the days from `first` to `last`: of all regions, or of those whose code begins with `region`."""
    of_all = Q(region="")
    wanted = Q(region__gte=region, region__lt=_after(region)) if region else of_all
    rows = Figure.objects.filter(of_all | wanted, what__in=list(whats), day__range=(first, last))
    sums = rows.values_list("what", "day", "hour").annotate(
        people=Sum("number", filter=wanted), at=Max("counted_at", filter=of_all)
    )
    found: dict[What, dict[Hour, int]] = {what: {} for what in whats}
    counted: dict[What, datetime] = {}
    for name, day, hour, number, at in sums:
        what = What(name)
        found[what][day, hour] = number or 0
        counted[what] = max(at, counted.get(what, at))
    return {what: Series(numbers, counted.get(what)) for what, numbers in found.items()}


def _after(region: str) -> str:
    """The first code that does not begin with this one: a range serves an index whatever the collation."""
    return f"{int(region) + 1:0{len(region)}d}"


def count_due(now: datetime) -> None:
    """How many phone checks are due on each of the coming days, and on those for which grace may still run."""
    first = now.astimezone(SEOUL).date()
    days = [*(first - timedelta(days=back) for back in range(LATE.days, 0, -1)), *_days(first)]
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [days[0], days[-1]])
        numbers = {(region, day, 0): number for region, day, number in cursor.fetchall()}
    keep(What.DUE, numbers, [(day, 0) for day in days], now=now)


def count_endings(now: datetime) -> None:
    """How many passes end on each of the coming days, under the rules that are published for it."""
    days = _days(now.astimezone(SEOUL).date())
    for day in days:  # one at a time: nobody waits for forty
        numbers = {(region, day, 0): number for region, number in endings.by_region(day).items()}
        keep(What.PASS_ENDS, numbers, [(day, 0)], now=now)


def count_checks(now: datetime) -> None:
    """How many phone checks were begun, and how many of them confirmed, in each hour of the last day that may still
    change or was not counted yet."""
    this_hour = now.astimezone(SEOUL).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in range(24)]
    known = Figure.objects.filter(what=What.CHECKS_BEGUN, region="", day__gte=hours[-1].date())
    settled = {
        (day, hour)
        for day, hour, at in known.values_list("day", "hour", "counted_at")
        if at >= datetime(day.year, day.month, day.day, hour, tzinfo=SEOUL) + timedelta(hours=1 + CHECKS_SETTLE)
    }
    open_hours = [at for at in hours if (at.date(), at.hour) not in settled]
    with connection.cursor() as cursor:
        cursor.execute(_CHECKS, [min(open_hours), this_hour + timedelta(hours=1)])
        counted = {(day, hour): (begun, done) for day, hour, begun, done in cursor.fetchall()}
    keys = [(at.date(), at.hour) for at in open_hours]
    for place, what in enumerate((What.CHECKS_BEGUN, What.CHECKS_DONE)):
        numbers = {(NOWHERE, *key): counted[key][place] for key in keys if key in counted}
        keep(what, numbers, keys, now=now)


def due(first: date, last: date, *, now: datetime) -> dict[date, int]:
    """How many phone checks are due on each day: as counted lately, or anew where dates were moved since or nothing of
    these days is kept."""
    kept = of([What.DUE], first, last)[What.DUE]
    fresh = kept.counted_at is not None and kept.counted_at >= now - FRESH and len(kept.numbers) > (last - first).days
    moving = Q(done_at__isnull=True) | Q(done_at__gte=kept.counted_at or now)
    if not fresh or Spreading.objects.filter(moving).exists():
        return dueloads.due(first, last)
    return {day: number for (day, _hour), number in kept.numbers.items()}


def count(now: datetime) -> None:
    """All of it."""
    count_due(now)
    count_endings(now)
    count_checks(now)


def _days(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(DAYS)]


def forget(now: datetime) -> int:
    """Delete figures of long ago; how many."""
    return Figure.objects.filter(day__lt=now.astimezone(SEOUL).date() - KEPT).delete()[0]
