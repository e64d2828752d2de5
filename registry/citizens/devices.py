"""A lost phone: what it holds is void, the person's own pass and those carried on it."""

from datetime import datetime

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
    """End the pass on one phone at once and void its strips, with those of who is carried on it. The number has to be
    checked anew on another phone; a paper pass stays good. Raises AlreadyEnded."""
    holder = Citizen.objects.select_for_update(no_key=True).get(pk=device.citizen_id)
    if not Device.objects.active().filter(pk=device.pk).update(ended_at=now):
        raise AlreadyEnded
    for person in [holder, *Citizen.objects.filter(guardian=holder)]:
        if Device.objects.active().filter(citizen=person).update(ended_at=now) or person == holder:
            issuing.revoke(person, by=by, reason=reason, now=now, paper_too=False)
    audit.record(Tag.DEVICE_BLOCKED, by=by, target=holder, reason=reason, address=address, device=str(device.pk))
