"""The figures of the SMS desk: what waits, what the day has cost, how each provider did, drawn by the minute."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registry.models import Message, Provider
from registry.sms import budget, health, outbox, tallies
from registry.sms.tallies import Figures, What

MINUTES = 60  # of the chart
HEIGHT, STEP, BAR = 140, 12, 9  # of the chart, in its own units
TIME_EVERY = 10  # minutes between two times under the chart
MOST_COUNTED = 10_000
MOST_REASONS = 4
TROUBLE = (What.REFUSED, What.AWAY, What.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class Row:
    """One provider in a stretch of time."""

    name: str
    taken: int
    refused: int
    away: int
    delivered: int
    undelivered: int
    p50: int | None
    p95: int | None
    reasons: str


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar: so many of one provider's, or of trouble."""

    look: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    minute: datetime
    counts: list[int]  # taken, by provider
    trouble: int
    blocks: list[Block]
    timed: bool


def overview(now: datetime) -> dict[str, Any]:
    """What the page shows above the list of providers."""
    rows = list(Provider.objects.order_by("name"))
    standing = budget.of_day(timezone.localdate(now))
    spans = [(gettext("Last 60 minutes"), timedelta(hours=1)), (gettext("Last 24 hours"), timedelta(days=1))]
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return {
        "queue": _queue(now),
        "any_on": any(row.enabled and row.weight for row in rows),
        "budget": standing,
        "spent": f"{standing.spent:,}",
        "daily": f"{standing.daily:,}",
        "given_up": Message.objects.retriable(now)[:MOST_COUNTED].count(),
        "providers": [(row, share_of(row, now), in_words(row, now)) for row in rows],
        "spans": [(title, _table(rows, tallies.between(end - span, end))) for title, span in spans],
        "chart": _chart(rows, end),
    }


def share_of(provider: Provider, now: datetime) -> int:
    """Percent of new SMS that go to a provider now."""
    shares = {row.pk: health.share(row, now) for row in Provider.objects.usable()}
    total = sum(shares.values())
    return round(100 * shares.get(provider.pk, 0) / total) if total else 0


def in_words(provider: Provider, now: datetime) -> str:
    """How well it is, and where not, why."""
    if not provider.enabled:
        return gettext("Switched off")
    well = round(100 * health.of(provider, now))
    if well >= 100:
        return gettext("Well")
    at = time_format(timezone.localtime(provider.health_at), "H:i:s") if provider.health_at else ""
    return gettext("{percent} % well; last trouble: {why}; last change {time}").format(
        percent=well, why=reason(provider.health_why) or "–", time=at
    )


REASONS = {
    outbox.NO_PROVIDER: _("no provider is on"),
    "undelivered": _("did not arrive"),
    "unreadable": _("cannot be decrypted"),
    "no number or no text": _("number or text is gone"),
    "ReadTimeout": _("no answer in time"),
    "ConnectTimeout": _("no answer in time"),
    "ConnectError": _("cannot be reached"),
}


def reason(error: str) -> str:
    """A cause of trouble in words; a provider's own code stays as it is."""
    return str(REASONS.get(error, error))


def _queue(now: datetime) -> dict[str, Any]:
    waiting = Message.objects.filter(status__in=Message.OPEN)
    oldest = waiting.order_by("created_at").values_list("created_at", flat=True).first()
    seconds = int((now - oldest).total_seconds()) if oldest else 0
    return {"waiting": waiting[:MOST_COUNTED].count(), "oldest": max(0, seconds)}


def _table(rows: list[Provider], found: dict[int, Figures]) -> list[Row]:
    return [_row(row, found.get(row.pk, Figures())) for row in rows]


def _row(provider: Provider, figures: Figures) -> Row:
    reasons = sum(figures.reasons.values(), start=type(figures.calls)()).most_common(MOST_REASONS)
    counts = figures.counts
    return Row(
        name=provider.name,
        taken=counts[What.TAKEN],
        refused=counts[What.REFUSED],
        away=counts[What.AWAY],
        delivered=counts[What.DELIVERED],
        undelivered=counts[What.UNDELIVERED],
        p50=tallies.percentile(figures.calls, 50),
        p95=tallies.percentile(figures.calls, 95),
        reasons=", ".join(f"{reason(error)} × {count}" for error, count in reasons),
    )


def _chart(rows: list[Provider], end: datetime) -> dict[str, Any]:
    """Bars by minute: what each provider took, stacked, and on top what went wrong."""
    start = end - timedelta(minutes=MINUTES)
    found = tallies.by_minute(start, end)
    minutes = [start + timedelta(minutes=n) for n in range(MINUTES)]
    taken = [[found.get((minute, row.pk, What.TAKEN), 0) for row in rows] for minute in minutes]
    trouble = [sum(found.get((minute, row.pk, what), 0) for row in rows for what in TROUBLE) for minute in minutes]
    most = max([sum(counts) + bad for counts, bad in zip(taken, trouble, strict=True)] + [1])
    bars = [
        Bar(n * STEP + 2, minute, taken[n], trouble[n], _blocks(taken[n], trouble[n], most), n % TIME_EVERY == 0)
        for n, minute in enumerate(minutes)
    ]
    looks = [(f"desk-sms__{n % 4}", row.name) for n, row in enumerate(rows)]
    return {"bars": bars, "most": most, "width": MINUTES * STEP, "height": HEIGHT, "bar": BAR, "looks": looks,
            "busy": [bar for bar in bars if sum(bar.counts) or bar.trouble]}  # fmt: skip


def _blocks(counts: list[int], trouble: int, most: int) -> list[Block]:
    blocks, top = [], HEIGHT
    parts = [(f"desk-sms__{n % 4}", count) for n, count in enumerate(counts)] + [("desk-sms__trouble", trouble)]
    for look, count in parts:
        height = max(2, round(count / most * (HEIGHT - 12))) if count else 0
        top -= height
        blocks += [Block(look, top, height)] if height else []
    return blocks
