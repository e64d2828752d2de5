"""Asking the log about people: one investigator asks, a second grants, and the work begins in the background."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkins import holds
from checkins.traces import Trace
from registry import approvals, audit, jobs, vault
from registry.citizens import people
from registry.citizens.merging import person_of
from registry.errors import DomainError
from registry.models import Approval, Citizen, Job, Tag, User
from registry.validity import SEOUL
from venues.models import Venue

DEED, JOB = "trace", "trace"
MOST_DAYS, MOST_HOURS = 31, 24
ASSUMED = (15, 720)  # minutes that may be assumed where nobody was seen leaving


class NobodyFound(DomainError):
    code = "nobody_found"
    status = 422
    message = _("Nobody in the registry has this number, or this name and birth date. Compare it with the case.")


class SeveralFound(DomainError):
    code = "several_found"
    status = 422
    message = _("Several people share this: {names}. Type the name and the birth date of the one who is meant.")


class WrongWindow(DomainError):
    code = "wrong_window"
    status = 400
    message = _("The time must have begun, end after it begins, and span {most} at most.")


def find_person(text: str, *, by: User, address: str | None = None) -> Citizen:
    """The one person with a number, or a name and birth date. Raises NotSearchable, NobodyFound, SeveralFound."""
    found = people.search(text, by=by, address=address)
    if not found:
        raise NobodyFound
    if len(found) > 1:
        raise SeveralFound(names=", ".join(citizen.masked_name for citizen in found))
    return found[0]


def ask_where(citizen: Citizen, first: date, last: date, **asked: Any) -> Trace:
    """Ask where a person was on days, the last included. See `_ask`. Raises WrongWindow."""
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise WrongWindow(most=gettext("31 days"))
    since, until = (datetime.combine(day, datetime.min.time(), SEOUL) for day in (first, last + timedelta(days=1)))
    trace = Trace(kind=Trace.Kind.PERSON, citizen=citizen.pk, since=since, until=until)
    return _ask(trace, most=gettext("31 days"), **asked)


def ask_who(venue: Venue, since: datetime, until: datetime, **asked: Any) -> Trace:
    """Ask who was at a venue within a window. See `_ask`. Raises WrongWindow."""
    if not timedelta(0) < until - since <= timedelta(hours=MOST_HOURS):
        raise WrongWindow(most=gettext("24 hours"))
    return _ask(Trace(kind=Trace.Kind.VENUE, venue=venue, since=since, until=until), most=gettext("24 hours"), **asked)


@transaction.atomic
def _ask(
    trace: Trace, *, most: str, case_number: str, reason: str, by: User, now: datetime, assumed_minutes: int = 60,
    may_export: bool = False, address: str | None = None,
) -> Trace:  # fmt: skip
    """Write the question down for a second person; nothing is looked up until it is granted. Raises WrongWindow,
    OutsideRegion."""
    if trace.since > now:
        raise WrongWindow(most=most)
    trace.case_number, trace.reason, trace.may_export = case_number, reason, may_export
    trace.assumed_minutes, trace.asked_by, trace.asked_at = assumed_minutes, by, now
    trace.save(force_insert=True)
    approvals.ask(DEED, target=trace, by=by, reason=reason, now=now, address=address)
    return trace


def _of(approval: Approval) -> Trace:
    return Trace.objects.select_related("venue", "asked_by").get(pk=approval.target_key)


def page_of(trace_id: Any) -> str:
    return reverse("admin:checkins_trace_change", args=[trace_id])


def in_words(trace: Trace) -> str:
    """The question, with the person masked."""
    return f"{trace.get_kind_display()}: {subject_of(trace)}, {trace.window}"


def subject_of(trace: Trace) -> str:
    """The venue's name, or the person's, masked."""
    if trace.venue:
        return str(trace.venue)
    citizen = person_of(trace.citizen) if trace.citizen else None
    return str(citizen) if citizen else gettext("a person who is not in the registry any more")


def _describe(approval: Approval) -> str:
    trace = _of(approval)
    export = gettext("The result may be exported.") if trace.may_export else gettext("The result stays here.")
    return format_html("{} · {} · {}", trace.case_number, in_words(trace), export)


def _region_of(trace: Trace, values: dict[str, Any]) -> str:
    """The venue's or the person's. Whoever is of no region, or no longer in the registry, is every investigator's."""
    if trace.venue:
        return trace.venue.region
    citizen = person_of(trace.citizen) if trace.citizen else None
    return (citizen and citizen.region) or Approval.ANY_REGION


@approvals.deed(
    DEED, title=_("Trace contacts in the log"), permission="checkins.change_trace", describe=_describe,
    page=lambda approval: page_of(approval.target_key), region=_region_of,
)  # fmt: skip
def _grant(approval: Approval, by: User, now: datetime) -> None:
    """Begin to look, and hold the days until that is done."""
    trace = _of(approval)
    last = vault.today(min(trace.until, now))
    hold = holds.hold_for(
        *(vault.today(trace.since), last),
        case_number=trace.case_number, reason=trace.reason, asked_by=trace.asked_by, by=by, now=now,
    )  # fmt: skip
    job = jobs.begin(JOB, by=trace.asked_by, now=now, values={"trace": str(trace.pk)})
    Trace.objects.filter(pk=trace.pk, granted_at=None).update(granted_by=by, granted_at=now, job=job, hold=hold)
    days = {"first": vault.today(trace.since).isoformat(), "last": last.isoformat()}
    audit.record(Tag.TRACE_BEGUN, by=by, target=trace, reason=trace.reason, case=trace.case_number, **days)


def job_page(job: Job) -> str:
    return page_of(job.values["trace"])
