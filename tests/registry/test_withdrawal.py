"""The way out: the pass ends at once, the number is forgotten, and of whom is erased nothing personal is left."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry import issuing, vault
from registry.citizens import records, requests, revealing, withdrawal
from registry.citizens.revealing import Field
from registry.fields import EncryptedTextField
from registry.models import (
    Citizen,
    Consent,
    Device,
    Event,
    Message,
    PaperPass,
    PassRecord,
    Relation,
    Reminder,
    Request,
    Review,
    Revocation,
    SafeNumber,
    Tag,
    Verification,
)
from registry.models.people import name_key
from registry.phone import verification
from registry.secrets import blind_index
from registry.sms import outbox
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk
from tests.registry.holders import Holder

pytestmark = pytest.mark.django_db
WITHDRAWAL = "/api/v1/pass/withdrawal"
NUMBER, NAME, BORN = "+821000007777", "황보사라짐", "1987-06-05"
WORDS = "사라질 요청의 글"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def citizen(now):
    """A person of whom something stands in every corner but the pass records."""
    born, earlier = BORN, now - timedelta(days=5)
    citizen = CitizenFactory(name=NAME, birth=born, phone=NUMBER, phone_since=earlier, verified=True)
    phone = PhoneNumber.from_string(NUMBER)
    check = verification.begin(phone, address="127.0.0.1", now=now)
    reminder = outbox.enqueue(phone, f"{NAME}님", purpose="reminder", useful_for=timedelta(hours=1), now=now)
    Message.objects.filter(pk=reminder.pk).update(error=f"no answer for {NUMBER}", provider_reference="sid-7")
    Reminder.objects.create(
        citizen=citizen, kind="phone_check", on=citizen.due_on, days_before=7, send_at=now, message=reminder
    )
    SafeNumber.objects.create(text="12가34나", phone=NUMBER, phone_index=citizen.phone_index, issued_at=now)
    Consent.objects.create(citizen=citizen, given_by=citizen, version="2026-11", at=now)
    requests.open_request(citizen, Request.Kind.CORRECTION, WORDS, now=now)
    Review.objects.create(kind=Review.Kind.POSSIBLY_SAME, citizen=citizen, other=CitizenFactory(), opened_at=now)
    LogEntry.objects.create(
        user=make_clerk(username="noter"),
        content_type=ContentType.objects.get_for_model(Citizen),
        object_id=str(citizen.pk),
        object_repr=str(citizen),
        action_flag=ADDITION,
    )
    assert check.phone == NUMBER
    return citizen


@pytest.fixture
def holder(citizen):
    return Holder(citizen)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        return [name for (name,) in cursor.fetchall()]


def mentions(*needles: str) -> list[str]:
    """The tables of `default` with a row whose text has one of these, bytes in hex."""
    pattern = "|".join(needles)
    with connection.cursor() as cursor:
        found = []
        for table in tables():
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text ~ %s", [pattern])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def decrypted(needles: tuple[str, ...]) -> list[str]:
    """The encrypted fields of `default` in which one of these stands."""
    return [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedTextField)
        for value in model._default_manager.values_list(field.name, flat=True)
        if value and any(needle in value for needle in needles)
    ]


def left_of(citizen) -> list[str]:
    """Where something personal of this person still stands."""
    masked = (citizen.masked_name.replace("*", r"\*"), r"010-\*\*\*\*-7777")
    indexes = (
        blind_index("phone", NUMBER).hex(),
        blind_index("name", name_key(NAME, citizen.birth_date)).hex(),
    )
    plain = (NAME, NUMBER, NUMBER[3:], BORN, WORDS)
    return mentions(*(needle.replace("+", r"\+") for needle in plain), *masked, *indexes) + decrypted(plain)


def test_the_search_of_this_file_finds_what_stands(citizen):
    assert len(left_of(citizen)) > 8


def test_it_ends_the_pass_at_once_and_forgets_the_number(holder, citizen, now):
    PassRecordFactory(citizen=citizen)
    answer = holder.post(WITHDRAWAL, {"erase": False})
    assert (answer.status_code, answer.json()) == (200, {"outcome": "withdrawn"})
    assert answer.cookies["device"]["max-age"] == 0
    assert holder.post(WITHDRAWAL, {"erase": False}).json()["code"] == "unknown_device"
    row = Citizen.objects.get(pk=citizen.pk)
    assert (row.name, row.records.count()) == (NAME, 1)
    assert (row.phone, row.phone_index, row.due_on, row.verified_at, row.phone_since) == (None,) * 5
    assert not Device.objects.active().exists() and Revocation.objects.filter(citizen=citizen).exists()
    assert not Reminder.objects.exists()
    safe = SafeNumber.objects.get(text="12가34나")
    assert safe.phone == "" and safe.ended_at
    assert {(m.phone, m.text, m.status) for m in Message.objects.all()} == {(None, None, "dropped")}
    assert Event.objects.filter(tag=Tag.WITHDRAWN).count() == 1


def test_it_leaves_a_number_by_which_somebody_else_holds_a_pass(holder, citizen, now):
    CitizenFactory(name="김가족", phone=NUMBER, verified=True)
    holder.post(WITHDRAWAL, {"erase": True})
    assert SafeNumber.objects.get(text="12가34나").ended_at is None
    assert Message.objects.filter(phone_index=citizen.phone_index).count() == 2


def test_it_erases_a_newcomer_at_once_wherever_something_stood(holder, citizen):
    answer = holder.post(WITHDRAWAL, {"erase": True})
    assert answer.json() == {"outcome": "erased"}
    assert left_of(citizen) == []
    assert sorted(mentions(str(citizen.pk))) == ["registry_event", "registry_revocation"]
    assert Event.objects.filter(tag=Tag.PERSON_ERASED, target=f"citizen:{citizen.pk}").exists()


def test_it_takes_no_code_that_was_still_on_the_way_to_an_erased_number(holder, citizen):
    holder.post(WITHDRAWAL, {"erase": True})
    check = Verification.objects.get()
    assert (check.phone, check.tries_left) == ("", 0)


def test_it_asks_a_clerk_where_records_stand(holder, citizen):
    PassRecordFactory(citizen=citizen)
    assert holder.post(WITHDRAWAL, {"erase": True}).json() == {"outcome": "erasure_asked"}
    assert Request.objects.open().get(kind=Request.Kind.ERASURE).citizen == citizen
    assert Citizen.objects.get(pk=citizen.pk).phone is None


def test_it_does_not_let_a_dispute_be_erased(holder, citizen, now):
    Review.objects.create(kind=Review.Kind.NUMBER_CLAIMED, citizen=citizen, other=CitizenFactory(), opened_at=now)
    assert holder.post(WITHDRAWAL, {"erase": True}).json() == {"outcome": "erasure_asked"}


def test_a_clerk_erases_a_person_with_records_and_their_history(holder, citizen, now):
    clerk = make_clerk()
    record = records.add(
        PassRecord(
            citizen=citizen, kind="recovery", day=now.date(), issuer="사라질 보건소", certificate_number="GONE-1"
        ),
        by=clerk,
    )
    record.issuer = "사라질 병원"
    records.correct(record, fields=["issuer"], by=clerk, now=now)
    revealing.reveal(citizen, Field.PHONE, by=clerk, reason="a call", now=now)
    issuing.revoke(citizen, by=clerk, reason="why", now=now)
    withdrawal.erase(citizen, by=clerk, reason="asked", now=now)
    assert left_of(citizen) + mentions("사라질", "GONE-1") == []
    assert sorted(mentions(str(citizen.pk))) == ["registry_event", "registry_revocation"]
    assert Event.objects.filter(target=f"citizen:{citizen.pk}", tag=Tag.PERSON_REVEALED, actor=clerk).exists()
    event = Event.objects.get(tag=Tag.PERSON_ERASED)
    assert (event.actor, event.reason) == (clerk, "asked")
    assert {revocation.reason for revocation in Revocation.objects.all()} == {""}
    assert not Device.objects.exists()


def test_it_ends_and_erases_those_carried_beside_as_each_stands(holder, citizen, now):
    given = {"phone": NUMBER, "guardian": citizen, "verified": True}
    child = CitizenFactory(name="황보아이", relation=Relation.CHILD, **given)
    parent = CitizenFactory(name="황보부모", relation=Relation.PARENT, **given)
    PassRecordFactory(citizen=parent)
    Holder(child), Holder(parent)
    holder.post(WITHDRAWAL, {"erase": True})
    assert not Citizen.objects.filter(pk__in=[citizen.pk, child.pk]).exists()
    parent.refresh_from_db()
    assert (parent.guardian, parent.phone, parent.due_on) == (None, None, None)
    assert Request.objects.get().citizen == parent
    assert not Device.objects.active().exists()
    assert left_of(citizen) == []


def test_it_forgets_who_was_once_carried_and_is_known_by_nothing_else(holder, citizen, now):
    given = {"phone": NUMBER, "phone_since": now}
    once, recorded = CitizenFactory(name="황보아이", **given), CitizenFactory(name="황보부모", **given)
    PassRecordFactory(citizen=recorded)
    holder.post(WITHDRAWAL, {"erase": True})
    assert not Citizen.objects.filter(pk=once.pk).exists()
    assert Citizen.objects.get(pk=recorded.pk).phone == NUMBER


def test_a_childs_pass_ends_alone(holder, citizen, now):
    child = CitizenFactory(name="황보아이", phone=NUMBER, guardian=citizen, relation=Relation.CHILD, verified=True)
    assert Holder(child).post(WITHDRAWAL, {"erase": True}).json() == {"outcome": "erased"}
    assert holder.get("/api/v1/pass/me").json()["masked_phone"] == "010-****-7777"
    assert SafeNumber.objects.get(text="12가34나").ended_at is None
    assert Message.objects.filter(phone_index=citizen.phone_index).count() == 2


def test_revocations_outlive_the_person_as_long_as_a_strip_may(holder, citizen, now):
    until = vault.today(now) + timedelta(days=30)
    PaperPass.objects.create(citizen=citizen, printed_at=now, until=until, by=make_clerk())
    holder.post(WITHDRAWAL, {"erase": True})
    revocation = Revocation.objects.get(citizen_id=citizen.pk)
    assert revocation.paper
    since = revocation.since
    assert withdrawal.forget(since + withdrawal.REVOCATIONS_MATTER_FOR) == 0
    assert withdrawal.forget(since + withdrawal.REVOCATIONS_MATTER_FOR + timedelta(minutes=1)) == 1
    assert mentions(str(citizen.pk)) == ["registry_event"]


def test_it_forgets_no_revocation_of_a_person_who_is_there(citizen, now):
    issuing.revoke(citizen, by=None, reason="", now=now)
    assert withdrawal.forget(now + timedelta(days=999)) == 0
