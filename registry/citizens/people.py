"""What clerks do with people: find, add, correct, verify, look at. Each deed leaves its evidence beside it."""

import re
from contextlib import suppress
from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, issuing, secrets, vault
from registry.citizens import requests
from registry.citizens.names import age_on, family_name, name_key
from registry.errors import DomainError
from registry.models import Citizen, Device, Review, Tag, User
from registry.phone import holders, mobiles, safe_numbers, verification

PERSONAL = ("name", "birth", "phone")
FOUND_AT_MOST = 20

_PHONE = re.compile(r"[+(]*\d[\d\s().\-‐-―]*")
_DATE = r"(?P<year>(?:18|19|20)\d\d)\s*(?P<gap>[-./년]?)\s*(?P<month>\d{1,2})\s*[-./월]?\s*(?P<day>\d{1,2})\s*[.일]?"
_NAME_AND_DATE = (
    re.compile(rf"(?P<name>[^\d]+?)[\s,/(]*{_DATE}\)?"),
    re.compile(rf"{_DATE}[\s,/]+(?P<name>[^\d]+)"),
)
_SHORT = r"(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)"
_NAME_AND_SHORT_DATE = (
    re.compile(rf"(?P<name>[^\d]+?)[\s,/(]*{_SHORT}\)?"),
    re.compile(rf"{_SHORT}[\s,/]+(?P<name>[^\d]+)"),
)


class NotSearchable(DomainError):
    """What was typed is neither a number nor a name with a birth date; whose a safe number is, is asked otherwise."""

    code = "not_searchable"
    status = 422
    message = _(
        "Type a mobile number, a name and a birth date, or a safe number: 010-0000-1234, 홍길동 1990-01-01, 12가34나."
    )


class NoSuchDay(DomainError):
    code = "no_such_day"
    status = 422
    message = _("There is no such day. Type the birth date like 1990-01-31 or 900131.")


class NotMobile(DomainError):
    code = "not_mobile"
    status = 422
    message = _("This is not a Korean mobile number. Example: 010-0000-1234.")


class AlreadyKnown(DomainError):
    """The registry has a person with this number, name and birth date."""

    code = "already_known"
    message = _("This person is already in the registry with this number.")


class NobodyThere(DomainError):
    code = "nobody_there"
    message = _("This person is no longer in the registry: erased or merged meanwhile.")


class AlreadyClosed(DomainError):
    code = "already_closed"
    message = _("Somebody has closed this item already.")


class GuardianMustCome(DomainError):
    code = "guardian_must_come"
    status = 422
    message = _("Under 14 a guardian must come along: choose the document that shows whose child it is.")


class Document(models.TextChoices):
    """What a clerk compared a person with."""

    RESIDENT_CARD = "resident_card", _("Resident registration card")
    DRIVING_LICENCE = "driving_licence", _("Driving licence")
    PASSPORT = "passport", _("Passport")
    RESIDENCE_CARD = "residence_card", _("Residence card of a foreigner")
    FAMILY = "family", _("Guardian's card and family certificate")


def korean_mobile(text: str) -> PhoneNumber:
    """A Korean mobile number in any writing. Raises NotMobile."""
    number = mobiles.korean_mobile(text)
    if number is None:
        raise NotMobile
    return number


def _name_and_dates(text: str) -> tuple[str, list[date]] | None:
    """A name with the birth dates that are meant: of six digits, as on an identity card, that of either century. Raises
    NoSuchDay."""
    for pattern in _NAME_AND_DATE:
        found = pattern.fullmatch(text)
        if found and (found["gap"] or (len(found["month"]) == len(found["day"]) == 2)):
            return found["name"].strip(), _days(found, [0])
    for pattern in _NAME_AND_SHORT_DATE:
        if found := pattern.fullmatch(text):
            return found["name"].strip(), _days(found, [1900, 2000])
    return None


def _days(found: re.Match[str], centuries: list[int]) -> list[date]:
    days = []
    for century in centuries:
        with suppress(ValueError):
            days.append(date(century + int(found["year"]), int(found["month"]), int(found["day"])))
    if not days:
        raise NoSuchDay
    return days


@transaction.atomic
def search(text: str, *, by: User, address: str | None = None) -> list[Citizen]:
    """People with this number, or this name and birth date, that `by` may see. Raises NotSearchable, NotMobile,
    NoSuchDay.

    Both are found by blind index; what was typed is kept nowhere, whom it led to is evidence.
    """
    text = text.strip()
    everyone = Citizen.objects.seen_by(by)
    if _PHONE.fullmatch(text):
        how, found = "phone", everyone.with_phone(korean_mobile(text))
    elif named := _name_and_dates(text):
        name, days = named
        how, found = "name", reduce(or_, (everyone.named(name, day) for day in days))
    else:
        raise NotSearchable
    people = list(found.order_by("created_at")[:FOUND_AT_MOST])
    ids = [str(citizen.pk) for citizen in people]
    audit.record(Tag.PERSON_SEARCHED, by=by, target=by, address=address, searched_by=how, found=ids)
    return people


