"""Proving a mobile number for something other than a pass: the same check, codes, tries and limits, and no citizen."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from phonenumber_field.phonenumber import PhoneNumber

from registry.models import Verification
from registry.phone import verification


def take(check: UUID, code: str, *, now: datetime) -> PhoneNumber:
    """The number that a check was begun for, given its right code; the check is used up by it.

    A wrong try is counted for good. Raises UnknownVerification, CodeUsed, NoTriesLeft, CodeExpired, WrongCode.
    """
    with transaction.atomic():
        found, refusal = verification._check(check, code, now)
        if refusal is None:
            Verification.objects.filter(pk=found.pk).update(confirmed_at=now)
            return PhoneNumber.from_string(Verification.objects.get(pk=found.pk).phone)
    raise refusal


def spend_try(check: UUID) -> int:
    """Use up one more of the tries of a check whose code was right, for something wrong that was said along with the
    number; how many are left."""
    Verification.objects.filter(pk=check, tries_left__gt=0).update(tries_left=F("tries_left") - 1)
    left = Verification.objects.filter(pk=check).values_list("tries_left", flat=True).first()
    return left or 0
