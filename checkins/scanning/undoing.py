"""Taking back what a scanner told by mistake: its row and its count, once, in whatever order things arrive.

A scan with `undoes` repeats the members of the one that it takes back, `at` included, without the code. Where that one
has not arrived yet, or never will because it was taken back on the device (it then undoes itself), the row of Undone
keeps it out. All of this happens under the lock of the scanner's row (storing.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from checkins.models import Direction, HourCount
from checkins.scanning.judging import Tally, tally_of
from checkins.scanning.scans import Scan
from venues.models import Scanner

BY_CODE = frozenset({"qr", "paper", "poster"})  # methods that count nobody who comes in without a row of the log
_NOTE = """
INSERT INTO checkins_undone
    (scanner_id, by_seq, seq, at, verdict, method, direction, admitted, people, taken, received_at)
SELECT %s, u.*, false, %s FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
    %s::boolean[], %s::integer[]) u
ON CONFLICT (scanner_id, seq) DO NOTHING RETURNING seq
"""
# What was refused here was not counted, nor was what itself took something back. A row's millisecond leads to it by the
# index, the first and last day to its partitions.
_TAKE = """
WITH u AS (
    SELECT seq, to_timestamp(ms / 1000.0) AS at, admitted, alone
    FROM unnest(%(seqs)s::bigint[], %(ms)s::bigint[], %(admitted)s::boolean[], %(alone)s::boolean[])
        AS u (seq, ms, admitted, alone)
    WHERE NOT EXISTS (SELECT FROM checkins_deadletter d WHERE d.scanner_id = %(scanner)s AND d.seq = u.seq)
        AND NOT EXISTS (SELECT FROM checkins_undone n WHERE n.scanner_id = %(scanner)s AND n.by_seq = u.seq)
), refusals AS (
    DELETE FROM checkins_refusal r USING u WHERE r.scanner_id = %(scanner)s AND r.seq = u.seq RETURNING r.seq
), entries AS (
    DELETE FROM checkins_entry e USING u
    WHERE e.venue = %(venue)s AND e.scanner = %(scanner)s AND e.seq = u.seq AND e.seen_at = u.at AND u.admitted
        AND e.day BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT FROM checkins_refusal r WHERE r.scanner_id = %(scanner)s AND r.seq = u.seq)
    RETURNING e.seq, e.method
), taken AS (
    SELECT u.seq, e.method FROM u LEFT JOIN refusals r USING (seq) LEFT JOIN entries e USING (seq)
    WHERE CASE WHEN u.admitted THEN r.seq IS NULL AND (e.seq IS NOT NULL OR u.alone) ELSE r.seq IS NOT NULL END
), marked AS (
    UPDATE checkins_undone n SET taken = true FROM taken WHERE n.scanner_id = %(scanner)s AND n.seq = taken.seq
)
SELECT seq, method FROM taken
"""
_LOWER = """
UPDATE checkins_hourcount c SET count = greatest(c.count - u.people, 0)
FROM unnest(%s::date[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::integer[])
    AS u (day, hour, verdict, method, direction, admitted, reason, people)
WHERE c.venue_id = %s AND (c.day, c.hour, c.verdict, c.method, c.direction, c.admitted, c.reason)
    = (u.day, u.hour, u.verdict, u.method, u.direction, u.admitted, u.reason)
RETURNING c.id, c.count
"""


def take_back(scanner: Scanner, undos: Sequence[Scan], held: set[int], *, now: datetime) -> Counter[Tally]:
    """Note what is undone, delete its rows, and tell by how much to lower which counts: two statements for all.

    `held` are the numbers that had arrived before: of the others nothing has been counted.
    """
    first = {undo.undoes: undo for undo in reversed(undos)}
    new = _note(scanner, list(first.values()), now=now) if first else set()
    stored = [undo for seq, undo in first.items() if seq in new & held]
    back: Counter[Tally] = Counter()
    for seq, method in _take(scanner, stored) if stored else ():
        back[tally_of(first[seq], method or first[seq].method)] += first[seq].people
    return back


def lower(scanner: Scanner, back: Mapping[Tally, int]) -> None:
    """Take the people off the counts, which never fall below zero; of nobody no count is kept."""
    if not back:
        return
    columns: list[Any] = [list(column) for column in zip(*back, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_LOWER, [*columns, list(back.values()), scanner.venue_id])
        empty = [pk for pk, count in cursor.fetchall() if count == 0]
    HourCount.objects.filter(pk__in=empty, count=0).delete()


def _note(scanner: Scanner, undos: Sequence[Scan], *, now: datetime) -> set[int]:
    """Which numbers were not known as undone before."""
    facts = [
        (one.seq, one.undoes, _moment(one), one.verdict, one.method, one.direction, one.admitted, one.people)
        for one in undos
    ]
    columns = [list(column) for column in zip(*facts, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [scanner.pk, now, *columns])
        return {seq for (seq,) in cursor.fetchall()}


def _take(scanner: Scanner, undos: Sequence[Scan]) -> list[tuple[int, str | None]]:
    """Delete what there is of these scans; the number of each that was counted, and its row's method, if any."""
    moments = [_moment(undo) for undo in undos]
    given: dict[str, Any] = {
        "scanner": scanner.pk,
        "venue": scanner.venue_id,
        "seqs": [undo.undoes for undo in undos],
        "ms": [undo.at for undo in undos],
        "admitted": [undo.admitted for undo in undos],
        "alone": [undo.method not in BY_CODE or undo.direction == Direction.OUT for undo in undos],
        "first": min(moments).date() - timedelta(days=1),
        "last": max(moments).date() + timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, given)
        return list(cursor.fetchall())


def _moment(undo: Scan) -> datetime:
    return datetime.fromtimestamp(undo.at / 1000, UTC)
