"""Erasing at the desk: what goes and what stays is shown, and pass records take a second person."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import approvals
from registry.citizens import erasing, requests
from registry.models import Approval, Citizen, Event, Request, Role, Tag
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return make_clerk(Role.REGISTRAR)


def page_of(person) -> str:
    return reverse("admin:registry_citizen_erase", args=[person.pk])


def test_somebody_without_records_is_erased_at_once_for_a_reason(clerk):
    person = CitizenFactory()
    requests.open_request(person, Request.Kind.ERASURE, "", now=timezone.now())
    client = desk_of(clerk)
    assert client.post(page_of(person), {"reason": ""}).status_code == 200
    assert client.post(page_of(person), {"reason": "asked by letter"})["Location"] == "/admin/registry/citizen/"
    assert not Citizen.objects.exists() and not Request.objects.exists()
    event = Event.objects.get(tag=Tag.PERSON_ERASED)
    assert (event.actor, event.reason, event.address) == (clerk, "asked by letter", "127.0.0.1")


def test_records_are_evidence_so_that_a_second_clerk_has_to_agree(clerk):
    record = PassRecordFactory()
    person = record.citizen
    client = desk_of(clerk)
    shown = client.get(page_of(person)).context["preview"]
    assert (shown.records, shown.versions, shown.needs_two) == (1, 1, True)
    client.post(page_of(person), {"reason": "nothing the law keeps"})
    approval = Approval.objects.get()
    assert Citizen.objects.filter(pk=person.pk).exists()
    assert client.post(page_of(person), {"reason": "again"}).context["form"].errors
    with pytest.raises(approvals.OwnRequest):
        approvals.grant(approval, by=clerk, now=timezone.now())
    approvals.grant(approval, by=make_clerk(Role.REGISTRAR, username="second"), now=timezone.now())
    assert not Citizen.objects.filter(pk=person.pk).exists()
    assert Event.objects.get(tag=Tag.PERSON_ERASED).reason == "nothing the law keeps"


def test_a_second_clerk_of_another_region_cannot_agree_and_nobody_to_what_is_gone(clerk):
    person = PassRecordFactory(citizen__region="26350").citizen
    approval = erasing.erase_or_ask(person, by=clerk, reason="asked", now=timezone.now())
    elsewhere = make_clerk(Role.REGISTRAR, username="gangnam", region="11680")
    with pytest.raises(approvals.NotYours):
        approvals.grant(approval, by=elsewhere, now=timezone.now())
    Citizen.objects.filter(pk=person.pk).delete()
    with pytest.raises(erasing.NobodyThere):
        approvals.grant(approval, by=make_clerk(Role.REGISTRAR, username="second"), now=timezone.now())


def test_it_is_open_to_registrars_alone(clerk):
    person = CitizenFactory()
    for role in set(Role) - {Role.REGISTRAR}:
        assert desk_of(make_clerk(role, username=role.value)).get(page_of(person)).status_code == 403
