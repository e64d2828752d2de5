"""Writing what a scanner uploaded, exactly once: one transaction under the lock of the scanner's row.

It leaves out the sequence numbers that we hold and what the door took back, writes rows, counts, refusals and dead
letters, and adds the numbers. Whoever sends the same batch at the same time waits for the lock and then finds every
number held.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import CheckViolation

from checkins.log import partitions
from checkins.models import DeadLetter
from checkins.references import reference
from checkins.scanning import undoing
from checkins.scanning.judging import TOO_OLD, Judged, Row, Tally, tally_of
from checkins.scanning.scans import Scan
from registry.errors import DomainError
from venues.models import Scanner

AFTER_REVOCATION = "revoked"
Answer = tuple[str, str | None]
"""What became of a scan, and where it was refused why."""

_INSERT = """
WITH new AS MATERIALIZED (
    SELECT seq, day, decode(subject, 'hex') AS subject, t, at, method, direction, flags
    FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::bigint[],
                %s::text[], %s::text[], %s::smallint[])
    AS u (seq, day, subject, t, at, method, direction, flags)
), entry AS (
    INSERT INTO checkins_entry (day, subject, t, venue, scanner, seq, seen_at, received_at, method, direction, flags)
    SELECT day, subject, t, %s, %s, seq, to_timestamp(at / 1000.0), %s, method, direction, flags
    FROM new ORDER BY day, subject, t ON CONFLICT DO NOTHING RETURNING day, subject, t
)
SELECT seq FROM new LEFT JOIN entry USING (day, subject, t) WHERE entry.day IS NULL
"""

_RANGES_AFTER = (
    "SELECT count(*) FROM venues_scanner, unnest(received + "
    "(SELECT coalesce(range_agg(int8range(s, s, '[]')), '{}') FROM unnest(%s::bigint[]) s)) WHERE id = %s"
)
# Of numbers that a scanner may leave between those it sent. A scanner sends what it holds in order and leaves out what
# waits for the vault, some dozens; the row that every upload rewrites must not grow with what a hostile one skips.
MOST_RANGES = 2000


class TooManyGaps(DomainError):
    """Nothing was stored. What closes a gap is still taken."""

    code = "too_many_gaps"
    status = 429
    retry_after = 600
    message = _("This scanner left out too many sequence numbers. Send the lowest ones that were left out first.")


def store(scanner: Scanner, scans: list[Scan], judged: Judged, *, now: datetime) -> dict[int, tuple[str, str | None]]:
    """Write what was judged, exactly once; the answer for each sequence number. Raises TooManyGaps."""
    for attempt in (1, 2):
        _refuse_days_over(judged)
        try:
            return _write(scanner, scans, judged, now=now)
        except IntegrityError as error:
            # No partition for a row: one that this process had seen is gone.
            if attempt == 2 or not isinstance(error.__cause__, CheckViolation):
                raise
            partitions.forget()
    raise AssertionError("unreachable")


def _refuse_days_over(judged: Judged) -> None:
    """Have a partition for every day that is written to; refuse the rows of a day whose end was begun."""
    for day in sorted({row.day for row in judged.rows}):
        try:
            partitions.have([day])
        except partitions.DayOver:
            _refuse_day(judged, day)


def _refuse_day(judged: Judged, day: date) -> None:
    over = [row.scan for row in judged.rows if row.day == day]
    judged.leave_out({scan.seq for scan in over})
    for scan in over:
        judged.refuse(scan, TOO_OLD)


@transaction.atomic
def _write(scanner: Scanner, scans: list[Scan], judged: Judged, *, now: datetime) -> dict[int, Answer]:
    seqs = [scan.seq for scan in scans]
    held, revoked_at = _lock(scanner, seqs + [undo.undoes for undo in judged.undos])
    over, undone = _meanwhile(scanner, seqs, judged)
    for day in over:
        _refuse_day(judged, day)
    if revoked_at is not None:
        _refuse_after(judged, revoked_at)
    undos = [undo for undo in judged.undos if undo.seq not in held]
    void = (undone | {undo.undoes for undo in undos}) - held
    answers = _held_answers(scanner, scans, held, undone)
    judged.leave_out(held | void)
    answers |= dict.fromkeys([*void.intersection(seqs), *(undo.seq for undo in undos)], ("undone", None))
    tallies = _write_rows(scanner, judged, answers, now=now)
    for scan in judged.counted:
        answers[scan.seq] = "counted", None
        tallies[tally_of(scan, scan.method)] += scan.people
    back = undoing.take_back(scanner, undos, held, now=now)
    tallies.update(dict.fromkeys(back, 0))  # locks their rows in one order with the others
    answers |= {seq: ("refused", reason) for seq, (_scan, reason) in judged.refused.items()}
    judged.refused |= {seq: judged.in_vain[seq] for seq in void & judged.in_vain.keys()}  # who guesses takes back
    _note(scanner, tallies, judged, [seq for seq in answers if seq not in held], now=now)
    undoing.lower(scanner, back)
    return answers


def _refuse_after(judged: Judged, revoked_at: datetime) -> None:
    """What was seen after the scanner was revoked is not taken."""
    last = revoked_at.timestamp() * 1000
    seen = [row.scan for row in judged.rows] + judged.counted + judged.undos
    late = [scan for scan in seen if scan.at >= last]
    judged.leave_out({scan.seq for scan in late})
    for scan in late:
        judged.refuse(scan, AFTER_REVOCATION)


def _write_rows(scanner: Scanner, judged: Judged, answers: dict[int, Answer], *, now: datetime) -> Counter[Tally]:
    """Insert the rows of the log, answer for them, and count those that are new."""
    tallies: Counter[Tally] = Counter()
    rows = {row.key: row for row in reversed(judged.rows)}  # the first of equal ones
    there = _insert(scanner, list(rows.values()), now=now)
    for row in judged.rows:
        new = row.scan.seq not in there and rows[row.key] is row
        answers[row.scan.seq] = ("stored" if new else "known"), None
        if new:
            tallies[tally_of(row.scan, row.method)] += row.scan.people
    return tallies


def held(scanner: Scanner, seqs: list[int]) -> set[int]:
    """Which of these sequence numbers we hold already, so that their codes need no second look."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s FROM unnest(%s::bigint[]) s, venues_scanner WHERE id = %s AND received @> s",
            [_array(seqs), scanner.pk],
        )
        return {seq for (seq,) in cursor.fetchall()}


