"""What the service desk does with laboratories and hospitals: added, given another key, closed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, secrets
from registry.errors import DomainError
from registry.models import Partner, Tag, User
from registry.partners import keys


class LabClosed(DomainError):
    code = "lab_closed"
    message = _("This lab is closed already.")


@transaction.atomic
def add(lab: Partner, *, by: User, now: datetime, address: str | None = None) -> str:
    """Put a lab on record; its key, which is told this once."""
    key = keys.put_on_record(lab, Partner.Kind.LAB, by=by, now=now)
    audit.record(Tag.LAB_ADDED, by=by, target=lab, address=address)
    return key


@transaction.atomic
def change(lab: Partner, *, by: User, address: str | None = None) -> None:
    """Write down the region and quota that it was given. Raises LabClosed."""
    told: dict[str, Any] = {"region": lab.region, "daily_quota": lab.daily_quota}
    if not Partner.objects.open().filter(pk=lab.pk).update(**told):
        raise LabClosed
    audit.record(Tag.LAB_CHANGED, by=by, target=lab, address=address, **told)


@transaction.atomic
def renew_key(lab: Partner, *, by: User, now: datetime, reason: str, address: str | None = None) -> str:
    """A new key; the old one ends at once. Raises LabClosed."""
    key = keys.new()
    if not Partner.objects.open().filter(pk=lab.pk).update(key_hash=secrets.token_hash(key), key_made_at=now):
        raise LabClosed
    audit.record(Tag.LAB_KEY_RENEWED, by=by, target=lab, reason=reason, address=address)
    return key


@transaction.atomic
def close(lab: Partner, *, by: User, now: datetime, reason: str, address: str | None = None) -> None:
    """Its key ends for good; its records stay. Raises LabClosed."""
    if not Partner.objects.open().filter(pk=lab.pk).update(closed_at=now, close_reason=reason):
        raise LabClosed
    audit.record(Tag.LAB_CLOSED, by=by, target=lab, reason=reason, address=address)
