"""Six roles, each with no more than it needs."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from registry.clerks import roles
from registry.models import Approval, Event, Role, Tag
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db

LISTS = {
    "registry_citizen": {Role.REGISTRAR},
    "registry_passrecord": {Role.REGISTRAR},
    "registry_review": {Role.REGISTRAR},
    "registry_policyversion": {Role.REGISTRAR, Role.VENUE_OFFICER, Role.POLICY_MAKER, Role.AUDITOR},
    "registry_message": {Role.SERVICE, Role.AUDITOR},
    "registry_event": {Role.AUDITOR},
    "registry_user": {Role.SERVICE, Role.AUDITOR},
    "registry_clerkinvitation": {Role.SERVICE, Role.AUDITOR},
    "venues_venue": {Role.VENUE_OFFICER, Role.INVESTIGATOR},
    "checkins_entry": {Role.INVESTIGATOR},
    "checkins_trace": {Role.INVESTIGATOR, Role.AUDITOR},
    "checkins_legalhold": {Role.INVESTIGATOR, Role.AUDITOR},
    "registry_period": set(Role),
}


def test_it_seeds_the_roles_any_number_of_times():
    roles.seed_roles()
    Group.objects.get(name=Role.AUDITOR).permissions.clear()
    roles.seed_roles()
    assert set(Group.objects.values_list("name", flat=True)) >= set(Role.values)
    for role, names in roles.PERMISSIONS.items():
        assert Group.objects.get(name=role).permissions.count() == len(names)


@pytest.mark.parametrize("role", Role)
def test_it_opens_to_a_role_its_desks_and_no_other(role):
    client = desk_of(make_clerk(role))
    home = client.get("/admin/").content.decode()
    for name, allowed in LISTS.items():
        address = reverse(f"admin:{name}_changelist")
        assert client.get(address).status_code == (200 if role in allowed else 403), name
        assert (f'href="{address}"' in home) == (role in allowed), name


def test_it_lets_the_auditor_change_nothing_but_sign_the_monthly_review():
    changes = [name for name in roles.PERMISSIONS[Role.AUDITOR] if ".view_" not in name]
    assert changes == ["registry.add_monthreview"]


def test_it_lets_nobody_give_themselves_a_role_or_touch_a_superuser():
    clerk, chief = make_clerk(Role.SERVICE), make_clerk(username="chief", superuser=True)
    client = desk_of(clerk)
    for user in (clerk, chief):
        page = reverse("admin:registry_user_change", args=[user.pk])
        assert client.get(page).status_code == 200
        assert client.post(page, {"username": user.username, "groups": []}).status_code == 403
        assert client.post(reverse("admin:registry_user_reset_second_factor", args=[user.pk])).status_code == 403
        for deed in ("change_roles", "change_address", "send_password_link", "close_account", "unlock"):
            assert client.post(reverse(f"admin:registry_user_{deed}", args=[user.pk]), {}).status_code == 403, deed


def test_it_resets_a_second_factor_for_a_reason_by_two_and_ends_the_session():
    client, other = desk_of(make_clerk(Role.SERVICE)), make_clerk(Role.AUDITOR, username="other")
    second = desk_of(make_clerk(Role.SERVICE, username="second"))
    theirs = desk_of(other)
    page = reverse("admin:registry_user_reset_second_factor", args=[other.pk])
    assert client.post(page, {"reason": ""}).status_code == 200
    assert theirs.get("/admin/").status_code == 200
    assert client.post(page, {"reason": "lost phone"}).status_code == 302
    assert theirs.get("/admin/").status_code == 200
    grant = reverse("admin:registry_approval_grant", args=[Approval.objects.get().pk])
    assert client.post(grant, {"words": ""}).status_code == 403
    assert second.post(grant, {"words": ""}).status_code == 302
    assert theirs.get("/admin/").status_code == 302
    assert Event.objects.get(tag=Tag.SECOND_FACTOR_RESET).reason == "lost phone"


def test_it_shows_who_may_do_what_and_who_has_which_role():
    desk_of(make_clerk(Role.INVESTIGATOR, username="tracer"))
    client = desk_of(make_clerk(Role.AUDITOR, username="reader"))
    client.cookies["django_language"] = "en"
    page = client.get("/admin/roles/")
    shown = page.content.decode()
    assert "tracer" in shown and "Investigator" in shown
    people = next(row for row in page.context["rows"] if row.about == "people")
    assert dict(zip(Role, people.cells, strict=True))[Role.REGISTRAR].startswith("looks, adds, changes")
    assert desk_of(make_clerk(Role.REGISTRAR, username="other")).get("/admin/roles/").status_code == 403
