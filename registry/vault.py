"""The keys of the days, in a database of their own: who a pseudonym is can be told as long as its day's key lives.

Keys are random, kept encrypted under the master key in `vault`, and held in this process for some minutes, those of
days long past not at all, so that no process still has one that was destroyed. A day's key is made for today and the
days ahead, never for a day gone by: what was destroyed does not come back. The vault keeps a register of the days whose
keys it destroyed, which outlives any restore of the other database.
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import secrets
from registry.errors import DATABASE_AWAY, DomainError, VaultUnavailable
from registry.format import passcode
from registry.models import DayKey, DestroyedDay, PaperKey
from registry.validity import SEOUL

AHEAD_DAYS = 110  # what a policy at its widest asks for: 60 days, 14 of grace, 31 of an outage
PAPER_DAYS = 31  # that a paper pass is good at most, the day on which it is printed included
HELD_SECONDS = 600  # how long a process holds a key it has read
HELD_DAYS = 3  # days gone by of which it does; late uploads of older ones read the key each time


@dataclass(frozen=True, slots=True)
class _DayKey:
    """A day's key as this process holds it, with the permutation it makes, ready for citizen after citizen."""

    key: bytes = field(repr=False)
    permutation: Callable[[bytes], bytes] = field(repr=False)
    until: float


_held: dict[date, _DayKey] = {}
_paper: dict[date, _DayKey] = {}  # by the month's first day
_lock = threading.Lock()


class DayGone(DomainError):
    """The day's key was destroyed, or never made."""

    code = "day_gone"
    status = 410
    message = _("This day is over; what was recorded on it has been destroyed.")


def today(now: datetime) -> date:
    """The Seoul day of a moment."""
    return now.astimezone(SEOUL).date()


@contextmanager
def reached() -> Iterator[None]:
    """What reads or writes the vault. Raises VaultUnavailable."""
    try:
        yield
    except DATABASE_AWAY as error:
        raise VaultUnavailable from error


def _keys(days: Iterable[date]) -> dict[date, _DayKey]:
    """The keys of several days, in at most three statements.

    Raises VaultUnavailable, and DayGone for a past day without a key.
    """
    wanted, instant = set(days), time.monotonic()
    keys = {day: held for day in wanted if (held := _held.get(day)) and held.until > instant}
    missing = wanted - keys.keys()
    if missing:
        with reached():
            read = _read(missing)
            if lacking := missing - read.keys():
                _make(lacking)
                read |= _read(lacking)
        until = instant + HELD_SECONDS
        found = {day: _DayKey(key, passcode.permutation(key), until) for day, key in read.items()}
        with _lock:
            for gone in [day for day, held in _held.items() if held.until <= instant]:
                del _held[gone]
            oldest = today(timezone.now()) - timedelta(days=HELD_DAYS)
            _held.update({day: key for day, key in found.items() if day >= oldest})
        keys |= found
    return keys


def _read(days: set[date]) -> dict[date, bytes]:
    rows = DayKey.objects.filter(day__in=days).values_list("day", "key")
    return {day: secrets.decrypt(bytes(key), purpose="day key") for day, key in rows}


def _make(days: set[date]) -> None:
    if min(days) < today(timezone.now()):
        raise DayGone
    rows = [DayKey(day=day, key=secrets.encrypt(os.urandom(32), purpose="day key")) for day in days]
    DayKey.objects.bulk_create(rows, ignore_conflicts=True)


def day_key(day: date) -> bytes:
    """The key of one day. Raises VaultUnavailable, DayGone."""
    return _keys([day])[day].key


def permutation(day: date) -> Callable[[bytes], bytes]:
    """What makes a day's `cti` of a citizen's id, for citizen after citizen. Raises VaultUnavailable, DayGone."""
    return _keys([day])[day].permutation


def pseudonyms(days: Iterable[date], citizen: UUID) -> dict[date, bytes]:
    """The citizen's `cti` of each of several days, 16 bytes. Raises VaultUnavailable, DayGone."""
    return {day: held.permutation(citizen.bytes) for day, held in _keys(days).items()}


def pseudonym(day: date, citizen: UUID) -> bytes:
    """The citizen's `cti` of that day."""
    return pseudonyms([day], citizen)[day]


def citizen_of(day: date, cti: bytes) -> UUID:
    """Whose pseudonym it is. Raises DayGone once the day's key is destroyed."""
    return passcode.citizen_of(day_key(day), cti)


def make_keys_ahead(first: date) -> None:
    """Have the keys of the coming days ready, so that issuing only reads them."""
    _keys(first + timedelta(days=n) for n in range(AHEAD_DAYS))


