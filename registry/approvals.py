"""The second person: one clerk asks for a deed, another grants it, and only then is it done.

A deed registers the function that does it. Granting calls it in the same transaction, so a deed is done exactly when it
was granted. The database refuses a requester who decides (`decider_is_not_requester`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from registry import audit
from registry.errors import DomainError
from registry.models import Approval, Tag, User
from registry.models.approvals import ApprovalQuerySet

OPEN_FOR = timedelta(days=7)

Do = Callable[[Approval, User, datetime], None]


class OwnRequest(DomainError):
    code = "own_request"
    status = 403
    message = _("A second person must decide: you asked for this yourself.")


class NotYours(DomainError):
    code = "not_yours"
    status = 403
    message = _("Your role may not decide this.")


class OutsideRegion(DomainError):
    code = "outside_region"
    status = 403
    message = _("This concerns another region than yours, or the whole country. Ask a clerk who works there.")


class NoLongerOpen(DomainError):
    code = "no_longer_open"
    message = _("This was decided, withdrawn, or ended already.")


class AlreadyAsked(DomainError):
    code = "already_asked"
    message = _("A second person has been asked for this already.")


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed that needs two: what it is called, who may grant it, what does it, and how to say it in words."""

    name: str
    title: Any
    permission: str
    do: Do
    describe: Callable[[Approval], Any] | None = None  # of what, in a line of words (safe HTML)
    to_read: Callable[[Approval], Any] | None = None  # what else whoever decides has to read (safe HTML)
    page: Callable[[Approval], str] | None = None  # the address of what it is about
    region: Callable[[Any, dict[str, Any]], str] | None = None  # of a target and values; the whole country otherwise


DEEDS: dict[str, Deed] = {}


def deed(
    name: str,
    *,
    title: Any,
    permission: str,
    describe: Callable[[Approval], Any] | None = None,
    to_read: Callable[[Approval], Any] | None = None,
    page: Callable[[Approval], str] | None = None,
    region: Callable[[Any, dict[str, Any]], str] | None = None,
) -> Callable[[Do], Do]:
    """Register what does a deed once it is granted: called with the approval, the decider and the moment, inside the
    transaction of the grant; a DomainError of it undoes the grant and is told to the decider. `region` says of a target
    and values which region they concern; a clerk of a region asks for and decides no other."""

    def register(do: Do) -> Do:
        DEEDS[name] = Deed(name, title, permission, do, describe, to_read, page, region)
        return do

    return register


def ask(
    name: str,
    *,
    target: Model,
    by: User,
    reason: str,
    now: datetime,
    values: dict[str, Any] | None = None,
    confidential: str | None = None,
    open_for: timedelta = OPEN_FOR,
    address: str | None = None,
) -> Approval:
    """Ask a second person for a registered deed. Raises OutsideRegion, and AlreadyAsked while the same one is open for
    the same target."""
    about, deed = audit.name_of(target), DEEDS[name]
    region = deed.region(target, values or {}) if deed.region else ""
    if region != Approval.ANY_REGION and not by.covers(region):
        raise OutsideRegion
    try:
        with transaction.atomic():
            Approval.objects.of(about).filter(deed=name, state=Approval.State.ASKED, ends_at__lte=now).update(
                state=Approval.State.WITHDRAWN, decided_at=now, confidential=None
            )
            approval = Approval.objects.create(
                deed=deed.name, target=about, values=values or {}, confidential=confidential, region=region,
                reason=reason, requester=by, asked_at=now, ends_at=now + open_for,
            )  # fmt: skip
            audit.record(
                Tag.APPROVAL_ASKED, by=by, target=approval, reason=reason, address=address, deed=name, of=about
            )
    except IntegrityError as error:
        if "one_open_approval_of_a_deed" not in str(error):
            raise
        raise AlreadyAsked from error
    return approval


@transaction.atomic
def grant(approval: Approval, *, by: User, now: datetime, words: str = "", address: str | None = None) -> None:
    """Grant it and do it. Raises OwnRequest, NotYours, NoLongerOpen, and what the deed itself raises."""
    _decide(approval, Approval.State.GRANTED, by=by, now=now, words=words)
    audit.record(Tag.APPROVAL_GRANTED, by=by, target=approval, reason=words, address=address, of=approval.target)
    DEEDS[approval.deed].do(approval, by, now)


