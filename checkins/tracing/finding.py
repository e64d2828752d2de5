"""The work behind a granted trace: look, write down what was found, then tell every person's own access log.

A person's days are few rows, and looked at in one go. A venue may have seen tens of thousands: its time is looked
through stretch by stretch, then people are taken part by part and their stays made of what all stretches hold. Each of
these is a chunk, so that a trace is taken up again where it was.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from checkins import holds
from checkins.stays import LONGEST, Stay
from checkins.traces import Finding, Sightings, Trace
from checkins.tracing import looking
from checkins.tracing.asking import JOB, job_page
from checkins.tracing.looking import Sighting
from registry import audit, jobs, periods, vault
from registry.citizens.merging import identities_of, person_of
from registry.errors import DomainError
from registry.models import Citizen, Job, Kept, Tag
from venues.models import Venue

MOMENTS_AT_ONCE = 5000  # read from the log
PEOPLE_AT_ONCE = 1000  # whose stays are made
TOLD_AT_ONCE = 200


class LeftTooLong(DomainError):
    """`days`: for how many days what was seen is kept for the work."""

    code = "trace_left_too_long"
    status = 410
    message = _(
        "This trace was left for more than {days} days. What had been seen so far is destroyed, so it cannot be taken "
        "up again. If the case still needs it, ask again."
    )


@jobs.kind(JOB, title=_("Trace contacts in the log"), permission="checkins.view_trace", page=job_page)
def _step(job: Job, now: datetime) -> bool:
    """First everything is found; then it is told, part by part, that people's records were read. `done` counts minutes
    of the venue's time, people whose stays were made, and findings that were told."""
    trace = Trace.objects.select_related("venue", "asked_by", "hold").get(pk=job.values["trace"])
    if "told" in job.at:
        return _tell(job, trace)
    _check_kept(job, trace, now)
    if trace.venue is None:
        _find_whereabouts(job, trace, now)
    elif "people" in job.at:
        _make_stays(job, trace, trace.venue, now)
    else:
        _look(job, trace, trace.venue)
    return True


def _check_kept(job: Job, trace: Trace, now: datetime) -> None:
    """What was seen before is still there, as results.wipe leaves it. Raises LeftTooLong."""
    if job.at and trace.granted_at and trace.granted_at < now - holds.FOR_WORK:
        raise LeftTooLong(days=holds.FOR_WORK.days)


def _tell(job: Job, trace: Trace) -> bool:
    findings = list(trace.findings.filter(number__gt=job.at["told"]).order_by("number")[:TOLD_AT_ONCE])
    asked_about = {trace.citizen} - {None} if not job.at["told"] else set()
    for person in {finding.citizen for finding in findings} | asked_about:
        audit.record(Tag.TRACED, by=trace.asked_by, target=Citizen(pk=person))
    job.done += len(findings)
    job.at = {"told": findings[-1].number if findings else job.at["told"]}
    return len(findings) == TOLD_AT_ONCE


# --- where a person was


def _find_whereabouts(job: Job, trace: Trace, now: datetime) -> None:
    """All in one. Raises VaultUnavailable."""
    identity = trace.citizen
    assert identity is not None  # noqa: S101 -- trace_is_of_a_person_or_a_venue
    citizen = person_of(identity)
    who = (citizen.pk, identities_of(citizen)) if citizen else (identity, [identity])
    looked = looking.whereabouts(*who, trace.since, trace.until, assumed=trace.assumed, now=now)
    job.total = _write_down(trace, looked.stays.items(), after=0)
    _found(job, trace, looked.gone_days, unknown=0, now=now)


# --- who was at a venue


def _look(job: Job, trace: Trace, venue: Venue) -> None:
    """A stretch of the time, with half a day before and behind, as who came before the window may have been there.
    Raises VaultUnavailable."""
    since, until = trace.since - LONGEST, trace.until + LONGEST
    begin = datetime.fromisoformat(job.at["looked"]) if job.at else since
    sightings, beyond = looking.at_door(venue, begin, until, most=MOMENTS_AT_ONCE)
    stretches = trace.sightings.count()
    if sightings:
        Sightings.objects.create(trace=trace, number=stretches, body=json.dumps([_as_json(one) for one in sightings]))
    job.done, job.total = (beyond - since) // timedelta(minutes=1), (until - since) // timedelta(minutes=1)
    job.at = {"looked": beyond.isoformat()} if beyond < until else _all_seen(job, trace)


def _all_seen(job: Job, trace: Trace) -> dict[str, Any]:
    """Where the next phase begins; from here on it is known how many people there are."""
    people = len({one.person or one.identity for one in _seen(trace)})
    job.total = job.done + people
    return {"people": 0, "parts": people // PEOPLE_AT_ONCE + 1, "unknown": 0, "number": 0}


def _make_stays(job: Job, trace: Trace, venue: Venue, now: datetime) -> None:
    """Of one part of the people, all their moments; with the last part all is found."""
    at = job.at
    part = [one for one in _seen(trace) if (one.person or one.identity).int % at["parts"] == at["people"]]
    stays, lost = looking.stays_of(part, venue.pk, trace.since, trace.until, trace.assumed)
    number = _write_down(trace, stays.items(), after=at["number"])
    job.done += len({one.person or one.identity for one in part})
    job.at = at | {"people": at["people"] + 1, "unknown": at["unknown"] + lost, "number": number}
    if job.at["people"] == at["parts"]:
        job.total = job.done + number
        gone = looking.gone(trace.since, trace.until, vault.keyed_days(), now)
        _found(job, trace, gone, unknown=job.at["unknown"], now=now)


def _seen(trace: Trace) -> Iterator[Sighting]:
    for stretch in trace.sightings.order_by("number").iterator():
        for person, identity, at, leaving in json.loads(stretch.body):
            yield Sighting(person and UUID(person), UUID(identity), datetime.fromisoformat(at), leaving)


def _as_json(one: Sighting) -> list[Any]:
    return [one.person and str(one.person), str(one.identity), one.at.isoformat(), one.leaving]


# --- both


def _write_down(trace: Trace, found: Iterable[tuple[tuple[UUID, int], list[Stay]]], *, after: int) -> int:
    """Findings, numbered from behind `after` on; the last number."""
    rows = [
        Finding(trace=trace, number=number, body=json.dumps(_body(trace, person, venue, stays)))
        for number, ((person, venue), stays) in enumerate(found, after + 1)
    ]
    Finding.objects.bulk_create(rows)
    return after + len(rows)


def _found(job: Job, trace: Trace, gone_days: list[Any], *, unknown: int, now: datetime) -> None:
    """There is a result from now on; the days may go, and what was seen on the way."""
    Trace.objects.filter(pk=trace.pk).update(
        found_at=now,
        closes_at=now + timedelta(days=periods.days(Kept.TRACES)),
        gone_days=[day.isoformat() for day in gone_days],
        unknown=unknown,
    )
    trace.sightings.all().delete()
    if trace.hold:
        holds.end(trace.hold, now=now)
    job.at = {"told": 0}


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
