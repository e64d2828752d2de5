"""A door with a paired scanner, and people with phones and strips of their own."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client
from django.utils import timezone

from checkins.log import partitions
from checkins.scanning import scans
from registry import policy, secrets, signing, vault
from registry.format import passcode
from registry.models import DayKey, SigningKey
from tests.factories import ScannerFactory, VenueFactory
from venues import manifest, revocations
from venues.models import Venue


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def at(day: date, clock: str = "12:00:00", days: int = 0) -> datetime:
    """A moment in Seoul."""
    moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}+09:00")
    return datetime.fromtimestamp(moment.timestamp() + days * 86400, UTC)


@dataclass
class Person:
    """Someone with a strip of one day: `code(now)` is what the phone shows, `scan(seq, now)` what a scanner sends."""

    citizen: UUID
    day: date
    key: ec.EllipticCurvePrivateKey | None
    strip: bytes

    def shown(self, now: datetime, poster: tuple[int, int] | None = None) -> tuple[bytes, int | None, bytes | None]:
        if self.key is None:
            return self.strip, None, None
        t = int(now.timestamp())
        return self.strip, t, passcode.sign_proof(self.key, self.strip, t, poster)

    def code(self, now: datetime) -> str:
        return passcode.encode_code(*self.shown(now))

    def scan(self, seq: int, now: datetime, **members: object) -> dict[str, object]:
        strip, t, proof = self.shown(now)
        item = {
            "seq": seq,
            "at": int(now.timestamp() * 1000),
            "verdict": "PASS",
            "method": "qr" if proof else "paper",
            "direction": "in",
            "admitted": True,
            "strip": b64(strip),
        }
        item |= {"t": t, "proof": b64(proof)} if proof else {}
        return item | members


def signer(day: date) -> signing.Signer:
    """The agency's key of a day; for a day of an earlier month one is made."""
    if not SigningKey.objects.for_day(day).exists():
        signing._make_key(day.replace(day=1), day)
        signing.forget()
    return signing.signer_for(day)


def person(day: date | None = None, *, passes: bool = True, number: int | None = None, paper: bool = False) -> Person:
    """A new person, signed by the agency's key of the day."""
    day = day or timezone.localdate()
    citizen, by = uuid4(), signer(day)
    key = None if paper else ec.generate_private_key(ec.SECP256R1())
    nbf, exp = passcode.strip_times(day, worse_tomorrow=False)
    cti = os.urandom(16)
    if paper:
        cti = passcode.day_pseudonym(vault.paper_key(day.replace(day=1)), citizen)
    strip = passcode.sign_strip(
        private_key=by.private_key,
        kid=by.kid,
        issuer="KR",
        day=day,
        exp=nbf + 31 * 86400 if paper else exp,
        iat=nbf,
        cti=cti,
        cnf=None if key is None else passcode.point_of(key),
        passes=passes,
        policy=policy.in_force_on(day).number if number is None else number,
        phone=3 if paper else 0,
        holder=("홍*동", 1990) if paper else None,
    )
    return Person(citizen, day, key, strip)


class Door:
    """A venue with a scanner; `.post` uploads over the API, `.entries` are its rows of the log."""

    def __init__(self, category: str = "cafe", *, venue: Venue | None = None) -> None:
        self.token = os.urandom(16).hex()
        self.venue = venue or VenueFactory(category_id=category)
        self.scanner = ScannerFactory(venue=self.venue, token_hash=secrets.token_hash(self.token))
        self.client = Client(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def post(self, *items: object, **members: object):
        body = {"scans": list(items)} | members
        return self.client.post("/api/v1/scans", body, content_type="application/json")

    def show(self, text: str, **members: object):
        return self.client.post("/api/v1/scan", {"code": text} | members, content_type="application/json")

    def upload(self, *items: dict[str, object], now: datetime) -> dict[int, str]:
        """Upload at a chosen time of the server: the answers by number, a refusal as its reason."""
        from checkins.scanning import ingest

        body = ingest.upload(self.scanner, scans.parse({"scans": list(items)}), now=now)
        return {answer["seq"]: answer.get("reason", answer["answer"]) for answer in body["answers"]}

    @property
    def entries(self):
        from checkins.models import Entry

        return Entry.objects.filter(venue=self.venue.pk).order_by("seen_at")

    @property
    def counts(self) -> dict[tuple[str, bool], int]:
        from checkins.models import HourCount

        rows = HourCount.objects.filter(venue=self.venue)
        totals: dict[tuple[str, bool], int] = {}
        for row in rows:
            totals[row.verdict, row.admitted] = totals.get((row.verdict, row.admitted), 0) + row.count
        return totals


@pytest.fixture
def door(fresh_log: None) -> Door:
    return Door()


@pytest.fixture
def fresh_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """No rows, no partitions of other tests, and nothing that this process holds of earlier databases."""
    mark = request.node.get_closest_marker("django_db")
    request.getfixturevalue("transactional_db" if mark.kwargs.get("transaction") else "db")
    with connection.cursor() as cursor:
        for day in partitions.attached():
            cursor.execute(f"DROP TABLE {partitions.name(day)}")
    for held in (partitions, signing, policy, manifest, revocations, vault):
        held.forget()
    yield
    for held in (partitions, signing, policy, manifest, revocations, vault):
        held.forget()


def day_key(day: date) -> None:
    """A key for a day gone by, as it was made when the day was ahead."""
    DayKey.objects.get_or_create(day=day, defaults={"key": secrets.encrypt(os.urandom(32), purpose="day key")})
