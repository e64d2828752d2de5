"""Which strips are void: one signed, growing file after another for each day, made for all scanners alike.

In `default` stands (citizen, since) only. The day's pseudonyms are derived here, in this process, and kept nowhere
else: not in Redis, not in `default`, where a position would link person and pseudonym; within a segment the entries are
sorted by pseudonym for the same reason. A segment is a range of row numbers, so a row never moves from one to another,
and a segment only grows. Without `vault` what was derived before is served on.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import signing, vault
from registry.errors import DomainError, VaultUnavailable
from registry.format.revocation_list import encode_revocations
from registry.models import Revocation
from registry.validity import SEOUL

SEGMENT = 1000  # row numbers in a segment
REACH = timedelta(days=110)  # a strip reaches no further ahead of its signing, so nothing older can matter
SETTLED = timedelta(hours=1)  # by then every transaction that took a lower row number has ended
NIGHT = timedelta(hours=4)  # yesterday's strips are shown until 04:00
LATEST_UPLOAD = timedelta(days=30)  # a day of the log lives 28 days; uploads of such a day are checked as well
HELD_SECONDS = 5  # a revocation is seen by every process within this time
HELD_DAYS = 6  # live days, and some of late uploads


class NoSuchSegment(DomainError):
    code = "unknown_segment"
    status = 404
    message = _("There is no such part of the revocations now. Read the manifest again.")


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a day, as the manifest lists it; `final` ones change no more."""

    day: date
    number: int
    final: bool


@dataclass(frozen=True, slots=True)
class File:
    """A signed segment. The ETag is weak, made of the content: each process signs with a number of its own (ECDSA)."""

    raw: bytes = field(repr=False)
    etag: str
    final: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    pairs: tuple[tuple[UUID, int, bool], ...] = field(repr=False)  # who, since when, paper as well
    newest: int
    final: bool


@dataclass(slots=True)
class _Day:
    """What was derived for a day: entries by segment with the rows they came from, signed files, and all in one."""

    entries: dict[int, tuple[_Rows, dict[bytes, int]]] = field(default_factory=dict, repr=False)
    files: dict[int, tuple[dict[bytes, int], File]] = field(default_factory=dict, repr=False)
    latest: dict[bytes, int] = field(default_factory=dict, repr=False)
    made_of: dict[int, _Rows] | None = field(default=None, repr=False)
    ask_vault_at: float = 0.0


_lock = threading.RLock()
_segments: dict[int, _Rows] = {}
_read_at: float | None = None
_days: OrderedDict[date, _Day] = OrderedDict()


def forget() -> None:
    """Read and derive everything anew at the next use."""
    global _read_at, _segments
    with _lock:
        _segments, _read_at = {}, None
        _days.clear()


def live_days(now: datetime) -> list[date]:
    """The days whose strips may be shown now or soon: yesterday until 04:00, today, tomorrow."""
    today = vault.today(now)
    first = vault.today(now - NIGHT)
    return [first + timedelta(days=n) for n in range((today - first).days + 2)]


def listing(*, now: datetime) -> list[Part]:
    """The segments that a scanner should hold, by day and number. Asks the vault nothing."""
    segments = _current(now)
    return [
        Part(day, number, rows.final)
        for day in live_days(now)
        for number, rows in segments.items()
        if rows.newest >= _horizon(day)
    ]


def segment(day: date, number: int, *, now: datetime) -> File:
    """A segment of a live day, signed. Raises NoSuchSegment, VaultUnavailable where it was never derived here."""
    rows = _current(now).get(number)
    if rows is None or day not in live_days(now) or rows.newest < _horizon(day):
        raise NoSuchSegment
    with _lock:
        known = _of(day)
        try:
            entries = _derive(known, day, number, rows)
        except VaultUnavailable:
            if number not in known.entries:
                raise
            rows, entries = known.entries[number]
        return _signed(known, day, number, entries, final=rows.final)


def _signed(known: _Day, day: date, number: int, entries: dict[bytes, int], *, final: bool) -> File:
    made = known.files.get(number)
    if made and made[0] is entries and made[1].final == final:
        return made[1]
    signer = signing.signer_for(day)
    ordered = sorted(entries.items())
    raw = encode_revocations(private_key=signer.private_key, kid=signer.kid, day=day, segment=number, entries=ordered)
    digest = hashlib.sha256(signer.kid + repr((day, number, ordered)).encode()).hexdigest()[:32]
    file = File(raw, f'W/"{digest}"', final)
    known.files[number] = (entries, file)
    return file


