"""The end of a day of the log: 28 days kept, then the key of its pseudonyms and its rows are destroyed for good.

A day D is kept through D + 28 and destroyed from the first minute of D + 29 (Seoul) on; from the same minute uploads
for it are refused. The order of the steps is the promise (docs/architecture.md, "The log"): the intent is written down,
so that nothing new enters; the key goes first, so that what is left tells of nobody; then the partition is taken out
and dropped. Each step finds out for itself whether it was done, so an end that was cut short is taken up again by the
next call, and every call takes up all days that are due, however long the pause was.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checkins.log import partitions
from checkins.models import DeadLetter, Destruction, HourCount, LegalHold, Refusal, Undone
from registry import audit, periods, vault
from registry.errors import DATABASE_AWAY, DomainError
from registry.models import Kept, Tag
from registry.validity import SEOUL

KEPT = timedelta(days=periods.RULES[Kept.ENTRIES].days)  # fixed: no clerk changes it
DETACH_PATIENCE = "20s"
_ONE_AT_A_TIME = 0x6D6A6578  # "mjex": advisory lock of the nightly run

log = logging.getLogger(__name__)


class Held(DomainError):
    """The day is under a legal hold; one that was destroyed once is destroyed again all the same."""

    code = "day_held"
    message = _("This day is under a legal hold.")


def over(day: date, today: date) -> bool:
    """Whether a day of the log is past its 28 days."""
    return day + KEPT < today


def expire(*, today: date) -> list[date]:
    """Destroy every day that is over, oldest first; the days that were finished by this call. Refusals, scans that
    were not stored and what doors took back go with them.

    Raises VaultUnavailable, having dropped nothing, while the keys cannot be reached. A day that cannot be finished
    does not hold up the next: all are taken on, then the first failure is raised; the next call takes those days up.
    Where another process is at it already, this one leaves it to that.
    """
    finished, failures = [], []
    with alone() as got:
        for day in due(today) if got else []:
            try:
                destroy(day)
                finished.append(day)
            except Held:
                continue  # since the list was made
            except DATABASE_AWAY as failure:
                log.warning("day %s is not finished: %s", day, failure)
                failures.append(failure)
        if got:
            _forget_beside(today)
    if failures:
        raise failures[0]
    return finished


BESIDE: tuple[tuple[Kept, type[Model], str], ...] = (  # what lies beside the log, and by which moment it ages
    (Kept.REFUSALS, Refusal, "at"),
    (Kept.TAKEN_BACK, Undone, "received_at"),
    (Kept.DEAD_LETTERS, DeadLetter, "received_at"),
)


def _forget_beside(today: date) -> None:
    """They tell of nobody, yet say no more after their periods either."""
    for what, model, moment in BESIDE:
        with transaction.atomic():
            first = datetime.combine(today - timedelta(days=periods.days(what)), time.min, tzinfo=SEOUL)
            count = model._default_manager.filter(**{f"{moment}__lt": first}).delete()[0]
            periods.destroyed(what, count, timezone.now())


def due(today: date) -> list[date]:
    """Days that are over, not gone and not held: those with rows, with an end that was begun, or with a key.

    A key alone is enough: of a day on which nobody was seen anywhere, or one that came back with a restored vault.
    """
    days = set(partitions.attached()) | vault.keyed_days()
    days |= set(Destruction.objects.filter(done_at__isnull=True).values_list("day", flat=True))
    return sorted(day for day in days if over(day, today) and not LegalHold.objects.in_force(today).covering(day))


def destroy(day: date) -> None:
    """All steps for one day, in order. Done again, it destroys what has come back."""
    for step in STEPS:
        step(day)


def intend(day: date, *, cause: Destruction.Cause = Destruction.Cause.NIGHTLY) -> None:
    """From here on the day is refused: under the lock that makes partitions, so that none appears afterwards. How much
    there is to destroy is written down with it."""
    with transaction.atomic(durable=True):
        partitions.lock(day)
        held = LegalHold.objects.in_force(timezone.localdate()).covering(day)
        if cause == Destruction.Cause.NIGHTLY and held.exists():
            raise Held
        if not Destruction.objects.filter(day=day).exists():
            counted = HourCount.objects.filter(day=day, admitted=True).aggregate(people=Sum("count"))["people"]
            figures = {"counted": counted or 0, "size": partitions.size(day)}
            Destruction.objects.create(day=day, intended_at=timezone.now(), cause=cause, **figures)


def delete_key(day: date) -> None:
    """End the link between the day's rows and people. Raises VaultUnavailable."""
    known = Destruction.objects.filter(day=day).values_list("key_fingerprint", flat=True).first() or ""
    line = vault.destroy_day_key(day, fingerprint=known, now=timezone.now())
    _note(day, "key_deleted_at", key_fingerprint=line.fingerprint)


def detach(day: date) -> None:
    """Take the partition out of the log without stopping those who write to other days.

    `DETACH CONCURRENTLY` waits for transactions that use the log; past DETACH_PATIENCE it gives up, and the next call
    finishes what it left pending. Raises OperationalError then.
    """
    pending = partitions.attached().get(day)
    if pending is not None:
        how = "FINALIZE" if pending else "CONCURRENTLY"
        with _patience(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {partitions.TABLE} DETACH PARTITION {partitions.name(day)} {how}")
    _note(day, "detached_at")


def drop(day: date) -> None:
    """Drop the rows. The table stands alone by now, so the log is not locked."""
    with _patience(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {partitions.name(day)}")
    _note(day, "dropped_at")


@transaction.atomic
def finish(day: date) -> None:
    """Write down that the day is gone, once."""
    unfinished = Destruction.objects.filter(day=day, done_at__isnull=True)
    if unfinished.update(done_at=timezone.now()):
        end = Destruction.objects.get(day=day)
        told: dict[str, Any] = {"counted": end.counted, "size": end.size, "cause": end.cause}
        audit.record(Tag.DAY_DESTROYED, by=None, target=end, key=end.key_fingerprint, **told)
        periods.destroyed(Kept.ENTRIES, end.counted or 0, timezone.now())


STEPS = (intend, delete_key, detach, drop, finish)


def _note(day: date, step: str, **facts: str) -> None:
    Destruction.objects.filter(day=day, **{f"{step}__isnull": True}).update(**{step: timezone.now()}, **facts)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether this process may expire days now: one at a time. A crash gives the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ONE_AT_A_TIME])
        [got] = cursor.fetchone()
        try:
            yield got
        finally:
            if got:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


@contextmanager
def _patience() -> Iterator[None]:
    """Wait for locks for a bounded time, so that nobody queues behind us for longer."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{DETACH_PATIENCE}'")
        try:
            yield
        finally:
            cursor.execute("RESET lock_timeout")
