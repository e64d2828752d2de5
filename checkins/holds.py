"""Legal holds: days of the log that a case still needs are kept past their 28 days, by two people, for a time.

Placing, renewing and releasing each need a second person (registry.approvals). Until a hold is granted the days are
destroyed as usual; when it is released or its end has come, the next nightly run destroys them.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkins.log import partitions
from checkins.models import Destruction, LegalHold, LegalHoldQuerySet
from registry import approvals, audit, periods, vault
from registry.errors import DomainError
from registry.models import Approval, Kept, Tag, User

PLACE, RENEW, RELEASE = "hold_place", "hold_renew", "hold_release"
DECIDES = "checkins.change_legalhold"
FOR_WORK = timedelta(days=7)  # that work under way holds its days at the most


class Gone(DomainError):
    """`day`: the first that is destroyed already."""

    code = "day_gone"
    message = _("{day} is destroyed already, or its destruction has begun. It cannot be held.")


class NotADay(DomainError):
    code = "no_days_to_hold"
    status = 400
    message = _("Only days that have come can be held, from the first to the last, 31 at most.")


class TooLong(DomainError):
    """`last`: the last day that may be asked for."""

    code = "hold_too_long"
    status = 400
    message = _("A hold is granted through {last} at most, and from tomorrow on. It can be renewed.")


class NotInForce(DomainError):
    code = "hold_not_in_force"
    message = _("This hold is not in force: it was not granted yet, was released, or has ended.")


class InForce(DomainError):
    code = "hold_in_force"
    message = _("This hold was granted already.")


def place(
    first: date, last: date, *, case_number: str, until: date, reason: str, by: User, now: datetime,
    address: str | None = None,
) -> LegalHold:  # fmt: skip
    """Ask for days to be held for a case; a second person grants it. Raises NotADay, TooLong, Gone."""
    today = vault.today(now)
    if not first <= last <= today or last - first > timedelta(days=30):
        raise NotADay
    _check_end(until, now)
    _check_there(first, last)
    with transaction.atomic():
        hold = LegalHold.objects.create(
            first_day=first,
            last_day=last,
            case_number=case_number,
            until=until,
            reason=reason,
            asked_by=by,
            asked_at=now,
        )
        approvals.ask(PLACE, target=hold, by=by, reason=reason, now=now, address=address)
    return hold


def renew(hold: LegalHold, *, until: date, reason: str, by: User, now: datetime, address: str | None = None) -> None:
    """Ask for a hold to be kept longer. Raises NotInForce, TooLong, AlreadyAsked."""
    _check_in_force(hold, now)
    _check_end(until, now)
    values = {"until": until.isoformat()}
    approvals.ask(RENEW, target=hold, by=by, reason=reason, now=now, values=values, address=address)


def release(hold: LegalHold, *, reason: str, by: User, now: datetime, address: str | None = None) -> None:
    """Ask for a hold to end: the next nightly run destroys its days. Raises NotInForce, AlreadyAsked."""
    _check_in_force(hold, now)
    approvals.ask(RELEASE, target=hold, by=by, reason=reason, now=now, address=address)


@transaction.atomic
def hold_for(
    first: date, last: date, *, case_number: str, reason: str, asked_by: User, by: User, now: datetime
) -> LegalHold | None:
    """Hold what is still there of days while work that two people have decided on is under way; None where nothing is.
    It is over with `end`, or after a week."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for day in days:
        partitions.lock(day)
    begun = set(Destruction.objects.filter(day__in=days).values_list("day", flat=True))
    there = [day for day in days if day not in begun]
    if not there:
        return None
    hold = LegalHold.objects.create(
        first_day=there[0], last_day=there[-1], case_number=case_number, reason=reason,
        until=vault.today(now) + FOR_WORK, asked_by=asked_by, asked_at=now, granted_by=by, granted_at=now,
    )  # fmt: skip
    span = {"first": hold.first_day.isoformat(), "last": hold.last_day.isoformat(), "until": hold.until.isoformat()}
    audit.record(Tag.HOLD_PLACED, by=by, target=hold, reason=reason, case=case_number, **span)
    return hold


def end(hold: LegalHold, *, now: datetime) -> None:
    """The work for which `hold_for` held days is done."""
    if LegalHold.objects.filter(pk=hold.pk, released_at=None).update(released_at=now):
        audit.record(Tag.HOLD_RELEASED, by=None, target=hold, case=hold.case_number)


def latest_end(now: datetime) -> date:
    """The last day that a hold may be granted through, asked for at this moment."""
    return vault.today(now) + timedelta(days=periods.days(Kept.HELD))


def _check_end(until: date, now: datetime) -> None:
    last = latest_end(now)
    if not vault.today(now) < until <= last:
        raise TooLong(last=last)


def _check_there(first: date, last: date) -> None:
    begun = Destruction.objects.filter(day__range=(first, last)).order_by("day").first()
    if begun:
        raise Gone(day=begun.day)


def _in_force(hold: LegalHold, now: datetime) -> LegalHoldQuerySet:
    """The hold, if it is in force."""
    return LegalHold.objects.in_force(vault.today(now)).filter(pk=hold.pk)


def _check_in_force(hold: LegalHold, now: datetime) -> None:
    if not _in_force(hold, now).exists():
        raise NotInForce


def _of(approval: Approval) -> LegalHold:
    return LegalHold.objects.get(pk=approval.target_key)


def _in_words(approval: Approval) -> str:
    hold = _of(approval)
    until = approval.values.get("until", hold.until)
    return format_html("{} · {} {}", hold, gettext("kept through"), until)


@approvals.deed(PLACE, title=_("Hold days of the log for a case"), permission=DECIDES, describe=_in_words)
def _place(approval: Approval, by: User, now: datetime) -> None:
    """Under the locks under which a day's end is decided. Raises Gone, TooLong."""
    hold = _of(approval)
    for number in range((hold.last_day - hold.first_day).days + 1):
        partitions.lock(hold.first_day + timedelta(days=number))
    _check_there(hold.first_day, hold.last_day)
    _check_end(hold.until, now)
    if not LegalHold.objects.filter(pk=hold.pk, granted_at=None).update(granted_by=by, granted_at=now):
        raise InForce
    _record(Tag.HOLD_PLACED, hold, by, approval)


@approvals.deed(RENEW, title=_("Hold days of the log longer"), permission=DECIDES, describe=_in_words)
def _renew(approval: Approval, by: User, now: datetime) -> None:
    """Raises TooLong, and NotInForce where somebody has released it, at this very moment also."""
    hold, until = _of(approval), date.fromisoformat(approval.values["until"])
    _check_end(until, now)
    if not _in_force(hold, now).update(until=until):
        raise NotInForce
    hold.until = until
    _record(Tag.HOLD_RENEWED, hold, by, approval)


@approvals.deed(RELEASE, title=_("Release held days of the log"), permission=DECIDES, describe=_in_words)
def _release(approval: Approval, by: User, now: datetime) -> None:
    """Raises NotInForce."""
    hold = _of(approval)
    if not _in_force(hold, now).update(released_by=by, released_at=now):
        raise NotInForce
    _record(Tag.HOLD_RELEASED, hold, by, approval)


def _record(tag: Tag, hold: LegalHold, by: User, approval: Approval) -> None:
    days = {"first": hold.first_day.isoformat(), "last": hold.last_day.isoformat(), "until": hold.until.isoformat()}
    audit.record(tag, by=by, target=hold, reason=approval.reason, case=hold.case_number, **days)