def revoked(day: date, cti: bytes, *, now: datetime | None = None) -> int | None:
    """The latest second since when earlier strips of (day, cti) are void; None where none is known.

    A look into a dictionary, with a query at most every few seconds. Without `vault` it answers from what was derived
    before, and None where nothing was: an unknown revocation never turns anybody away. Raises only what the default
    database raises.
    """
    moment = now or timezone.now()
    segments = _current(moment)
    known = _days.get(day)
    if known is None or known.made_of is not segments:
        with _lock:
            known = _of(day)
            _bring_up(known, day, segments)
    return known.latest.get(bytes(cti[:8]))


def _bring_up(known: _Day, day: date, segments: dict[int, _Rows]) -> None:
    """Derive what is missing for a day; a vault that is away is asked again only after some seconds."""
    if known.made_of is segments or time.monotonic() < known.ask_vault_at:
        return
    latest: dict[bytes, int] = {}
    try:
        for number, rows in segments.items():
            for prefix, since in _derive(known, day, number, rows).items():
                latest[prefix] = max(since, latest.get(prefix, 0))
    except VaultUnavailable:
        known.ask_vault_at = time.monotonic() + HELD_SECONDS
        return
    known.latest, known.made_of = latest, segments


def _derive(known: _Day, day: date, number: int, rows: _Rows) -> dict[bytes, int]:
    """The entries of a segment on a day, the same object as long as its rows are. Raises VaultUnavailable.

    With those of a person's paper passes, which are good for weeks under one pseudonym, listed on each of their days. A
    day without a key has no strips to void: no entries.
    """
    made = known.entries.get(number)
    if made and made[0] is rows:
        return made[1]
    horizon = _horizon(day)
    entries: dict[bytes, int] = {}
    papers = vault.paper_permutations(day) if any(paper for _citizen, _since, paper in rows.pairs) else []
    alive = [pair for pair in rows.pairs if pair[1] >= horizon]
    with suppress(vault.DayGone):
        of_day = vault.permutation(day) if alive else bytes
        for citizen, since, paper in alive:
            on_paper = [permutation(citizen.bytes) for permutation in papers] if paper else []
            for cti in (of_day(citizen.bytes), *on_paper):
                entries[cti[:8]] = max(since, entries.get(cti[:8], 0))
    known.entries[number] = (rows, entries)
    return entries


def _horizon(day: date) -> float:
    """A fixed second for each day, so that a day's segments only grow: older revocations find no strip of it alive."""
    return (datetime(day.year, day.month, day.day, tzinfo=SEOUL) - REACH).timestamp()


def _of(day: date) -> _Day:
    known = _days.setdefault(day, _Day())
    _days.move_to_end(day)
    while len(_days) > HELD_DAYS:
        _days.popitem(last=False)
    return known


def _current(now: datetime) -> dict[int, _Rows]:
    """The rows by segment, read again after some seconds, settled ones never; the same object if nothing changed."""
    global _read_at, _segments  # noqa: PLW0603
    with _lock:
        if _read_at is not None and time.monotonic() < _read_at + HELD_SECONDS:
            return _segments
        fresh = _read(now)
        if fresh != _segments:
            _segments = fresh
        _read_at = time.monotonic()
        return _segments


def _read(now: datetime) -> dict[int, _Rows]:
    oldest = now - REACH - LATEST_UPLOAD
    bounds = Revocation.objects.filter(since__gte=oldest).aggregate(first=Min("pk"), last=Max("pk"))
    if bounds["first"] is None:
        return {}
    fresh: dict[int, _Rows] = {}
    for number in range(bounds["first"] // SEGMENT, bounds["last"] // SEGMENT + 1):
        held = _segments.get(number)
        fresh[number] = held if held and held.final else _read_segment(number, now, held)
    return fresh


def _read_segment(number: int, now: datetime, held: _Rows | None) -> _Rows:
    first, after = number * SEGMENT, (number + 1) * SEGMENT
    inside = Revocation.objects.filter(pk__gte=first, pk__lt=after).order_by("pk")
    found = inside.values_list("citizen_id", "since", "paper")
    pairs = tuple((citizen, _second(since), paper) for citizen, since, paper in found)
    following = Revocation.objects.filter(pk__gte=after).order_by("pk").values_list("since", flat=True).first()
    newest = max((since for _citizen, since, _paper in pairs), default=0)
    rows = _Rows(pairs, newest, final=following is not None and following < now - SETTLED)
    return held if held == rows else rows


def _second(since: datetime) -> int:
    """Rounded up: a strip signed in the same second, before the revocation, is void too."""
    return -int(-since.timestamp() // 1)
