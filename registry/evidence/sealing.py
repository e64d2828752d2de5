"""Sealing the access log: every second the rows that are not sealed yet get a seal, and each seal the one before it.

Writers wait for nobody: a seal is a row of its own, made after theirs. Whoever changes, takes away or slips in a row
would have to make anew every seal since, and the heads that were kept elsewhere (`manage.py audit_head`) would not fit.
What is hashed: docs/audit.md.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from psycopg.types.multirange import Int8Multirange
from psycopg.types.range import Range

from registry.models import Seal

BEGINNING = bytes(32)  # what the first seal is chained to
IN_A_SEAL = 10_000  # rows at most
SEALS_AT_ONCE = 20
COMES_AT_LATEST = timedelta(minutes=30)  # a key drawn by a transaction that lasts longer is taken for rolled back
LOCK = 0x5EA1

COLUMNS = "e.id, e.at, e.tag, e.actor_id, host(e.address), e.target, e.reason, e.detail::text"
# Keys are drawn before rows are seen: a key below the newest sealed one may still appear, or was rolled back.
UNSEALED = f"""
    WITH open AS (
        SELECT unnest(int8multirange(int8range(%(floor)s, %(last)s + 1))
            - coalesce((SELECT range_agg(events) FROM registry_seal WHERE number > %(settled)s), '{{}}')) AS keys)
    SELECT * FROM (
        (SELECT {COLUMNS} FROM open JOIN registry_event e ON e.id >= lower(keys) AND e.id < upper(keys)
         ORDER BY e.id LIMIT {IN_A_SEAL})
        UNION ALL
        (SELECT {COLUMNS} FROM registry_event e WHERE e.id > %(last)s ORDER BY e.id LIMIT {IN_A_SEAL})
    ) unsealed ORDER BY id LIMIT {IN_A_SEAL}"""  # noqa: S608 -- constants of ours

logger = structlog.get_logger("munjigi.audit")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal: whoever keeps it elsewhere can show later that nothing before it was touched."""

    number: int
    sealed_at: datetime
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number} {utc(self.sealed_at)} {self.hash.hex()}"


def utc(at: datetime) -> str:
    """2026-11-28T03:00:00.000000+00:00, in every zone and to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def row_hash(row: Sequence[Any]) -> bytes:
    """SHA-256 of a row of COLUMNS: a JSON array, UTF-8, without spaces; `detail` as PostgreSQL writes jsonb."""
    key, at, *rest = row
    return hashlib.sha256(
        json.dumps([key, utc(at), *rest], ensure_ascii=False, separators=(",", ":")).encode()
    ).digest()


def seal_hash(previous: bytes, seal: Seal) -> bytes:
    """SHA-256 of the seal before and what this one tells."""
    told = [
        seal.number,
        utc(seal.sealed_at),
        ranges(seal.events),
        seal.last,
        utc(seal.newest),
        bytes(seal.digest).hex(),
    ]
    return hashlib.sha256(previous + json.dumps(told, separators=(",", ":")).encode()).digest()


def ranges(keys: Iterable[Range[int]]) -> list[list[int]]:
    """The keys of a seal, as pairs of the first and the one after the last."""
    return [[one.lower, one.upper] for one in keys]  # type: ignore[list-item]


def head() -> Head | None:
    """The newest seal, if there is any."""
    newest = Seal.objects.order_by("-number").only("number", "sealed_at", "hash").first()
    return Head(newest.number, newest.sealed_at, bytes(newest.hash)) if newest else None


def seal(now: datetime) -> int:
    """Seal what is not sealed yet, 20 seals at most in a call; how many rows. Does nothing while another is at it."""
    sealed = 0
    for _n in range(SEALS_AT_ONCE):
        made = _seal_once(now)
        sealed += made
        if made < IN_A_SEAL:
            break
    return sealed


def tell_head() -> None:
    """A line of the log, which goes where the database's masters do not reach."""
    if newest := head():
        logger.warning("audit_head", head=str(newest))


@transaction.atomic
def _seal_once(now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return 0
        before = Seal.objects.order_by("-number").defer("hashes").first()
        settled = Seal.objects.filter(sealed_at__lte=now - COMES_AT_LATEST).order_by("-number").only("last").first()
        asked = {"last": before.last if before else 0, "floor": settled.last + 1 if settled else 1}
        cursor.execute(UNSEALED, asked | {"settled": settled.number if settled else 0})
        rows = cursor.fetchall()
    if rows:
        made = chained(before, rows, now)
        made.save(force_insert=True)
    return len(rows)


def chained(before: Seal | None, rows: Sequence[Sequence[Any]], now: datetime) -> Seal:
    """The next seal, of rows of COLUMNS in order of their keys."""
    hashes = b"".join(row_hash(row) for row in rows)
    newest = max(row[1] for row in rows)
    made = Seal(
        number=before.number + 1 if before else 1,
        sealed_at=now,
        events=Int8Multirange(_runs(row[0] for row in rows)),
        last=max(rows[-1][0], before.last if before else 0),
        newest=max(newest, before.newest) if before else newest,
        hashes=hashes,
        digest=hashlib.sha256(hashes).digest(),
    )
    made.hash = seal_hash(bytes(before.hash) if before else BEGINNING, made)
    return made


def _runs(keys: Iterable[int]) -> Iterator[Range[int]]:
    """Keys in order as ranges, the end left out."""
    first = after = None
    for key in keys:
        if key != after:
            if first is not None:
                yield Range(first, after)
            first = key
        after = key + 1
    if first is not None:
        yield Range(first, after)
