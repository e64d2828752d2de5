"""Pairing scanners with venues, knowing them again by their token, and revoking them.

A pairing code is 8 of 30 letters and digits that cannot be taken for one another: 39 bits, good for ten minutes and for
one scanner, kept as a blind index only. Wrong tries are counted by address in PostgreSQL.
"""

import json
import secrets as randomness
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry import audit, secrets
from registry.errors import DomainError
from registry.models import Tag, User
from venues import scanner_state
from venues.models import PairingCode, PairingTries, Scanner, Venue

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 8
LIFETIME = timedelta(minutes=10)
WINDOW = timedelta(minutes=10)
TRIES = 20  # wrong codes an address may try in a window: many doors may share an address, a guesser gets nowhere
SEEN_EVERY = timedelta(minutes=1)
_WHOLE = "received = '{}' OR received = int8multirange(int8range(1, upper(received)))"
_HEARD = (
    "UPDATE venues_scanner SET seen_at = greatest(seen_at, %s), told_at = %s, state = coalesce(%s::jsonb, state), "  # noqa: S608 -- all literals
    f"gap_since = CASE WHEN {_WHOLE} THEN NULL ELSE coalesce(gap_since, %s) END WHERE id = %s"
)


class UnknownCode(DomainError):
    code = "unknown_code"
    status = 404
    message = _("There is no such pairing code. Check the letters, or make a new code in the venue portal.")


class CodeUsed(DomainError):
    code = "code_used"
    status = 410
    message = _("This pairing code has been used. Make a new one in the venue portal.")


class CodeExpired(DomainError):
    code = "code_expired"
    status = 410
    message = _("This pairing code is older than ten minutes. Make a new one in the venue portal.")


class TooManyTries(DomainError):
    code = "too_many_requests"
    status = 429
    message = _("Too many wrong codes from here. Wait ten minutes, then try again.")
    retry_after = int(WINDOW.total_seconds())


class VenueSuspended(DomainError):
    code = "venue_suspended"
    status = 409
    message = _("This venue is suspended, so no scanner can be paired with it. Please ask the agency.")


class VenueClosed(DomainError):
    code = "venue_closed"
    status = 409
    message = _("This venue is closed, so no scanner can be paired with it. Its owner can open it again in the portal.")


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    message = _("This scanner has been revoked already.")


class UnknownScanner(DomainError):
    code = "unknown_scanner"
    status = 401
    message = _("We do not know this scanner. Pair it again in the venue portal.")


class RevokedScanner(DomainError):
    code = "revoked_scanner"
    status = 401
    message = _("This scanner has been revoked. Ask the venue’s owner to pair it again.")


def normalised(code: str) -> str:
    """A code as it is compared: without hyphens and spaces, in capitals."""
    return "".join(code.replace("-", "").split()).upper()


def code_row(code: str) -> PairingCode | None:
    """What is kept of a code, by which one sees whether it was used."""
    return PairingCode.objects.filter(code_index=secrets.blind_index("pairing code", normalised(code))).first()


def new_pairing_code(venue: Venue, *, by: User, name: str, now: datetime, replaces: Scanner | None = None) -> str:
    """A fresh code, "ABCD-2345", that pairs one scanner with the venue. Shown once.

    The scanner that it `replaces` goes on until the new one pairs. Raises VenueSuspended, VenueClosed.
    """
    _check_open(venue)
    code = "".join(randomness.choice(ALPHABET) for _place in range(LENGTH))
    PairingCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    PairingCode.objects.create(
        venue=venue,
        scanner_name=name,
        code_index=secrets.blind_index("pairing code", code),
        made_by=by,
        expires_at=now + LIFETIME,
        replaces=replaces,
    )
    return f"{code[:4]}-{code[4:]}"


def pair(code: str, *, now: datetime, address: str) -> tuple[Scanner, str]:
    """A new scanner for a pairing code, and its token, which is given this once and kept hashed.

    Of several calls with one code, one wins. Raises UnknownCode, CodeUsed, CodeExpired, VenueSuspended, VenueClosed,
    TooManyTries.
    """
    _count_try(address, now=now)
    scanner, token = _use(normalised(code), now=now, address=address)
    _forgive_try(address, now=now)
    return scanner, token


@transaction.atomic
def _use(code: str, *, now: datetime, address: str) -> tuple[Scanner, str]:
    index = secrets.blind_index("pairing code", code)
    unused = PairingCode.objects.filter(code_index=index, used_at__isnull=True, expires_at__gt=now)
    if not unused.update(used_at=now):
        raise _why_not(index)
    found = PairingCode.objects.select_related("venue", "made_by", "replaces").get(code_index=index)
    _check_open(found.venue)
    token = randomness.token_urlsafe(32)
    scanner = Scanner.objects.create(
        venue=found.venue,
        name=found.scanner_name,
        token_hash=secrets.token_hash(token),
        paired_at=now,
        paired_by=found.made_by,
        seen_at=now,
        replaces_id=_end_replaced(found, now=now, address=address),
    )
    audit.record(Tag.SCANNER_PAIRED, by=found.made_by, target=scanner, address=address, venue=found.venue_id)
    return scanner, token


