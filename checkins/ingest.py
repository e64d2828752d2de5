"""Storing what scanners upload: every code verified, every scan stored or counted exactly once, an answer for each.

The costly part, two signatures a scan, comes first and holds no lock. Then one transaction locks the scanner's row,
leaves out the sequence numbers it holds, writes rows, counts and dead letters, and adds the numbers. Whoever sends the
same batch at the same time waits for that lock and then finds every number held.

Phone scans never touch the vault. A paper pass needs it, as its pseudonym is made with a key of the month: while it is
away, those scans are left without an answer and named under `retry`, so that the scanner keeps and sends them again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import CheckViolation

from checkins import partitions, retention
from checkins.models import DeadLetter, Destruction, Flag
from checkins.scans import Scan
from registry import signing, vault
from registry.errors import DomainError, VaultUnavailable
from registry.format import passcode
from registry.format.passcode import DayRule, Malformed, Strip, seoul_day
from registry.reverification import outages
from venues import manifest, revocations
from venues.models import Scanner
from venues.scanners import RevokedScanner

AHEAD = 300  # seconds that a scan may lie ahead of our clock: a scanner corrects its own by ours
TOO_OLD, IN_FUTURE = "too_old", "in_future"
_DAY, _HOUR, _SEOUL = 86_400, 3600, 9 * 3600  # seconds
_INSERT = """
WITH new AS MATERIALIZED (
    SELECT seq, day, decode(subject, 'hex') AS subject, t, at, method, direction, flags
    FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[], %s::bigint[],
                %s::text[], %s::text[], %s::smallint[])
    AS u (seq, day, subject, t, at, method, direction, flags)
), entry AS (
    INSERT INTO checkins_entry (day, subject, t, venue, scanner, seen_at, received_at, method, direction, flags)
    SELECT day, subject, t, %s, %s, to_timestamp(at / 1000.0), %s, method, direction, flags
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

Tally = tuple[date, int, str, str, str, bool]  # day, hour, verdict, method, direction, admitted: a row of HourCount


class TooManyGaps(DomainError):
    """Nothing was stored. What closes a gap is still taken."""

    code = "too_many_gaps"
    status = 429
    retry_after = 600
    message = _("This scanner left out too many sequence numbers. Send the lowest ones that were left out first.")


@dataclass(slots=True)
class Row:
    """A scan that becomes a row of the log."""

    scan: Scan
    day: date
    subject: bytes = field(repr=False)
    t: int
    method: str
    flags: int

    @property
    def key(self) -> tuple[date, bytes, int]:
        return self.day, self.subject, self.t


@dataclass(slots=True)
class Judged:
    """What becomes of the scans of a batch, before the database has been asked."""

    rows: list[Row] = field(default_factory=list)
    counted: list[Scan] = field(default_factory=list)
    refused: dict[int, tuple[Scan, str]] = field(default_factory=dict)  # by sequence number, with the reason
    retry: list[int] = field(default_factory=list)

    def refuse(self, scan: Scan, reason: str) -> None:
        self.refused[scan.seq] = scan, reason


def upload(scanner: Scanner, scans: list[Scan], *, now: datetime) -> dict[str, Any]:
    """Store a batch; the body of the answer: `answers` for each scan, and `retry` where some must be sent again.

    Raises RevokedScanner where the scanner was revoked meanwhile, VaultUnavailable where nothing could be answered,
    TooManyGaps.
    """
    held = _held(scanner, [scan.seq for scan in scans])
    judged = judge(scanner, [scan for scan in scans if scan.seq not in held], now=now)
    if judged.retry and len(judged.retry) == len(scans):
        raise VaultUnavailable
    answers = _store(scanner, scans, judged, now=now)
    body: dict[str, Any] = {"answers": [_answer(scan.seq, answers[scan.seq]) for scan in scans if scan.seq in answers]}
    return body | ({"retry": judged.retry} if judged.retry else {})


def _answer(seq: int, answer: tuple[str, str | None]) -> dict[str, Any]:
    return {"seq": seq, "answer": answer[0]} | ({"reason": answer[1]} if answer[1] else {})


def judge(scanner: Scanner, scans: Iterable[Scan], *, now: datetime) -> Judged:
    """Steps 1 to 6 of the verdict for each scan, at the scan's own time, and what we know better on the others."""
    judged, papers = Judged(), []
    keys, today, latest = signing.agency_keys(), vault.today(now), now.timestamp() + AHEAD
    rules = manifest.day_rules(scanner.venue, today - retention.KEPT - timedelta(days=1), today + timedelta(days=1))
    for scan in scans:
        if reason := _out_of_time(scan, today, latest):
            judged.refuse(scan, reason)
        elif not scan.logged:
            judged.counted.append(scan)
        else:
            strip = _verified(scan, judged, keys)
            if strip is None:
                continue
            if strip.paper:
                papers.append((scan, strip))
            elif retention.over(strip.day, today):
                judged.refuse(scan, TOO_OLD)
            else:
                judged.rows.append(_row(scan, strip, day=strip.day, subject=strip.cti, rules=rules, now=now))
    _papers(papers, judged, rules, now)
    return judged


def _out_of_time(scan: Scan, today: date, latest: float) -> str | None:
    if scan.at > latest * 1000:
        return IN_FUTURE
    return TOO_OLD if retention.over(_day(scan.second), today) else None


def _verified(scan: Scan, judged: Judged, keys: Mapping[bytes, passcode.AgencyKey]) -> Strip | None:
    """The strip of a code that passes steps 1 to 6; None where the scan was refused for them."""
    try:
        code = scan.code()
    except Malformed:
        judged.refuse(scan, passcode.Verdict.MALFORMED)
        return None
    failed = passcode.check(code, keys=keys, now=scan.at / 1000)
    if failed is not None:
        judged.refuse(scan, failed)
        return None
    return code.strip


def _row(scan: Scan, strip: Strip, *, day: date, subject: bytes, rules: Mapping[date, DayRule], now: datetime) -> Row:
    """The row of the log. `t` is the proof's second, but the scan's where it proves nothing about when: paper, hand."""
    method = "paper" if strip.paper and scan.method == "qr" else scan.method
    t = scan.second if scan.t is None or method == "hand" else scan.t
    return Row(scan, day, subject, t, method, _flags(scan, strip, rules, now))


def _flags(scan: Scan, strip: Strip, rules: Mapping[date, DayRule], now: datetime) -> int:
    """What we know better than the scanner did on steps 7 to 11. The entry happened, so it is stored and flagged."""
    flags = 0
    since = revocations.revoked(_day(scan.second) if strip.paper else strip.day, strip.cti, now=now)
    if since is not None and strip.iat < since <= scan.second:
        flags |= Flag.REVOKED
    rule = passcode.rule_for(rules, _day(scan.second))
    outdated = rule.asks and strip.policy < passcode.rule_for(rules, strip.day).floor
    if outdated and not outages.declared_at(scan.second):
        flags |= Flag.OUTDATED
    if rule.asks and not strip.passes:
        flags |= Flag.ALONE if scan.alone and rule.alone else Flag.NO_PASS
    return int(flags)


def _papers(papers: list[tuple[Scan, Strip]], judged: Judged, rules: Mapping[date, DayRule], now: datetime) -> None:
    """Write the pseudonym of the scan's day in place of the paper's own, which would be the same for a month."""
    opened: dict[tuple[date, date], tuple[bytes, bytes] | None] = {}
    try:
        for day, month in {(_day(scan.second), strip.day.replace(day=1)) for scan, strip in papers}:
            opened[day, month] = paper_keys(day, month)
    except VaultUnavailable:
        judged.retry.extend(scan.seq for scan, _strip in papers)
        return
    for scan, strip in papers:
        day = _day(scan.second)
        keys = opened[day, strip.day.replace(day=1)]
        if keys is None:
            judged.refuse(scan, TOO_OLD)
        else:
            subject = paper_subject(strip, keys)
            judged.rows.append(_row(scan, strip, day=day, subject=subject, rules=rules, now=now))


def paper_keys(day: date, month: date) -> tuple[bytes, bytes] | None:
    """The day's key and that of the month's paper passes; None where one of them is gone. Raises VaultUnavailable."""
    try:
        return vault.day_key(day), vault.paper_key(month)
    except vault.DayGone:
        return None


def paper_subject(strip: Strip, keys: tuple[bytes, bytes]) -> bytes:
    """The day's pseudonym of the holder of a paper pass."""
    day_key, paper_key = keys
    return passcode.day_pseudonym(day_key, passcode.citizen_of(paper_key, strip.cti))


def tally_of(scan: Scan, method: str) -> Tally:
    """Where a scan is counted: by the Seoul day and hour in which it was seen."""
    second = scan.second
    return _day(second), (second + _SEOUL) // _HOUR % 24, scan.verdict, method, scan.direction, scan.admitted


def _day(second: int) -> date:
    """The Seoul day of a second."""
    return _numbered_day((second + _SEOUL) // _DAY)


@lru_cache(maxsize=64)
def _numbered_day(number: int) -> date:
    return seoul_day(number * _DAY)


def _store(scanner: Scanner, scans: list[Scan], judged: Judged, *, now: datetime) -> dict[int, tuple[str, str | None]]:
    """Write what was judged, exactly once; the answer for each sequence number."""
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
    for row in judged.rows:
        if row.day == day:
            judged.refuse(row.scan, TOO_OLD)
    judged.rows = [row for row in judged.rows if row.day != day]


@transaction.atomic
def _write(scanner: Scanner, scans: list[Scan], judged: Judged, *, now: datetime) -> dict[int, tuple[str, str | None]]:
    held = _lock(scanner, [scan.seq for scan in scans])
    if judged.rows:
        for day in Destruction.objects.filter(day__in={row.day for row in judged.rows}).values_list("day", flat=True):
            _refuse_day(judged, day)
    answers = _held_answers(scanner, scans, held)
    tallies: Counter[Tally] = Counter()
    rows = {row.key: row for row in reversed(judged.rows) if row.scan.seq not in held}  # the first of equal ones
    there = _insert(scanner, list(rows.values()), now=now)
    for row in judged.rows:
        if row.scan.seq in held:
            continue
        new = row.scan.seq not in there and rows[row.key] is row
        answers[row.scan.seq] = ("stored" if new else "known"), None
        if new:
            tallies[tally_of(row.scan, row.method)] += 1
    for scan in judged.counted:
        if scan.seq not in held:
            answers[scan.seq] = "counted", None
            tallies[tally_of(scan, scan.method)] += 1
    letters = {seq: letter for seq, letter in judged.refused.items() if seq not in held}
    answers |= {seq: ("refused", reason) for seq, (_scan, reason) in letters.items()}
    _note(scanner, tallies, letters, [seq for seq in answers if seq not in held], now=now)
    return answers


def _held(scanner: Scanner, seqs: list[int]) -> set[int]:
    """Which of these sequence numbers we hold already, so that their codes need no second look."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s FROM unnest(%s::bigint[]) s, venues_scanner WHERE id = %s AND received @> s",
            [_array(seqs), scanner.pk],
        )
        return {seq for (seq,) in cursor.fetchall()}


def _lock(scanner: Scanner, seqs: list[int]) -> set[int]:
    """Lock the scanner's row and read again which numbers are held. Raises RevokedScanner, TooManyGaps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT revoked_at, ARRAY(SELECT s FROM unnest(%s::bigint[]) s WHERE received @> s), "
            "(SELECT count(*) FROM unnest(received)) FROM venues_scanner WHERE id = %s FOR NO KEY UPDATE",
            [_array(seqs), scanner.pk],
        )
        revoked_at, held, ranges = cursor.fetchone()
        if revoked_at is not None:
            raise RevokedScanner
        if ranges > MOST_RANGES:
            cursor.execute(_RANGES_AFTER, [_array(seqs), scanner.pk])
            if cursor.fetchone()[0] > ranges:
                raise TooManyGaps
    return set(held)


def _held_answers(scanner: Scanner, scans: list[Scan], held: set[int]) -> dict[int, tuple[str, str | None]]:
    """The answers to what was sent before: refused ones with the reason of then."""
    if not held:
        return {}
    letters = dict(DeadLetter.objects.filter(scanner=scanner, seq__in=held).values_list("seq", "reason"))
    return {
        scan.seq: ("refused", letters[scan.seq])
        if scan.seq in letters
        else ("known" if scan.logged else "counted", None)
        for scan in scans
        if scan.seq in held
    }


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


def _note(
    scanner: Scanner,
    tallies: Mapping[Tally, int],
    letters: Mapping[int, tuple[Scan, str]],
    seqs: list[int],
    *,
    now: datetime,
) -> None:
    """Counts, dead letters and the numbers received, in one statement; counts in order, so that none deadlock."""
    days, hours, verdicts, methods, directions, admitted = zip(*tallies, strict=True) if tallies else ((),) * 6
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH counts AS (INSERT INTO checkins_hourcount AS c "
            "(venue_id, day, hour, verdict, method, direction, admitted, count) SELECT %s, u.* "
            "FROM unnest(%s::date[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::integer[]) "
            "AS u ORDER BY 2, 3, 4, 5, 6, 7 ON CONFLICT ON CONSTRAINT one_count_per_hour "
            "DO UPDATE SET count = c.count + excluded.count), "
            "letters AS (INSERT INTO checkins_deadletter (scanner_id, seq, at, reason, received_at) "
            "SELECT %s, u.seq, u.at, u.reason, %s FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) "
            "AS u (seq, at, reason) ON CONFLICT DO NOTHING) "
            "UPDATE venues_scanner SET seen_at = %s, received = received + "
            "(SELECT coalesce(range_agg(int8range(s, s, '[]')), '{}') FROM unnest(%s::bigint[]) s) WHERE id = %s",
            [
                *(scanner.venue_id, list(days), list(hours), list(verdicts), list(methods), list(directions)),
                *(list(admitted), list(tallies.values()), scanner.pk, now, list(letters)),
                [datetime.fromtimestamp(scan.at / 1000, UTC) for scan, _reason in letters.values()],
                [str(reason) for _scan, reason in letters.values()],
                *(now, _array(seqs), scanner.pk),
            ],
        )
