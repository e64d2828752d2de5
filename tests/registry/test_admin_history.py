"""The history of a row is read where the row itself may be read, and written nowhere."""

import json

import pytest
from django.forms import model_to_dict
from django.urls import reverse

from registry.models import PolicyVersion, Role
from tests.factories import PassRecordFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


def pages_of(row) -> list[str]:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    return [
        reverse(f"{name}_history", args=[row.pk]),
        reverse(f"{name}_simple_history", args=[row.pk, row.history.latest().pk]),
    ]


def test_it_shows_a_regions_clerk_that_region_alone():
    client = desk_of(make_clerk(Role.REGISTRAR, region="11"))
    mine, other = (PassRecordFactory(citizen__region=region) for region in ("11680", "26350"))
    assert [client.get(page).status_code for page in pages_of(mine)] == [200, 200]
    assert [client.get(page).status_code for page in pages_of(other)] == [404, 404]


def test_it_changes_no_published_policy_whoever_asks():
    policy = PolicyVersion.objects.published().latest("number")
    policy.save()  # leaves a version
    form = {name: value for name, value in model_to_dict(policy).items() if value is not None}
    form |= {"title": "mine", "rules": json.dumps(policy.rules)}
    clerks = [make_clerk(role, username=role.value) for role in (Role.AUDITOR, Role.POLICY_MAKER)]
    for clerk in (*clerks, make_clerk(username="root", superuser=True)):
        assert desk_of(clerk).post(pages_of(policy)[1], form).status_code == 403
    policy.refresh_from_db()
    assert policy.title != "mine"


def test_it_names_what_was_changed_in_the_readers_language():
    clerk = desk_of(make_clerk(Role.SERVICE))
    rule = reverse("admin:registry_outagerule_change", args=[1])
    assert clerk.post(rule, {"enabled": "on", "share": 30, "minutes": 10, "least": 50}).status_code == 302
    told = clerk.get(reverse("admin:registry_outagerule_history", args=[1])).content.decode()
    assert "인증번호 도착률이 이 비율(%) 미만일 때" in told and "codes arrive" not in told


def test_it_leaves_nothing_to_guess_where_no_reason_was_asked_for():
    record = PassRecordFactory()
    listed, version = map(desk_of(make_clerk(Role.REGISTRAR)).get, pages_of(record))
    assert "None" not in listed.content.decode()
    told = version.content.decode()
    assert "모든 변경 이력" in told and pages_of(record)[0] in told
