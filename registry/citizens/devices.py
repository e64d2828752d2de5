"""A pass that ends on one phone: a lost one, by a clerk; in a partner's app, by its holder or by the app itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing
from registry.errors import DomainError
from registry.models import Citizen, Device, Tag, User


class AlreadyEnded(DomainError):
    code = "already_ended"
    message = _("This phone holds no pass any more.")


@transaction.atomic
def block(device: Device, *, by: User, reason: str, now: datetime, address: str | None = None) -> None:
    """End the pass on one phone, in our wallet or in an app, at once, and void the strips of its holder; in our wallet
    those of who is carried on it as well. There the number has to be checked anew; elsewhere the holder's pass is
    fetched anew, and a paper pass stays good. Raises AlreadyEnded."""
    holder = Citizen.objects.select_for_update(no_key=True).get(pk=device.citizen_id)
    if not Device.objects.active().filter(pk=device.pk).update(ended_at=now):
        raise AlreadyEnded
    issuing.revoke(holder, by=by, reason=reason, now=now, paper_too=False)
    carried = Citizen.objects.filter(guardian=holder) if device.partner_id is None else ()
    for ward in carried:
        if Device.objects.active().filter(citizen=ward).update(ended_at=now):
            issuing.revoke(ward, by=by, reason=reason, now=now, paper_too=False)
    audit.record(Tag.DEVICE_BLOCKED, by=by, target=holder, reason=reason, address=address, device=str(device.pk))


@transaction.atomic
def end_in_app(device_id: UUID, *, holder: Citizen, now: datetime, address: str | None = None) -> None:
    """The holder ends the pass in a partner's app from our own wallet: what that app holds is void at once, and with it
    all strips of the person signed before; whoever still carries the pass fetches anew. Raises AlreadyEnded."""
    mine = Device.objects.active().filter(citizen=holder, partner__isnull=False, pk=device_id)
    partner = mine.values_list("partner", flat=True).first()
    if partner is None or not mine.update(ended_at=now):
        raise AlreadyEnded
    issuing.revoke(holder, by=None, reason="ended by holder", now=now, paper_too=False)
    _tell(holder, device_id, partner, by_app=False, address=address)


@transaction.atomic
def hand_back(device: Device, *, now: datetime, address: str | None = None) -> None:
    """The app itself ends the pass on the phone that asks, and forgets its keys: nothing has to be voided. Raises
    AlreadyEnded."""
    if not Device.objects.active().filter(pk=device.pk).update(ended_at=now):
        raise AlreadyEnded
    _tell(device.citizen, device.pk, device.partner_id, by_app=True, address=address)


def _tell(holder: Citizen, device: UUID, partner: int | None, *, by_app: bool, address: str | None) -> None:
    detail: dict[str, Any] = {"device": str(device), "partner": partner, "by_app": by_app}
    audit.record(Tag.APP_PASS_ENDED, by=None, target=holder, address=address, **detail)
