"""The log at full size: destroying a day, tracing a person, a venue's window, and uploads beside what is there."""

import hashlib
import random
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from bench.measure import Result
from bench.town import town

ROWS = 10_000_000  # `bin/bench log --rows N`
SMALL = 100  # so much smaller is the log that locks are compared with
DAYS, TRACED, DESTROYED, ASKED = 29, 14, 5, 100
VENUES, CROWDED, CROWD = 2000, 1, 1000  # of 1, CROWD people come every hour from noon to three
UPLOAD_ROUNDS = 2

# Each person is at three venues a day. The pseudonym is the MD5 of day and person: as random as the real ones.
_FILL = """
    INSERT INTO checkins_entry (day, subject, t, venue, scanner, seen_at, received_at, method, direction)
    SELECT %(day)s::date, decode(md5(%(name)s::text || '/' || (n %% %(people)s::bigint)::text), 'hex'),
        extract(epoch FROM at)::bigint, venue, venue, at, at, 'qr', 'in'
    FROM (SELECT n, 2 + mod(n * 7919, %(venues)s::bigint) AS venue,
            %(midnight)s::timestamptz + interval '1 second' * (28800 + mod(n * 104729, 50000)) AS at
          FROM generate_series(1, %(rows)s::bigint) n
          UNION ALL SELECT n, %(crowded)s::bigint,
            %(midnight)s::timestamptz + interval '12 hours' + interval '3.6 seconds' * n
          FROM generate_series(1, %(crowd)s::bigint) n) AS made"""


def run() -> Iterable[Result]:
    """Uploads into an empty log; the lock of a small log; then everything else with all rows in."""
    town()
    from bench import upload
    from checkins.log import partitions

    empty, _floor = upload.rate(UPLOAD_ROUNDS)
    _fill(ROWS // SMALL)
    small, _steps = _destroy()
    _clear()
    started = time.perf_counter()
    _fill(ROWS)
    print(f"log: {ROWS:,} rows in {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    yield Result("log, person, p95", _person(), "ms", 50, 1, at_most=True)
    yield Result(f"log, venue of {CROWD}, p95", _venue(), "ms", 100, 1, at_most=True)
    full, _floor = upload.rate(UPLOAD_ROUNDS)
    yield Result("log, upload", full, "scans per CPU s", empty, 0.9)
    deleted = _delete_from_one_table(_days()[DESTROYED])
    large, steps = _destroy()
    yield Result("log, lock of a destruction", large * 1000, "ms", small * 1000, 1.5, at_most=True)
    yield Result("log, destruction", 1 / steps, "days a second", 1 / deleted, 20)
    alone = _delete(partitions.name(_days()[DESTROYED]), _days()[DESTROYED])
    print(f"log: DELETE and VACUUM of a day's partition alone: {alone / steps:.1f} destructions", file=sys.stderr)


def _days() -> list[date]:
    from registry.validity import SEOUL

    today = datetime.now(SEOUL).date()
    return [today - timedelta(days=number) for number in reversed(range(DAYS))]


def _fill(rows: int) -> None:
    from django.db import connection

    from checkins.log import partitions
    from registry.validity import SEOUL

    for day in _days():
        partitions.make(day)
        midnight = datetime(day.year, day.month, day.day, tzinfo=SEOUL)
        asked: dict[str, Any] = {
            "day": day,
            "name": day.isoformat(),
            "midnight": midnight,
            "rows": rows // DAYS,
            "people": _people(rows),
        }
        asked |= {"venues": VENUES, "crowded": CROWDED, "crowd": 3 * CROWD if rows == ROWS else 0}
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            cursor.execute(_FILL, asked)
            cursor.execute("RESET synchronous_commit")
            cursor.execute(f"ANALYZE {partitions.name(day)}")
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def _people(rows: int) -> int:
    return max(rows // DAYS // 3, 1)


def _clear() -> None:
    """Nothing of the small log is left: rows, days that were destroyed."""
    from django.db import connection

    from checkins.log import partitions
    from checkins.models import Destruction
    from registry.models import DestroyedDay

    with connection.cursor() as cursor:
        for day in partitions.attached():
            cursor.execute(f"DROP TABLE {partitions.name(day)}")
    Destruction.objects.all().delete()
    DestroyedDay.objects.all().delete()
    partitions.forget()


def _destroy() -> tuple[float, float]:
    """Seconds that taking a day out locks the log, and seconds of a whole destruction: medians of several days."""
    from checkins.log import retention

    locks, wholes = [], []
    for day in _days()[:DESTROYED]:
        began = time.perf_counter()
        for step in retention.STEPS:
            at = time.perf_counter()
            step(day)
            if step is retention.detach:
                locks.append(time.perf_counter() - at)
        wholes.append(time.perf_counter() - began)
    return median(locks), median(wholes)


def _delete_from_one_table(day: date) -> float:
    """Seconds for what it is compared with: the same rows by DELETE and VACUUM, in a log that is one table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_one_table (LIKE checkins_entry INCLUDING ALL)")
        cursor.execute("INSERT INTO bench_one_table SELECT * FROM checkins_entry ORDER BY day")
        cursor.execute("VACUUM ANALYZE bench_one_table")
        cursor.execute("CHECKPOINT")
        seconds = _delete("bench_one_table", day)
        cursor.execute("DROP TABLE bench_one_table")
    return seconds


def _delete(table: str, day: date) -> float:
    """Seconds for a day's rows by DELETE and VACUUM."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE day = %s", [day])
        cursor.execute(f"VACUUM {table}")
    return time.perf_counter() - began


def _person() -> float:
    """A person's entries of 14 days, another person each time."""
    from checkins.models import Entry

    def ask() -> int:
        person = random.randrange(_people(ROWS))
        subjects = [(day, hashlib.md5(f"{day}/{person}".encode()).digest()) for day in _days()[-TRACED:]]
        return len(Entry.objects.of_subjects(subjects))

    return _p95(ask, at_least=3 * TRACED)


def _venue() -> float:
    """Who was at a crowded venue within an hour, another day and hour each time."""
    from checkins.models import Entry
    from registry.validity import SEOUL
    from venues.models import Venue

    def ask() -> int:
        day, hour = random.choice(_days()[DESTROYED:]), random.randrange(12, 15)
        since = datetime(day.year, day.month, day.day, hour, tzinfo=SEOUL)
        return len(Entry.objects.at_venue(Venue(pk=CROWDED), since, since + timedelta(hours=1)))

    return _p95(ask, at_least=CROWD - 1)


def _p95(ask: Callable[[], int], *, at_least: int) -> float:
    """Milliseconds. Raises where less was found than there is."""
    times = []
    for _number in range(ASKED):
        began = time.perf_counter()
        if ask() < at_least:
            raise RuntimeError("not all rows were found")
        times.append(time.perf_counter() - began)
    return sorted(times)[ASKED * 95 // 100] * 1000
