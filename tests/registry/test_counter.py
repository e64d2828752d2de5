"""At the counter: verified by an identity card, a pass on paper, safe numbers; each deed is evidence."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from registry.models import Citizen, Event, Message, PaperPass, Revocation, Role, Tag
from registry.phone import safe_numbers
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
SEARCH = "/admin/registry/citizen/search/"
DEEDS = ("verify", "print_paper", "send_safe_number", "void")


def page(deed, citizen):
    return reverse(f"admin:registry_citizen_{deed}", args=[citizen.pk])


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.REGISTRAR))


def test_it_verifies_by_an_identity_card_who_has_no_phone(client):
    person = CitizenFactory(phone=None)
    assert client.get(page("verify", person)).status_code == 200
    assert client.post(page("verify", person), {"document": ""}).status_code == 200  # which card, is asked
    assert client.post(page("verify", person), {"document": "resident_card"}).status_code == 302
    person.refresh_from_db()
    today = timezone.localdate()
    assert person.verified_at and today + timedelta(days=21) <= person.due_on <= today + timedelta(days=30)
    assert person.phone_since is None
    event = Event.objects.get(tag=Tag.VERIFIED_AT_DESK)
    assert (event.detail, event.target, event.actor.username) == (
        {"document": "resident_card"},
        f"citizen:{person.pk}",
        "clerk",
    )


def test_a_child_comes_with_a_guardian(client):
    child = CitizenFactory(phone=None, birth=(timezone.localdate() - timedelta(days=3000)).isoformat())
    answer = client.post(page("verify", child), {"document": "passport"})
    assert "guardian" in str(answer.context["form"].errors) or "보호자" in str(answer.context["form"].errors)
    assert client.post(page("verify", child), {"document": "family"}).status_code == 302


def test_it_moves_those_who_are_carried_too(client):
    mother = CitizenFactory(verified=True)
    child = CitizenFactory(name="이아이", phone=mother.phone, guardian=mother, relation="child")
    client.post(page("verify", mother), {"document": "passport"})
    mother.refresh_from_db()
    child.refresh_from_db()
    assert child.due_on == mother.due_on


def test_it_prints_a_pass_in_both_languages(client):
    person = PassRecordFactory(citizen=CitizenFactory(verified=True, phone=None)).citizen
    answer = client.post(page("print_paper", person), {"document": "passport"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert text.count("<svg") == 2 and "홍*동" in text and "홍길동" not in text
    assert 'lang="ko"' in text and "Valid pass" in text
    assert PaperPass.objects.get().by.username == "clerk"
    assert Event.objects.filter(tag=Tag.PAPER_PASS_PRINTED).count() == 1


def test_it_says_when_nobody_has_checked_who_it_is(client):
    answer = client.post(page("print_paper", CitizenFactory()), {"document": "passport"})
    assert answer.context["form"].non_field_errors() and not PaperPass.objects.exists()


def test_it_sends_the_safe_number_and_shows_it(client):
    person = CitizenFactory(phone="+821000002601")
    assert client.post(page("send_safe_number", person)).status_code == 302
    safe = safe_numbers.of_number(person.phone_index)
    assert Message.objects.get().purpose == "safe_number"
    text = client.get(reverse("admin:registry_citizen_change", args=[person.pk])).content.decode()
    assert safe.text in text
    told = client.post(page("send_safe_number", CitizenFactory(phone=None)))
    assert told.context["form"].non_field_errors()


def test_it_voids_what_was_lost(client):
    person = CitizenFactory(verified=True)
    client.post(page("print_paper", person), {"document": "passport"})
    assert client.post(page("void", person), {"reason": "lost on a bus"}).status_code == 302
    assert Revocation.objects.get().paper
    assert Event.objects.get(tag=Tag.PASS_REVOKED).reason == "lost on a bus"


def test_a_safe_number_is_opened_for_a_reason(client):
    person = CitizenFactory()
    safe = safe_numbers.issue(person.phone, timezone.now())
    asked = client.post(SEARCH, {"text": f"{safe.text}"})
    assert asked.status_code == 200 and str(person.pk) not in asked.content.decode()
    assert not Event.objects.filter(tag=Tag.SAFE_NUMBER_OPENED).exists()
    assert client.post(SEARCH, {"text": safe.text, "reason": " "}).status_code == 200
    opened = client.post(SEARCH, {"text": safe.text, "reason": "list of the venue"})
    assert opened["Location"] == reverse("admin:registry_citizen_change", args=[person.pk])
    assert Event.objects.get(tag=Tag.SAFE_NUMBER_OPENED).reason == "list of the venue"
    unknown = client.post(SEARCH, {"text": "00가00나", "reason": "x"})
    assert unknown.context["form"].non_field_errors()


def test_it_shows_who_carries_whom(client):
    mother = CitizenFactory(name="김수진", verified=True)
    child = CitizenFactory(name="이아이", phone=mother.phone, guardian=mother, relation="child")
    for one, other in ((mother, child), (child, mother)):
        address = reverse("admin:registry_citizen_change", args=[one.pk])
        assert reverse("admin:registry_citizen_change", args=[other.pk]) in client.get(address).content.decode()


@pytest.mark.parametrize("deed", DEEDS)
def test_a_stranger_does_nothing_at_the_counter(deed, client):
    person = CitizenFactory(region="11680", verified=True)
    data = {"document": "passport", "reason": "x"}
    elsewhere = desk_of(make_clerk(Role.REGISTRAR, username="elsewhere", region="26350"))
    assert elsewhere.post(page(deed, person), data).status_code == 404
    for role in (Role.AUDITOR, Role.SERVICE, Role.VENUE_OFFICER):
        assert desk_of(make_clerk(role, username=role)).post(page(deed, person), data).status_code == 403
    assert not Message.objects.exists() and not PaperPass.objects.exists() and not Revocation.objects.exists()
    assert Citizen.objects.get(pk=person.pk).verified_at == person.verified_at


def test_a_stranger_opens_no_safe_number():
    safe = safe_numbers.issue(CitizenFactory().phone, timezone.now())
    auditor = desk_of(make_clerk(Role.AUDITOR))
    assert auditor.post(SEARCH, {"text": safe.text, "reason": "x"}).status_code == 403
