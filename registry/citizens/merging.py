"""Two rows of the registry that are one person: merged into one, and parted again where that was wrong.

The one that goes is deleted, so that no search finds it, and stays as a `FormerIdentity`: pseudonyms of the entry log
are made of its UUID. docs/decisions/0013-merged-people.md.
"""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing
from registry.citizens import people, requests, wards
from registry.errors import DomainError
from registry.models import (
    Citizen,
    Consent,
    Device,
    FormerIdentity,
    PaperPass,
    PassRecord,
    Reminder,
    Request,
    Review,
    SafeNumber,
    Tag,
    User,
)
from registry.phone import holders, safe_numbers

CONTACT = ("phone", "phone_since", "verified_at", "due_on", "guardian", "relation")
NEVER = datetime.min.replace(tzinfo=UTC)


class NoLongerTwo(DomainError):
    code = "no_longer_two"
    message = _("One of the two is no longer in the registry: merged or erased meanwhile. Please search anew.")


class CarryEachOther(DomainError):
    code = "carry_each_other"
    message = _(
        "One of them carries the other’s pass, or would carry passes and be carried. End that on the phone first, then "
        "merge."
    )


class NotParted(DomainError):
    code = "not_parted"
    message = _("These two were parted already.")


def identities_of(citizen: Citizen) -> list[UUID]:
    """All UUIDs under which the log may know a person: the present one first, then those merged into it."""
    former = FormerIdentity.objects.filter(citizen=citizen.pk).order_by("-merged_at", "pk")
    return [citizen.pk, *former.values_list("pk", flat=True)]


def person_of(identity: UUID) -> Citizen | None:
    """Whom a UUID stands for, be it a former one; None where nobody is left."""
    return Citizen.objects.filter(Q(pk=identity) | Q(former=identity)).first()


def became_part_at(former: FormerIdentity) -> datetime:
    """When somebody came to the person whose former identity they are now: at their own merging, or with another's
    later, whose former identity they were until then."""
    later = FormerIdentity.objects.filter(citizen=former.citizen_id, merged_at__gt=former.merged_at)
    came_with = (row.merged_at for row in later if str(former.pk) in json.loads(row.before)["moved"]["former"])
    return max(came_with, default=former.merged_at)


def number_from(stays: Citizen, goes: Citizen) -> Citizen:
    """Whose number the merged person has: that which was checked last, else the one there is, else of who stays."""

    def rank(person: Citizen) -> tuple[datetime, bool, bool]:
        return person.verified_at or NEVER, bool(person.phone), person is stays

    return max(stays, goes, key=rank)


def twice(stays: Citizen, goes: Citizen) -> list[int]:
    """Doses that both have on record, which a clerk has to look at after merging."""
    doses = [
        set(PassRecord.objects.standing().filter(citizen=one, dose__isnull=False).values_list("dose", flat=True))
        for one in (stays, goes)
    ]
    return sorted(dose for dose in doses[0] & doses[1] if dose)


@transaction.atomic
def merge(
    stays: Citizen,
    goes: Citizen,
    *,
    by: User,
    reason: str,
    now: datetime,
    told: str = "",
    address: str | None = None,
) -> FormerIdentity:
    """Make one person of two. Records, phones, paper passes, requests, consents and who is carried move to who stays;
    the pass of who goes ends, and every pass by a number that is not kept. `told` is what the citizen reads of it.

    Raises NoLongerTwo, CarryEachOther, AlreadyKnown, TooManyWards.
    """
    stays, goes = _both(stays, goes)
    kept = number_from(stays, goes)
    loser = goes if kept is stays else stays
    for person in {goes, *_end_devices(loser, family=loser.phone != kept.phone, now=now)}:
        issuing.revoke(person, by=by, reason=reason, now=now)
    before = _as_it_was(goes) | {"number": kept is goes, "stays_phone": stays.phone}
    moved = _move(stays, goes)
    former_key = goes.pk
    _leave_one(stays, goes, kept, now=now)
    former = FormerIdentity.objects.create(
        id=former_key, citizen=stays, merged_at=now, merged_by=by, before=json.dumps(before | {"moved": moved})
    )
    counts = {what: len(keys) for what, keys in moved.items() if keys}
    for target, other in ((stays, former_key), (Citizen(pk=former_key), stays.pk)):
        detail: dict[str, Any] = {"other": str(other), "stays": target is stays, "moved": counts}
        audit.record(Tag.PEOPLE_MERGED, by=by, target=target, reason=reason, address=address, **detail)
    if told.strip():
        requests.tell(stays, text=told, by=by, now=now, address=address)
    return former


