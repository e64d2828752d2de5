"""Six roles, each with no more than it needs."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from registry.clerks import roles
from registry.models import Event, Role, Tag, User
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
    "venues_venue": {Role.VENUE_OFFICER, Role.INVESTIGATOR},
    "checkins_entry": {Role.INVESTIGATOR},
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


def test_it_lets_only_the_auditor_role_change_nothing():
    changes = [name for name in roles.PERMISSIONS[Role.AUDITOR] if ".view_" not in name]
    assert changes == []


def test_it_lets_nobody_give_themselves_a_role_or_touch_a_superuser():
    clerk, chief = make_clerk(Role.SERVICE), make_clerk(username="chief", superuser=True)
    client = desk_of(clerk)
    for user in (clerk, chief):
        page = reverse("admin:registry_user_change", args=[user.pk])
        assert client.get(page).status_code == 200
        assert client.post(page, {"username": user.username, "groups": []}).status_code == 403
        assert client.post(reverse("admin:registry_user_reset_second_factor", args=[user.pk])).status_code == 403
        assert client.post(reverse("admin:auth_user_password_change", args=[user.pk])).status_code == 403


def test_it_gives_roles_and_keeps_the_evidence():
    client, new = desk_of(make_clerk(Role.SERVICE)), make_clerk(Role.AUDITOR, username="new")
    page = reverse("admin:registry_user_change", args=[new.pk])
    group = Group.objects.get(name=Role.REGISTRAR)
    data = {"username": "new", "is_active": "on", "is_staff": "on", "groups": [group.pk], "region": "11680"}
    answer = client.post(page, data)
    assert answer.status_code == 302, answer.context["errors"]
    assert User.objects.get(pk=new.pk).roles == {Role.REGISTRAR}
    event = Event.objects.get(tag=Tag.ROLES_CHANGED)
    assert (event.detail["before"], event.detail["after"]) == (["auditor"], ["registrar"])


def test_it_resets_a_second_factor_for_a_reason_and_ends_the_session():
    client, other = desk_of(make_clerk(Role.SERVICE)), make_clerk(Role.AUDITOR, username="other")
    theirs = desk_of(other)
    page = reverse("admin:registry_user_reset_second_factor", args=[other.pk])
    assert client.post(page, {"reason": ""}).status_code == 200
    assert theirs.get("/admin/").status_code == 200
    assert client.post(page, {"reason": "lost phone"}).status_code == 302
    assert theirs.get("/admin/").status_code == 302
    assert Event.objects.get(tag=Tag.SECOND_FACTOR_RESET).reason == "lost phone"