def destroy_day_key(day: date, *, fingerprint: str = "", now: datetime) -> DestroyedDay:
    """Delete a day's key for good and enter the day in the vault's register; its line there. Again changes nothing.

    `fingerprint` is told where the day was destroyed before, and the vault has neither its key nor its line any more.
    Raises VaultUnavailable.
    """
    with reached(), transaction.atomic(using="vault"):
        for row in DayKey.objects.select_for_update().filter(day=day):
            with suppress(secrets.Unreadable):  # damaged, or its master key is gone: nobody's any more, and it goes too
                fingerprint = fingerprint_of(secrets.decrypt(bytes(row.key), purpose="day key"))
        line, _new = DestroyedDay.objects.get_or_create(
            day=day, defaults={"fingerprint": fingerprint, "destroyed_at": now}
        )
        DayKey.objects.filter(day=day).delete()
    forget(day)
    return line


def fingerprint_of(key: bytes) -> str:
    """What is told of a destroyed key, so that it can be told from others: 128 bits of a hash, in hex."""
    return hashlib.sha256(b"munjigi day key" + key).hexdigest()[:32]


def keyed_days() -> set[date]:
    """Days whose key lives. Raises VaultUnavailable."""
    with reached():
        return set(DayKey.objects.values_list("day", flat=True))


def destroyed_days() -> dict[date, DestroyedDay]:
    """The vault's register of days whose key was destroyed. Raises VaultUnavailable."""
    with reached():
        return {line.day: line for line in DestroyedDay.objects.all()}


def forget(day: date | None = None) -> None:
    """Drop what this process holds of a day, or of all."""
    with _lock:
        if day is None:
            _held.clear()
            _paper.clear()
        else:
            _held.pop(day, None)


# --- paper passes: one key a month, as long as a pass printed in that month may be good


def paper_key(month: date) -> bytes:
    """The key of a month's paper passes, by the month's first day. Raises VaultUnavailable, DayGone (a past month)."""
    held = _paper.get(month)
    if held and held.until > time.monotonic():
        return held.key
    with reached():
        key = _read_paper([month]).get(month)
        if key is None:
            if month < today(timezone.now()).replace(day=1):
                raise DayGone
            fresh = PaperKey(month=month, key=secrets.encrypt(os.urandom(32), purpose="paper key"))
            PaperKey.objects.bulk_create([fresh], ignore_conflicts=True)
            key = _read_paper([month])[month]
    _hold_paper({month: key})
    return key


def make_paper_key_ahead(day: date) -> None:
    """Have the key of a pass printed on that day ready, so that printing only reads it. Raises VaultUnavailable."""
    paper_key(_month(day))


def paper_pseudonym(day: date, citizen: UUID) -> bytes:
    """The citizen's `cti` on paper printed on that day. Raises VaultUnavailable, DayGone."""
    return passcode.day_pseudonym(paper_key(_month(day)), citizen)


def paper_permutations(day: date) -> list[Callable[[bytes], bytes]]:
    """What makes the `cti` of every paper pass that may be good on a day: one for each month in which such a pass was
    printed and whose key lives. Raises VaultUnavailable."""
    months = {_month(day - timedelta(days=n)) for n in range(PAPER_DAYS)}
    instant = time.monotonic()
    held = {month: _paper[month] for month in months if month in _paper and _paper[month].until > instant}
    if lacking := months - held.keys():
        with reached():
            held |= _hold_paper(_read_paper(lacking))
    return [held[month].permutation for month in sorted(held)]


def _month(day: date) -> date:
    return day.replace(day=1)


def _read_paper(months: Iterable[date]) -> dict[date, bytes]:
    rows = PaperKey.objects.filter(month__in=list(months)).values_list("month", "key")
    return {month: secrets.decrypt(bytes(key), purpose="paper key") for month, key in rows}


def _hold_paper(read: dict[date, bytes]) -> dict[date, _DayKey]:
    until = time.monotonic() + HELD_SECONDS
    found = {month: _DayKey(key, passcode.permutation(key), until) for month, key in read.items()}
    with _lock:
        _paper.update(found)
    return found


def keep_paper_keys(day: date) -> int:
    """Have the keys of this month's and next month's paper passes ready, and destroy for good those of months whose
    passes have all ended; how many. May run any number of times. Raises VaultUnavailable."""
    for month in (_month(day), _month(_month(day) + timedelta(days=31))):
        paper_key(month)
    ended = _month(_month(day - timedelta(days=PAPER_DAYS)) - timedelta(days=1))
    with reached():
        gone = PaperKey.objects.filter(month__lte=ended).delete()[0]
    with _lock:
        for month in [month for month in _paper if month <= ended]:
            del _paper[month]
    return gone