def _end_replaced(code: PairingCode, *, now: datetime, address: str) -> int | None:
    """Revoke the scanner that this code replaces; its key, None where there is none that was still at work."""
    old = code.replaces
    if old is None or not Scanner.objects.active().filter(pk=old.pk).update(revoked_at=now):
        return None
    reason = "replaced by another device"
    audit.record(Tag.SCANNER_REVOKED, by=code.made_by, target=old, reason=reason, address=address, venue=code.venue_id)
    return old.pk


def _check_open(venue: Venue) -> None:
    """Raises VenueSuspended, VenueClosed."""
    if venue.status != Venue.Status.OPEN:
        raise VenueClosed if venue.status == Venue.Status.CLOSED else VenueSuspended


def _why_not(index: bytes) -> DomainError:
    found = PairingCode.objects.filter(code_index=index).first()
    if found is None:
        return UnknownCode()
    return CodeUsed() if found.used_at else CodeExpired()


def _window(now: datetime) -> datetime:
    return now - timedelta(seconds=now.timestamp() % WINDOW.total_seconds())


def _count_try(address: str, *, now: datetime) -> None:
    """Count a try before the code is looked at, so that tries at once cannot slip through. Raises TooManyTries."""
    window = _window(now)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO venues_pairingtries AS t (address_index, "window", tries) VALUES (%s, %s, 1) '
            'ON CONFLICT (address_index, "window") DO UPDATE SET tries = t.tries + 1 RETURNING tries',
            [secrets.blind_index("address", address), window],
        )
        [tries] = cursor.fetchone()
    if tries == 1:
        PairingTries.objects.filter(window__lt=window - WINDOW).delete()
    if tries > TRIES:
        raise TooManyTries


def _forgive_try(address: str, *, now: datetime) -> None:
    """A right code costs nothing: an address may pair as many doors as it has codes for."""
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE venues_pairingtries SET tries = greatest(tries - 1, 0) WHERE address_index = %s AND "window" = %s',
            [secrets.blind_index("address", address), _window(now)],
        )


@transaction.atomic
def revoke(scanner: Scanner, *, by: User, reason: str, now: datetime, address: str | None = None) -> None:
    """End a scanner's token at once. Raises AlreadyRevoked."""
    if not Scanner.objects.active().filter(pk=scanner.pk).update(revoked_at=now):
        raise AlreadyRevoked
    audit.record(Tag.SCANNER_REVOKED, by=by, target=scanner, reason=reason, address=address, venue=scanner.venue_id)


@transaction.atomic
def rename(scanner: Scanner, name: str, *, by: User, address: str | None = None) -> bool:
    """Give the scanner another name, which it shows after its next manifest; whether it is another."""
    if not Scanner.objects.filter(pk=scanner.pk).exclude(name=name).update(name=name):
        return False
    audit.record(Tag.SCANNER_RENAMED, by=by, target=scanner, address=address, venue=scanner.venue_id)
    return True


def for_paper(venue: Venue, *, by: User, now: datetime) -> Scanner:
    """What numbers the scans of a venue's lists on paper: a scanner without a device, as no token fits its hash."""
    scanner, _made = Scanner.objects.get_or_create(
        venue=venue,
        by_hand=True,
        defaults={"name": "paper", "token_hash": randomness.token_bytes(32), "paired_at": now, "paired_by": by},
    )
    return scanner


def authenticate(token: str, *, revoked: bool = False) -> Scanner:
    """The scanner that holds this token, with its venue. Raises UnknownScanner, RevokedScanner.

    A suspended venue's scanners are known still, and where `revoked` is true a revoked one as well: what they saw
    before must be able to arrive.
    """
    found = Scanner.objects.select_related("venue").filter(token_hash=secrets.token_hash(token)).first()
    if found is None:
        raise UnknownScanner
    if found.revoked_at and not revoked:
        raise RevokedScanner
    return found


def token_of(header: str) -> str:
    """The token in an `Authorization: Bearer TOKEN` header (RFC 6750). Raises UnknownScanner where there is none."""
    scheme, _space, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnknownScanner
    return token.strip()


def bearer(header: str, *, revoked: bool = False) -> Scanner:
    """The scanner of an `Authorization` header, as `authenticate` tells. Raises UnknownScanner, RevokedScanner."""
    return authenticate(token_of(header), revoked=revoked)


def heard(scanner: Scanner, header: str | None, *, now: datetime) -> None:
    """Keep what the scanner tells of itself, and since when numbers of it have been missing.

    At most one statement a minute, and none in between, but that nothing waits on it any more is kept at once: it may
    be put away then. `scanner` is as it was read for this request.
    """
    fresh = scanner.told_at and now - SEEN_EVERY <= scanner.told_at <= now
    if fresh and not (scanner.state or {}).get("waiting"):
        return
    state = scanner_state.read(header)
    if fresh and (state is None or state.get("waiting")):
        return
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [now, now, None if state is None else json.dumps(state), now, scanner.pk])


def seen(scanner: Scanner, *, now: datetime) -> None:
    """Note that the scanner was heard of; at most one write a minute."""
    stale = Q(seen_at__isnull=True) | Q(seen_at__lt=now - SEEN_EVERY)
    if scanner.seen_at is None or scanner.seen_at < now - SEEN_EVERY:
        Scanner.objects.filter(stale, pk=scanner.pk).update(seen_at=now)
