"""A pass that ends on one phone: a lost one, by a clerk; in a partner's app, by its holder or by the app itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing
from registry.citizens import wards
from registry.errors import DomainError
from registry.models import Citizen, Device, Tag, User
from registry.models.phone import DeviceQuerySet


class AlreadyEnded(DomainError):
    code = "already_ended"
    message = _("This phone holds no pass any more.")


@transaction.atomic
def block(device: Device, *, by: User, reason: str, now: datetime, address: str | None = None) -> None:
    """End the pass on one phone, in our wallet or in an app, at once, and void the strips of its holder and of those
    who are carried on it. There the number has to be checked anew; elsewhere passes are fetched anew, and a paper pass
    stays good. Raises AlreadyEnded."""
    ended = _end(device, now)
    for one in ended:
        issuing.revoke(one.citizen, by=by, reason=reason, now=now, paper_too=False)
    detail = {"device": str(device.pk)}
    audit.record(Tag.DEVICE_BLOCKED, by=by, target=ended[0].citizen, reason=reason, address=address, **detail)


@transaction.atomic
def end_in_app(device_id: UUID, *, holder: Citizen, now: datetime, address: str | None = None) -> None:
    """The holder ends, from our own wallet, the own pass in a partner's app with those carried beside it there, or one
    of these: what that app holds is void at once, and with it all strips of these people signed before; whoever still
    carries their passes fetches anew. Raises AlreadyEnded."""
    theirs = Q(citizen=holder) | Q(citizen__guardian=holder)
    device = _active().filter(theirs, partner__isnull=False, pk=device_id).first()
    if device is None:
        raise AlreadyEnded
    for one in _end_with_carried(device, now=now, by_app=False, address=address):
        issuing.revoke(one.citizen, by=None, reason="ended by holder", now=now, paper_too=False)


@transaction.atomic
def hand_back(device: Device, *, now: datetime, address: str | None = None) -> None:
    """The app itself ends the pass on the phone that asks, with those carried beside it there, and forgets their keys:
    nothing has to be voided. Raises AlreadyEnded."""
    _end_with_carried(device, now=now, by_app=True, address=address)


def _end_with_carried(device: Device, *, now: datetime, by_app: bool, address: str | None) -> list[Device]:
    """As `_end`, in an app, with what the log has of each."""
    ended = _end(device, now)
    for one in ended:
        detail: dict[str, Any] = {"device": str(one.pk), "partner": one.partner_id, "by_app": by_app}
        audit.record(Tag.APP_PASS_ENDED, by=None, target=one.citizen, address=address, **detail)
        wards.let_go(one.citizen, address=address)
    return ended


def _end(device: Device, now: datetime) -> list[Device]:
    """End a pass and those carried beside it there; all that ended, its own first, with their holders as they stand
    now, who are held. Raises AlreadyEnded."""
    held = Device.objects.filter(pk=device.pk).held()
    if held is None:
        raise AlreadyEnded
    Citizen.objects.filter(guardian=held.citizen_id).hold()
    ended = [held, *_carried_on(held)]
    Device.objects.filter(pk__in=[one.pk for one in ended]).update(ended_at=now)
    return ended


def _carried_on(device: Device) -> list[Device]:
    """Those of a child or parent beside its holder's, in our wallet or in the same app."""
    return list(_active().carried_by(device.partner).filter(citizen__guardian=device.citizen_id))


def _active() -> DeviceQuerySet:
    return Device.objects.active().select_related("citizen", "partner")
