"""Proving a phone number once a month: codes by SMS, tries, and whose number it is.

A code proves a number, not a person. Nothing here looks a citizen up before the right code was given, so answers and
timing tell nobody whether a number is known (docs/architecture.md, "Who is who").
"""

import hmac
import ipaddress
import secrets as random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, issuing, periods, policy, secrets, vault
from registry.errors import DomainError
from registry.models import Citizen, Code, Consent, Device, Kept, Message, Partner, Tag, Verification
from registry.phone import claims, holders, mobiles, throttles
from registry.phone.holders import Identity
from registry.reverification import duedates, dueloads
from registry.sms import budget, outbox, texts
from registry.sms.hastening import hasten

USEFUL_FOR = timedelta(minutes=30)  # a code that could not be handed over for so long is not sent any more
FRESH_FOR = timedelta(minutes=10)  # that a right code proves the number for what is shown to its holder alone
FORGOTTEN_AT_ONCE = 20_000

# Written out, as every check runs them and building them anew would be a good part of its time.
SEND_CODE = f"""{outbox.ENQUEUE}, started AS (
        INSERT INTO registry_verification (id, phone, phone_index, address_index, started_at, tries_left, partner_id)
        SELECT %(check)s, %(phone)s, %(number)s, %(address)s, %(now)s, %(tries_left)s, %(partner)s::bigint
        FROM message WHERE %(new)s
    )
    INSERT INTO registry_code (verification_id, message_id, hash, phone_index, address_index, prefix_index, created_at)
    SELECT %(check)s, id, %(hash)s, %(number)s, %(address)s, %(prefix)s, %(now)s FROM message"""  # noqa: S608
CODES_OF_A_CHECK = """
    SELECT v.phone, v.phone_index, v.tries_left, v.confirmed_at, c.hash, m.status, m.taken_at, m.not_after
    FROM registry_verification v
    JOIN registry_code c ON c.verification_id = v.id
    LEFT JOIN registry_message m ON m.id = c.message_id
    WHERE v.id = %s AND v.partner_id IS NOT DISTINCT FROM %s::bigint FOR UPDATE OF v"""
# Held first, in the order of Citizen.objects.hold: an UPDATE alone takes a guardian and wards as they lie.
PROVEN = f"""
    WITH held AS (
        SELECT id FROM registry_citizen WHERE id = %s OR guardian_id = %s
        ORDER BY guardian_id NULLS FIRST, id FOR NO KEY UPDATE
    ), people AS (
        UPDATE registry_citizen SET verified_at = %s, due_on = %s, phone_since = coalesce(phone_since, %s),
            guardian_id = CASE WHEN id = %s THEN NULL ELSE guardian_id END,
            relation = CASE WHEN id = %s THEN '' ELSE relation END
        WHERE id = ANY (ARRAY(SELECT id FROM held))
    ), used AS (UPDATE registry_verification SET confirmed_at = %s WHERE id = %s)
    {audit.INSERT}"""  # noqa: S608 -- nothing of a caller's


class UnknownPrefix(DomainError):
    code = "unknown_prefix"
    status = 422
    message = _(
        "This is not a Korean mobile number. Enter a number that begins with 010. If you have none, "
        "a clerk at the counter can print you a paper pass."
    )


class UnknownVerification(DomainError):
    code = "unknown_verification"
    status = 404
    message = _("This phone check is not known any more. Please send a new code.")


class WrongCode(DomainError):
    """`tries_left` says how many tries remain."""

    code = "wrong_code"
    status = 422
    message = _("That is not the code we sent. Tries left: {tries_left}.")

    def __str__(self) -> str:
        return super().__str__() if self.extra.get("tries_left") else str(NoTriesLeft.message)


class CodeExpired(DomainError):
    code = "code_expired"
    status = 410
    message = _("This code is too old. Please send a new one.")


class CodeUsed(DomainError):
    code = "code_used"
    status = 410
    message = _("This code was used already. If your pass does not show, please send a new code.")


class NoTriesLeft(DomainError):
    code = "no_tries_left"
    status = 429
    message = _("All five tries are used up. Please send a new code.")


class IdentityNeeded(DomainError):
    """The number is not the one of the pass that this phone holds, so it does not say who its holder is."""

    code = "identity_needed"
    status = 401
    message = _("Please enter your name and date of birth as well.")


class NotFresh(DomainError):
    code = "not_fresh"
    status = 401
    message = _("Please prove your number first: we send a code to it.")


@dataclass(frozen=True, slots=True)
class Check:
    """A check under lock, and the number (E.164) that it is of."""

    pk: UUID
    phone: str = field(repr=False)
    phone_index: bytes
    tries_left: int
    partner: Partner | None


# --- asking for a code


def korean_mobile(text: str) -> PhoneNumber:
    """The number that somebody typed. Raises UnknownPrefix for all but Korean mobile numbers."""
    phone = mobiles.korean_mobile(text)
    if phone is None:
        raise UnknownPrefix
    return phone


