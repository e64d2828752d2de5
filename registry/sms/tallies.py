"""Counting what became of texts, by minute and provider: for the service desk's page, and for nobody's number."""

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum

from registry import periods
from registry.models import Kept, Provider, Tally
from registry.sms.gateways import Away, Refused
from registry.sms.health import Try

SHARDS = 4  # rows for one count, so that workers wait for each other seldom
STEPS = (
    50,
    100,
    200,
    300,
    500,
    750,
    1000,
    1500,
    2000,
    3000,
    5000,
    10_000,
    20_000,
    30_000,
    60_000,
    120_000,
    300_000,
)  # ms
LATER = "later"  # than the last step

What = Tally.What
UPSERT = """
    INSERT INTO registry_tally (minute, provider_id, what, detail, shard, count) VALUES {values}
    ON CONFLICT (minute, provider_id, what, detail, shard)
    DO UPDATE SET count = registry_tally.count + excluded.count"""


def of_tries(tries: Iterable[Try], now: datetime) -> None:
    """Count calls that ended."""
    add(((tried.provider.pk, *_told(tried)) for tried in tries), now)


def _told(tried: Try) -> tuple[str, str]:
    match tried.outcome:
        case Refused(error):
            return What.REFUSED, error[:40]
        case Away(error):
            return What.AWAY, error[:40]
    return What.TAKEN, step(tried.seconds)


def step(seconds: float) -> str:
    """The bound of the span that a time falls into, in milliseconds."""
    place = bisect_left(STEPS, seconds * 1000)
    return str(STEPS[place]) if place < len(STEPS) else LATER


def add(events: Iterable[tuple[int, str, str]], now: datetime) -> None:
    """Count (provider, what, detail) of this minute. In one order, so that two who count the same do not deadlock."""
    minute, shard = now.replace(second=0, microsecond=0), random.randrange(SHARDS)  # noqa: S311
    rows = [(minute, *event, shard, count) for event, count in sorted(Counter(events).items())]
    if rows:
        values = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(UPSERT.format(values=values), [value for row in rows for value in row])


@dataclass
class Figures:
    """A provider in a stretch of time."""

    counts: Counter[str] = field(default_factory=Counter)  # by What
    reasons: dict[str, Counter[str]] = field(default_factory=dict)  # by What, then by reason
    calls: Counter[str] = field(default_factory=Counter)  # by step
    arrivals: Counter[str] = field(default_factory=Counter)

    @property
    def tried(self) -> int:
        return sum(self.counts[what] for what in (What.TAKEN, What.REFUSED, What.AWAY))


def between(start: datetime, end: datetime) -> dict[int, Figures]:
    """Figures by provider."""
    rows = Tally.objects.filter(minute__gte=start, minute__lt=end).values_list("provider", "what", "detail")
    found: dict[int, Figures] = {}
    for provider, what, detail, count in rows.annotate(sum=Sum("count")):
        figures = found.setdefault(provider, Figures())
        figures.counts[what] += count
        if what == What.TAKEN:
            figures.calls[detail] += count
        elif what == What.DELIVERED:
            figures.arrivals[detail] += count
        else:
            figures.reasons.setdefault(what, Counter())[detail] += count
    return found


def by_minute(start: datetime, end: datetime) -> dict[tuple[datetime, int, str], int]:
    """How many of each in each minute, by (minute, provider, what)."""
    rows = Tally.objects.filter(minute__gte=start, minute__lt=end).values_list("minute", "provider", "what")
    return {(minute, provider, what): count for minute, provider, what, count in rows.annotate(sum=Sum("count"))}


def percentile(steps: Counter[str], percent: int) -> int | None:
    """The milliseconds within which so many percent ended, to the bound of a step; None where there were none."""
    wanted, seen = steps.total() * percent / 100, 0
    for bound in STEPS:
        seen += steps[str(bound)]
        if seen and seen >= wanted:
            return bound
    return STEPS[-1] if steps.total() else None


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete counts of long ago; how many."""
    gone, _each = Tally.objects.filter(minute__lt=periods.since(Kept.SMS_FIGURES, now)).delete()
    return periods.destroyed(Kept.SMS_FIGURES, gone, now)


def providers() -> list[Provider]:
    return list(Provider.objects.order_by("name"))
