"""Proving a phone number once a month: codes by SMS, tries, and whose number it is.

A code proves a number, not a person. Nothing here looks a citizen up before the right code was given, so answers and
timing tell nobody whether a number is known (docs/architecture.md, "Who is who").
"""

import hmac
import ipaddress
import secrets as random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, duedates, dueloads, issuing, limits, mobiles, policy, secrets, vault
from registry.errors import DomainError
from registry.models import Citizen, Code, Device, Message, Review, Tag, Verification
from registry.models.people import name_key
from registry.sms import budget, outbox, texts

USEFUL_FOR = timedelta(minutes=30)  # a code that could not be handed over for so long is not sent any more
MORE_CODES_WITHIN = timedelta(minutes=30)  # of its start a check takes further codes; later another begins
KEPT_FOR = timedelta(days=2)  # a check, for the limits of a day to look back on
FORGOTTEN_AT_ONCE = 20_000
MOST_REVIEWS = 10  # of one person; a name and birth date may be common

# Written out, as every confirmation runs both and building them anew would be a good part of its time.
CODES_OF_A_CHECK = """
    SELECT v.phone_index, v.tries_left, v.confirmed_at, c.hash, m.status, m.taken_at, m.not_after
    FROM registry_verification v
    JOIN registry_code c ON c.verification_id = v.id
    LEFT JOIN registry_message m ON m.id = c.message_id
    WHERE v.id = %s FOR UPDATE OF v"""
SAME_PERSON = """
    SELECT p.id, p.name, p.birth, EXISTS (
        SELECT FROM registry_review r WHERE r.citizen_id = p.id AND r.closed_at IS NULL
    ) AS under_review
    FROM registry_citizen p WHERE p.phone_index = %s AND p.name_index = %s"""
PROVEN = f"""
    WITH person AS (UPDATE registry_citizen SET verified_at = %s, due_on = %s WHERE id = %s),
    used AS (UPDATE registry_verification SET confirmed_at = %s WHERE id = %s)
    {audit.INSERT}"""  # noqa: S608 -- nothing of a caller's


class UnknownPrefix(DomainError):
    code = "unknown_prefix"
    status = 422
    message = _(
        "This is not a Korean mobile number. Enter a number that begins with 010. If you have none, "
        "a clerk at the counter can print you a paper pass."
    )


class TooManyRequests(DomainError):
    """`retry_after` says in how many seconds one more code may be asked for."""

    code = "too_many_requests"
    status = 429
    message = _("Too many codes were asked for. Codes that already arrived stay good; please wait before the next one.")

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.retry_after = max(1, -(-wait // timedelta(seconds=1)))


class UnknownVerification(DomainError):
    code = "unknown_verification"
    status = 404
    message = _("This phone check is not known any more. Please send a new code.")


class WrongCode(DomainError):
    """`tries_left` says how many tries remain."""

    code = "wrong_code"
    status = 422
    message = _("That is not the code we sent. Tries left: {tries_left}.")


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


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says to be."""

    name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Check:
    """A check under lock, of a number known by its blind index."""

    pk: UUID
    phone_index: bytes
    tries_left: int


# --- asking for a code


def korean_mobile(text: str) -> PhoneNumber:
    """The number that somebody typed. Raises UnknownPrefix for all but Korean mobile numbers."""
    phone = mobiles.korean_mobile(text)
    if phone is None:
        raise UnknownPrefix
    return phone


@transaction.atomic
def begin(phone: PhoneNumber, *, address: str, now: datetime, verification: UUID | None = None) -> Verification:
    """Send a code to a number, as one more of the named check where that still stands, else of a new one.

    The same statements run for every number. Raises TooManyRequests, BudgetSpent.
    """
    phone_index, address_index, prefix_index = _phone_index(phone), _address_index(address), budget.prefix_index(phone)
    _one_at_a_time(phone_index)
    _throttle(phone_index, address_index, prefix_index, now)
    standing = _standing(verification, phone_index, now) if verification else None
    if standing is None:
        standing = Verification.objects.create(
            phone=phone.as_e164, phone_index=phone_index, address_index=address_index, started_at=now
        )
    code = f"{random.randbelow(1_000_000):06d}"
    text = texts.code(code, urlsplit(settings.SITE_URL).hostname or "")
    Code.objects.create(
        verification=standing,
        message=outbox.enqueue(phone, text, purpose="code", useful_for=USEFUL_FOR, now=now),
        hash=_code_hash(standing.pk, code),
        phone_index=phone_index,
        address_index=address_index,
        prefix_index=prefix_index,
        created_at=now,
    )
    return standing


def _one_at_a_time(phone_index: bytes) -> None:
    """Until the transaction ends nobody else asks for codes to this number, so that the count holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(phone_index[:8], signed=True)])