@transaction.atomic
def begin(
    phone: PhoneNumber,
    *,
    address: str,
    now: datetime,
    verification: UUID | None = None,
    partner: Partner | None = None,
) -> Verification:
    """Send a code to a number, as one more of the named check where that still stands, else of a new one.

    `partner`: in whose app it was asked for; `address` is then what the app says, and fills nobody else's limits.
    The same statements run for every number. Raises TooManyRequests, BudgetSpent.
    """
    e164, number, address_index = phone.as_e164, _phone_index(phone), _address_index(address, partner)
    prefix, asked_by = budget.prefix_index(phone), _key(partner)
    left = throttles.tries_left(
        verification, number=number, address=address_index, prefix=prefix, partner=asked_by, now=now
    )
    check = Verification(phone=e164) if left is None else Verification(pk=verification, phone=e164, tries_left=left)
    code = f"{random.randbelow(1_000_000):06d}"
    host = urlsplit(settings.SITE_URL).hostname or ""
    text = texts.code_in_app(code, partner.name) if partner else texts.code(code, host)
    message = outbox.values(e164, text, purpose="code", useful_for=USEFUL_FOR, now=now)
    ours = {
        "check": check.pk,
        "new": left is None,
        "phone": secrets.encrypt(e164.encode(), purpose="verification.phone"),
        "tries_left": check.tries_left,
        "hash": _code_hash(check.pk, code),
        "address": address_index,
        "prefix": prefix,
        "partner": asked_by,
    }
    with connection.cursor() as cursor:
        cursor.execute(SEND_CODE, message | ours)
        if not cursor.rowcount:
            raise budget.BudgetSpent(now)
    transaction.on_commit(lambda: hasten(message["message"]))
    return check


# --- how it goes


def status(verification: UUID, now: datetime, partner: Partner | None = None) -> dict[str, Any]:
    """What became of the newest code: delivery in a word, sent when, good until when. Raises UnknownVerification."""
    codes = Code.objects.filter(verification=verification, verification__partner=partner)
    codes = codes.select_related("verification", "message")
    code = codes.order_by("-created_at", "-pk").first()
    if code is None:
        raise UnknownVerification
    return {
        "delivery": code.delivery(now),
        "sent_at": code.sent_at,
        "expires_at": code.expires_at,
        "tries_left": code.verification.tries_left,
    }


@transaction.atomic
def forget(now: datetime) -> int:
    """Delete checks that no limit looks back on any more, with their numbers and codes; how many."""
    old = Verification.objects.filter(started_at__lt=periods.since(Kept.CHECKS, now)).values("pk")[:FORGOTTEN_AT_ONCE]
    _all, gone = Verification.objects.filter(pk__in=old).delete()
    return periods.destroyed(Kept.CHECKS, gone.get("registry.Verification", 0), now)


# --- giving the code back


def confirm(
    verification: UUID,
    *,
    code: str,
    identity: Identity | None,
    device: Device | None,
    device_key: bytes,
    day_keys: dict[date, bytes],
    address: str,
    now: datetime,
    claim: bool = False,
    consent: str = "",
    partner: Partner | None = None,
) -> issuing.Issue:
    """Take the right code: the number is proven, the next due date set, and the phone gets its strips.

    `device` is the one that signed the request, if any; it says who its holder is as long as the number is the same.
    `claim`: the number is newly theirs, whoever had it before. `consent`: the version of the text agreed to.
    `partner`: in whose app the code was asked for, is given back, and the pass is carried.
    A wrong code is a try, counted for good, and so is a name that does not fit: whoever got a number after somebody
    else must not find out who that was. All else happens together or not at all, so that the code can be given again.
    Raises what `_check` does, IdentityNeeded, GuardianNeeded, DoesNotFit, and what issuing raises.
    """
    if identity is None and device is None:
        raise IdentityNeeded
    if identity:
        holders.check_age(identity.birth_date, now)
    vault.make_keys_ahead(vault.today(now))  # read before the check is locked, not while others wait for it
    with transaction.atomic():
        check, refusal = _check(verification, code, now, partner)
        if refusal is None:
            own = _holder(device, check.phone_index)
            try:
                citizen, review = (own, None) if own else _whose(check, identity, claim=claim, address=address, now=now)
            except holders.DoesNotFit as error:
                _count_try(check)
                refusal = error
            else:
                _verified(citizen, check, address=address, now=now)
                if device and own:
                    return issuing.renew(device, day_keys=day_keys, now=now, new_token=True)
                if consent:
                    given = {"citizen": citizen, "given_by": citizen, "version": consent}
                    Consent.objects.get_or_create(**given, defaults={"at": now})
                keys: dict[str, Any] = {"device_key": device_key, "day_keys": day_keys}
                return issuing.enrol(citizen, **keys, now=now, review=review, partner=partner)
    raise refusal