def _both(stays: Citizen, goes: Citizen) -> tuple[Citizen, Citizen]:
    """The two as they stand, locked with those they carry. Raises NoLongerTwo, CarryEachOther, TooManyWards."""
    for index in sorted({bytes(one.phone_index) for one in (stays, goes) if one.phone_index}):
        holders.one_at_a_time(index)
    both = [stays.pk, goes.pk]
    Citizen.objects.filter(Q(pk__in=both) | Q(guardian__in=both)).hold(for_update=True)
    rows = Citizen.objects.in_bulk(both)
    if len(rows) < 2:
        raise NoLongerTwo
    stays, goes = rows[stays.pk], rows[goes.pk]
    carried = Citizen.objects.filter(guardian__in=[stays, goes]).count()
    each_other = {stays.guardian_id, goes.guardian_id} & {stays.pk, goes.pk}
    if each_other or (carried and number_from(stays, goes).guardian_id):
        raise CarryEachOther
    if carried > wards.MOST:
        raise wards.TooManyWards
    return stays, goes


def _end_devices(person: Citizen, *, family: bool, now: datetime) -> list[Citizen]:
    """A person's phones hold no pass any more, with `family` nor those of who is carried on them; who had one. The
    caller holds them all."""
    people_of_phone = [person, *(Citizen.objects.filter(guardian=person) if family else ())]
    return [one for one in people_of_phone if Device.objects.active().filter(citizen=one).update(ended_at=now)]


def _leave_one(stays: Citizen, goes: Citizen, kept: Citizen, *, now: datetime) -> None:
    """The row that goes is no more; who stays has the number of whom it is kept from, with those who are carried."""
    contact = {name: getattr(kept, name) for name in CONTACT}
    lost = _lost_number(goes if kept is stays else stays, kept)
    SafeNumber.objects.filter(held_by=goes).update(held_by=stays)
    goes.delete()
    if lost:
        safe_numbers.end(lost, held_by=stays, now=now)
    for name, value in contact.items():
        setattr(stays, name, value)
    people.save(stays, ["name_index", "phone_index", *CONTACT])
    _carry_on(stays)


def _lost_number(loser: Citizen, kept: Citizen) -> bytes | None:
    """The number that neither has any more, unless somebody else holds a pass by it."""
    if loser.guardian_id or loser.phone_index is None or loser.phone == kept.phone:
        return None
    others = Citizen.objects.filter(phone_index=loser.phone_index, verified_at__isnull=False, guardian=None)
    return None if others.exclude(pk=loser.pk).exists() else bytes(loser.phone_index)


def _as_it_was(goes: Citizen) -> dict[str, Any]:
    """What parting needs to know."""
    plain = {name: getattr(goes, name) for name in ("name", "birth", "phone", "region", "language")}
    return plain | {"created_at": goes.created_at.isoformat()}


def _move(stays: Citizen, goes: Citizen) -> dict[str, list[str]]:
    """All that hangs on the one that goes; by kind, the keys of what moved."""
    moved: dict[str, list[str]] = {"records": []}
    for record in PassRecord.objects.filter(citizen=goes):  # one by one, so that the history has it
        record.citizen = stays
        record.save()
        moved["records"].append(str(record.pk))
    plain: dict[str, type[Model]] = {"devices": Device, "paper_passes": PaperPass, "former": FormerIdentity}
    for what, model in plain.items():
        rows = model._default_manager.filter(citizen=goes)
        moved[what] = [str(key) for key in rows.values_list("pk", flat=True)]
        rows.update(citizen=stays)
    Citizen.objects.filter(guardian=goes).update(guardian=stays)
    Consent.objects.filter(citizen=goes).update(citizen=stays)
    Consent.objects.filter(given_by=goes).update(given_by=stays)
    _move_reminders(stays, goes)
    moved["requests"] = _move_requests(stays, goes)
    moved["reviews"] = _move_reviews(stays, goes)
    return moved


def _move_reminders(stays: Citizen, goes: Citizen) -> None:
    """Those that were sent; others are planned anew from what the person's dates are now."""
    known = set(stays.reminders.values_list("kind", "on", "days_before"))
    sent = goes.reminders.filter(done_at__isnull=False).values_list("pk", "kind", "on", "days_before")
    fresh = [pk for pk, *what in sent if tuple(what) not in known]
    Reminder.objects.filter(pk__in=fresh).update(citizen=stays)
    stays.reminders.filter(done_at__isnull=True).delete()


