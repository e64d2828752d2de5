"""A partner's app carries a person's pass: the wallet's own verbs, done in the app's name and counted as its use.

Whatever an app may do it does for one device in its own app; checks and devices of others are unknown to it. A day's
quota bounds the codes alone: a pass that is there is renewed whatever the app has used.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from phonenumber_field.phonenumber import PhoneNumber

from registry import issuing
from registry.citizens import devices, wards
from registry.errors import DATABASE_AWAY
from registry.models import Device, Partner, Verification
from registry.partners import use
from registry.partners.use import What
from registry.phone import verification
from registry.phone.holders import Identity


@transaction.atomic
def begin(
    app: Partner, phone: PhoneNumber, *, address: str, now: datetime, verification_id: UUID | None = None
) -> Verification:
    """As verification.begin; one code of the day's quota, where it is sent. Raises CodesUsed and what that raises."""
    use.spend_code(app, now)
    return verification.begin(phone, address=address, now=now, verification=verification_id, partner=app)


def confirm(app: Partner, check: UUID, *, now: datetime, **given: Any) -> issuing.Issue:
    """As verification.confirm, which is a transaction of its own: a wrong try counts whatever becomes of the rest."""
    issue = verification.confirm(check, now=now, partner=app, **given)
    _count(app, now, What.CONFIRMED, What.PASSES)
    return issue


def renew(app: Partner, device: Device, *, day_keys: Mapping[date, bytes], now: datetime) -> issuing.Issue:
    """As issuing.renew."""
    issue = issuing.renew(device, day_keys=dict(day_keys), now=now)
    _count(app, now, What.PASSES)
    return issue


def add_ward(app: Partner, device: Device, identity: Identity, *, now: datetime, **given: Any) -> issuing.Issue:
    """As wards.add, beside the pass of the device in the app."""
    issue = wards.add(device, identity, now=now, **given)
    _count(app, now, What.PASSES)
    return issue


def end(app: Partner, device: Device, *, now: datetime, address: str | None = None) -> None:
    """As devices.hand_back."""
    devices.hand_back(device, now=now, address=address)
    _count(app, now, What.ENDED)


def _count(app: Partner, now: datetime, *done: What) -> None:
    """What was done is done: a count may be lacking, a true answer not."""
    with suppress(*DATABASE_AWAY):
        for what in done:
            use.count(app, what, now)
