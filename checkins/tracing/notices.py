"""Telling those concerned by SMS: each number once, in both languages, with no name of a case, a person or a venue."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from checkins.traces import Finding, Trace
from checkins.tracing import results
from checkins.tracing.asking import job_page
from registry import audit, jobs
from registry.citizens.merging import person_of
from registry.errors import DomainError
from registry.models import Citizen, Job, Message, Tag, User
from registry.sms import outbox, texts

JOB = "trace_notices"
USEFUL_FOR = timedelta(hours=12)
AT_ONCE = 50


class NobodyLeft(DomainError):
    code = "nobody_left_to_notify"
    message = _("Everybody found was sent a message already, or nobody was found.")


class Telling(DomainError):
    code = "notices_under_way"
    message = _("The messages are on their way already.")


@transaction.atomic
def send(trace: Trace, *, reason: str, by: User, now: datetime, address: str | None = None) -> Job:
    """Begin to tell all who were found and were not told yet. Raises NobodyLeft, Telling, and as `check_open`."""
    results.check_open(trace, by=by, now=now)
    locked = Trace.objects.select_for_update(of=("self",)).select_related("notices").get(pk=trace.pk)
    if locked.notices and locked.notices.is_under_way:
        raise Telling
    left = locked.findings.filter(notified_at__isnull=True).count()
    if not left:
        raise NobodyLeft
    job = jobs.begin(JOB, by=by, now=now, values={"trace": str(trace.pk)}, total=left, address=address)
    Trace.objects.filter(pk=trace.pk).update(notices=job)
    audit.record(
        Tag.TRACE_NOTIFIED, by=by, target=trace, reason=reason, address=address, case=trace.case_number, people=left
    )
    return job


@jobs.kind(JOB, title=_("Messages to those whom a trace found"), permission="checkins.view_trace", page=job_page)
def _step(job: Job, now: datetime) -> bool:
    """Some of those who were not told; whoever takes it up again tells nobody twice."""
    trace = Trace.objects.get(pk=job.values["trace"])
    if not trace.is_open(now):
        raise results.ResultOver
    waiting = trace.findings.select_for_update().filter(notified_at__isnull=True)
    findings = list(waiting.order_by("number")[:AT_ONCE])
    for finding in findings:
        citizen = person_of(finding.citizen)
        finding.message = _tell(trace, citizen, now) if citizen and citizen.phone else None
        finding.notified_at = now
        finding.save(update_fields=["message", "notified_at"])
    job.done += len(findings)
    return len(findings) == AT_ONCE


def _tell(trace: Trace, citizen: Citizen, now: datetime) -> Message:
    """One message for a number, whoever is carried by it."""
    told = Finding.objects.filter(trace=trace, message__phone_index=citizen.phone_index).select_related("message")
    if (earlier := told.first()) and earlier.message:
        return earlier.message
    phone = PhoneNumber.from_string(citizen.phone)
    purpose = Message.Purpose.NOTICE
    return outbox.enqueue(phone, texts.possible_contact(), purpose=purpose, useful_for=USEFUL_FOR, now=now)
