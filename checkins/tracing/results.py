"""What a trace found, for the two who asked and granted, until its time is over: masked, and one person at a time in
clear for a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import connection, transaction
from django.db.models import Count, QuerySet, prefetch_related_objects
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.phonenumber import PhoneNumber

from checkins import holds
from checkins.traces import Finding, Sightings, Trace
from checkins.tracing.looking import people_of
from registry import audit, periods
from registry.citizens.merging import person_of
from registry.errors import DomainError
from registry.models import Citizen, Kept, Message, Tag, User
from venues.models import Venue

FINDINGS_OF_A_PAGE = 50  # a person a row, or more rows where somebody came and went

_PLACE = """
    UPDATE checkins_finding f SET place = found.place FROM unnest(%s::bigint[]) WITH ORDINALITY AS found (id, place)
    WHERE f.id = found.id"""


class NotFoundYet(DomainError):
    code = "not_found_yet"
    message = _("There is no result yet. It appears on this page when the work is done.")


class ResultOver(DomainError):
    code = "result_over"
    status = 410
    message = _("The time of this result is over, and it is destroyed. If the case needs it again, ask anew.")


class NotOneOfTheTwo(DomainError):
    code = "not_one_of_the_two"
    status = 403
    message = _("Only who asked for this trace and who granted it may see what was found.")


@dataclass(frozen=True, slots=True)
class Line:
    """A finding with what is read beside it. `citizen` is None where the person was erased since."""

    finding: Finding
    citizen: Citizen | None
    venue: Venue | None
    stays: list[dict[str, Any]]

    @property
    def minutes(self) -> int:
        """Within the window, all stays together."""
        return sum(stay["minutes"] for stay in self.stays)

    @property
    def message(self) -> Message | None:
        return self.finding.message


def check_open(trace: Trace, *, by: User, now: datetime) -> None:
    """Raises NotOneOfTheTwo, NotFoundYet, ResultOver."""
    if by.pk not in (trace.asked_by_id, trace.granted_by_id):
        raise NotOneOfTheTwo
    if trace.found_at is None and trace.wiped_at is None:
        raise NotFoundYet
    if not trace.is_open(now):
        raise ResultOver


@transaction.atomic
def look(trace: Trace, *, by: User, now: datetime, page: str | int = 1, address: str | None = None) -> Page[Line]:
    """A page of what was found, in order of when they were first seen, with evidence that it was looked at; the last
    page for one that is beyond it. Raises as `check_open`."""
    check_open(trace, by=by, now=now)
    shown: Page[Any] = Paginator(in_order(trace), FINDINGS_OF_A_PAGE).get_page(page)
    audit.record(Tag.TRACE_OPENED, by=by, target=trace, address=address, case=trace.case_number, page=shown.number)
    shown.object_list = lines(shown)
    prefetch_related_objects([line.finding for line in shown.object_list], "message")
    return shown


def arrange(trace: Trace) -> None:
    """Give each finding its place in order of when they were first seen, which stands in what is encrypted: once all is
    found, so that a page reads its own findings alone."""
    read = [([stay["since"] for stay in one.content["stays"]], one.number, one.pk) for one in trace.findings.all()]
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [[key for _since, _number, key in sorted(read)]])


def in_order(trace: Trace) -> QuerySet[Finding]:
    """All that was found, in order of when they were first seen."""
    if trace.findings.filter(place=None).exists():  # found before findings had places
        arrange(trace)
    return trace.findings.order_by("place")


def told(trace: Trace) -> list[tuple[str, int]]:
    """What became of the messages to the people found, and of how many; in an order that stays the same."""
    rows = trace.findings.filter(notified_at__isnull=False).values_list("message__status").annotate(Count("pk"))
    numbers = dict(rows.order_by())
    words = [(status, str(status.label)) for status in Message.Status] + [(None, gettext("no number"))]
    return [(word, numbers[status]) for status, word in words if status in numbers]


def lines(findings: Iterable[Finding]) -> list[Line]:
    """With the people and venues of today: in two statements, three more where somebody was merged or erased since."""
    read = [(finding, finding.content) for finding in findings]
    people = _of_today({UUID(content["citizen"]) for _finding, content in read})
    venues = Venue.objects.in_bulk({content["venue"] for _finding, content in read})
    return [
        Line(
            finding,
            people.get(UUID(content["citizen"])),
            venues.get(content["venue"]),
            [stay | {name: parse_datetime(stay[name]) for name in ("since", "until")} for stay in content["stays"]],
        )
        for finding, content in read
    ]


def _of_today(identities: set[UUID]) -> dict[UUID, Citizen]:
    people = Citizen.objects.in_bulk(identities)
    if gone := identities - people.keys():
        today = people_of(gone)
        persons = Citizen.objects.in_bulk(set(today.values()))
        people |= {was: persons[now] for was, now in today.items()}
    return people


@transaction.atomic
def reveal(finding: Finding, *, by: User, reason: str, now: datetime, address: str | None = None) -> dict[str, str]:
    """Name, birth date and number of one person in clear. Raises as `check_open`, and ResultOver where the person was
    erased since."""
    trace = finding.trace
    check_open(trace, by=by, now=now)
    citizen = person_of(finding.citizen)
    if citizen is None:
        raise ResultOver
    audit.record(Tag.TRACE_REVEALED, by=by, target=citizen, reason=reason, address=address)
    audit.record(Tag.TRACE_REVEALED, by=by, target=trace, reason=reason, address=address, number=finding.number)
    return in_clear(citizen)


def in_clear(citizen: Citizen) -> dict[str, str]:
    phone = PhoneNumber.from_string(citizen.phone).as_national if citizen.phone else ""
    return {"name": citizen.name, "birth": citizen.birth, "phone": phone}


@transaction.atomic
def wipe(now: datetime) -> int:
    """Destroy results whose time is over, and what was seen and written on the way to one that never came; of how many
    traces. A part of the work that is at hand ends first; none writes afterwards (see finding.py)."""
    over = Trace.objects.to_wipe(now) | Trace.objects.left_half_found(now - holds.FOR_WORK)
    wiped = list(over.order_by("pk").select_for_update(no_key=True))
    Sightings.objects.filter(trace__in=wiped).delete()
    _all, gone = Finding.objects.filter(trace__in=wiped).delete()
    periods.destroyed(Kept.TRACES, gone.get("checkins.Finding", 0), now)
    for trace in wiped:
        Trace.objects.filter(pk=trace.pk).update(wiped_at=now)
        audit.record(Tag.TRACE_WIPED, by=None, target=trace, case=trace.case_number)
    return len(wiped)
