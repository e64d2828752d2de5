"""A citizen's own page: all that is held about one person, as that person may see it. Costs the same few statements
for everybody."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from registry import issuing, policy, validity, vault
from registry.citizens.meaning import fact
from registry.citizens.merging import identities_of
from registry.models import (
    Citizen,
    Consent,
    Device,
    Event,
    Message,
    PassRecord,
    PolicyVersion,
    Request,
    SafeNumber,
    Tag,
)
from registry.reverification import outages

MOST_MESSAGES, MOST_DEVICES, MOST_LOOKS = 50, 5, 200
LOOKS = {  # what somebody looked for
    Tag.PERSON_SEEN: "desk", Tag.PERSON_REVEALED: "desk", Tag.SAFE_NUMBER_OPENED: "safe_number",
    Tag.TRACED: "tracing", Tag.TRACE_REVEALED: "tracing", Tag.TRACE_EXPORTED: "tracing",
}  # fmt: skip


def of(device: Device, *, now: datetime) -> dict[str, Any]:
    """What the person who holds this device reads. Raises NoPolicy."""
    citizen = device.citizen
    today = vault.today(now)
    version = policy.in_force_on(today)
    return {
        "time": _ms(now),
        "language": citizen.language,
        "masked_name": citizen.masked_name,
        "outage": outages.as_json(),
        "notices": _notices(today),
        **_pass(citizen, version, today),
        **_number(citizen),
        "devices": _devices(device),
        "messages": _messages(citizen, now),
        **_family(citizen),
        "requests": _requests(citizen),
        "consents": _consents(citizen),
        "looks": _looks(citizen),
    }


def _notices(today: date) -> list[dict[str, Any]]:
    """What is told ahead of policies whose day is coming, in both languages."""
    told = PolicyVersion.objects.announced(today).exclude(citizen_notice_ko="", citizen_notice_en="")
    return [
        {"on": _day(version.effective_on), "ko": version.citizen_notice_ko, "en": version.citizen_notice_en}
        for version in told
    ]


def _pass(citizen: Citizen, version: PolicyVersion, today: date) -> dict[str, Any]:
    """Records with the days on which each counts under the policy in force, what they mean together today, and until
    when the phone check carries that."""
    rules = policy.rules_of(version)
    records = list(citizen.records.select_related("vaccine").order_by("-day", "-pk"))
    standing = validity.standing(
        validity.spans([fact(record) for record in records if not record.revoked_at], citizen.birth_date, rules), today
    )
    due_on = citizen.due_on
    opens = due_on - timedelta(days=version.renewal_opens_days) if due_on else None
    return {
        "today": {
            "valid": standing.valid,
            "basis": standing.basis,
            "until": _day(standing.until),
            "ended": standing.ended and {"basis": standing.ended.basis, "on": _day(standing.ended.until)},
            "starts": standing.starts and {"basis": standing.starts.basis, "on": _day(standing.starts.since)},
        },
        "records": [_record(record, rules, today) for record in records],
        "due_on": _day(due_on),
        "renewal_opens_on": _day(opens),
        "usable_until": _day(issuing.usable_until(citizen, version, today=today)) if due_on else None,
    }


def _record(record: PassRecord, rules: validity.Rules, today: date) -> dict[str, Any]:
    span = validity.span(fact(record), rules)
    return {
        "kind": record.kind,
        "day": _day(record.day),
        "vaccine": record.vaccine and {"ko": record.vaccine.name_ko, "en": record.vaccine.name_en},
        "dose": record.dose,
        "result_at": _ms(record.result_at),
        "issuer": record.issuer,
        "state": _state(record, span, today),
        "counts_from": _day(span.since if span else None),
        "counts_until": _day(span.until if span else None),
        "revoked_on": _day(vault.today(record.revoked_at) if record.revoked_at else None),
    }


def _state(record: PassRecord, span: validity.Span | None, today: date) -> str:
    """revoked, partial (not enough for a pass by itself), ahead, ended, or counts."""
    if record.revoked_at:
        return "revoked"
    if span is None:
        return "partial"
    if today < span.since:
        return "ahead"
    return "counts" if span.covers(today) else "ended"


def _number(citizen: Citizen) -> dict[str, Any]:
    safe = SafeNumber.objects.of_number(bytes(citizen.phone_index or b"")).values_list("text", flat=True).first()
    return {
        "masked_phone": citizen.masked_phone or None,
        "phone_since": _ms(citizen.phone_since),
        "safe_number": safe,
    }


def _devices(here: Device) -> list[dict[str, Any]]:
    """The phones and apps that hold the pass, and the few before them, with the apps in which passes are carried beside
    it. One in a closed app gets nothing any more."""
    closed_or_ended = Coalesce("ended_at", "partner__closed_at")
    # Each OR within one table, so that either is answered by its indexes.
    family = Citizen.objects.filter(Q(pk=here.citizen_id) | Q(guardian=here.citizen_id)).values("pk")
    own_or_in_use = Q(citizen=here.citizen_id) | Q(partner__isnull=False, ended_at__isnull=True)
    theirs = Device.objects.filter(own_or_in_use, citizen__in=family)
    known = theirs.select_related("partner", "citizen").annotate(over=closed_or_ended)
    order = (F("ended_at").desc(nulls_first=True), F("partner").asc(nulls_first=True))
    own_first = F("citizen__guardian").asc(nulls_first=True)
    newest = known.order_by(*order, own_first, "-created_at")[:MOST_DEVICES]
    return [
        {
            "since": _ms(device.created_at),
            "seen": _ms(device.seen_at),
            "ended": _ms(device.over),
            "app": device.partner and {"name": device.partner.name, "device": str(device.pk)},
            "here": device.pk == here.pk,
            "of": None if device.citizen_id == here.citizen_id else _ward(device.citizen),
        }
        for device in newest
    ]


def _messages(citizen: Citizen, now: datetime) -> list[dict[str, Any]]:
    """What was sent to the number since it is this person's; a ward's number is the guardian's, who sees it there."""
    if citizen.phone_index is None or citizen.phone_since is None or citizen.guardian_id:
        return []
    sent = Message.objects.filter(phone_index=citizen.phone_index, created_at__gte=citizen.phone_since)
    newest = sent.defer("phone", "text").order_by("-created_at")[:MOST_MESSAGES]
    return [
        {"purpose": message.purpose, "at": _ms(message.created_at), "delivery": message.delivery(now)}
        for message in newest
    ]


