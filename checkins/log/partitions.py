"""The days of the log as partitions of one table: making them ahead, or just before a first insert.

A partition is made as a table of its own and then attached, in its own transaction under an advisory lock. Attaching
takes a lock that lets readers and writers of the other days go on; making it inside the transaction that inserts would
deadlock with another doing the same.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from checkins.models import Destruction
from registry.errors import DomainError

TABLE = "checkins_entry"
AHEAD = timedelta(days=7)
LOCK_PATIENCE = "3s"
_ADVISORY = 0x6D6A6C67  # "mjlg": our class of advisory locks; the second number is the day

_known: set[date] = set()  # partitions that this process has seen; one that was dropped is found out at the insert


class DayOver(DomainError):
    """The day's entries are destroyed, or about to be."""

    code = "day_over"
    status = 410
    message = _("This day is over; what was recorded on it has been destroyed.")


def name(day: date) -> str:
    """The partition's name: a valid identifier that needs no quoting."""
    return f"{TABLE}_{day:%Y%m%d}"


def lock(day: date) -> None:
    """Wait, inside a transaction, for the one lock under which a day's partition is made or its end is decided."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_ADVISORY, day.toordinal()])


def attached() -> dict[date, bool]:
    """The partitions that are there, by day, oldest first; True where a detach was begun and not finished."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD'), i.inhdetachpending FROM pg_inherits i "
            "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass ORDER BY 1",
            [TABLE],
        )
        return dict(cursor.fetchall())


def loose() -> set[date]:
    """Days whose table stands alone: taken out of the log and not dropped, or made and not put in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace AND n.nspname = current_schema() WHERE c.relkind = 'r' "
            r"AND c.relname ~ %s AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)",
            [rf"^{TABLE}_\d{{8}}$"],
        )
        return {day for (day,) in cursor.fetchall()}


def size(day: date) -> int:
    """Bytes that a day's rows take with their indexes; 0 where there is no partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_total_relation_size(to_regclass(%s)), 0)", [name(day)])
        [size] = cursor.fetchone()
        return int(size)


def have(days: Iterable[date]) -> None:
    """Make sure that every day has its partition, before and outside of the transaction that inserts.

    Raises DayOver for a day whose destruction was begun.
    """
    for day in sorted(set(days) - _known):
        make(day)
        _known.add(day)


def make(day: date) -> None:
    """Make the partition of a day unless it is there. Raises DayOver."""
    with transaction.atomic(durable=True):
        lock(day)
        if Destruction.objects.filter(day=day).exists():
            raise DayOver
        if day not in attached():
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE TABLE {name(day)} (LIKE {TABLE} INCLUDING ALL)")
                cursor.execute(
                    f"ALTER TABLE {TABLE} ATTACH PARTITION {name(day)} "
                    f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
                )


def make_ahead(today: date) -> None:
    """Have the partitions of yesterday (nights out) to a week ahead."""
    first = today - timedelta(days=1)
    there = attached()
    for day in (first + timedelta(days=n) for n in range(AHEAD.days + 2)):
        if day not in there:
            make(day)


def forget() -> None:
    """Look again which partitions there are."""
    _known.clear()
