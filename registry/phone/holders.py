"""Whose a number is: who is found by number, name and birth date, and who is new.

Called only once the right code was given. Whoever is not found is a person without records, so that nobody ever sees
another's data for having typed their name (docs/architecture.md, "Who is who").
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from registry import secrets, vault
from registry.citizens.names import age_on, name_key
from registry.errors import DomainError
from registry.models import Citizen, Review

ALONE_FROM = 14  # years; under that a guardian consents (개인정보 보호법 제22조의2)
MOST_REVIEWS = 10  # of one person; a name and birth date may be common
MOST_AKIN = 60  # looked at; those with the number come first

# Written out, as every confirmation by name runs it. Locked, so that a number does not change hands meanwhile.
SAME_PERSON = """
    SELECT p.id, p.name, p.birth, p.guardian_id, EXISTS (
        SELECT FROM registry_review r WHERE r.citizen_id = p.id AND r.kind = 'possibly_same' AND r.closed_at IS NULL
    ) AS under_review
    FROM registry_citizen p WHERE p.phone_index = %s AND p.name_index = %s FOR NO KEY UPDATE OF p"""


class DoesNotFit(DomainError):
    """The number belongs to somebody of another name. One of the tries is used up; the code may be given again."""

    code = "does_not_fit"
    status = 409
    message = _(
        "This number is registered with another name or date of birth. Please check both. If the number is newly "
        "yours, say so: its former holder's pass ends then, and you begin with a pass without records."
    )


class GuardianNeeded(DomainError):
    code = "guardian_needed"
    status = 422
    message = _(
        "Under 14 a parent or guardian carries the pass: they check their own number and add the child on their own "
        "phone. Without a phone, a clerk at the counter prints a paper pass."
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says to be."""

    name: str
    birth_date: date

    @property
    def name_index(self) -> bytes:
        return secrets.blind_index("name", name_key(self.name, self.birth_date))


@dataclass(frozen=True, slots=True)
class Akin:
    """Those who have the number or the name: who proved the number before, and of whom a clerk may have to think."""

    proven: list[Citizen]
    others: list[Citizen]

    @property
    def holders(self) -> list[Citizen]:
        """Who carries a pass by this number on their own account."""
        return [person for person in self.proven if person.verified_at and not person.guardian_id]


def check_age(birth_date: date, now: datetime) -> None:
    """Raises GuardianNeeded under 14."""
    if age_on(vault.today(now), birth_date) < ALONE_FROM:
        raise GuardianNeeded


def one_at_a_time(phone_index: bytes) -> None:
    """Until the transaction ends nobody else does anything with this number that takes this lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(phone_index[:8], signed=True)])


def same_person(phone_index: bytes, identity: Identity) -> Any:
    """The person with this number, name and birth date, locked, with `under_review`: a clerk is to say whose records
    are theirs. None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_PERSON, [phone_index, identity.name_index])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, name, birth, guardian_id, under_review = row
    known = [pk, _clear("name", name), _clear("birth", birth), guardian_id]
    person: Any = Citizen.from_db(connection.alias, ("id", "name", "birth", "guardian_id"), known)
    person.under_review = under_review
    return person


def _clear(field: str, data: bytes) -> str:
    return secrets.decrypt(bytes(data), purpose=f"citizen.{field}").decode()


def akin_to(phone_index: bytes, identity: Identity) -> Akin:
    """Who else has the number or the name. Who is possibly somebody else already is no record to compare with."""
    reviewed = Exists(Review.objects.filter(citizen=OuterRef("pk"), closed_at=None))
    same_number = ExpressionWrapper(Q(phone_index=phone_index), output_field=BooleanField())
    either = Q(phone_index=phone_index) | Q(name_index=identity.name_index)
    rows: Any = Citizen.objects.filter(either).annotate(reviewed=reviewed, same_number=same_number)
    rows = rows.only("phone_index", "phone_since", "verified_at", "guardian_id")
    found = list(rows.order_by(F("same_number").desc(nulls_last=True), "created_at")[:MOST_AKIN])
    return Akin(
        proven=[person for person in found if person.same_number and person.phone_since],
        others=[person for person in found if not person.reviewed],
    )


def take_in(
    phone: str, identity: Identity, *, others: list[Citizen], now: datetime, **facts: Any
) -> tuple[Citizen, bool]:
    """A person without records, and an item for a clerk for each of the `others` that it may be; whether there are."""
    citizen = Citizen(name=identity.name, birth=identity.birth_date.isoformat(), phone=phone, **facts)
    citizen.save(force_insert=True)
    kind, some = Review.Kind.POSSIBLY_SAME, others[:MOST_REVIEWS]
    Review.objects.bulk_create([Review(kind=kind, citizen=citizen, other=other, opened_at=now) for other in some])
    return citizen, bool(some)
