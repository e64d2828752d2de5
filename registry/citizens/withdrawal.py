"""The way out: a pass ended at its holder's wish, the number forgotten; a person erased, evidence kept impersonal.

What stays, and how long: docs/privacy.md. Why revocations outlive the person: docs/decisions/0012.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from registry import audit, issuing
from registry.citizens import leavings, requests
from registry.citizens.merging import identities_of
from registry.models import (
    Citizen,
    Code,
    Device,
    Message,
    PassRecord,
    Reminder,
    Request,
    Review,
    Revocation,
    SafeNumber,
    Tag,
    User,
    Verification,
)
from registry.phone import holders

# A strip reaches 110 days past its signing, and scans of a day may come in for 30 days more (venues/revocations.py).
REVOCATIONS_MATTER_FOR = timedelta(days=142)
FORGOTTEN_AT_ONCE = 20_000
AGAIN = "erased again, after a restore"
NOBODY = b""  # the index of a number that was forgotten


class Outcome(StrEnum):
    """What became of a wish to go: the pass ended; all erased as well; a clerk decides what the law keeps."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    ERASURE_ASKED = "erasure_asked"


@transaction.atomic
def withdraw(citizen: Citizen, *, erase: bool, now: datetime) -> Outcome:
    """End the pass of a person and of those carried beside it, at once, and forget the number. With `erase` what is
    held about each is erased too, where no record or open dispute stands; otherwise a clerk is asked to.

    Raises UnknownDevice where the person has been erased meanwhile.
    """
    try:
        locked, carried = _held(citizen)
    except Citizen.DoesNotExist:
        raise issuing.UnknownDevice from None
    index = _own_number(locked)
    people = [*carried, locked]
    left: list[UUID] = []
    for person in people:
        _end(person, reason="withdrawn", by=None, now=now)
        identities = identities_of(person)
        audit.record(Tag.WITHDRAWN, by=None, target=person, erase=erase, **_former(person, identities))
        left += identities
    leavings.tell_soon(left, at=now, erased=False)
    if index:
        forget_number(index, now=now)
    if not erase:
        return Outcome.WITHDRAWN
    if index:
        _forget_checks(index)
    return [_erase_or_ask(person, now) for person in people][-1]


def _held(person: Citizen) -> tuple[Citizen, list[Citizen]]:
    """The person as they stand, and who goes with them, all locked: no claim and no new ward of the number meanwhile.
    Raises DoesNotExist."""
    if person.phone_index:
        holders.one_at_a_time(bytes(person.phone_index))
    Citizen.objects.filter(Q(pk=person.pk) | _carried(person)).hold(for_update=True)
    locked = Citizen.objects.get(pk=person.pk)
    return locked, list(Citizen.objects.filter(_carried(locked)).exclude(pk=person.pk).order_by("pk"))


def _own_number(person: Citizen) -> bytes | None:
    """The index of the person's number; None where it is the guardian's, or there is none."""
    return None if person.guardian_id or person.phone_index is None else bytes(person.phone_index)


def _carried(person: Citizen) -> Q:
    """Who is carried by the person's number, and who once was and is known by nothing else."""
    index = _own_number(person)
    unrecorded = ~Exists(PassRecord.objects.filter(citizen=OuterRef("pk")))
    once = Q(unrecorded, phone_index=index, guardian=None, verified_at=None, phone_since__isnull=False)
    return Q(guardian=person) | once if index else Q(guardian=person)


def _in_use(index: bytes) -> bool:
    """Whether somebody else holds a pass by this number."""
    return Citizen.objects.filter(phone_index=index, verified_at__isnull=False).exists()


def _end(person: Citizen, *, reason: str, by: User | None, now: datetime) -> None:
    """No device, strip, due date, number or guardian any more; nothing is sent any more."""
    Device.objects.active().filter(citizen=person).update(ended_at=now)
    issuing.revoke(person, by=by, reason=reason, now=now)
    Reminder.objects.filter(citizen=person, done_at__isnull=True).delete()
    person.phone = person.phone_since = person.verified_at = person.due_on = person.guardian = None
    person.relation = ""
    person.save(update_fields=["phone", "phone_index", "phone_since", "verified_at", "due_on", "guardian", "relation"])


def forget_number(index: bytes, *, now: datetime) -> None:
    """Forget a number by which nobody holds a pass any more: its safe number leads nowhere, what was to be sent to it
    is dropped, what was sent stays as a figure, without what providers said or call it."""
    if _in_use(index):
        return
    _forget_safe(SafeNumber.objects.of_number(index), now)
    sent = Message.objects.filter(phone_index=index)
    sent.filter(status__in=Message.OPEN).update(status=Message.Status.DROPPED, text=None)
    sent.update(phone=None, phone_index=NOBODY, text=None, provider_reference="", error="")