def save(citizen: Citizen, fields: list[str] | None = None) -> None:
    """Write a person's row, one at a time for each number. Raises AlreadyKnown."""
    if citizen.phone:
        holders.one_at_a_time(secrets.blind_index("phone", citizen.phone))
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
    save(citizen)
    audit.record(Tag.PERSON_ADDED, by=by, target=citizen, address=address)
    return citizen


@transaction.atomic
def correct(citizen: Citizen, *, fields: list[str], by: User, now: datetime, address: str | None = None) -> None:
    """Save the changed `fields` of a person; the evidence names the fields, not the values. Raises AlreadyKnown.

    Another number has not been verified: the check is due anew, passes held through the old number end, and its safe
    number with them. Those who are carried by the number move with it; who gets one of their own is carried no more.
    """
    audit.record(Tag.PERSON_CORRECTED, by=by, target=citizen, address=address, fields=sorted(fields))
    if "phone" not in fields:
        return save(citizen, [*fields, "name_index", "phone_index"])
    Citizen.objects.filter(Q(pk=citizen.pk) | Q(guardian=citizen.pk)).hold(for_update=True)
    before = Citizen.objects.only("phone_index", "guardian_id").get(pk=citizen.pk)
    if before.phone_index and not before.guardian_id:
        safe_numbers.end(bytes(before.phone_index), held_by=before, now=now)
    citizen.guardian, citizen.relation = None, ""
    for person in (citizen, *Citizen.objects.filter(guardian=citizen)):
        person.phone = citizen.phone
        person.verified_at = person.due_on = person.phone_since = None
        number = ["phone", "phone_index", "phone_since", "verified_at", "due_on", "guardian", "relation"]
        save(person, [*(fields if person is citizen else []), "name_index", *number])
        if Device.objects.active().filter(citizen=person).update(ended_at=now):
            issuing.revoke(person, by=by, reason="phone corrected", now=now)
    return None


@transaction.atomic
def verify_at_desk(
    citizen: Citizen, *, document: Document, by: User, now: datetime, address: str | None = None
) -> date:
    """The clerk has the person before them and has compared an identity card: as good as a phone check, until the day
    that is given back. Moves those whom the person carries as well. Raises GuardianMustCome, NobodyThere."""
    if age_on(vault.today(now), citizen.birth_date) < holders.ALONE_FROM and document != Document.FAMILY:
        raise GuardianMustCome
    due_on = verification.next_due(now)
    family = Citizen.objects.filter(Q(pk=citizen.pk) | Q(guardian=citizen.pk))
    family.hold()
    if not family.update(verified_at=now, due_on=due_on):
        raise NobodyThere
    audit.record(Tag.VERIFIED_AT_DESK, by=by, target=citizen, address=address, document=document.value)
    return due_on


def see(citizen: Citizen, *, by: User, address: str | None = None) -> None:
    """Looking at a person is an event."""
    audit.record(Tag.PERSON_SEEN, by=by, target=citizen, address=address)


def own_name(citizen: Citizen, by: User) -> dict[str, bool]:
    """A flag for the evidence where the person bears the clerk's own family name; which one it is, it does not tell."""
    own = by.last_name and family_name(by.last_name + by.first_name)
    return {"own_name": True} if own and own == family_name(citizen.name) else {}


@transaction.atomic
def close_review(
    review: Review, *, answer: str, by: User, now: datetime, told: str = "", address: str | None = None
) -> None:
    """Close an item with what was found, and tell the person who verified, where there is something to tell. Raises
    AlreadyClosed."""
    if not Review.objects.open().filter(pk=review.pk).update(closed_at=now, closed_by=by, answer=answer):
        raise AlreadyClosed
    audit.record(Tag.REVIEW_CLOSED, by=by, target=review, address=address)
    if told.strip():
        requests.tell(review.citizen, text=told, by=by, now=now, address=address)


def index_names() -> tuple[int, list[str]]:
    """Index everybody's name by how names are compared now; how many changed, and the keys of those who turn out to be
    somebody that the registry has with the same number. They stay as they were."""
    changed, twice = 0, []
    for person in Citizen.objects.only("name", "birth", "name_index").iterator(chunk_size=2000):
        index = secrets.blind_index("name", name_key(person.name, person.birth_date))
        if bytes(person.name_index) == index:
            continue
        try:
            with transaction.atomic():
                changed += Citizen.objects.filter(pk=person.pk).update(name_index=index)
        except IntegrityError:
            twice.append(str(person.pk))
    return changed, twice
