"""What holds in the whole country: a clerk of a region sees it and is told why nothing can be changed there."""

import pytest
from django.urls import reverse

from gate.models import GateSettings
from registry.models import Event, OutageRule, Provider, Role, Tag
from registry.sms import budget
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
NOTE = "전국에 적용됩니다"
SEEN = {
    Role.SERVICE: "gate_gatesettings registry_provider registry_outage registry_outagerule registry_spreading "
    "registry_revealrule registry_partnerapp registry_signingkey registry_period",
    Role.POLICY_MAKER: "registry_policyversion registry_vaccine venues_category",
}
DEEDS = {
    Role.SERVICE: "registry_provider_add registry_provider_set_budget registry_provider_retry_all "
    "registry_outage_open_outage registry_spreading_respread registry_partnerapp_add",
    Role.POLICY_MAKER: "registry_policyversion_add registry_vaccine_add",
}


@pytest.fixture
def provider():
    return Provider.objects.create(name="one", kind=Provider.Kind.HTTP, settings="SMS_ONE")


@pytest.mark.parametrize("role", SEEN)
def test_it_is_seen_by_a_clerk_of_a_region_and_says_who_changes_it(role):
    local = desk_of(make_clerk(role, region="11680"))
    for desk in SEEN[role].split():
        shown = local.get(reverse(f"admin:{desk}_changelist"), follow=True)
        assert shown.status_code == 200 and NOTE in shown.content.decode(), desk
    whole = desk_of(make_clerk(role, username="whole"))
    for desk in SEEN[role].split():
        assert NOTE not in whole.get(reverse(f"admin:{desk}_changelist"), follow=True).content.decode(), desk


@pytest.mark.parametrize("role", DEEDS)
def test_none_of_its_deeds_opens_to_a_clerk_of_a_region(role, provider):
    local, whole = desk_of(make_clerk(role, region="11")), desk_of(make_clerk(role, username="whole"))
    for deed in DEEDS[role].split():
        page = reverse(f"admin:{deed}")
        assert [local.get(page).status_code, local.post(page, {}).status_code] == [403, 403], deed
        assert whole.get(page).status_code == 200, deed
    assert Event.objects.filter(tag=Tag.DENIED).exists()


def test_a_clerk_of_a_region_changes_no_setting_of_the_service(provider):
    local = desk_of(make_clerk(Role.SERVICE, region="11680"))
    before = _settings()
    for desk, key, values in (
        ("gate_gatesettings", 1, {"rate": "1", "polls": "1", "minutes": "1"}),
        ("registry_outagerule", 1, {"enabled": "on", "share": "10", "minutes": "1", "least": "1"}),
        ("registry_revealrule", 1, {"an_hour": "999", "a_day": "999"}),
        ("registry_provider", provider.pk, {"name": "two", "kind": "http", "settings": "SMS_TWO"}),
    ):
        assert local.post(reverse(f"admin:{desk}_change", args=[key]), values).status_code == 403, desk
    adjust = reverse("admin:registry_provider_adjust", args=[provider.pk])
    assert local.post(adjust, {"weight": "0", "reason": "x"}).status_code == 403
    assert local.post(reverse("admin:registry_provider_set_budget"), {"daily": "1"}).status_code == 403
    assert (
        local.post(reverse("admin:registry_period_days", args=["jobs"]), {"days": "1", "reason": "x"}).status_code
        == 403
    )
    provider.refresh_from_db()
    assert (provider.name, provider.weight) == ("one", Provider._meta.get_field("weight").default)
    assert _settings() == before


def _settings():
    gate, _new = GateSettings.objects.get_or_create(pk=1)
    return gate.rate, OutageRule.objects.get(pk=1).minutes, budget.rule().daily