def prove(verification: UUID, citizen: Citizen, *, code: str | None, now: datetime) -> None:
    """That whoever holds the pass has its number in hand: by the right code now, or within FRESH_FOR before. Nothing of
    the pass changes. Raises what `_check` does, and NotFresh where there is no such proof of this number."""
    if code is None:
        fresh = Verification.objects.filter(pk=verification, partner=None, confirmed_at__gt=now - FRESH_FOR)
        if not fresh.filter(phone_index=citizen.phone_index).exists():
            raise NotFresh
        return
    with transaction.atomic():
        check, refusal = _check(verification, code, now)
        if refusal is None and check.phone_index != bytes(citizen.phone_index or b""):
            refusal = NotFresh()
        if refusal is None:
            Verification.objects.filter(pk=check.pk).update(confirmed_at=now)
    if refusal:
        raise refusal


def _check(
    verification: UUID, code: str, now: datetime, partner: Partner | None = None
) -> tuple[Check, DomainError | None]:
    """The check, locked, and what speaks against this code; a wrong try is taken off, to be committed by the caller.

    Raises UnknownVerification, CodeUsed, NoTriesLeft, CodeExpired, which cost no try.
    """
    with connection.cursor() as cursor:
        cursor.execute(CODES_OF_A_CHECK, [verification, _key(partner)])
        rows = cursor.fetchall()
    if not rows:
        raise UnknownVerification
    (phone, phone_index, tries_left, confirmed_at), sent = rows[0][:4], [row[4:] for row in rows]
    if confirmed_at:
        raise CodeUsed
    if not tries_left:
        raise NoTriesLeft
    number = secrets.decrypt(bytes(phone), purpose="verification.phone").decode()
    check, given = Check(verification, number, bytes(phone_index), tries_left, partner), _code_hash(verification, code)
    fits = [(_is_good(now, *message), hmac.compare_digest(bytes(digest), given)) for digest, *message in sent]
    if not any(good for good, _same in fits):
        raise CodeExpired
    if (True, True) in fits:
        return check, None
    _count_try(check)
    return check, CodeExpired() if (False, True) in fits else WrongCode(tries_left=check.tries_left - 1)


def _count_try(check: Check) -> None:
    Verification.objects.filter(pk=check.pk).update(tries_left=F("tries_left") - 1)


def _is_good(now: datetime, status: str | None, taken_at: datetime | None, not_after: datetime | None) -> bool:
    """Whether a code is accepted: until three minutes after its message was sent, or as long as that may still be."""
    if taken_at:
        return now < taken_at + Code.LIFETIME
    return status in Message.OPEN and not_after is not None and now < not_after


def _holder(device: Device | None, phone_index: bytes) -> Citizen | None:
    """The holder of the device, where the number proven is the number on record and theirs: who is carried by another
    has to say who they are."""
    if device is None or device.citizen.guardian_id or device.citizen.phone_index is None:
        return None
    return device.citizen if bytes(device.citizen.phone_index) == phone_index else None


def _whose(
    check: Check, identity: Identity | None, *, claim: bool, address: str, now: datetime
) -> tuple[Citizen, bool]:
    """See claims.whose. Raises IdentityNeeded."""
    if identity is None:
        raise IdentityNeeded
    return claims.whose(check.phone, check.phone_index, identity, claim=claim, address=_address(address), now=now)


def next_due(now: datetime) -> date:
    """When somebody verified now is due again: where fewest are, within the policy's window."""
    day = vault.today(now)
    version = policy.in_force_on(day)
    span = {"earliest": version.due_earliest, "latest": version.due_latest}
    return duedates.choose(day, **span, loads=dueloads.for_checks(day, **span))


def _verified(citizen: Citizen, check: Check, *, address: str, now: datetime) -> None:
    """Write down that the number is proven, until when that is enough, also for those carried by it, and that the check
    is used up. Whoever proves it alone is carried by nobody any more."""
    citizen.verified_at, citizen.due_on, pk = now, next_due(now), citizen.pk
    detail = {"verification": str(check.pk)} | audit.through(check.partner)
    evidence = audit.row(Tag.PHONE_VERIFIED, by=None, target=citizen, address=_address(address), **detail)
    with connection.cursor() as cursor:
        cursor.execute(PROVEN, [pk, pk, now, citizen.due_on, now, pk, pk, now, check.pk, *evidence])
    dueloads.add(citizen.due_on)
    if citizen.guardian_id:
        audit.record(Tag.WARD_ENDED, by=None, target=citizen, alone=True)


# --- what numbers, addresses and codes are kept as


def _key(partner: Partner | None) -> int | None:
    return partner.pk if partner else None


def _phone_index(phone: PhoneNumber) -> bytes:
    return secrets.blind_index("phone", phone.as_e164)


def _code_hash(verification: UUID, code: str) -> bytes:
    return secrets.blind_index("code", f"{verification}|{code}")


def _address(text: str) -> str | None:
    """The address, where it is one."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _address_index(text: str, partner: Partner | None = None) -> bytes:
    """An address as throttles know it; what an app says of addresses counts for itself alone."""
    network = _network(text)
    return secrets.blind_index("address", f"{partner.traffic_class}|{network}" if partner else network)


def _network(text: str) -> str:
    """IPv4 as it is, IPv6 by the 64 bits that one household has."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