def _forget_safe(numbers: QuerySet[SafeNumber], now: datetime) -> None:
    """The text stays taken, so that a paper list never leads to somebody who got it later."""
    numbers.update(phone="", phone_index=NOBODY, held_by=None, ended_at=Coalesce("ended_at", Value(now)))


def _forget_checks(index: bytes) -> None:
    """The last two days' checks of a number lose it and take no code; they count on for the address that asked."""
    if not _in_use(index):
        Verification.objects.filter(phone_index=index).update(phone="", phone_index=NOBODY, tries_left=0)
        Code.objects.filter(phone_index=index).update(phone_index=NOBODY, prefix_index=None)


def _erase_or_ask(person: Citizen, now: datetime) -> Outcome:
    disputes = Review.objects.filter(other=person) | Review.objects.filter(citizen=person)
    disputed = disputes.filter(kind=Review.Kind.NUMBER_CLAIMED, closed_at__isnull=True).exists()
    if not disputed and not PassRecord.objects.filter(citizen=person).exists():
        _erase(person, by=None, reason="own wish", now=now)
        return Outcome.ERASED
    if not Request.objects.open().filter(citizen=person, kind=Request.Kind.ERASURE).exists():
        requests.open_request(person, Request.Kind.ERASURE, "", now=now)
    return Outcome.ERASURE_ASKED


@transaction.atomic
def erase(citizen: Citizen, *, by: User | None, reason: str, now: datetime, address: str | None = None) -> None:
    """Erase a person: the row, pass records with their history, requests, reviews, consents, devices, what was sent.
    Who did what when stays in the access log, by a number that leads nowhere. Those carried beside the person stay,
    without a pass. `by` is a clerk; None is the register of those who left, after a restore."""
    locked, carried = _held(citizen)
    index = _own_number(locked)
    for person in [*carried, locked]:
        _end(person, reason="", by=by, now=now)
    if index:
        forget_number(index, now=now)
        _forget_checks(index)
    _erase(locked, by=by, reason=reason, now=now, address=address)


@transaction.atomic
def repeat(person: Citizen, *, erased: bool, left_at: datetime) -> None:
    """After a restore of the database: what was done at a moment is done again (registry/citizens/burying.py). Raises
    as `withdraw`, and DoesNotExist."""
    if erased:
        erase(person, by=None, reason=AGAIN, now=left_at)
    else:
        withdraw(person, erase=False, now=left_at)


def _former(person: Citizen, identities: list[UUID]) -> dict[str, Any]:
    """For the access log: under which other keys an older backup may know the person."""
    former = [str(key) for key in identities if key != person.pk]
    return {"former": former} if former else {}


def _erase(person: Citizen, *, by: User | None, reason: str, now: datetime, address: str | None = None) -> None:
    """Delete the row and all that hangs on it, history included; the revocations stay, without their reasons."""
    identities = identities_of(person)
    audit.record(Tag.PERSON_ERASED, by=by, target=person, reason=reason, address=address, **_former(person, identities))
    leavings.tell_soon(identities, at=now, erased=True)
    records = PassRecord.objects.filter(citizen=person).values_list("pk", flat=True)
    asked = Request.objects.filter(citizen=person).values_list("pk", flat=True)
    pages: dict[str, list[Any]] = {"citizen": identities, "passrecord": [*records], "request": [*asked]}
    for model, keys in pages.items():
        notes = LogEntry.objects.filter(content_type__app_label="registry", content_type__model=model)
        notes.filter(object_id__in=[str(each) for each in keys]).delete()
    _forget_safe(SafeNumber.objects.filter(held_by=person), now)
    Revocation.objects.filter(citizen_id__in=identities).update(reason="")
    person.delete()
    history = PassRecord.history  # deleting the records has written one more line to it
    history.filter(citizen_id__in=identities).delete()  # type: ignore[attr-defined] # simple-history's manager has no types


def forget(now: datetime) -> int:
    """Delete revocations of people who were erased, once no strip of theirs can be alive; how many."""
    nobodys = Revocation.objects.filter(~Exists(Citizen.objects.filter(pk=OuterRef("citizen_id"))))
    old = nobodys.filter(since__lt=now - REVOCATIONS_MATTER_FOR).values("pk")[:FORGOTTEN_AT_ONCE]
    return Revocation.objects.filter(pk__in=old).delete()[0]
