"""Proving the access log by its seals: what was changed, what is missing, what was slipped in, and which row it is."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from registry.errors import VaultUnavailable
from registry.evidence import heads as kept_heads
from registry.evidence.sealing import BEGINNING, COLUMNS, COMES_AT_LATEST, row_hash, seal_hash
from registry.models import Event, Seal, Tag

AT_ONCE = 20_000  # rows compared in one go
TOLD_AT_MOST = 1000
SKEW = timedelta(minutes=5)  # between the clocks of two machines

ROWS = f"SELECT {COLUMNS} FROM registry_event e WHERE e.id = ANY(%s)"  # noqa: S608 -- constants of ours
UNCOVERED = """
    SELECT e.id, e.id <= %(floor)s FROM unnest(
        int8multirange(int8range(%(first)s, NULL)) - (SELECT range_agg(events) FROM registry_seal)) AS keys
    JOIN registry_event e ON e.id >= coalesce(lower(keys), 0) AND (upper(keys) IS NULL OR e.id < upper(keys))
    ORDER BY e.id"""


class Kind(TextChoices):
    """What can be wrong with the evidence."""

    CHANGED = "changed", _("Row {what} is not as it was sealed: it was changed.")
    MISSING = "missing", _("Row {what} was sealed and is gone: it was taken away.")
    INSERTED = "inserted", _("Row {what} is in no seal: it was slipped in later.")
    BACKDATED = "backdated", _("Row {what} tells of a time long before it was written: it was slipped in later.")
    SEAL_CHANGED = "seal_changed", _("Seal {what} does not fit to the one before it: it was changed.")
    SEAL_MISSING = "seal_missing", _("Seal {what} is missing.")
    UNATTESTED = "unattested", _("The seals begin with {what}, and no destruction on record ends there.")
    END = "end", _("The vault keeps seal {what} as the newest, and the chain has none such: its end was cut off.")
    HEAD = "head", _("The kept head of seal {what} is not that of the chain.")


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    what: int

    def __str__(self) -> str:
        return str(self.kind.label).format(what=self.what)


@dataclass(slots=True)
class Proof:
    """What a look through all seals has shown. Of the findings the first thousand are told, all are counted."""

    seals: int = 0
    rows: int = 0
    waiting: int = 0  # rows that the sealer has not come to
    end_known: bool = True  # the vault said which seal is the newest
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, kind: Kind, what: int) -> None:
        self.found += 1
        if len(self.findings) < TOLD_AT_MOST:
            self.findings.append(Finding(kind, what))


def verify(now: datetime, heads: Iterable[tuple[int, str]] = ()) -> Proof:
    """Go through the whole chain, to the end that the vault keeps. `heads`: number and hash (hex) of seals that were
    kept elsewhere."""
    proof, kept = Proof(), dict(heads)
    previous: Seal | None = None
    for seals in _batches():
        _compare_rows(proof, seals, previous)
        for seal in seals:
            _compare_seal(proof, seal, previous)
            if (told := kept.pop(seal.number, None)) and told != bytes(seal.hash).hex():
                proof.add(Kind.HEAD, seal.number)
            previous = seal
        proof.seals += len(seals)
    first = Seal.objects.order_by("number").only("number").first()
    for number in kept:  # the destroyed ones lie before the first, and cannot be compared any more
        if first is None or number >= first.number:
            proof.add(Kind.HEAD, number)
    _find_uncovered(proof, now)
    _find_end(proof)
    return proof


def _find_end(proof: Proof) -> None:
    """The seal that the vault keeps is one of the chain."""
    try:
        end = kept_heads.kept()
    except VaultUnavailable:
        proof.end_known = False
        return
    if end and not kept_heads.is_of_the_chain(end):
        proof.add(Kind.END, end.number)


def _batches() -> Iterator[list[Seal]]:
    """All seals in order, so many at a time that their rows fit into memory."""
    after = 0
    while seals := list(Seal.objects.filter(number__gt=after).order_by("number")[:500]):
        batch: list[Seal] = []
        rows = 0
        for seal in seals:
            batch.append(seal)
            rows += len(seal.hashes) // 32
            if rows >= AT_ONCE:
                yield batch
                batch, rows = [], 0
        if batch:
            yield batch
        after = seals[-1].number


def _compare_seal(proof: Proof, seal: Seal, previous: Seal | None) -> None:
    if previous is None and seal.number > 1:
        if not _attested(seal):
            proof.add(Kind.UNATTESTED, seal.number)
        return
    expected = previous.number + 1 if previous else 1
    if seal.number != expected:
        for number in range(expected, min(seal.number, expected + TOLD_AT_MOST)):
            proof.add(Kind.SEAL_MISSING, number)
        return
    whole = seal.destroyed_at is not None or hashlib.sha256(seal.hashes).digest() == bytes(seal.digest)
    before = bytes(previous.hash) if previous else BEGINNING
    if not whole or seal_hash(before, seal) != bytes(seal.hash):
        proof.add(Kind.SEAL_CHANGED, seal.number)


def _attested(seal: Seal) -> bool:
    """Whether the chain itself tells that everything through this seal was destroyed, and what its hash is."""
    told = Event.objects.filter(tag=Tag.EVENTS_DESTROYED, target=f"seal:{seal.number}").values_list("detail", flat=True)
    return seal.destroyed_at is not None and any(each.get("hash") == bytes(seal.hash).hex() for each in told)


def _compare_rows(proof: Proof, seals: list[Seal], previous: Seal | None) -> None:
    sealed: dict[int, tuple[bytes, datetime | None]] = {}
    for seal in seals:
        if seal.destroyed_at is None:
            keys = (key for one in seal.events for key in range(one.lower, one.upper))
            since = previous.newest - COMES_AT_LATEST - SKEW if previous else None
            for n, key in enumerate(keys):
                sealed[key] = (bytes(seal.hashes[32 * n : 32 * n + 32]), since)
        previous = seal
    proof.rows += len(sealed)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [list(sealed)])
        for row in cursor.fetchall():
            _compare_row(proof, row, *sealed.pop(row[0]))
    for key in sealed:
        proof.add(Kind.MISSING, key)


def _compare_row(proof: Proof, row: Any, hashed: bytes, since: datetime | None) -> None:
    if row_hash(row) != hashed:
        proof.add(Kind.CHANGED, row[0])
    elif since and row[1] < since:
        proof.add(Kind.BACKDATED, row[0])


def _find_uncovered(proof: Proof, now: datetime) -> None:
    """Rows in no seal: below what was settled half an hour ago they were slipped in, above they wait for the sealer."""
    settled = Seal.objects.filter(sealed_at__lte=now - COMES_AT_LATEST).order_by("-number").first()
    with connection.cursor() as cursor:
        cursor.execute(UNCOVERED, {"floor": settled.last if settled else 0, "first": 0})
        for key, slipped_in in cursor.fetchall():
            if slipped_in:
                proof.add(Kind.INSERTED, key)
            else:
                proof.waiting += 1
