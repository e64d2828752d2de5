"""SMS, keys and the access log at the desk."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from registry import secrets, signing
from registry.admin.desk import ReadOnlyAdmin
from registry.models import Event, Message, Provider, Role, Verification
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


def test_it_shows_the_outbox_masked_and_without_texts():
    now = timezone.now()
    message = Message.objects.create(
        phone="+821000001234", phone_index=secrets.blind_index("phone", "+821000001234"), text="코드 123456",
        purpose="code", created_at=now, not_after=now, next_try_at=now, provider=Provider.objects.first(),
    )  # fmt: skip
    Verification.objects.create(phone="+821000001234", phone_index=b"x", address_index=b"y", started_at=now)
    client = desk_of(make_clerk(Role.SERVICE))
    pages = ["/admin/registry/message/", reverse("admin:registry_message_change", args=[message.pk])]
    for page in [*pages, "/admin/registry/verification/"]:
        text = client.get(page).content.decode()
        assert "010-****-1234" in text and "123456" not in text and "1000001234" not in text
    assert client.get("/admin/registry/provider/").status_code == 200


def test_it_shows_keys_without_their_private_halves():
    signing.make_keys_ahead(timezone.localdate())
    client = desk_of(make_clerk(Role.SERVICE))
    assert client.get("/admin/registry/signingkey/").status_code == 200
    kid = next(iter(signing.agency_keys())).hex()
    assert kid in client.get("/admin/registry/signingkey/").content.decode()


def test_it_lets_nobody_touch_evidence_superusers_included():
    client = desk_of(make_clerk(superuser=True))
    client.get("/admin/")
    Event.objects.create(at=timezone.now(), tag="signed_in", target="user:1")
    evidence = [model for model, desk in admin.site._registry.items() if isinstance(desk, ReadOnlyAdmin)]
    assert {model._meta.model_name for model in evidence} >= {
        "event",
        "message",
        "verification",
        "hourcount",
        "deadletter",
    }
    for model in evidence:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(base + "_changelist")).status_code == 200, model
        assert client.get(reverse(base + "_add")).status_code == 403, model
    event = Event.objects.latest("pk")
    base = reverse("admin:registry_event_change", args=[event.pk])
    assert client.get(base).status_code == 200
    assert client.post(base, {"reason": "x"}).status_code == 403
    assert client.post(reverse("admin:registry_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403


def test_it_finds_in_the_access_log_who_looked_at_a_person():
    auditor = make_clerk(Role.AUDITOR)
    for n in range(8):
        Event.objects.create(at=timezone.now(), tag="person_seen", actor=auditor, target=f"citizen:{n}")
    client = desk_of(auditor)
    client.get("/admin/registry/event/")  # a session's first page keeps where it is used from
    with at_most(12):
        page = client.get("/admin/registry/event/?q=citizen:3")
    assert [event.target for event in page.context["cl"].result_list] == ["citizen:3"]


def test_it_lets_a_provider_name_no_setting_that_is_not_for_providers():
    client = desk_of(make_clerk(Role.SERVICE))
    form = {"name": "x", "kind": "http", "weight": 1, "settings": "SECRET"}
    answer = client.post("/admin/registry/provider/add/", form)
    assert set(answer.context["adminform"].form.errors) == {"settings"}
    assert not Provider.objects.filter(name="x").exists()
    assert client.post("/admin/registry/provider/add/", form | {"settings": "SMS_OTHER"}).status_code == 302


def test_the_way_over_a_page_that_asks_leads_somewhere():
    signing.make_keys_ahead(timezone.localdate())
    kid = next(iter(signing.agency_keys())).hex()
    client = desk_of(make_clerk(Role.SERVICE))
    for page in (
        *("provider/set_budget/", "provider/retry_all/", f"provider/{Provider.objects.first().pk}/adjust/"),
        *("outage/open/", f"signingkey/{kid}/withdraw/", "period/messages/days/"),
    ):
        told = client.get(f"/admin/registry/{page}").content.decode()
        for address in set(re.findall(r'href="(/admin/registry/[^"]+/change/)"', told)):
            assert client.get(address).status_code == 200, (page, address)


def test_what_is_not_there_leads_a_clerk_back_to_the_desk():
    page = desk_of(make_clerk(Role.SERVICE)).get("/admin/registry/message/999999/change/")
    assert page.status_code == 404
    assert 'href="/admin/">' in page.content.decode()
