"""What becomes of each scan of a batch, before anything is written: every code is verified again, holding no lock.

Phone scans never touch the vault. A paper pass and a safe number need it, as the key of a day makes their pseudonym:
while it is away those scans are left without an answer and named under `retry`, so that the scanner keeps them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from checkins.log import retention
from checkins.models import Direction, Flag
from checkins.scanning import numbers
from checkins.scanning.scans import Scan
from registry import signing, vault
from registry.errors import VaultUnavailable
from registry.format import passcode
from registry.format.passcode import DayRule, Malformed, Strip, seoul_day
from registry.reverification import outages
from venues import manifest, revocations
from venues.models import Scanner

AHEAD = 300  # seconds that a scan may lie ahead of our clock: a scanner corrects its own by ours
TOO_OLD, IN_FUTURE = "too_old", "in_future"
_DAY, _HOUR, _SEOUL = 86_400, 3600, 9 * 3600  # seconds

Tally = tuple[date, int, str, str, str, bool, str]
"""A row of HourCount: day, hour, verdict, method, direction, admitted, reason."""


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
    undos: list[Scan] = field(default_factory=list)
    refused: dict[int, tuple[Scan, str]] = field(default_factory=dict)  # by sequence number, with the reason
    retry: list[int] = field(default_factory=list)  # waits for the vault
    later: list[int] = field(default_factory=list)  # this scanner told too many safe numbers that nobody has
    in_vain: dict[int, tuple[Scan, str]] = field(default_factory=dict)  # of the refused, those for a safe number

    def refuse(self, scan: Scan, reason: str) -> None:
        self.refused[scan.seq] = scan, reason

    def leave_out(self, seqs: Collection[int]) -> None:
        """Write nothing for these numbers."""
        self.rows = [row for row in self.rows if row.scan.seq not in seqs]
        self.counted = [scan for scan in self.counted if scan.seq not in seqs]
        self.undos = [scan for scan in self.undos if scan.seq not in seqs]
        self.refused = {seq: letter for seq, letter in self.refused.items() if seq not in seqs}


def judge(scanner: Scanner, scans: Iterable[Scan], *, now: datetime) -> Judged:
    """Steps 1 to 6 of the verdict for each scan, at the scan's own time, and what we know better on the others."""
    judged, papers, told = Judged(), [], []
    keys, today, latest = signing.agency_keys(), vault.today(now), now.timestamp() + AHEAD
    rules = manifest.day_rules(scanner.venue, today - retention.KEPT - timedelta(days=1), today + timedelta(days=1))
    for scan in scans:
        if reason := _out_of_time(scan, today, latest):
            judged.refuse(scan, reason)
        elif scan.undoes:
            judged.undos.append(scan)
        elif not scan.logged:
            judged.counted.append(scan)
        elif scan.safe_number is not None:
            told.append(scan)
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
    _told(scanner, told, judged, now)
    return judged


def _out_of_time(scan: Scan, today: date, latest: float) -> str | None:
    if scan.at > latest * 1000:
        return IN_FUTURE
    return TOO_OLD if retention.over(_day(scan.second), today) else None


def _verified(scan: Scan, judged: Judged, keys: Mapping[bytes, passcode.AgencyKey]) -> Strip | None:
    """The strip of a code that passes steps 1 to 6; None where the scan was refused for them.

    Somebody who leaves with a code that can be read but does not hold is counted: nobody is kept in.
    """
    try:
        code = scan.code()
    except Malformed:
        judged.refuse(scan, passcode.Verdict.MALFORMED)
        return None
    failed = passcode.check(code, keys=keys, now=scan.at / 1000)
    if failed is not None and scan.direction == Direction.OUT:
        judged.counted.append(scan)
        return None
    if failed is not None:
        judged.refuse(scan, failed)
        return None
    return code.strip


def _row(scan: Scan, strip: Strip, *, day: date, subject: bytes, rules: Mapping[date, DayRule], now: datetime) -> Row:
    """The row of the log. `t` is the proof's second, but the scan's where that proves nothing about when, as on paper
    and by hand, and for those who leave: the code that let them in may still be on the screen."""
    method = "paper" if strip.paper and scan.method == "qr" else scan.method
    own = method == "hand" or scan.direction == Direction.OUT
    t = scan.second if own or scan.t is None else scan.t
    flags = 0 if scan.direction == Direction.OUT else _flags(scan, strip, rules, now)
    return Row(scan, day, subject, t, method, flags)


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


def _told(scanner: Scanner, scans: list[Scan], judged: Judged, now: datetime) -> None:
    """Rows for those who told a safe number."""
    if not scans:
        return
    try:
        found = numbers.subjects(scanner, scans, now=now)
    except VaultUnavailable:
        judged.retry.extend(scan.seq for scan in scans)
        return
    for scan in scans:
        subject = found[scan.seq]
        if isinstance(subject, bytes):
            judged.rows.append(Row(scan, _day(scan.second), subject, scan.second, scan.method, 0))
        elif subject == numbers.LATER:
            judged.later.append(scan.seq)
        else:
            judged.refuse(scan, subject)
            if subject in numbers.WRONG:
                judged.in_vain[scan.seq] = scan, subject


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
    hour = (second + _SEOUL) // _HOUR % 24
    return _day(second), hour, scan.verdict, method, scan.direction, scan.admitted, scan.reason


def _day(second: int) -> date:
    """The Seoul day of a second."""
    return _numbered_day((second + _SEOUL) // _DAY)


@lru_cache(maxsize=64)
def _numbered_day(number: int) -> date:
    return seoul_day(number * _DAY)
