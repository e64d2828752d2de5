"""A number that changes hands: whoever proves it as somebody new gets it, without anything of the one before; a clerk
looks, and gives it back where that was wrong (docs/decisions/0011-numbers-that-change-hands.md)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from registry import audit, issuing
from registry.errors import DomainError
from registry.models import Citizen, Device, Review, Tag, User
from registry.phone import holders, safe_numbers
from registry.phone.holders import DoesNotFit, Identity
from registry.sms import outbox, texts

NOTICE_USEFUL_FOR = timedelta(days=1)


class NotClaimed(DomainError):
    code = "not_claimed"
    message = _("Nothing can be given back: this item is closed, or the number has changed hands again.")


def whose(
    phone: str, phone_index: bytes, identity: Identity, *, claim: bool, address: str | None, now: datetime
) -> tuple[Citizen, bool]:
    """The person with this number, name and birth date; else somebody new, without records. And whether they may be
    somebody on record already, which a clerk has to say. Raises DoesNotFit unless the number is claimed."""
    if known := holders.same_person(phone_index, identity):
        return known, known.under_review
    holders.one_at_a_time(phone_index)
    if known := holders.same_person(phone_index, identity):  # came in at the same moment, by another check
        return known, known.under_review
    akin = holders.akin_to(phone_index, identity)
    if akin.holders and not claim:
        raise DoesNotFit
    if akin.proven:
        _take(akin, phone_index, address=address, now=now)
    elif akin.others:
        safe_numbers.end(phone_index, held_by=None, now=now)
    gone = {person.pk for person in akin.proven}
    others = [other for other in akin.others if other.pk not in gone]
    newcomer, review = holders.take_in(phone, identity, others=others, now=now)
    if akin.holders:
        _tell(newcomer, akin.holders, address=address, now=now)
    return newcomer, review


def _take(akin: holders.Akin, phone_index: bytes, *, address: str | None, now: datetime) -> None:
    """Part everybody who had proven the number from it, those who were carried by it as well."""
    part(akin.proven, by=None, reason="number claimed", now=now)
    held_by = next(iter(akin.holders or akin.proven), None)
    safe_numbers.end(phone_index, held_by=held_by, now=now)
    for person in akin.holders:
        audit.record(Tag.NUMBER_CLAIMED, by=None, target=person, address=address)


def _tell(newcomer: Citizen, before: list[Citizen], *, address: str | None, now: datetime) -> None:
    """An item for a clerk for each holder before, and a message to the number, should that be theirs after all."""
    kind = Review.Kind.NUMBER_CLAIMED
    Review.objects.bulk_create([Review(kind=kind, citizen=newcomer, other=old, opened_at=now) for old in before])
    audit.record(Tag.NUMBER_CLAIMED, by=None, target=newcomer, address=address)
    text = texts.number_claimed(newcomer.language)
    phone = PhoneNumber.from_string(newcomer.phone)
    outbox.enqueue(phone, text, purpose="notice", useful_for=NOTICE_USEFUL_FOR, now=now)


def part(people: Iterable[Citizen], *, by: User | None, reason: str, now: datetime) -> None:
    """The number is no longer theirs: their phones hold no pass any more, their strips are void."""
    ids = [person.pk for person in people]
    Citizen.objects.filter(pk__in=ids).hold(for_update=True)
    Device.objects.active().filter(citizen__in=ids).update(ended_at=now)
    for person in Citizen.objects.filter(pk__in=ids):
        issuing.revoke(person, by=by, reason=reason, now=now)
    gone = {"phone": None, "phone_index": None, "phone_since": None, "verified_at": None, "due_on": None}
    Citizen.objects.filter(pk__in=ids).update(**gone)


@transaction.atomic
def give_back(review: Review, *, by: User, answer: str, now: datetime, address: str | None = None) -> None:
    """Undo a claim: the number is the former holder's again, who proves it anew to get the pass back, with the people
    carried by it; the claimant's pass ends. Closes the item. Raises NotClaimed."""
    review = _held(review)
    claimant, former = review.citizen, review.other
    open_claim = review.kind == Review.Kind.NUMBER_CLAIMED and review.closed_at is None
    if not open_claim or not claimant.phone or claimant.phone_index is None or former.phone:
        raise NotClaimed
    phone, phone_index = claimant.phone, bytes(claimant.phone_index)
    part([*claimant.wards.all(), claimant], by=by, reason="number given back", now=now)
    safe_numbers.end(phone_index, held_by=claimant, now=now)
    safe_numbers.stand_again(phone_index, ended_at=review.opened_at)
    for person in [former, *former.wards.filter(phone_index=None)]:
        person.phone = phone
        person.save(update_fields=["phone", "phone_index", "name_index"])
    Review.objects.filter(pk=review.pk).update(closed_at=now, closed_by=by, answer=answer)
    for target in (former, claimant):
        audit.record(Tag.NUMBER_CLAIMED, by=by, target=target, address=address, reason=answer, given_back=True)
    audit.record(Tag.REVIEW_CLOSED, by=by, target=review, address=address)


def _held(review: Review) -> Review:
    """The item as it stands, locked with its number, its two people and those they carry, in the order in which claims
    and mergings lock them. Raises NotClaimed where it is of other people or another number meanwhile."""
    if review.citizen.phone_index:
        holders.one_at_a_time(bytes(review.citizen.phone_index))
    both = review.citizen_id, review.other_id
    Citizen.objects.filter(Q(pk__in=both) | Q(guardian__in=both)).hold(for_update=True)
    items = Review.objects.select_related("citizen", "other").select_for_update(of=("self",))
    item = items.filter(pk=review.pk, citizen=both[0], other=both[1]).first()
    if item is None or item.citizen.phone != review.citizen.phone:
        raise NotClaimed
    return item
