"""개인안심번호: four digits and two syllables, "12가34나", in place of a phone number on a paper list.

One for each number, the same until the number changes hands; whose it is the agency alone can tell, and telling is
evidence. There are some 470 million; which one a number gets is random.
"""

import re
import secrets as random
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, secrets
from registry.errors import DomainError
from registry.models import Citizen, SafeNumber, Tag, User
from registry.sms import outbox, texts

# Clear on the phone and in handwriting: no final consonant, no doubled first one, and of the vowels only those that
# nobody takes for another. By their places in Unicode's syllables (section 3.12):
# ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ with ㅏㅓㅗㅜ.
CONSONANTS = (0, 2, 3, 5, 6, 7, 9, 11, 12, 14, 15, 16, 17, 18)
VOWELS = (0, 4, 8, 13)
SYLLABLES = [chr(0xAC00 + (first * 21 + vowel) * 28) for first in CONSONANTS for vowel in VOWELS]
PLACES = tuple(combinations(range(6), 2))
USEFUL_FOR = timedelta(days=1)  # the text message
_GAPS = re.compile(r"[\s\-·.]")
_SHAPE = re.compile(r"(?=(?:.*[가-힣]){2})(?=(?:.*[0-9]){4})[가-힣0-9]{6}")


class NoNumber(DomainError):
    code = "no_number"
    message = _("There is no mobile number on this record. Enter one first.")


class UnknownSafeNumber(DomainError):
    code = "unknown_safe_number"
    status = 404
    message = _("Nobody has this safe number. Please compare it with the list, letter by letter.")


def made() -> str:
    """A safe number by chance."""
    letters = [str(random.randbelow(10)) for _place in range(6)]
    for place in random.choice(PLACES):
        letters[place] = random.choice(SYLLABLES)
    return "".join(letters)


def typed(text: str) -> str | None:
    """The safe number that somebody typed, with whatever gaps; None where it has not the shape of one."""
    plain = _GAPS.sub("", unicodedata.normalize("NFKC", text[:40]))
    return plain if _SHAPE.fullmatch(plain) else None


def of_number(phone_index: bytes | memoryview | None) -> SafeNumber | None:
    """The one that stands for a number."""
    return SafeNumber.objects.of_number(bytes(phone_index)).first() if phone_index else None


@transaction.atomic
def issue(phone: str, now: datetime) -> SafeNumber:
    """The safe number of a number (E.164): the one that stands, or a new one. Several at once get the same."""
    phone_index = secrets.blind_index("phone", phone)
    while (standing := of_number(phone_index)) is None:
        fresh = SafeNumber(text=made(), phone=phone, phone_index=phone_index, issued_at=now)
        SafeNumber.objects.bulk_create([fresh], ignore_conflicts=True)  # the text, or the number, may be taken
    return standing


@transaction.atomic
def issue_for(citizen: Citizen, *, by: User | None, now: datetime, address: str | None = None) -> SafeNumber:
    """The safe number of a person's number; a new one leaves evidence. Raises NoNumber."""
    if not citizen.phone:
        raise NoNumber
    safe = issue(citizen.phone, now)
    if safe.issued_at == now:
        audit.record(Tag.SAFE_NUMBER_ISSUED, by=by, target=citizen, address=address)
    return safe


@transaction.atomic
def send(citizen: Citizen, *, by: User, now: datetime, address: str | None = None) -> SafeNumber:
    """Have the safe number and send it by SMS. Raises NoNumber."""
    safe = issue_for(citizen, by=by, now=now, address=address)
    phone = PhoneNumber.from_string(citizen.phone)
    text = texts.safe_number(citizen.language, safe.text)
    outbox.enqueue(phone, text, purpose="safe_number", useful_for=USEFUL_FOR, now=now)
    return safe


def end(phone_index: bytes, *, held_by: Citizen | None, now: datetime) -> None:
    """The number changes hands: its safe number stands for it no more, and leads to who had the number until now."""
    SafeNumber.objects.of_number(phone_index).update(ended_at=now, held_by=held_by)


def stand_again(phone_index: bytes, *, ended_at: datetime) -> None:
    """The number is given back: the safe number that ended when it was taken stands again."""
    SafeNumber.objects.filter(phone_index=phone_index, ended_at=ended_at).update(ended_at=None, held_by=None)


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a safe number, or who had it until it ended; None where nobody on record does."""

    citizen: UUID | None
    ended_at: datetime | None


def held(texts: Collection[str]) -> dict[str, Held]:
    """Who has each of these safe numbers, for a visit told by them; two queries. Those that nobody was given are left
    out. Of several people with one number it is the one who proved it, not whom that one carries."""
    if not texts:
        return {}
    found = list(SafeNumber.objects.filter(text__in=texts).defer("phone"))
    standing = [bytes(safe.phone_index) for safe in found if safe.ended_at is None]
    people = Citizen.objects.filter(phone_index__in=standing).order_by("-created_at")
    first: dict[bytes, tuple[tuple[bool, bool], UUID | None]] = {}
    for index, pk, guardian, since in people.values_list("phone_index", "pk", "guardian", "phone_since"):
        rank, number = (guardian is None, since is not None), bytes(index or b"")
        if number not in first or rank >= first[number][0]:
            first[number] = rank, pk
    return {
        safe.text: Held(first[bytes(safe.phone_index)][1] if bytes(safe.phone_index) in first else None, None)
        if safe.ended_at is None
        else Held(safe.held_by_id, safe.ended_at)
        for safe in found
    }


def open_(text: str, *, by: User, reason: str, address: str | None = None) -> list[Citizen]:
    """Whose safe number it is, for a reason that is kept: those who have the number, or who had it when it ended.

    Of people whom `by` may see. Raises UnknownSafeNumber, of which evidence stays as well: somebody may be trying.
    """
    plain = typed(text) or ""
    with transaction.atomic():
        people = _holders(plain, by=by)
        for citizen in people:
            audit.record(Tag.SAFE_NUMBER_OPENED, by=by, target=citizen, reason=reason, address=address)
        if not people:
            tried = secrets.blind_index("safe_number", plain).hex()[:16]  # which one, and that it is the same again
            told: dict[str, Any] = {"searched_by": "safe_number", "found": [], "tried": tried}
            audit.record(Tag.PERSON_SEARCHED, by=by, target=by, reason=reason, address=address, **told)
    if not people:
        raise UnknownSafeNumber
    return people


def _holders(plain: str, *, by: User) -> list[Citizen]:
    safe = SafeNumber.objects.filter(text=plain).first()
    if safe is None:
        return []
    everyone = Citizen.objects.seen_by(by)
    if safe.ended_at is None:
        return list(everyone.filter(phone_index=bytes(safe.phone_index)).order_by("created_at"))
    return list(everyone.filter(pk=safe.held_by_id)) if safe.held_by_id else []
