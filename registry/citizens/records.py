"""What clerks do with pass records: add, correct, revoke. A record is a fact; what it means is policy."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import audit, issuing, vault
from registry.citizens import record_rules
from registry.errors import DomainError
from registry.models import Citizen, PassRecord, Tag, User, Vaccine
from registry.validity import Standing

Given = tuple[int, date, Vaccine | None]  # dose, day, product


class AlreadyRevoked(DomainError):
    code = "already_revoked"
    message = _("This record is revoked already.")


def check(record: PassRecord) -> None:
    """What a record must be like beside the others of the same person (record_rules.py). Raises BeforeBirth,
    DosesOutOfOrder, DoseOnRecord, DosesTooClose."""
    check_born(record)
    check_doses(record)
    check_intervals(record)


def check_born(record: PassRecord) -> None:
    """Raises BeforeBirth."""
    record_rules.check_born(record.day, record.citizen.birth_date)


def check_doses(record: PassRecord) -> None:
    """A dose fits those on record of the same person. Raises DosesOutOfOrder, DoseOnRecord."""
    if record.dose is not None:
        record_rules.check_dose(record.dose, record.day, [(other.dose or 0, other.day) for other in _doses(record)])


def check_intervals(record: PassRecord) -> None:
    """From the dose before and to the dose after lie as many days as the later one's vaccine asks for. Raises
    DosesTooClose."""
    record_rules.check_interval(record.day, _near(_given(record), [_given(other) for other in _doses(record)]))


def check_given(given: Given, others: list[Given]) -> None:
    """A dose fits the others of the same person, in order and interval. Raises DosesOutOfOrder, DoseOnRecord,
    DosesTooClose."""
    record_rules.check_dose(given[0], given[1], [(dose, day) for dose, day, _vaccine in others])
    record_rules.check_interval(given[1], _near(given, others))


def _given(record: PassRecord) -> Given:
    return record.dose or 0, record.day, record.vaccine


def _near(given: Given, others: list[Given]) -> Iterator[tuple[int, date, int, str]]:
    """The doses next to one, as `record_rules.check_interval` takes them."""
    for other in others:
        first, (dose, _day, vaccine) = sorted((given, other), key=lambda one: one[0])
        if vaccine and dose - first[0] == 1:
            yield other[0], other[1], vaccine.days_before(dose), str(vaccine)


def _doses(record: PassRecord) -> list[PassRecord]:
    """The other doses of the same person, where the record is one itself."""
    if record.kind != PassRecord.Kind.VACCINATION or record.dose is None:
        return []
    others = PassRecord.objects.standing().filter(citizen_id=record.citizen_id, kind=record.kind)
    return list(others.filter(dose__isnull=False).exclude(pk=record.pk).select_related("vaccine"))


def worse(after: Standing, before: Standing) -> bool:
    """Whether strips signed under `before` promise more than is true now."""
    if not before.valid:
        return False
    return not after.valid or (after.until or date.max) < (before.until or date.max)


@transaction.atomic
def add(record: PassRecord, *, by: User, address: str | None = None) -> PassRecord:
    """Put a record on file. Raises what `check` does: also where another clerk adds one at the same moment."""
    Citizen.objects.filter(pk=record.citizen_id).hold()
    check(record)
    record.save()
    audit.record(Tag.RECORD_ADDED, by=by, target=record, address=address, citizen=str(record.citizen_id))
    return record


def _locked(record: PassRecord) -> PassRecord:
    """The row as it stands, held until the transaction ends, the person before it as merging does. Raises
    AlreadyRevoked."""
    Citizen.objects.filter(records=record.pk).hold()
    row = PassRecord.objects.standing().select_for_update().filter(pk=record.pk).first()
    if row is None:
        raise AlreadyRevoked
    return row


@transaction.atomic
def correct(
    record: PassRecord, *, fields: list[str], by: User, now: datetime, address: str | None = None
) -> PassRecord:
    """Save the changed `fields`; the history keeps the values before. Where the person's pass gets worse, strips end.

    Raises AlreadyRevoked, and what `check` does.
    """
    row = _locked(record)
    today = vault.today(now)
    before = issuing.standing(row.citizen, today)
    for field in fields:
        setattr(row, field, getattr(record, field))
    check(row)
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