def _throttle(phone_index: bytes, address_index: bytes, prefix_index: bytes, now: datetime) -> None:
    """Raises TooManyRequests. By address and prefix the count may run over by as many as ask at the same moment."""
    of_number, of_address = limits.CODES_PER_NUMBER, limits.CODES_PER_ADDRESS
    sent = Code.objects.since(now - max(each.within for each in of_number)).to_number(phone_index)
    near = Code.objects.since(now - max(each.within for each in of_address)).from_address(address_index)
    rows = [
        (bytes(number) == phone_index, bytes(address) == address_index, at)
        for number, address, at in (sent | near).values_list("phone_index", "address_index", "created_at")
    ]
    wait = max(
        limits.longest_wait(of_number, (at for same, _near, at in rows if same), now),
        limits.longest_wait(of_address, (at for _same, near, at in rows if near), now),
        limits.longest_wait(limits.CODES_PER_NUMBER_AND_ADDRESS, (at for same, near, at in rows if same and near), now),
        budget.prefix_wait(prefix_index, now),
    )
    if wait:
        raise TooManyRequests(wait)


def _standing(verification: UUID, phone_index: bytes, now: datetime) -> Verification | None:
    """The check, where it is of this number and still takes codes."""
    takes = Verification.objects.filter(confirmed_at=None, tries_left__gt=0, started_at__gt=now - MORE_CODES_WITHIN)
    return takes.filter(pk=verification, phone_index=phone_index).first()


# --- how it goes


def status(verification: UUID, now: datetime) -> dict[str, Any]:
    """What became of the newest code: delivery in a word, sent when, good until when. Raises UnknownVerification."""
    codes = Code.objects.filter(verification=verification).select_related("verification", "message")
    code = codes.order_by("-created_at", "-pk").first()
    if code is None:
        raise UnknownVerification
    return {
        "delivery": code.delivery(now),
        "sent_at": code.sent_at,
        "expires_at": code.expires_at,
        "tries_left": code.verification.tries_left,
    }


def forget(now: datetime) -> int:
    """Delete checks that no limit looks back on any more, with their numbers and codes; how many."""
    old = Verification.objects.filter(started_at__lt=now - KEPT_FOR).values("pk")[:FORGOTTEN_AT_ONCE]
    return Verification.objects.filter(pk__in=old).delete()[1].get("registry.Verification", 0)


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
) -> issuing.Issue:
    """Take the right code: the number is proven, the next due date set, and the phone gets its strips.

    `device` is the one that signed the request, if any; it says who its holder is as long as the number is the same.
    A wrong try is counted for good. All else happens together or not at all, so that the code can be given again.
    Raises what `_check` does, IdentityNeeded, and what issuing raises.
    """
    if identity is None and device is None:
        raise IdentityNeeded
    with transaction.atomic():
        check, refusal = _check(verification, code, now)
        if refusal is None:
            own = _holder(device, check.phone_index)
            citizen, review = (own, None) if own else _whose(check, identity, now)
            _verified(citizen, check, address=address, now=now)
            if device and own:
                return issuing.renew(device, day_keys=day_keys, now=now, new_token=True)
            return issuing.enrol(citizen, device_key=device_key, day_keys=day_keys, now=now, review=review)
    raise refusal


