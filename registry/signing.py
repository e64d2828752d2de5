"""The agency's signing keys: made ahead, each for the days of a month and the weeks of strips that follow."""

import hashlib
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registry import approvals, audit, secrets
from registry.errors import DomainError
from registry.format import passcode
from registry.models import Approval, SigningKey, Tag, User

HELD_SECONDS = 30
MONTHS_AHEAD = 5  # at least 119 days, more than any strip reaches


class NoSigningKey(DomainError):
    """No agency key may sign for the day."""

    code = "no_signing_key"
    status = 503
    message = _("We cannot make passes just now. What you have stays good; please try again later.")


@dataclass(frozen=True, slots=True)
class Signer:
    kid: bytes
    private_key: ec.EllipticCurvePrivateKey
    since: date
    until: date


_held: tuple[float, list[Signer], dict[bytes, passcode.AgencyKey]] | None = None


def _keys() -> tuple[list[Signer], dict[bytes, passcode.AgencyKey]]:
    global _held  # noqa: PLW0603 -- the process's copy of a handful of rows
    if _held is None or _held[0] < time.monotonic():
        signers, public = [], {}
        for row in SigningKey.objects.filter(withdrawn_at__isnull=True).order_by("signs_from"):
            kid = bytes(row.kid)
            scalar = int.from_bytes(secrets.decrypt(bytes(row.private_key), purpose="signing key"))
            signers.append(Signer(kid, ec.derive_private_key(scalar, ec.SECP256R1()), row.signs_from, row.signs_until))
            public[kid] = passcode.AgencyKey.load(kid, bytes(row.public_key), row.signs_from, row.signs_until)
        _held = (time.monotonic() + HELD_SECONDS, signers, public)
    return _held[1], _held[2]


def forget() -> None:
    """Read the keys anew at the next use."""
    global _held  # noqa: PLW0603
    _held = None


def agency_keys() -> dict[bytes, passcode.AgencyKey]:
    """Every agency key that is not withdrawn, by kid."""
    return _keys()[1]


def signer_for(day: date) -> Signer:
    """The key that signs strips of a day. Raises NoSigningKey."""
    for signer in _keys()[0]:
        if signer.since <= day <= signer.until:
            return signer
    forget()
    raise NoSigningKey


def _month(first: date, ahead: int) -> tuple[date, date]:
    """First and last day of the month `ahead` months after that of `first`."""
    months = first.year * 12 + first.month - 1 + ahead
    start = date(months // 12, months % 12 + 1, 1)
    return start, (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@transaction.atomic
def make_keys_ahead(today: date) -> None:
    """Have a signing key for each month that strips made now can reach; those that exist are left alone."""
    for ahead in range(MONTHS_AHEAD):
        first, last = _month(today, ahead)
        if not SigningKey.objects.for_day(max(first, today)).exists():
            _make_key(first, last)
    forget()


def _make_key(first: date, last: date) -> SigningKey:
    private = ec.generate_private_key(ec.SECP256R1())
    point = passcode.point_of(private)
    scalar = private.private_numbers().private_value.to_bytes(32)
    key = SigningKey.objects.create(
        kid=hashlib.sha256(point).digest()[:8],
        public_key=point,
        private_key=secrets.encrypt(scalar, purpose="signing key"),
        signs_from=first,
        signs_until=last,
        created_at=timezone.now(),
    )
    audit.record(Tag.KEY_MADE, by=None, target=key, signs_from=first.isoformat(), signs_until=last.isoformat())
    return key


class AlreadyWithdrawn(DomainError):
    code = "already_withdrawn"
    message = _("This key is withdrawn already.")


@approvals.deed("withdraw_key", title=_("Withdraw a signing key that leaked"), permission="registry.change_signingkey")
def _withdraw_granted(approval: Approval, by: User, now: datetime) -> None:
    withdraw(bytes.fromhex(approval.target_key), by=by, reason=approval.reason, now=now)


@transaction.atomic
def withdraw(kid: bytes, *, by: User | None, reason: str, now: datetime) -> None:
    """End a key that leaked and have another sign its days from now on. Scanners refuse its strips as soon as they
    fetch their manifest ("cannot tell", never red), wallets fetch theirs anew at their next opening. Raises
    AlreadyWithdrawn."""
    keys = SigningKey.objects.filter(kid=kid, withdrawn_at__isnull=True)
    if not keys.update(withdrawn_at=now):
        raise AlreadyWithdrawn
    key = SigningKey.objects.get(kid=kid)
    audit.record(Tag.KEY_WITHDRAWN, by=by, target=key, reason=reason)
    make_keys_ahead(timezone.localdate(now))
    transaction.on_commit(forget)