@transaction.atomic
def refuse(approval: Approval, *, by: User, now: datetime, words: str, address: str | None = None) -> None:
    """Refuse it, with words for the requester. Raises OwnRequest, NotYours, NoLongerOpen."""
    _decide(approval, Approval.State.REFUSED, by=by, now=now, words=words)
    audit.record(Tag.APPROVAL_REFUSED, by=by, target=approval, reason=words, address=address, of=approval.target)


@transaction.atomic
def withdraw(approval: Approval, *, by: User, now: datetime, address: str | None = None) -> None:
    """Take one's own request back. Raises NotYours, NoLongerOpen."""
    if approval.requester_id != by.pk:
        raise NotYours
    _change(approval, state=Approval.State.WITHDRAWN, decided_at=now)
    audit.record(Tag.APPROVAL_WITHDRAWN, by=by, target=approval, address=address, of=approval.target)


@transaction.atomic
def call_off(name: str, *, target: Model, by: User, now: datetime, address: str | None = None) -> None:
    """What was asked for is of no use any more: nobody is asked for it."""
    for approval in Approval.objects.open(now).of(audit.name_of(target)).filter(deed=name).select_for_update():
        _change(approval, state=Approval.State.WITHDRAWN, decided_at=now)
        audit.record(Tag.APPROVAL_WITHDRAWN, by=by, target=approval, address=address, of=approval.target)


def may_decide(approval: Approval, user: User) -> bool:
    may = approval.requester_id != user.pk and user.has_perm(DEEDS[approval.deed].permission)
    return may and approval.is_within(user)


def waiting_for(user: User, now: datetime) -> QuerySet[Approval]:
    """What this clerk could decide now, longest waiting first."""
    return seen_by(user).open(now).filter(deed__in=decided_by(user)).exclude(requester=user).order_by("asked_at")


def decided_by(user: User) -> list[str]:
    """The deeds that this clerk's roles may decide."""
    return [deed.name for deed in DEEDS.values() if user.has_perm(deed.permission)]


def seen_by(user: User) -> ApprovalQuerySet:
    """What the clerk asked for, or may decide by role and region; an auditor sees all of the region. Of a deed that is
    no longer known there is nothing to show: what became of it stands in the access log."""
    within = Approval.objects.filter(deed__in=DEEDS).within(user)
    if not user.has_perm("registry.view_event"):
        within = within.filter(deed__in=decided_by(user))
    return within | Approval.objects.filter(deed__in=DEEDS, requester=user)


def about(model: type[Model]) -> ApprovalQuerySet:
    """In a subquery on rows of a model: what was asked for about each."""
    return Approval.objects.filter(
        target=Concat(Value(f"{model._meta.model_name}:"), Cast(OuterRef("pk"), CharField()))
    )  # fmt: skip


def asking(deed: str, model: type[Model]) -> Subquery:
    """For rows that wait for a deed: how their latest request for it stands (Approval.State)."""
    return Subquery(about(model).filter(deed=deed).order_by("-asked_at").values("state")[:1])


def ended(row: Any) -> Any:
    """Of a row with `asking`: in words that its request was refused or taken back; "" otherwise."""
    over = (Approval.State.REFUSED, Approval.State.WITHDRAWN)
    return next((state.label for state in over if state == getattr(row, "asking", None)), "")


def _decide(approval: Approval, state: Approval.State, *, by: User, now: datetime, words: str) -> None:
    if approval.requester_id == by.pk:
        raise OwnRequest
    if not may_decide(approval, by):
        raise NotYours
    _change(approval, state=state, decider=by, decided_at=now, words=words)


def _change(approval: Approval, *, decided_at: datetime, **changes: Any) -> None:
    """What is confidential ends with it, but for the deed at hand. Raises NoLongerOpen where somebody was first."""
    rows = Approval.objects.open(decided_at).filter(pk=approval.pk)
    if not rows.update(decided_at=decided_at, confidential=None, **changes):
        raise NoLongerOpen
    approval.refresh_from_db(fields=["state", "decider", "decided_at", "words"])