def _lock(scanner: Scanner, seqs: list[int]) -> tuple[set[int], datetime | None]:
    """Lock the scanner's row and read again which numbers are held; since when it is revoked. Raises TooManyGaps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT revoked_at, ARRAY(SELECT s FROM unnest(%s::bigint[]) s WHERE received @> s), "
            "(SELECT count(*) FROM unnest(received)) FROM venues_scanner WHERE id = %s FOR NO KEY UPDATE",
            [_array(seqs), scanner.pk],
        )
        revoked_at, held, ranges = cursor.fetchone()
        if ranges > MOST_RANGES:
            cursor.execute(_RANGES_AFTER, [_array(seqs), scanner.pk])
            if cursor.fetchone()[0] > ranges:
                raise TooManyGaps
    return set(held), revoked_at


def _meanwhile(scanner: Scanner, seqs: list[int], judged: Judged) -> tuple[list[date], set[int]]:
    """Days written to whose end was begun, and numbers that the door took back. Asked once the lock is held, as nothing
    of this scanner changes after."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT day FROM checkins_destruction WHERE day = ANY(%s::date[])), "
            "ARRAY(SELECT seq FROM checkins_undone WHERE scanner_id = %s AND seq = ANY(%s::bigint[]))",
            [_array({row.day for row in judged.rows}), scanner.pk, _array(seqs)],
        )
        over, undone = cursor.fetchone()
    return over, set(undone)


