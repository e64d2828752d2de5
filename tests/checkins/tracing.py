"""People in the log, and traces of them as two investigators make them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from checkins.log import partitions
from checkins.models import Entry
from checkins.traces import Trace
from checkins.tracing import asking
from registry import approvals, jobs, vault
from registry.models import Approval, Job, User
from tests.checkins.conftest import at, day_key
from venues.models import Venue


def was_at(venue: Venue, citizen: UUID, day: date, came: str, left: str = "") -> None:
    """Seen at a venue's door under an identity."""
    day_key(day)
    partitions.make(day)
    subject = vault.pseudonym(day, citizen)
    for clock, direction in ((came, "in"), (left, "out")):
        if clock:
            seen = at(day, clock)
            Entry.objects.create(
                day=day, subject=subject, venue=venue.pk, scanner=1, t=int(seen.timestamp()), seen_at=seen,
                received_at=seen, method="qr", direction=direction,
            )  # fmt: skip


def ask_where(citizen, first: date, last: date, *, by: User, **asked) -> Trace:
    told = {"case_number": "2026-서울-017", "reason": "접촉자 조사", "now": timezone.now()} | asked
    return asking.ask_where(citizen, first, last, by=by, **told)


def ask_who(venue: Venue, since: datetime, until: datetime, *, by: User, **asked) -> Trace:
    told = {"case_number": "2026-서울-017", "reason": "접촉자 조사", "now": timezone.now()} | asked
    return asking.ask_who(venue, since, until, by=by, **told)


def grant(trace: Trace, by: User, now: datetime | None = None) -> Trace:
    approvals.grant(Approval.objects.get(target=f"trace:{trace.pk}"), by=by, now=now or timezone.now())
    trace.refresh_from_db()
    return trace


def done(trace: Trace, by: User) -> Trace:
    """Granted and found."""
    return work(grant(trace, by))


def work(trace: Trace) -> Trace:
    assert not jobs.run(trace.job_id)
    assert trace.job.__class__.objects.get(pk=trace.job_id).state == Job.State.DONE
    trace.refresh_from_db()
    return trace


def yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)
