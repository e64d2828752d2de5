"""One row of everything that an address can be of, and what the parameters of the addresses are for it."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from checkins.models import DeadLetter, Destruction, Direction, HourCount, LegalHold, Method, Refusal, Undone
from checkins.traces import Finding, Trace
from checkins.tracing import asking
from gate.models import GateSettings
from registry import jobs, secrets
from registry.models import (
    Approval,
    Citizen,
    ClerkInvitation,
    Device,
    Event,
    FormerIdentity,
    Job,
    JobFile,
    Kept,
    Message,
    Outage,
    Partner,
    PartnerApp,
    Period,
    PolicyVersion,
    Provider,
    Request,
    Review,
    Role,
    SigningKey,
    Spreading,
    User,
    Verification,
)
from tests.factories import CitizenFactory, PassRecordFactory, UserFactory
from tests.registry import importing
from tests.registry.clerks import make_clerk
from tests.security import table
from tests.venues.owners import jpeg, upload
from tests.venues.places import Place
from venues import documents, policies
from venues.models import Scanner

Values = dict[str, Any]
NUMBER = "+821000001234"


class Examples:
    """The rows: `values` by desk (or by name, where an address needs a row of its own), `people` by actor."""

    def __init__(self) -> None:
        self.now: datetime = timezone.now()
        self.today: date = timezone.localdate()
        self.people: dict[str, User] = {role: make_clerk(Role(role), username=role) for role in sorted(table.CLERKS)}
        self.second = make_clerk(Role.INVESTIGATOR, username="second")
        self.values: dict[str, Values] = {}
        self.venue()
        self.registry()
        self.service()
        self.log()
        self.traces()

    def of(self, name: str) -> Values:
        """The parameters of an address."""
        bare = name.removesuffix("!").removeprefix("admin:")
        desk = next((desk for desk in table.DESKS if bare.startswith(f"{desk}_")), bare.partition(":")[0])
        return self.values.get(bare) or self.values.get(desk, {})

    def put(self, desk: str, row: Any, **more: Any) -> None:
        self.values[desk] = {"object_id": row.pk} | more

    def venue(self) -> None:
        place = Place()
        venue, application = place.venue, place.application
        self.people |= place.people
        self.scanner: Scanner = place.scanner
        document = documents.keep(upload(jpeg()), by=place.people[table.OWNER], now=self.now)
        application.documents.add(document)
        self.values["owner"] = place.keys
        self.put("venues_venue", venue, version_id=venue.history.latest().pk)
        self.put("venues_operator", venue.operator, version_id=venue.operator.history.latest().pk)
        self.put("venues_application", application, key=document.pk)
        self.put("venues_scanner", self.scanner)
        self.put("venues_category", venue.category)

    def registry(self) -> None:
        registrar = self.people[table.REGISTRAR]
        citizen: Citizen = CitizenFactory(verified=True)
        self.citizen, other = citizen, CitizenFactory()
        record = PassRecordFactory(citizen=citizen)
        device = Device.objects.create(
            citizen=citizen, public_key=b"k", token_hash=b"t", created_at=self.now, seen_at=self.now
        )
        FormerIdentity.objects.create(
            id=uuid4(), citizen=citizen, merged_at=self.now, merged_by=registrar, before=json.dumps({})
        )
        asked = Request.objects.create(
            citizen=citizen, kind=Request.Kind.ERASURE, reference="ABCD2345", opened_at=self.now
        )
        review = Review.objects.create(
            kind=Review.Kind.NUMBER_CLAIMED, citizen=citizen, other=other, opened_at=self.now
        )
        brought = importing.check(importing.some(1, 백신="?"), by=registrar)
        job = Job.objects.latest("asked_at")
        JobFile.objects.create(job=job, role="refused", name="x.csv", media_type="text/csv", content=b"x")
        self.put("registry_citizen", citizen, other_id=other.pk, device_id=device.pk)
        self.put("registry_passrecord", record, version_id=record.history.latest().pk)
        self.put("registry_request", asked)
        self.put("registry_review", review)
        self.values["registry_waiting_take"] = {"model": "review", "key": review.pk}
        self.put("registry_import", brought, language="ko", form="csv")
        self.put("registry_job", job, pk=job.pk, role="refused")
        self.put("registry_vaccine", record.vaccine)
        old = PolicyVersion.objects.published().earliest("effective_on")
        draft = policies.go_back_to(
            old, title="x", effective_on=self.today + timedelta(days=9), now=self.now, by=self.people[table.POLICY]
        )
        self.put("registry_policyversion", draft, number=draft.pk, version_id=draft.history.latest().pk)

    def service(self) -> None:
        service, now, today = self.people[table.SERVICE], self.now, self.today
        days = dict.fromkeys(("due_from", "due_to", "onto_from", "onto_to"), today)
        number = {"phone": NUMBER, "phone_index": secrets.blind_index("phone", NUMBER)}
        outage = Outage.objects.create(opened_at=now, began_at=now, closed_at=now, cause="x")
        self.put("registry_outage", outage)
        self.values["outage"] = {"pk": outage.pk}
        self.put("registry_spreading", Spreading.objects.create(**days, started_at=now))
        self.put("registry_provider", Provider.objects.first())
        self.put("registry_message", Message.objects.create(
            **number, text="x", purpose="notice", status=Message.Status.FAILED, created_at=now,
            not_after=now + timedelta(hours=1), next_try_at=now,
        ))  # fmt: skip
        self.put("registry_verification", Verification.objects.create(**number, address_index=b"y", started_at=now))
        self.put("registry_user", UserFactory(clerk=True))
        self.put("registry_clerkinvitation", ClerkInvitation.objects.create(
            email="x@example.com", roles=[Role.AUDITOR], inviter=service, asked_at=now
        ))  # fmt: skip
        self.put("registry_partner", Partner.objects.create(
            kind=Partner.Kind.LAB, name="시험 검사소", key_hash=b"k", key_made_at=now, made_by=service
        ))  # fmt: skip
        self.put("registry_partnerapp", PartnerApp.objects.create(
            kind=Partner.Kind.APP, name="시험 앱", key_hash=b"a", key_made_at=now, made_by=service
        ))  # fmt: skip
        self.put("gate_gatesettings", GateSettings.objects.get_or_create(pk=1)[0])
        self.put("registry_event", Event.objects.create(at=now, tag="signed_in", target=f"user:{service.pk}"))
        key = SigningKey.objects.first()
        assert key is not None
        self.values["registry_signingkey"] = {"object_id": base64.b64encode(key.pk).decode(), "kid": str(key)}
        self.values |= {desk: {"object_id": 1} for desk in ("registry_outagerule", "registry_revealrule")}
        month = {"year": today.year, "month": today.month}
        self.values["audit_month"] = month
        period = Period.objects.create(what=Kept.REFUSALS, days=28, changed_at=now, changed_by=service)
        self.put("registry_period", period, what=Kept.REFUSALS.value, **month)
        self.values["app_list"] = {"app_label": "venues"}

    def log(self) -> None:
        scanner, now = self.scanner, self.now
        here = {"venue": scanner.venue, "scanner": scanner}
        way: dict[str, Any] = {"method": Method.QR, "direction": Direction.IN, "admitted": True}
        self.put("checkins_hourcount", HourCount.objects.create(
            venue=scanner.venue, day=self.today, hour=12, verdict="PASS", count=1, **way
        ))  # fmt: skip
        self.put("checkins_deadletter", DeadLetter.objects.create(
            scanner=scanner, seq=1, at=now, reason="malformed", received_at=now
        ))  # fmt: skip
        self.put(
            "checkins_refusal", Refusal.objects.create(**here, seq=2, at=now, verdict="FAIL", reference="ABCD2345")
        )
        self.put("checkins_undone", Undone.objects.create(
            scanner=scanner, seq=3, by_seq=4, at=now, people=1, taken=True, received_at=now, **way
        ))  # fmt: skip
        self.put("checkins_destruction", Destruction.objects.create(day=self.today, intended_at=now, done_at=now))

    def traces(self) -> None:
        """An open result of the investigator and a second one, and what each of the two has asked for since."""
        investigator, now, today = self.people[table.INVESTIGATOR], self.now, self.today
        said: Values = {"case_number": "2026-서울-017", "reason": "접촉자 조사"}
        two = {"asked_by": investigator, "granted_by": self.second, "asked_at": now, "granted_at": now}
        self.put("checkins_legalhold", LegalHold.objects.create(
            first_day=today, last_day=today, until=today, **said, **two
        ))  # fmt: skip
        trace = Trace.objects.create(
            kind=Trace.Kind.VENUE, venue=self.scanner.venue, since=now - timedelta(hours=1), until=now,
            may_export=True, found_at=now, closes_at=now + timedelta(hours=1), **said, **two,
        )  # fmt: skip
        trace.job = jobs.begin(asking.JOB, by=investigator, now=now, values={"trace": str(trace.pk)})
        trace.save(update_fields=["job"])
        body = {"citizen": str(self.citizen.pk), "venue": self.scanner.venue_id, "stays": []}
        Finding.objects.create(trace=trace, number=1, body=json.dumps(body))
        self.put("checkins_trace", trace, number=1, work="job")
        for desk, asker in (("registry_approval", self.second), ("registry_approval_withdraw", investigator)):
            asked = asking.ask_where(self.citizen, today, today, by=asker, now=now, **said)
            self.put(desk, Approval.objects.get(target=f"trace:{asked.pk}"))
