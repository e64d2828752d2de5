"""What clerks do with people: find, add, correct, look at, reveal. Each deed leaves its evidence beside it."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, issuing, mobiles
from registry.errors import DomainError
from registry.models import Citizen, Device, Review, Tag, User

PERSONAL = ("name", "birth", "phone")
FOUND_AT_MOST = 20

_PHONE = re.compile(r"[+(]*\d[\d\s().\-‐-―]*")
_DATE = r"(?P<year>(?:18|19|20)\d\d)\s*(?P<gap>[-./년]?)\s*(?P<month>\d{1,2})\s*[-./월]?\s*(?P<day>\d{1,2})\s*[.일]?"
_NAME_AND_DATE = (
    re.compile(rf"(?P<name>[^\d]+?)[\s,/(]*{_DATE}\)?"),
    re.compile(rf"{_DATE}[\s,/]+(?P<name>[^\d]+)"),
)


class NotSearchable(DomainError):
    """What was typed is neither a number nor a name with a birth date."""

    code = "not_searchable"
    status = 422
    message = _("Type a mobile number, or a name and a birth date: 010-0000-1234, or 홍길동 1990-01-01.")


class NotMobile(DomainError):
    code = "not_mobile"
    status = 422
    message = _("This is not a Korean mobile number. Example: 010-0000-1234.")


class AlreadyKnown(DomainError):
    """The registry has a person with this number, name and birth date."""

    code = "already_known"
    message = _("This person is already in the registry with this number.")


class AlreadyClosed(DomainError):
    code = "already_closed"
    message = _("Somebody has closed this item already.")


@dataclass(frozen=True, slots=True)
class Revealed:
    """A person's personal fields in clear, for one look."""

    name: str
    birth_date: date
    phone: str


def korean_mobile(text: str) -> PhoneNumber:
    """A Korean mobile number in any writing. Raises NotMobile."""
    number = mobiles.korean_mobile(text)
    if number is None:
        raise NotMobile
    return number


def _name_and_date(text: str) -> tuple[str, date] | None:
    for pattern in _NAME_AND_DATE:
        found = pattern.fullmatch(text)
        if found and (found["gap"] or (len(found["month"]) == len(found["day"]) == 2)):
            try:
                return found["name"].strip(), date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                return None
    return None


@transaction.atomic
def search(text: str, *, by: User, address: str | None = None) -> list[Citizen]:
    """People with this number, or this name and birth date, that `by` may see. Raises NotSearchable, NotMobile.

    Both are found by blind index; what was typed is kept nowhere, whom it led to is evidence.
    """
    text = text.strip()
    everyone = Citizen.objects.filter(region__startswith=by.region)
    if _PHONE.fullmatch(text):
        how, found = "phone", everyone.with_phone(korean_mobile(text))
    elif named := _name_and_date(text):
        how, found = "name", everyone.named(*named)
    else:
        raise NotSearchable
    people = list(found.order_by("created_at")[:FOUND_AT_MOST])
    ids = [str(citizen.pk) for citizen in people]
    audit.record(Tag.PERSON_SEARCHED, by=by, target=by, address=address, searched_by=how, found=ids)
    return people


def _save(citizen: Citizen, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            citizen.save(update_fields=fields)
    except IntegrityError as error:
        if "one_citizen_per_phone_and_name" in str(error):
            raise AlreadyKnown from error
        raise


def known(citizen: Citizen) -> bool:
    """Whether another row has this number, name and birth date (without a number: the latter, and no number)."""
    same = Citizen.objects.named(citizen.name, citizen.birth_date).exclude(pk=citizen.pk)
    if not citizen.phone:
        return same.filter(phone_index__isnull=True).exists()
    return same.with_phone(PhoneNumber.from_string(citizen.phone)).exists()


@transaction.atomic
def add(citizen: Citizen, *, by: User, address: str | None = None) -> Citizen:
    """Take a new person into the registry. Raises AlreadyKnown."""
    _save(citizen)
    audit.record(Tag.PERSON_ADDED, by=by, target=citizen, address=address)
    return citizen


@transaction.atomic
def correct(citizen: Citizen, *, fields: list[str], by: User, now: datetime, address: str | None = None) -> None:
    """Save the changed `fields` of a person; the evidence names the fields, not the values. Raises AlreadyKnown.

    Another number has not been verified: the check is due anew, and passes held through the old number end.
    """
    written = [*fields, "name_index", "phone_index"]
    if "phone" in fields:
        citizen.verified_at = citizen.due_on = None
        written += ["verified_at", "due_on"]
    _save(citizen, written)
    audit.record(Tag.PERSON_CORRECTED, by=by, target=citizen, address=address, fields=sorted(fields))
    if "phone" in fields and Device.objects.active().filter(citizen=citizen).update(ended_at=now):
        issuing.revoke(citizen, by=by, reason="phone corrected", now=now)


def see(citizen: Citizen, *, by: User, address: str | None = None) -> None:
    """Looking at a person is an event."""
    audit.record(Tag.PERSON_SEEN, by=by, target=citizen, address=address)


@transaction.atomic
def reveal(citizen: Citizen, *, by: User, reason: str, address: str | None = None) -> Revealed:
    """The personal fields in clear, for a reason that is kept."""
    audit.record(Tag.PERSON_REVEALED, by=by, target=citizen, reason=reason, address=address)
    phone = PhoneNumber.from_string(citizen.phone).as_national if citizen.phone else ""
    return Revealed(citizen.name, citizen.birth_date, phone)


@transaction.atomic
def close_review(review: Review, *, by: User, answer: str, now: datetime, address: str | None = None) -> None:
    """Close an item with what was found. Raises AlreadyClosed."""
    still_open = Review.objects.filter(pk=review.pk, closed_at__isnull=True)
    if not still_open.update(closed_at=now, closed_by=by, answer=answer):
        raise AlreadyClosed
    audit.record(Tag.REVIEW_CLOSED, by=by, target=review, address=address)
