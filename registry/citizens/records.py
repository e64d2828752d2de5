"""What clerks do with pass records: add, correct, revoke. A record is a fact; what it means is policy."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing, vault
from registry.citizens import record_rules
from registry.errors import DomainError
from registry.models import PassRecord, Tag, User
from registry.validity import Standing


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    message = _("This record is revoked already.")


def check_doses(record: PassRecord) -> None:
    """A dose fits those on record of the same person. Raises DosesOutOfOrder, DoseOnRecord (record_rules.py)."""
    if record.kind != PassRecord.Kind.VACCINATION or record.dose is None:
        return
    others = PassRecord.objects.standing().filter(citizen_id=record.citizen_id, kind=record.kind)
    found = others.filter(dose__isnull=False).exclude(pk=record.pk).values_list("dose", "day")
    record_rules.check_dose(record.dose, record.day, [(int(dose or 0), day) for dose, day in found])


def worse(after: Standing, before: Standing) -> bool:
    """Whether strips signed under `before` promise more than is true now."""
    if not before.valid:
        return False
    return not after.valid or (after.until or date.max) < (before.until or date.max)


@transaction.atomic
def add(record: PassRecord, *, by: User, address: str | None = None) -> PassRecord:
    """Put a record on file. Raises DosesOutOfOrder, DoseOnRecord."""
    check_doses(record)
    record.save()
    audit.record(Tag.RECORD_ADDED, by=by, target=record, address=address, citizen=str(record.citizen_id))
    return record


def _locked(record: PassRecord) -> PassRecord:
    """The row as it stands, held until the transaction ends. Raises AlreadyRevoked."""
    row = PassRecord.objects.standing().select_for_update().filter(pk=record.pk).first()
    if row is None:
        raise AlreadyRevoked
    return row


@transaction.atomic
def correct(
    record: PassRecord, *, fields: list[str], by: User, now: datetime, address: str | None = None
) -> PassRecord:
    """Save the changed `fields`; the history keeps the values before. Where the person's pass gets worse, strips end.

    Raises AlreadyRevoked, DosesOutOfOrder, DoseOnRecord.
    """
    row = _locked(record)
    today = vault.today(now)
    before = issuing.standing(row.citizen, today)
    for field in fields:
        setattr(row, field, getattr(record, field))
    check_doses(row)
    row.save()
    audit.record(
        Tag.RECORD_CORRECTED, by=by, target=row, address=address, citizen=str(row.citizen_id), fields=sorted(fields)
    )
    if worse(issuing.standing(row.citizen, today), before):
        issuing.revoke(row.citizen, by=by, reason="record corrected", now=now)
    return row


@transaction.atomic
def revoke(record: PassRecord, *, by: User, reason: str, now: datetime, address: str | None = None) -> None:
    """Take a record out of force for good; the strips made with it end. Raises AlreadyRevoked."""
    row = _locked(record)
    row.revoked_at, row.revoke_reason = now, reason
    row.save()
    audit.record(Tag.RECORD_REVOKED, by=by, target=row, reason=reason, address=address, citizen=str(row.citizen_id))
    issuing.revoke(row.citizen, by=by, reason=reason, now=now)
