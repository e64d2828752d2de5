"""A person erased at the desk: what goes and what stays is shown first, and pass records, which are evidence, take a
second person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from registry import approvals
from registry.citizens import withdrawal
from registry.citizens.people import NobodyThere
from registry.models import Approval, Citizen, PassRecord, Review, User

DEED = "erase_person"


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing would delete, in numbers, and what a clerk should know before."""

    records: int
    versions: int  # of these records, as they were before corrections
    requests: int
    items: int
    phones: int
    paper: int
    carried: int  # people who stay, without a pass
    disputed: bool  # somebody else claims the number, and that is open

    @property
    def needs_two(self) -> bool:
        return bool(self.records)


def preview(citizen: Citizen) -> Preview:
    items = citizen.reviews.all() | Review.objects.filter(other=citizen)
    history = PassRecord.history.filter(citizen_id=citizen.pk)  # type: ignore[attr-defined] # simple-history's manager
    return Preview(
        records=citizen.records.count(),
        versions=history.count(),
        requests=citizen.requests.count(),
        items=items.count(),
        phones=citizen.devices.count(),
        paper=citizen.paper_passes.count(),
        carried=citizen.wards.count(),
        disputed=items.filter(kind=Review.Kind.NUMBER_CLAIMED, closed_at=None).exists(),
    )


@transaction.atomic
def erase_or_ask(
    citizen: Citizen, *, by: User, reason: str, now: datetime, address: str | None = None
) -> Approval | None:
    """Erase somebody without pass records at once; otherwise ask a second person, whose approval is given back. Raises
    AlreadyAsked."""
    if PassRecord.objects.filter(citizen=citizen).exists():
        return approvals.ask(DEED, target=citizen, by=by, reason=reason, now=now, address=address)
    withdrawal.erase(citizen, by=by, reason=reason, now=now, address=address)
    return None


def person_of(approval: Approval) -> Citizen | None:
    """Whom an approval is about, as long as they are there."""
    return Citizen.objects.filter(pk=UUID(approval.target_key)).first()


def _in_words(approval: Approval) -> str:
    person = person_of(approval)
    if person is None:
        return str(NobodyThere.message)
    numbers = preview(person)
    return str(_("{person}, pass records: {records}")).format(person=person, records=numbers.records)


@approvals.deed(
    DEED,
    title=_("Erase a person with pass records"),
    permission="registry.delete_citizen",
    describe=_in_words,
    region=lambda citizen, values: citizen.region or Approval.ANY_REGION,
)
def _erase(approval: Approval, by: User, now: datetime) -> None:
    """Raises NobodyThere, NotYours where the person is of another region than who decides."""
    person = person_of(approval)
    if person is None:
        raise NobodyThere
    if not Citizen.objects.seen_by(by).filter(pk=person.pk).exists():
        raise approvals.NotYours
    withdrawal.erase(person, by=by, reason=approval.reason, now=now)
