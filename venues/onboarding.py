"""How a venue comes in and what a clerk decides about it: applications with their questions and answers, approval,
and suspending an open venue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.models import Tag, User
from registry.sms import texts
from venues import documents, notices
from venues.models import Application, Category, Document, Operator, Remark, Staff, Venue

MOST_OPEN = 20  # applications of one person that may wait at a time


class NotOpen(DomainError):
    code = "not_open"
    message = _("This venue is not open, so it cannot be suspended.")


class NotSuspended(DomainError):
    code = "not_suspended"
    message = _("This venue is not suspended.")


class TooManyApplications(DomainError):
    code = "too_many_applications"
    status = 429
    message = _("Twenty of your applications are waiting. Please wait for our answers, or withdraw one.")


class Decided(DomainError):
    code = "decided"
    message = _("This application has been decided or withdrawn already.")


class NoQuestion(DomainError):
    code = "no_question"
    message = _("There is no open question any more.")


class NumberOfAnother(DomainError):
    code = "number_of_another"
    message = _(
        "This business number belongs to an operator whose owner is somebody else. "
        "That owner can invite the applicant as staff; otherwise reject the application, or ask back."
    )


class SameCategory(DomainError):
    code = "same_category"
    status = 422
    message = _("The venue is in this category already.")


class SameName(DomainError):
    code = "same_name"
    status = 422
    message = _("The venue is called so already.")


class ChangeWaits(DomainError):
    code = "change_waits"
    message = _("Such a change of this venue is waiting already.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an owner tells of a new venue. `operator` None: a new one, of `operator_name`, with a business number or,
    where there is none, `proof`: what the document is."""

    operator: Operator | None
    operator_name: str
    business_number: str
    proof: str
    venue_name: str
    category: Category
    region: str
    address: str
    capacity: int | None


# --- the owner's side


@transaction.atomic
def apply(
    wanted: Wanted, proofs: list[Document], *, by: User, now: datetime, address: str | None = None
) -> Application:
    """Ask for a new venue. Raises TooManyApplications."""
    _few_enough(by)
    operator = wanted.operator
    application = Application.objects.create(
        applicant=by,
        operator=operator,
        operator_name=operator.name if operator else wanted.operator_name,
        business_number=(operator.business_number or "") if operator else wanted.business_number,
        proof=wanted.proof,
        venue_name=wanted.venue_name,
        category=wanted.category,
        region=wanted.region,
        address=wanted.address,
        capacity=wanted.capacity,
        sent_at=now,
    )
    documents.attach(proofs, application)
    audit.record(Tag.VENUE_APPLIED, by=by, target=application, address=address, kind=application.kind)
    return application


@transaction.atomic
def ask_for_category(
    venue: Venue, category: Category, proofs: list[Document], *, by: User, now: datetime, address: str | None = None
) -> Application:
    """Ask for another category; the old one stays in force until a clerk has approved.

    Raises SameCategory, ChangeWaits, TooManyApplications.
    """
    if venue.category_id == category.pk:
        raise SameCategory
    application = _ask(venue, Application.Kind.CATEGORY, proofs, by=by, now=now, category=category)
    audit.record(Tag.VENUE_APPLIED, by=by, target=application, address=address, kind=application.kind)
    return application


@transaction.atomic
def ask_for_name(
    venue: Venue, name: str, proofs: list[Document], *, by: User, now: datetime, address: str | None = None
) -> Application:
    """Ask for another name, as the agency signs it on the poster; the old one stays until a clerk has approved.

    Raises SameName, ChangeWaits, TooManyApplications.
    """
    if venue.name == name:
        raise SameName
    application = _ask(venue, Application.Kind.NAME, proofs, by=by, now=now, venue_name=name)
    audit.record(Tag.VENUE_APPLIED, by=by, target=application, address=address, kind=application.kind)
    return application


def _ask(
    venue: Venue, kind: Application.Kind, proofs: list[Document], *, by: User, now: datetime, **wanted: Any
) -> Application:
    _few_enough(by)
    asked: dict[str, Any] = {"category": venue.category, "venue_name": venue.name} | wanted
    try:
        with transaction.atomic():
            application = Application.objects.create(
                kind=kind, applicant=by, operator=venue.operator, venue=venue, operator_name=venue.operator.name,
                business_number=venue.operator.business_number or "", region=venue.region, address=venue.address,
                sent_at=now, **asked,
            )  # fmt: skip
    except IntegrityError as error:
        raise ChangeWaits from error
    documents.attach(proofs, application)
    return application


def _few_enough(user: User) -> None:
    if Application.objects.open().filter(applicant=user).count() >= MOST_OPEN:
        raise TooManyApplications