def _family(citizen: Citizen) -> dict[str, Any]:
    guardian, on_a_phone = citizen.guardian, Exists(Device.objects.active().filter(citizen=OuterRef("pk")))
    return {
        "guardian": guardian and {"masked_name": guardian.masked_name},
        "wards": [
            {"masked_name": ward.masked_name, "relation": ward.relation, "carried": ward.carried}
            for ward in citizen.wards.annotate(carried=on_a_phone).order_by("created_at")
        ],
    }


def _ward(ward: Citizen) -> dict[str, Any]:
    return {"citizen": str(ward.pk), "masked_name": ward.masked_name, "relation": ward.relation}


def _requests(citizen: Citizen) -> list[dict[str, Any]]:
    return [request_json(request) for request in Request.objects.filter(citizen=citizen).order_by("-opened_at")]


def request_json(request: Request) -> dict[str, Any]:
    """One request as its writer reads it."""
    return {
        "kind": request.kind,
        "text": request.text,
        "reference": request.reference_shown,
        "opened_at": _ms(request.opened_at),
        "answer": request.answer,
        "closed_at": _ms(request.closed_at),
    }


def _consents(citizen: Citizen) -> list[dict[str, Any]]:
    given = Consent.objects.filter(citizen=citizen).order_by("-at")
    return [
        {"version": consent.version, "at": _ms(consent.at), "by_guardian": consent.given_by_id != citizen.pk}
        for consent in given
    ]


def _looks(citizen: Citizen) -> list[dict[str, Any]]:
    """On which days somebody of ours read the record, how often and what for; neither by whom nor for which case."""
    targets = [f"citizen:{identity}" for identity in identities_of(citizen)]
    events = Event.objects.filter(target__in=targets, tag__in=LOOKS, actor__isnull=False).order_by("-at")
    looks = Counter((vault.today(at), LOOKS[Tag(tag)]) for tag, at in events.values_list("tag", "at")[:MOST_LOOKS])
    return [{"on": _day(day), "why": why, "times": times} for (day, why), times in looks.items()]


def _ms(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