def _held_answers(scanner: Scanner, scans: list[Scan], held: set[int], undone: set[int]) -> dict[int, Answer]:
    """The answers to what was sent before: refused ones with the reason of then."""
    again = [scan for scan in scans if scan.seq in held]
    if not again:
        return {}
    letters = dict(DeadLetter.objects.filter(scanner=scanner, seq__in=held).values_list("seq", "reason"))
    return {scan.seq: _held_answer(scan, letters.get(scan.seq), undone) for scan in again}


def _held_answer(scan: Scan, reason: str | None, undone: set[int]) -> Answer:
    if scan.seq in undone:
        return "undone", None
    if reason is not None:
        return "refused", reason
    if scan.undoes:
        return "undone", None
    return ("known" if scan.logged else "counted"), None


def _insert(scanner: Scanner, rows: list[Row], *, now: datetime) -> set[int]:
    """Insert rows, in the order of their key so that no two uploads deadlock; the numbers of those there already."""
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                _array([row.scan.seq for row in rows]),
                _array([row.day for row in rows]),
                _array([row.subject.hex() for row in rows]),
                _array([row.t for row in rows]),
                _array([row.scan.at for row in rows]),
                _array([row.method for row in rows]),
                _array([row.scan.direction for row in rows]),
                _array([row.flags for row in rows]),
                *(scanner.venue_id, scanner.pk, now),
            ],
        )
        return {seq for (seq,) in cursor.fetchall()}


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array as text, for values that need no quoting there; a fifth of the driver's cost for its own."""
    return "{" + ",".join(map(str, values)) + "}"


_NOTE = """
WITH counts AS (
    INSERT INTO checkins_hourcount AS c
        (venue_id, day, hour, verdict, method, direction, admitted, reason, count)
    SELECT %s, u.* FROM unnest(%s::date[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::boolean[],
                               %s::text[], %s::integer[]) AS u ORDER BY 2, 3, 4, 5, 6, 7, 8
    ON CONFLICT ON CONSTRAINT one_count_per_hour DO UPDATE SET count = c.count + excluded.count
), letters AS (
    INSERT INTO checkins_deadletter (scanner_id, seq, at, reason, received_at)
    SELECT %s, u.seq, u.at, u.reason, %s FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS u (seq, at, reason)
    ON CONFLICT DO NOTHING
), refusals AS (
    INSERT INTO checkins_refusal (venue_id, scanner_id, seq, at, verdict, reason, reference)
    SELECT %s, %s, u.* FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[]) AS u
    ON CONFLICT DO NOTHING
)
UPDATE venues_scanner SET seen_at = %s, received = received +
    (SELECT coalesce(range_agg(int8range(s, s, '[]')), '{}') FROM unnest(%s::bigint[]) s) WHERE id = %s
"""


def _note(scanner: Scanner, tallies: Mapping[Tally, int], judged: Judged, seqs: list[int], *, now: datetime) -> None:
    """Counts, refusals, dead letters and the numbers received, in one statement; counts in order, so that none
    deadlock."""
    columns: list[Any] = [list(column) for column in zip(*tallies, strict=True)] or [[] for _column in range(7)]
    when: list[Any] = [_moment(scan) for scan, _reason in judged.refused.values()]
    why: list[Any] = [str(reason) for _scan, reason in judged.refused.values()]
    away = [scan for scan in judged.counted if not scan.admitted]
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            [
                *(scanner.venue_id, *columns, list(tallies.values())),
                *(scanner.pk, now, list(judged.refused), when, why),
                *(scanner.venue_id, scanner.pk, [scan.seq for scan in away]),
                *([_moment(scan) for scan in away], [scan.verdict for scan in away]),
                *([scan.reason for scan in away], [reference(scanner.pk, scan.seq) for scan in away]),
                *(now, _array(seqs), scanner.pk),
            ],
        )


def _moment(scan: Scan) -> datetime:
    return datetime.fromtimestamp(scan.at / 1000, UTC)