@transaction.atomic
def answer(
    application: Application,
    text: str,
    proofs: list[Document],
    *,
    by: User,
    now: datetime,
    address: str | None = None,
) -> None:
    """Answer the clerk's question, perhaps with a document. Raises NoQuestion."""
    asked = Application.objects.filter(pk=application.pk, status=Application.Status.ASKED)
    if not asked.update(status=Application.Status.WAITING):
        raise NoQuestion
    Remark.objects.create(application=application, kind=Remark.Kind.ANSWER, text=text, at=now, by=by)
    documents.attach(proofs, application)
    audit.record(Tag.APPLICATION_ANSWERED, by=by, target=application, address=address)


@transaction.atomic
def withdraw(application: Application, *, by: User, now: datetime, address: str | None = None) -> None:
    """Take an application back. Raises Decided."""
    _decide(application, Application.Status.WITHDRAWN, by=by, now=now)
    audit.record(Tag.APPLICATION_WITHDRAWN, by=by, target=application, address=address)


# --- the clerk's side


@transaction.atomic
def ask_back(application: Application, text: str, *, by: User, now: datetime, address: str | None = None) -> None:
    """Put a question to the owner, who is told by SMS that there is one. Raises Decided."""
    if not Application.objects.open().filter(pk=application.pk).update(status=Application.Status.ASKED):
        raise Decided
    Remark.objects.create(application=application, kind=Remark.Kind.QUESTION, text=text, at=now, by=by)
    audit.record(Tag.APPLICATION_ASKED, by=by, target=application, address=address)
    notices.tell(application.applicant, texts.application_asked, now=now)


@transaction.atomic
def reject(application: Application, *, reason: str, by: User, now: datetime, address: str | None = None) -> None:
    """Refuse an application; the owner reads the reason. Raises Decided."""
    _decide(application, Application.Status.REJECTED, by=by, now=now)
    Remark.objects.create(application=application, kind=Remark.Kind.REASON, text=reason, at=now, by=by)
    audit.record(Tag.APPLICATION_REJECTED, by=by, target=application, reason=reason, address=address)
    notices.tell(application.applicant, texts.application_rejected, now=now)


@transaction.atomic
def approve(application: Application, *, by: User, now: datetime, address: str | None = None) -> Venue:
    """Make the venue, with its operator where that is new, or give the venue its new category or name.

    Raises Decided, NumberOfAnother.
    """
    _decide(application, Application.Status.APPROVED, by=by, now=now)
    venue = _new_venue(application) if application.kind == Application.Kind.VENUE else _change(application)
    Application.objects.filter(pk=application.pk).update(venue=venue, operator=venue.operator_id)
    audit.record(Tag.APPLICATION_APPROVED, by=by, target=application, address=address, venue=venue.pk)
    notices.tell(application.applicant, texts.application_approved, now=now)
    return venue


def _decide(application: Application, status: Application.Status, *, by: User, now: datetime) -> None:
    """Raises Decided."""
    if not Application.objects.open().filter(pk=application.pk).update(status=status, decided_at=now, decided_by=by):
        raise Decided


def _change(application: Application) -> Venue:
    venue = Venue.objects.select_for_update().get(pk=application.venue_id or 0)
    if application.kind == Application.Kind.NAME:
        venue.name = application.venue_name
    else:
        venue.category = application.category
    venue.save(update_fields=["name", "category"])
    return venue


def _new_venue(application: Application) -> Venue:
    return Venue.objects.create(
        operator=application.operator or _operator_for(application),
        name=application.venue_name,
        category=application.category,
        region=application.region,
        address=application.address,
        capacity=application.capacity,
    )


def _operator_for(application: Application) -> Operator:
    """The applicant's operator with this business number, or a new one that the applicant owns."""
    number = application.business_number or None
    known = Operator.objects.filter(business_number=number).first() if number else None
    if known:
        if not Operator.objects.owned_by(application.applicant).filter(pk=known.pk).exists():
            raise NumberOfAnother
        return known
    try:
        with transaction.atomic():
            operator = Operator.objects.create(name=application.operator_name, business_number=number)
    except IntegrityError as error:  # approved at the same moment by another clerk
        raise NumberOfAnother from error
    Staff.objects.create(operator=operator, user=application.applicant, role=Staff.Role.OWNER)
    return operator


# --- open venues


@transaction.atomic
def suspend(venue: Venue, *, by: User, reason: str, address: str | None = None) -> None:
    """Stop pairing scanners with a venue until a clerk lifts it. Raises NotOpen."""
    if not Venue.objects.open().filter(pk=venue.pk).update(status=Venue.Status.SUSPENDED):
        raise NotOpen
    audit.record(Tag.VENUE_SUSPENDED, by=by, target=venue, reason=reason, address=address)


@transaction.atomic
def reopen(venue: Venue, *, by: User, reason: str, address: str | None = None) -> None:
    """Lift a suspension. Raises NotSuspended."""
    suspended = Venue.objects.filter(pk=venue.pk, status=Venue.Status.SUSPENDED)
    if not suspended.update(status=Venue.Status.OPEN):
        raise NotSuspended
    audit.record(Tag.VENUE_REOPENED, by=by, target=venue, reason=reason, address=address)
