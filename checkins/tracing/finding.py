"""The work behind a granted trace: look once, write down what was found, then tell every person's own access log."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from checkins import holds
from checkins.stays import Stay
from checkins.traces import Finding, Trace
from checkins.tracing import looking
from checkins.tracing.asking import JOB, job_page
from checkins.tracing.looking import Looked
from registry import audit, jobs, periods
from registry.citizens.merging import identities_of, person_of
from registry.models import Citizen, Job, Kept, Tag

TOLD_AT_ONCE = 200


@jobs.kind(JOB, title=_("Trace contacts in the log"), permission="checkins.view_trace", page=job_page)
def _step(job: Job, now: datetime) -> bool:
    """First everything is found, in one piece; then it is told, part by part, that people's records were read."""
    trace = Trace.objects.select_related("venue", "asked_by", "hold").get(pk=job.values["trace"])
    if not job.at:
        job.total = _find(trace, now)
        job.at = {"told": 0}
        return True
    findings = list(trace.findings.filter(number__gt=job.at["told"]).order_by("number")[:TOLD_AT_ONCE])
    for person in {finding.citizen for finding in findings} | ({trace.citizen} - {None} if not job.done else set()):
        audit.record(Tag.TRACED, by=trace.asked_by, target=Citizen(pk=person))
    job.done += len(findings)
    job.at = {"told": findings[-1].number if findings else job.at["told"]}
    return job.done < (job.total or 0)


def _find(trace: Trace, now: datetime) -> int:
    """Look, write down what was found, and let the days go; how many findings. Raises VaultUnavailable."""
    looked = _look(trace, now)
    rows = [
        Finding(trace=trace, number=number, body=json.dumps(_body(trace, person, venue, stays)))
        for number, ((person, venue), stays) in enumerate(looked.stays.items(), 1)
    ]
    Finding.objects.bulk_create(rows)
    Trace.objects.filter(pk=trace.pk).update(
        found_at=now,
        closes_at=now + timedelta(days=periods.days(Kept.TRACES)),
        gone_days=[day.isoformat() for day in looked.gone_days],
        unknown=looked.unknown,
    )
    if trace.hold:
        holds.end(trace.hold, now=now)
    return len(rows)


def _look(trace: Trace, now: datetime) -> Looked:
    window = (trace.since, trace.until)
    if trace.venue:
        return looking.present(trace.venue, *window, assumed=trace.assumed, now=now)
    identity = trace.citizen
    assert identity is not None  # noqa: S101 -- trace_is_of_a_person_or_a_venue
    citizen = person_of(identity)
    who = (citizen.pk, identities_of(citizen)) if citizen else (identity, [identity])
    return looking.whereabouts(*who, *window, assumed=trace.assumed, now=now)


def _body(trace: Trace, person: UUID, venue: int, stays: list[Stay]) -> dict[str, Any]:
    told = [
        {
            "since": stay.since.isoformat(),
            "until": stay.until.isoformat(),
            "seen": stay.seen,
            "minutes": stay.overlap(trace.since, trace.until) // timedelta(minutes=1),
        }
        for stay in stays
    ]
    return {"citizen": str(person), "venue": venue, "stays": told}