def _check(verification: UUID, code: str, now: datetime) -> tuple[Check, DomainError | None]:
    """The check, locked, and what speaks against this code; a wrong try is taken off, to be committed by the caller.

    Raises UnknownVerification, CodeUsed, NoTriesLeft, CodeExpired, which cost no try.
    """
    with connection.cursor() as cursor:
        cursor.execute(CODES_OF_A_CHECK, [verification])
        rows = cursor.fetchall()
    if not rows:
        raise UnknownVerification
    (phone_index, tries_left, confirmed_at), sent = rows[0][:3], [row[3:] for row in rows]
    if confirmed_at:
        raise CodeUsed
    if not tries_left:
        raise NoTriesLeft
    check, given = Check(verification, bytes(phone_index), tries_left), _code_hash(verification, code)
    fits = [(_code_of(*message).is_good(now), hmac.compare_digest(bytes(digest), given)) for digest, *message in sent]
    if not any(good for good, _same in fits):
        raise CodeExpired
    if (True, True) in fits:
        return check, None
    Verification.objects.filter(pk=check.pk).update(tries_left=F("tries_left") - 1)
    return check, CodeExpired() if (False, True) in fits else WrongCode(tries_left=check.tries_left - 1)


def _code_of(status: str | None, taken_at: datetime | None, not_after: datetime | None) -> Code:
    """A code with what of its message says how long it is good; no `status`, no message."""
    if status is None or not_after is None:
        return Code(message=None)
    return Code(message=Message(status=status, taken_at=taken_at, not_after=not_after))


def _holder(device: Device | None, phone_index: bytes) -> Citizen | None:
    """The holder of the device, where the number proven is the number on record."""
    same = device and device.citizen.phone_index and bytes(device.citizen.phone_index) == phone_index
    return device.citizen if device and same else None


def _whose(check: Check, identity: Identity | None, now: datetime) -> tuple[Citizen, bool]:
    """The person with this number and this name and birth date; else somebody new, without records, and whether a clerk
    has to look because number or name belong to somebody known. Raises IdentityNeeded."""
    if identity is None:
        raise IdentityNeeded
    phone_index = check.phone_index
    name_index = secrets.blind_index("name", name_key(identity.name, identity.birth_date))
    same: list[Any] = list(Citizen.objects.raw(SAME_PERSON, [phone_index, name_index]))
    if same:
        return same[0], same[0].under_review
    akin = Citizen.objects.filter(Q(phone_index=phone_index) | Q(name_index=name_index))
    # Who is possibly somebody else already is no record to compare with.
    reviews = Exists(Review.objects.filter(citizen=OuterRef("pk"), closed_at=None))
    others = akin.filter(~reviews).order_by("created_at").values_list("pk", flat=True)
    return _newcomer(check, identity, list(others[:MOST_REVIEWS]), now)


def _newcomer(check: Check, identity: Identity, others: list[UUID], now: datetime) -> tuple[Citizen, bool]:
    """A person without records, with an item for the clerk for each of the `others` that it may be."""
    phone = Verification.objects.get(pk=check.pk).phone
    citizen = Citizen(name=identity.name, birth=identity.birth_date.isoformat(), phone=phone)
    try:
        with transaction.atomic():
            citizen.save(force_insert=True)
    except IntegrityError:  # the same person, at the same moment, with another check of the number
        twin = Citizen.objects.filter(phone_index=check.phone_index).named(identity.name, identity.birth_date)
        return twin.get(), bool(others)
    kind = Review.Kind.POSSIBLY_SAME
    Review.objects.bulk_create([Review(kind=kind, citizen=citizen, other_id=pk, opened_at=now) for pk in others])
    return citizen, bool(others)


def _verified(citizen: Citizen, check: Check, *, address: str, now: datetime) -> None:
    """Write down that the number is proven, until when that is enough, and that the check is used up."""
    day = vault.today(now)
    version = policy.in_force_on(day)
    span = {"earliest": version.due_earliest, "latest": version.due_latest}
    loads = dueloads.for_checks(day, **span)
    citizen.verified_at, citizen.due_on = now, duedates.choose(day, **span, loads=loads)
    evidence = audit.row(
        Tag.PHONE_VERIFIED, by=None, target=citizen, address=_address(address), verification=str(check.pk)
    )
    with connection.cursor() as cursor:
        cursor.execute(PROVEN, [now, citizen.due_on, citizen.pk, now, check.pk, *evidence])
    dueloads.add(citizen.due_on)


# --- what numbers, addresses and codes are kept as


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


def _address_index(text: str) -> bytes:
    """An address as throttles know it: IPv4 as it is, IPv6 by the 64 bits that one household has."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return secrets.blind_index("address", text)
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        network = str(mapped) if mapped else str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
        return secrets.blind_index("address", network)
    return secrets.blind_index("address", str(address))