def _move_requests(stays: Citizen, goes: Citizen) -> list[str]:
    """Of two open ones of a kind one is made, with the words of both and as old as the older."""
    moved = []
    waiting = {request.kind: request for request in Request.objects.open().filter(citizen=stays)}
    for request in Request.objects.filter(citizen=goes):
        double = waiting.get(request.kind) if request.closed_at is None else None
        if double:
            double.text = "\n\n".join(text for text in (double.text, request.text) if text)
            double.opened_at = min(double.opened_at, request.opened_at)
            double.save(update_fields=["text", "opened_at"])
            continue
        request.citizen = stays
        request.save(update_fields=["citizen"])
        moved.append(str(request.pk))
    return moved


def _move_reviews(stays: Citizen, goes: Citizen) -> list[str]:
    """All but those of this very pair, which are answered by the merging and go with the row."""
    moved = []
    for review in Review.objects.filter(Q(citizen=goes) | Q(other=goes)):
        review.citizen_id = stays.pk if review.citizen_id == goes.pk else review.citizen_id
        review.other_id = stays.pk if review.other_id == goes.pk else review.other_id
        same = Review.objects.filter(kind=review.kind, citizen=review.citizen_id, other=review.other_id, closed_at=None)
        if review.citizen_id != review.other_id and (review.closed_at or not same.exists()):
            review.save(update_fields=["citizen", "other"])
            moved.append(str(review.pk))
    return moved


def _carry_on(person: Citizen) -> None:
    """Whoever is carried has the number and the due date of who carries them."""
    same = {name: getattr(person, name) for name in ("phone", "verified_at", "due_on")}
    for ward in Citizen.objects.select_for_update().filter(guardian=person):
        for name, value in same.items():
            setattr(ward, name, value)
        people.save(ward, ["name_index", "phone_index", *same])


@transaction.atomic
def part(former: FormerIdentity, *, by: User | None, reason: str, now: datetime, address: str | None = None) -> Citizen:
    """Undo a merging: the row is back under its own UUID with its records and requests, and the number where it had
    come from there. Nobody keeps a pass: both check their numbers anew. `by` None is the register of those who left,
    after a restore. Raises NotParted, AlreadyKnown."""
    Citizen.objects.filter(Q(pk=former.citizen_id) | Q(guardian=former.citizen_id)).hold(for_update=True)
    stays = Citizen.objects.get(pk=former.citizen_id)
    row = FormerIdentity.objects.select_for_update().filter(pk=former.pk).first()
    if row is None:
        raise NotParted
    before = json.loads(row.before)
    for person in {stays, *_end_devices(stays, family=True, now=now)}:
        issuing.revoke(person, by=by, reason=reason, now=now)
    if before["number"] and stays.phone == before["phone"]:
        _give_up_number(stays, before["stays_phone"])
    back = Citizen(id=row.pk, **{name: before[name] for name in ("name", "birth", "phone", "region", "language")})
    people.save(back)
    Citizen.objects.filter(pk=back.pk).update(created_at=datetime.fromisoformat(before["created_at"]))
    _move_back(back, stays, before["moved"])
    row.delete()
    for target, other in ((stays, back), (back, stays)):
        audit.record(Tag.PEOPLE_PARTED, by=by, target=target, reason=reason, address=address, other=str(other.pk))
    return back


def _give_up_number(stays: Citizen, earlier: str | None) -> None:
    """Back to the number from before the merging, unproven, with those who are carried by it."""
    for person in [*Citizen.objects.filter(guardian=stays), stays]:
        person.phone, person.phone_since, person.verified_at, person.due_on = earlier, None, None, None
        people.save(person, ["name_index", "phone_index", "phone", "phone_since", "verified_at", "due_on"])


def _move_back(back: Citizen, stays: Citizen, moved: dict[str, list[str]]) -> None:
    for record in PassRecord.objects.filter(citizen=stays, pk__in=moved["records"]):
        record.citizen = back
        record.save()
    Request.objects.filter(citizen=stays, pk__in=moved["requests"]).update(citizen=back)
    for what, model in (("devices", Device), ("paper_passes", PaperPass)):
        rows = model._default_manager.filter(citizen=stays, pk__in=moved[what])
        rows.update(citizen=back)
    FormerIdentity.objects.filter(citizen=stays, pk__in=moved["former"]).update(citizen=back)
