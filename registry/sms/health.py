"""Which provider a text goes to: by weight and by health, which is measured from what became of the last texts.

Health is a share from 0 to 1 on the provider's row. Trouble cuts it at once, so that traffic moves away within seconds;
each success gives a little back, and so does time, so that it drifts back by itself. Under ILL a provider gets one text
at a time, so that probes of one that hangs hold up one worker and nobody else; one that was taken makes way for the
next. A row is written at most four times a second, and not at all while all is well.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from registry.models import Message, Provider
from registry.sms.gateways import Away, Outcome, Taken
from registry.sms.gateways.calling import SECONDS

FLOOR = 0.1  # the share of its weight that even the worst keeps, so that it is seen when it is well again
ILL = 0.3
SLOW = 2.0  # seconds of a call that are too long
AWAY, SLOWED, UNDELIVERED = 0.25, 0.7, 0.8  # what is left of health after each
GAIN = 0.05  # for a text that was taken
RECOVERY = timedelta(minutes=5)  # in which health comes back by time alone
BETWEEN_WRITES = timedelta(milliseconds=250)
BETWEEN_PROBES = timedelta(seconds=SECONDS)

WRITE = """
    UPDATE registry_provider SET
        health_at = %(now)s,
        health_why = coalesce(%(why)s, health_why),
        probed_at = CASE WHEN %(gain)s > 0 THEN NULL ELSE probed_at END,
        health = least(1, greatest(0.01, %(gain)s + %(factor)s * least(1, health + greatest(0,
            coalesce(extract(epoch FROM %(now)s::timestamptz - health_at), 0) / %(seconds)s))))
    WHERE id = %(pk)s AND (health_at IS NULL OR health_at <= %(still)s OR health_at > %(ahead)s)
    RETURNING health, health_at, health_why"""


@dataclass(frozen=True, slots=True)
class Try:
    """One call: what came of it, and how many seconds it took."""

    provider: Provider
    outcome: Outcome
    seconds: float


def of(provider: Provider, now: datetime) -> float:
    """Health as of now: what was written down, and what time has given back since."""
    if provider.health_at is None:
        return provider.health
    return min(1.0, provider.health + max(0.0, (now - provider.health_at) / RECOVERY))


def share(provider: Provider, now: datetime) -> float:
    """The weight that counts."""
    return provider.weight * max(FLOOR, of(provider, now))


def choose(providers: Iterable[Provider], message: Message, now: datetime) -> Provider | None:
    """The provider for a text: none that refused it, and where there is one, one that was not tried in this round. A
    call that was cut off is made again to the same one, which may know it by its key. None where none is left."""
    left = [each for each in providers if each.pk not in message.refused_by]
    fresh = [each for each in left if each.pk not in message.tried] or left
    again = next((each for each in fresh if each.pk == message.provider_id), None)
    if again and of(again, now) >= ILL:
        return again
    while fresh:
        chosen = random.choices(fresh, [share(each, now) for each in fresh])[0]  # noqa: S311
        if len(fresh) == 1 or of(chosen, now) >= ILL or _probe(chosen, now):
            return chosen
        fresh.remove(chosen)
    return None


def _probe(provider: Provider, now: datetime) -> bool:
    """Whether this text is the one that may try an ill provider now."""
    free = Q(probed_at__isnull=True) | Q(probed_at__lte=now - BETWEEN_PROBES) | Q(probed_at__gt=now + BETWEEN_PROBES)
    return bool(Provider.objects.filter(free, pk=provider.pk).update(probed_at=now))


def learn(tried: Try, now: datetime) -> None:
    """Write down what a call tells of its provider."""
    provider, outcome = tried.provider, tried.outcome
    match outcome:
        case Taken() if tried.seconds > SLOW:
            _write(provider, SLOWED, f"slow: {tried.seconds:.1f} s", now)
        case Taken() if of(provider, now) < 1.0:
            _write(provider, 1.0, None, now, gain=GAIN)
        case Away(error):
            _write(provider, AWAY, error, now)
        case _:  # all is well; or it was refused, which is said of the text, not of the provider
            pass


def undelivered(provider: Provider, reason: str, now: datetime) -> None:
    """A text that a provider took did not arrive."""
    _write(provider, UNDELIVERED, f"undelivered: {reason}", now)


def _write(provider: Provider, factor: float, why: str | None, now: datetime, *, gain: float = 0.0) -> None:
    """Health as it stands in the row by now, times `factor`, plus `gain`. Of those who learn something at the same
    moment the first is heard; who wrote in what a clock set back calls the future is not waited for."""
    values: dict[str, Any] = {
        "now": now,
        "seconds": RECOVERY.total_seconds(),
        "factor": factor,
        "gain": gain,
        "why": why and why[:80],
    }
    values |= {"pk": provider.pk, "still": now - BETWEEN_WRITES, "ahead": now + BETWEEN_PROBES}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        row = cursor.fetchone()
    if row:
        provider.health, provider.health_at, provider.health_why = row
