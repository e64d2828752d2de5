"""The work behind a granted trace: look, write down what was found, then tell every person's own access log.

A person's days are few rows, and looked at in one go. A venue may have seen tens of thousands: its time is looked
through stretch by stretch, and what each holds is put down in fixed shares of all people. Then shares are taken, as
many as a chunk bears, and stays made of what all stretches put into them: each sighting is read once more, no oftener.
Each of these is a chunk, so that a trace is taken up again where it was.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from checkins import holds
from checkins.stays import LONGEST, Stay
from checkins.traces import Finding, Sightings, Trace
from checkins.tracing import looking, results
from checkins.tracing.asking import JOB, job_page
from checkins.tracing.looking import Sighting
from registry import audit, jobs, periods, vault
from registry.citizens.merging import identities_of, person_of
from registry.errors import DomainError
from registry.models import Citizen, Job, Kept, Tag
from venues.models import Venue

MOMENTS_AT_ONCE = 5000  # read from the log, or made into stays
SHARES = 100  # of all people, put down apart
STRETCHES = 1_000_000  # numbers kept for each share
TOLD_AT_ONCE = 200
PHASE = 1000  # of `total`, for each of the three: what is ahead is not known before


class LeftTooLong(DomainError):
    """`days`: for how many days what was seen is kept for the work."""

    code = "trace_left_too_long"
    status = 410
    message = _(
        "This trace was left for more than {days} days. What had been seen so far is destroyed, so it cannot be taken "
        "up again. If the case still needs it, ask again."
    )


@jobs.kind(JOB, title=_("Trace contacts in the log"), permission="checkins.view_trace", page=job_page, counts=False)
def _step(job: Job, now: datetime) -> bool:
    """First everything is found; then it is told, part by part, that people's records were read. `done` counts the
    share of each of three phases: what was looked through, whose stays were made, and what was told.

    The trace is locked, so that results.wipe and a part of the work wait for each other. Raises LeftTooLong."""
    rows = Trace.objects.select_related("venue", "asked_by", "hold").select_for_update(of=("self",), no_key=True)
    trace = rows.get(pk=job.values["trace"])
    if "told" in job.at:
        return _tell(job, trace)
    if trace.wiped_at:
        raise LeftTooLong(days=holds.FOR_WORK.days)
    if trace.venue is None:
        _find_whereabouts(job, trace, now)
    elif "people" in job.at:
        _make_stays(job, trace, trace.venue, now)
    else:
        _look(job, trace, trace.venue)
    return True


def _tell(job: Job, trace: Trace) -> bool:
    findings = list(trace.findings.filter(number__gt=job.at["told"]).order_by("number")[:TOLD_AT_ONCE])
    asked_about = {trace.citizen} - {None} if not job.at["told"] else set()
    for person in {finding.citizen for finding in findings} | asked_about:
        audit.record(Tag.TRACED, by=trace.asked_by, target=Citizen(pk=person))
    told, every = findings[-1].number if findings else job.at["told"], job.at["of"]
    job.at = {"told": told, "of": every}
    job.done = 2 * PHASE + (PHASE * told // every if every else PHASE)
    return len(findings) == TOLD_AT_ONCE


# --- where a person was


def _find_whereabouts(job: Job, trace: Trace, now: datetime) -> None:
    """All in one. Raises VaultUnavailable."""
    identity = trace.citizen
    assert identity is not None  # noqa: S101 -- trace_is_of_a_person_or_a_venue
    citizen = person_of(identity)
    who = (citizen.pk, identities_of(citizen)) if citizen else (identity, [identity])
    looked = looking.whereabouts(*who, trace.since, trace.until, assumed=trace.assumed, now=now)
    number = _write_down(trace, looked.stays.items(), after=0)
    _found(job, trace, number, looked.gone_days, unknown=0, now=now)


# --- who was at a venue


def _look(job: Job, trace: Trace, venue: Venue) -> None:
    """A stretch of the time, with half a day before and behind, as who came before the window may have been there.
    Raises VaultUnavailable."""
    since, until = trace.since - LONGEST, trace.until + LONGEST
    at = job.at or {"looked": since.isoformat(), "stretches": 0, "moments": 0}
    sightings, beyond = looking.at_door(venue, datetime.fromisoformat(at["looked"]), until, most=MOMENTS_AT_ONCE)
    _put_down(trace, sightings, at["stretches"])
    moments = at["moments"] + len(sightings)
    job.done, job.total = PHASE * (beyond - since) // (until - since), 3 * PHASE
    job.at = {"looked": beyond.isoformat(), "stretches": at["stretches"] + 1, "moments": moments}
    if beyond == until:
        parts = min(moments // MOMENTS_AT_ONCE + 1, SHARES)
        job.at = {"people": 0, "parts": parts, "unknown": 0, "number": 0}


def _put_down(trace: Trace, sightings: list[Sighting], stretch: int) -> None:
    """What a stretch holds, a row for each share of the people; a share's rows are numbered in a row."""
    shares: dict[int, list[list[Any]]] = defaultdict(list)
    for one in sightings:
        shares[(one.person or one.identity).int % SHARES].append(_as_json(one))
    Sightings.objects.bulk_create(
        Sightings(trace=trace, number=share * STRETCHES + stretch, body=json.dumps(held))
        for share, held in shares.items()
    )


def _make_stays(job: Job, trace: Trace, venue: Venue, now: datetime) -> None:
    """Of one part of the people, all their moments; with the last part all is found."""
    at = job.at
    begin, end = (SHARES * part // at["parts"] for part in (at["people"], at["people"] + 1))
    stays, lost = looking.stays_of(_seen(trace, begin, end), venue.pk, trace.since, trace.until, trace.assumed)
    number = _write_down(trace, stays.items(), after=at["number"])
    job.at = at | {"people": at["people"] + 1, "unknown": at["unknown"] + lost, "number": number}
    job.done = PHASE + PHASE * job.at["people"] // at["parts"]
    if job.at["people"] == at["parts"]:
        gone = looking.gone(trace.since, trace.until, vault.keyed_days(), now)
        _found(job, trace, number, gone, unknown=job.at["unknown"], now=now)


def _seen(trace: Trace, begin: int, end: int) -> Iterator[Sighting]:
    """All that was seen of the people of the shares from `begin` on and before `end`."""
    rows = trace.sightings.filter(number__gte=begin * STRETCHES, number__lt=end * STRETCHES)
    for row in rows.order_by("number").iterator():
        for person, identity, at, leaving in json.loads(row.body):
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


def _found(job: Job, trace: Trace, number: int, gone_days: list[Any], *, unknown: int, now: datetime) -> None:
    """There is a result from now on, of so many findings; the days may go, and what was seen on the way."""
    Trace.objects.filter(pk=trace.pk).update(
        found_at=now,
        closes_at=now + timedelta(days=periods.days(Kept.TRACES)),
        gone_days=[day.isoformat() for day in gone_days],
        unknown=unknown,
    )
    results.arrange(trace)
    trace.sightings.all().delete()
    if trace.hold:
        holds.end(trace.hold, now=now)
    job.done, job.total, job.at = 2 * PHASE, 3 * PHASE, {"told": 0, "of": number}


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
