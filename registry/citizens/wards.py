"""A child's or a parent's pass beside one's own: by the same number, on the same phone, until the same day.

The guardian's phone signs, so nobody but who holds a pass by a number adds people to it. Records come only where the
ward is on record with that number; anybody else begins without records, and a clerk looks.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing, vault
from registry.errors import DomainError
from registry.models import Citizen, Consent, Device, Tag
from registry.phone import holders
from registry.phone.holders import Identity

MOST = 8
MOST_NEW_A_DAY = 12  # people without records that a number brings in: names are not to be tried out, nor clerks flooded


class TooManyWards(DomainError):
    code = "too_many_wards"
    message = _("You carry 8 passes already. Please end one before you add another.")


class EnoughToday(DomainError):
    code = "enough_today"
    status = 429
    message = _("Many people were added with this number today. Please try again tomorrow, or ask at the counter.")


class CannotBeCarried(DomainError):
    code = "cannot_be_carried"
    status = 422
    message = _("This person cannot be added: it is yourself, or somebody who carries passes of others.")


class CannotCarry(DomainError):
    """Somebody who is carried, or who has no number of their own."""

    code = "cannot_carry"
    status = 403
    message = _("Only who has checked a number of their own can carry the pass of a child or parent.")


class UnknownWard(DomainError):
    code = "unknown_ward"
    status = 404
    message = _("You do not carry this pass any more.")


def add(
    device: Device,
    identity: Identity,
    *,
    relation: str,
    consent: str,
    device_key: bytes,
    day_keys: dict[date, bytes],
    now: datetime,
    address: str | None = None,
) -> issuing.Issue:
    """Carry somebody's pass on the guardian's device, as a device of its own, in the app that the guardian's is in;
    once more on a new phone as well.

    Raises CannotCarry, CannotBeCarried, TooManyWards, EnoughToday, NotVerified, BadKey.
    """
    vault.make_keys_ahead(vault.today(now))  # read before anybody is held
    with transaction.atomic():
        phone_index = bytes(device.citizen.phone_index or b"")
        holders.one_at_a_time(phone_index)
        guardian = _guardian(device, phone_index, identity)
        ward, review = _carry(guardian, phone_index, identity, relation, now=now)
        Consent.objects.get_or_create(citizen=ward, given_by=guardian, version=consent, defaults={"at": now})
        detail = {"guardian": str(guardian.pk), "relation": relation} | audit.through(device.partner)
        audit.record(Tag.WARD_ADDED, by=None, target=ward, address=address, **detail)
        keys: dict[str, Any] = {"device_key": device_key, "day_keys": day_keys}
        return issuing.enrol(ward, **keys, now=now, review=review, partner=device.partner)


def _carry(
    guardian: Citizen, phone_index: bytes, identity: Identity, relation: str, *, now: datetime
) -> tuple[Citizen, bool]:
    """The person, carried by the guardian from now on, and whether a clerk is to say whose records are theirs. Raises
    CannotBeCarried, TooManyWards, EnoughToday."""
    known = holders.same_person(phone_index, identity)
    _check(guardian, known)
    carried: dict[str, Any] = {"guardian": guardian, "relation": relation, "verified_at": guardian.verified_at}
    carried |= {"due_on": guardian.due_on, "phone_since": guardian.phone_since or now}
    return _carry_again(known, carried) if known else _take_in(phone_index, identity, carried, now=now)


def _carry_again(known: Any, carried: dict[str, Any]) -> tuple[Citizen, bool]:
    """As `_carry`, of somebody on record with the number."""
    Citizen.objects.filter(pk=known.pk).update(**carried)
    known.due_on = carried["due_on"]
    return known, known.under_review


def _guardian(device: Device, phone_index: bytes, identity: Identity) -> Citizen:
    """The holder of the device, who still has the number, held so that wards are counted one at a time, and with them
    whoever has it under that name. Raises CannotCarry."""
    named = Q(phone_index=phone_index, name_index=identity.name_index)
    Citizen.objects.filter(Q(pk=device.citizen_id) | named).hold()
    guardian = Citizen.objects.filter(pk=device.citizen_id).first()  # none: merged into somebody meanwhile
    if guardian is None or guardian.guardian_id or guardian.due_on is None:
        raise CannotCarry
    if not phone_index or guardian.phone_index is None or bytes(guardian.phone_index) != phone_index:
        raise CannotCarry
    return guardian


def _check(guardian: Citizen, known: Citizen | None) -> None:
    """Raises CannotBeCarried, TooManyWards."""
    if known and (known.pk == guardian.pk or Citizen.objects.filter(guardian=known).exists()):
        raise CannotBeCarried
    others = Citizen.objects.filter(guardian=guardian)
    if (others.exclude(pk=known.pk) if known else others).count() >= MOST:
        raise TooManyWards


def _take_in(phone_index: bytes, identity: Identity, carried: dict[str, Any], *, now: datetime) -> tuple[Citizen, bool]:
    """Somebody without records; a clerk looks where the name is known, or the number stands on a record unproven.

    Raises EnoughToday.
    """
    lately = Citizen.objects.filter(phone_index=phone_index, created_at__gt=now - timedelta(days=1))
    if lately.count() >= MOST_NEW_A_DAY:
        raise EnoughToday
    akin = holders.akin_to(phone_index, identity)
    family = {person.pk for person in akin.proven}
    others = [other for other in akin.others if other.pk not in family]
    return holders.take_in(carried["guardian"].phone, identity, others=others, now=now, **carried)


@transaction.atomic
def end(ward: UUID, *, device: Device, now: datetime, address: str | None = None) -> None:
    """End the pass of somebody whom the holder of the device carries, wherever: devices and strips; the record stays,
    with the number, so that it can be carried again. Raises UnknownWard."""
    carried = Citizen.objects.select_for_update().filter(pk=ward, guardian=device.citizen_id).first()
    if carried is None:
        raise UnknownWard
    Device.objects.active().filter(citizen=carried).update(ended_at=now)
    issuing.revoke(carried, by=None, reason="no longer carried", now=now)
    let_go(carried, address=address)


def let_go(ward: Citizen, *, address: str | None = None) -> None:
    """Who is carried on no phone any more is nobody's ward. Nothing happens to anybody else."""
    nowhere = ~Exists(Device.objects.active().filter(citizen=OuterRef("pk")))
    theirs = Citizen.objects.filter(nowhere, pk=ward.pk, guardian__isnull=False)
    if theirs.update(guardian=None, relation="", verified_at=None, due_on=None):
        audit.record(Tag.WARD_ENDED, by=None, target=ward, address=address, guardian=str(ward.guardian_id))
