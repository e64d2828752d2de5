"""The SMS desk: figures for the service clerk and the auditor; switch, weight, budget and retry leave evidence."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from phonenumber_field.phonenumber import PhoneNumber

from registry.admin import sms_figures
from registry.models import Budget, Event, Message, Provider, Role, Tag
from registry.sms import budget, outbox, tallies
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
LIST = "/admin/registry/provider/"


@pytest.fixture
def clerk():
    return desk_of(make_clerk(Role.SERVICE))


@pytest.fixture
def provider(db):
    return Provider.objects.get(name="http")


def failed(number=2301, **fields):
    phone = PhoneNumber.from_string(f"+82100000{number:04d}")
    now = timezone.now()
    message = outbox.enqueue(phone, "a text", purpose="code", useful_for=timedelta(minutes=30), now=now)
    Message.objects.filter(pk=message.pk).update(status="failed", **fields)
    return message


def test_it_shows_figures_and_reasons_without_numbers(clerk, provider, django_assert_max_num_queries):
    now = timezone.now()
    tallies.add([(provider.pk, "taken", "100")] * 9 + [(provider.pk, "away", "ReadTimeout")], now)
    failed()
    with django_assert_max_num_queries(30):
        page = clerk.get(LIST)
    text = page.content.decode()
    assert f"{sms_figures.reason('ReadTimeout')} × 1" in text and "100 ms" in text
    assert page.context["given_up"] == 1 and page.context["budget"].spent == 1
    assert "2301" not in text


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 200), (Role.SERVICE, 200), (Role.REGISTRAR, 403)])
def test_an_auditor_reads_it_and_a_stranger_does_not(role, status, provider):
    client = desk_of(make_clerk(role))
    page = client.get(LIST)
    assert page.status_code == status
    adjust = reverse("admin:registry_provider_adjust", args=[provider.pk])
    if role != Role.SERVICE:
        assert adjust not in page.content.decode()
        for address in (
            adjust,
            reverse("admin:registry_provider_set_budget"),
            reverse("admin:registry_provider_retry_all"),
        ):
            assert client.post(address, {}).status_code in (302, 403)
        assert not Event.objects.filter(tag__in=[Tag.PROVIDER_CHANGED, Tag.BUDGET_CHANGED]).exists()


def test_it_switches_a_provider_off_with_a_reason(clerk, provider):
    address = reverse("admin:registry_provider_adjust", args=[provider.pk])
    assert clerk.get(address).context["form"].initial == {"enabled": True, "weight": 100}
    assert clerk.post(address, {"weight": 10}).context["form"].errors.keys() == {"reason"}
    assert clerk.post(address, {"weight": 10, "reason": "it hangs"}).status_code == 302
    provider.refresh_from_db()
    assert (provider.enabled, provider.weight) == (False, 10)
    event = Event.objects.get(tag=Tag.PROVIDER_CHANGED)
    assert (event.reason, event.detail["enabled"], event.detail["weight"]) == ("it hangs", False, 10)


def test_it_sets_the_budget(clerk):
    assert clerk.get(reverse("admin:registry_provider_set_budget")).status_code == 200
    values = {"daily": 100, "reminder_share": 50, "prefix_ten_minutes": 0, "prefix_day": 0}
    assert clerk.post(reverse("admin:registry_provider_set_budget"), values).status_code == 302
    assert budget.rule().daily == Budget.objects.get().daily == 100
    assert Event.objects.get(tag=Tag.BUDGET_CHANGED).detail == values


def test_it_counts_given_up_texts_no_further_than_anybody_wants_to_know(clerk, provider, monkeypatch):
    monkeypatch.setattr(sms_figures, "MOST_COUNTED", 2)
    for number in (2302, 2303, 2304):
        failed(number)
    page = clerk.get(reverse("admin:registry_provider_retry_all"), headers={"accept-language": "en"})
    assert "2 SMS or more" in page.context["text"]


def test_it_tries_given_up_texts_again(clerk, provider):
    message, late = failed(2302), failed(2303, not_after=timezone.now())
    assert "1" in clerk.get(reverse("admin:registry_provider_retry_all")).context["text"]
    assert clerk.post(reverse("admin:registry_provider_retry_all")).status_code == 302
    message.refresh_from_db()
    late.refresh_from_db()
    assert (message.status, late.status) == ("queued", "failed")
    assert Event.objects.get(tag=Tag.MESSAGE_RETRIED).target == f"message:{message.pk}"


def test_it_tries_one_text_again_where_it_is_of_use(clerk, provider):
    message, late = failed(2304), failed(2305, not_after=timezone.now())
    for each, status in ((message, 302), (late, 403)):
        assert clerk.post(reverse("admin:registry_message_retry", args=[each.pk])).status_code == status
    message.refresh_from_db()
    assert message.status == "queued"
