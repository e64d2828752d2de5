"""What happened to a person, newest first: from the access log and the outbox, without a personal value.

Under every identity the person has had, with what happened to their records, requests and items. A page costs the same
few statements however long the story is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registry.citizens.merging import identities_of
from registry.models import Citizen, Event, Message, PassRecord, Request, Review, Tag

PAGE = 30


class Group(models.TextChoices):
    """What a clerk may want to see alone."""

    RECORDS = "records", _("Records")
    PASSES = "passes", _("Phone checks and passes")
    SMS = "sms", _("SMS")
    REQUESTS = "requests", _("Requests and items")
    LOOKS = "looks", _("Who looked")
    PERSON = "person", _("The person’s data")


TAGS: dict[Group, tuple[Tag, ...]] = {
    Group.RECORDS: (Tag.RECORD_ADDED, Tag.RECORD_CORRECTED, Tag.RECORD_REVOKED),
    Group.PASSES: (
        Tag.PHONE_VERIFIED, Tag.VERIFIED_AT_DESK, Tag.PASS_ISSUED, Tag.PASS_RESTORED, Tag.PASS_REVOKED,
        Tag.DEVICE_REPLACED, Tag.DEVICE_BLOCKED, Tag.APP_PASS_ENDED, Tag.PAPER_PASS_PRINTED, Tag.SAFE_NUMBER_ISSUED,
        Tag.NUMBER_CLAIMED, Tag.WARD_ADDED, Tag.WARD_ENDED, Tag.WITHDRAWN,
    ),
    Group.REQUESTS: (
        Tag.REQUEST_OPENED, Tag.REQUEST_TAKEN, Tag.REQUEST_LET_GO, Tag.REQUEST_ANSWERED, Tag.REVIEW_TAKEN,
        Tag.REVIEW_LET_GO, Tag.REVIEW_CLOSED,
    ),
    Group.LOOKS: (
        Tag.PERSON_SEEN, Tag.PERSON_REVEALED, Tag.REVEAL_REFUSED, Tag.SAFE_NUMBER_OPENED, Tag.TRACED,
        Tag.TRACE_REVEALED, Tag.TRACE_EXPORTED,
    ),
    Group.PERSON: (
        Tag.PERSON_ADDED, Tag.PERSON_CORRECTED, Tag.PEOPLE_MERGED, Tag.PEOPLE_PARTED, Tag.LANGUAGE_CHANGED,
        Tag.PERSON_ERASED,
    ),
}  # fmt: skip
FIELDS = {  # what evidence calls the fields of a person or a record
    "name": _("Name"), "birth": _("Birth date"), "phone": _("Mobile number"), "region": _("region"), "kind": _("kind"),
    "day": _("day"), "vaccine": _("vaccine"), "dose": _("dose"), "result_at": _("time of the result"),
    "immunodeficiency": _("for immunodeficiency"), "issuer": _("issued by"),
    "certificate_number": _("certificate number"),
}  # fmt: skip
DELIVERY = {
    "queued": _("being sent"), "sent": _("sent"), "delayed": _("late, still being tried"),
    "undelivered": _("sent, but did not arrive"), "dropped": _("could not be sent"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `who` is empty for the person or the system, `why` what the clerk gave as the reason."""

    at: datetime
    what: str
    more: str
    who: str
    why: str
    key: int  # of the event; 0 for an SMS
    looks: int = 0  # how often in a row this clerk looked, of a look


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    older: str | None  # what leads to the entries before these


def of(citizen: Citizen, *, now: datetime, group: Group | None = None, before: str = "") -> Page:
    """A page of what happened, of one group or of all. `before` is an earlier page's `older`; what is no such thing
    counts as none."""
    cursor = _cursor(before)
    entries = [*_events(citizen, group, cursor), *_messages(citizen, group, cursor, now)]
    entries.sort(key=lambda entry: (entry.at, entry.key), reverse=True)
    shown = entries[:PAGE]
    return Page(_gathered(shown), f"{shown[-1].at.isoformat()}~{shown[-1].key}" if len(entries) > PAGE else None)


def _gathered(entries: list[Entry]) -> list[Entry]:
    """Looks of one clerk in a row are one entry, the newest, with how many they were."""
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        if last and entry.looks and last.looks and last.who == entry.who:
            found[-1] = replace(last, looks=last.looks + 1)
        else:
            found.append(entry)
    return found


def _cursor(before: str) -> tuple[datetime, int] | None:
    at, _tilde, key = before.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(key)) if moment.tzinfo else None
    except ValueError:
        return None


def _events(citizen: Citizen, group: Group | None, cursor: tuple[datetime, int] | None) -> Iterable[Entry]:
    rows = Event.objects.filter(target__in=_targets(citizen)).prefetch_related("actor")
    if group:
        rows = rows.filter(tag__in=TAGS.get(group, ()))
    if cursor:
        at, key = cursor
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=key))
    for event in rows.order_by("-at", "-pk")[: PAGE + 1]:
        who = event.actor.username if event.actor else ""
        what = str(Tag(event.tag).label) if event.tag in Tag.values else event.tag
        looks = int(event.tag == Tag.PERSON_SEEN)
        yield Entry(event.at, what, _more(event.detail), who, event.reason, event.pk, looks)


def _targets(citizen: Citizen) -> list[str]:
    """What events of this person are about."""
    reviews = Review.objects.filter(Q(citizen=citizen) | Q(other=citizen))
    rows = {
        "passrecord": PassRecord.objects.filter(citizen=citizen),
        "request": Request.objects.filter(citizen=citizen),
    }
    found = [f"citizen:{key}" for key in identities_of(citizen)]
    for name, keys in (rows | {"review": reviews}).items():
        found += [f"{name}:{key}" for key in keys.values_list("pk", flat=True)]
    return found


def _more(detail: dict[str, Any]) -> str:
    """Which fields it was about: their names, never what stands in them."""
    names = detail.get("fields") or ([detail["field"]] if "field" in detail else [])
    return ", ".join(str(FIELDS.get(name, name)) for name in names)


def _messages(
    citizen: Citizen, group: Group | None, cursor: tuple[datetime, int] | None, now: datetime
) -> Iterable[Entry]:
    """By kind, since the number is this person's; a ward's number is the guardian's, where they stand."""
    if group not in (None, Group.SMS) or not citizen.phone_since or not citizen.phone_index or citizen.guardian_id:
        return
    sent = Message.objects.filter(phone_index=bytes(citizen.phone_index), created_at__gte=citizen.phone_since)
    if cursor:
        sent = sent.filter(created_at__lt=cursor[0])
    for message in sent.defer("phone", "text").order_by("-created_at")[: PAGE + 1]:
        what = f"SMS: {message.get_purpose_display()}"
        yield Entry(message.created_at, what, str(DELIVERY[message.delivery(now)]), "", "", 0)
