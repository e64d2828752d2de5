"""Writing one visit at a time, the row of the log and its count in one statement: what a scanner has the server decide
on (single.py), and what a guest's own phone tells (visits.py). Batches: storing.py.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import IntegrityError, connection
from psycopg.errors import CheckViolation

from checkins.log import partitions
from registry.format.passcode import Verdict

ADMITTING = frozenset({Verdict.PASS, Verdict.ENTRY})
_COUNT_COLUMNS = "checkins_hourcount AS c (venue_id, day, hour, verdict, method, direction, admitted, count)"
_ONE_MORE = "ON CONFLICT ON CONSTRAINT one_count_per_hour DO UPDATE SET count = c.count + 1"
COUNT = f"INSERT INTO {_COUNT_COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, %s, 1) {_ONE_MORE}"  # noqa: S608 -- literals
_LOG_AND_COUNT = (
    "WITH entry AS (INSERT INTO checkins_entry "  # noqa: S608
    "(day, subject, t, venue, scanner, seen_at, received_at, method, direction, flags) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1) "
    f"INSERT INTO {_COUNT_COLUMNS} "
    f"SELECT %s, %s::date, %s::smallint, %s, %s, %s, %s::boolean, 1 FROM entry {_ONE_MORE}"
)


class One(NamedTuple):
    """A row of the log, as checkins.models.Entry tells."""

    day: date
    subject: bytes
    t: int
    venue: int
    scanner: int
    seen_at: datetime
    received_at: datetime
    method: str
    direction: str
    flags: int


class Tally(NamedTuple):
    """Where it is counted, by day and hour in Seoul, as checkins.models.HourCount tells."""

    venue: int
    day: date
    hour: int
    verdict: str
    method: str
    direction: str
    admitted: bool


def store(row: One, tally: Tally) -> str:
    """Row and count: "stored", or neither of them where the row is there, "known". Raises DayOver."""
    partitions.have([row.day])
    try:
        return _write(row, tally)
    except IntegrityError as error:
        if not isinstance(error.__cause__, CheckViolation):
            raise
    partitions.forget()  # one that this process had seen is gone
    partitions.have([row.day])
    return _write(row, tally)


def _write(row: One, tally: Tally) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_LOG_AND_COUNT, [*row, *tally])
        return "stored" if cursor.rowcount else "known"


def count(tally: Tally) -> None:
    """One more, without a row."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, tally)
