"""Taking back what a scanner told by mistake: its row and its count, once, in whatever order things arrive.

A scan with `undoes` repeats the members of the one that it takes back, `at` included, without the code. Where that one
has not arrived yet, or never will because it was taken back on the device (it then undoes itself), the row of Undone
keeps it out. All of this happens under the lock of the scanner's row (checkins/storing.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from checkins.judging import Tally, tally_of
from checkins.models import DeadLetter, Direction, HourCount, Refusal, Undone
from checkins.scans import Scan
from venues.models import Scanner

BY_CODE = frozenset({"qr", "paper", "poster"})  # methods that count nobody who comes in without a row of the log
_DELETE = (
    "DELETE FROM checkins_entry WHERE venue = %s AND scanner = %s AND seq = %s "
    "AND seen_at = to_timestamp(%s::bigint / 1000.0) AND day BETWEEN %s::date - 1 AND %s::date + 1 RETURNING method"
)
_LOWER = """
UPDATE checkins_hourcount c SET count = greatest(c.count - u.people, 0)
FROM unnest(%s::date[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[], %s::integer[])
    AS u (day, hour, verdict, method, direction, admitted, reason, people)
WHERE c.venue_id = %s AND (c.day, c.hour, c.verdict, c.method, c.direction, c.admitted, c.reason)
    = (u.day, u.hour, u.verdict, u.method, u.direction, u.admitted, u.reason)
RETURNING c.id, c.count
"""


def take_back(scanner: Scanner, undos: Sequence[Scan], held: set[int], *, now: datetime) -> Counter[Tally]:
    """Note what is undone, delete its row, and tell by how much which counts are to be lowered.

    `held` are the numbers that had arrived before: of the others nothing has been counted.
    """
    back: Counter[Tally] = Counter()
    for undo in undos:
        noted, new = Undone.objects.get_or_create(scanner=scanner, seq=undo.undoes, defaults=_facts(undo, now))
        if not new or undo.undoes not in held:
            continue
        if method := _take(scanner, undo):
            Undone.objects.filter(pk=noted.pk).update(taken=True)
            back[tally_of(undo, method)] += undo.people
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


def _facts(undo: Scan, now: datetime) -> dict[str, object]:
    return {
        "by_seq": undo.seq,
        "at": datetime.fromtimestamp(undo.at / 1000, UTC),
        "verdict": undo.verdict,
        "method": undo.method,
        "direction": undo.direction,
        "admitted": undo.admitted,
        "people": undo.people,
        "taken": False,
        "received_at": now,
    }


def _take(scanner: Scanner, undo: Scan) -> str | None:
    """Delete what there is of a scan; the method by which it had been counted, None where it had not been.

    What was refused here was not counted, nor was what itself took something back.
    """
    seq = undo.undoes
    if DeadLetter.objects.filter(scanner=scanner, seq=seq).exists():
        return None
    if Undone.objects.filter(scanner=scanner, by_seq=seq).exists():
        return None
    was_refused = Refusal.objects.filter(scanner=scanner, seq=seq).delete()[0] > 0
    if was_refused or not undo.admitted:
        return undo.method if was_refused and not undo.admitted else None
    method = _delete_row(scanner, undo)
    counted_alone = undo.method not in BY_CODE or undo.direction == Direction.OUT
    return method or (undo.method if counted_alone else None)


def _delete_row(scanner: Scanner, undo: Scan) -> str | None:
    """The method of the scan's row, deleted; None where there is none. Its millisecond leads to it by the index."""
    day = datetime.fromtimestamp(undo.at / 1000, UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [scanner.venue_id, scanner.pk, undo.undoes, undo.at, day, day])
        found = cursor.fetchone()
    return found[0] if found else None
