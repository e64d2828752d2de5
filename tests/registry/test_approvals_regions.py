"""A request has the region of what it is about: a clerk of a region sees, asks for and grants those of it alone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from registry import approvals
from registry.clerks import accounts
from registry.models import Approval, Citizen, ClerkInvitation, Role, User
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db
SEOUL, GANGNAM, BUSAN = "11", "11680", "26"
LIST = "/admin/registry/approval/"


@pytest.fixture
def moving(monkeypatch):
    """A deed of a person's region, and one that is the whole country's."""
    monkeypatch.setattr(approvals, "DEEDS", {})
    about = {"title": "Move a person", "permission": "registry.change_citizen"}

    @approvals.deed("move", **about, region=lambda citizen, values: citizen.region or Approval.ANY_REGION)
    def move(approval, decider, now):
        Citizen.objects.filter(pk=approval.target.split(":")[1]).update(region="11650")

    @approvals.deed("rename", **about)
    def rename(approval, decider, now):
        """Of everybody."""


def clerk(region, *roles):
    return make_clerk(*(roles or (Role.REGISTRAR,)), username=f"of-{region or 'all'}", region=region)


def asked(person, deed="move", by=None):
    by = by or User.objects.filter(username="asker").first() or make_clerk(Role.REGISTRAR, username="asker")
    return approvals.ask(deed, target=person, by=by, reason="이사", now=timezone.now())


def shown(user):
    return {row.pk for row in desk_of(user).get(LIST, {"which": "all"}).context["cl"].result_list}


@pytest.mark.parametrize(
    ("region", "deed", "sees"),
    [
        (GANGNAM, "move", {SEOUL, GANGNAM, ""}),
        ("11650", "move", {SEOUL, ""}),
        ("", "move", {SEOUL, GANGNAM, BUSAN, ""}),  # came by phone: of no region, and so every clerk's
        (GANGNAM, "rename", {""}),
    ],
)
def test_it_is_seen_and_granted_by_the_clerks_of_its_region_alone(moving, region, deed, sees):
    approval = asked(CitizenFactory(region=region), deed)
    for place in (SEOUL, GANGNAM, BUSAN, ""):
        user = clerk(place)
        assert shown(user) == ({approval.pk} if place in sees else set()), place
        assert approvals.may_decide(approval, user) == (place in sees)
        assert approvals.waiting_for(user, timezone.now()).exists() == (place in sees)


def test_it_is_not_there_for_another_regions_clerk_by_its_address_either(moving):
    person = CitizenFactory(region=GANGNAM)
    approval, far = asked(person), clerk(BUSAN)
    client = desk_of(far)
    for page in ("change", "history", "grant", "refuse"):
        assert client.get(reverse(f"admin:registry_approval_{page}", args=[approval.pk])).status_code == 404, page
    for page in ("grant", "refuse"):
        address = reverse(f"admin:registry_approval_{page}", args=[approval.pk])
        assert client.post(address, {"words": "x"}).status_code == 404, page
    with pytest.raises(approvals.NotYours):
        approvals.grant(approval, by=far, now=timezone.now())
    person.refresh_from_db()
    assert person.region == GANGNAM


def test_it_is_asked_for_by_the_clerks_of_its_region_alone(moving):
    near, far = CitizenFactory(region=GANGNAM), CitizenFactory(region="26350")
    seoul = clerk(SEOUL)
    assert asked(near, by=seoul).region == GANGNAM
    for person, deed in ((far, "move"), (near, "rename")):
        with pytest.raises(approvals.OutsideRegion):
            asked(person, deed, by=seoul)
    assert Approval.objects.count() == 1


# --- accounts of clerks


@pytest.fixture
def chief():
    return make_clerk(Role.SERVICE, username="chief", region=SEOUL)


def ask_for_roles(chief, user, region):
    page = reverse("admin:registry_user_change_roles", args=[user.pk])
    return desk_of(chief).post(page, {"roles": [Role.REGISTRAR], "region": region, "reason": "x"})


def test_a_service_clerk_of_a_region_gives_roles_there_and_nowhere_else(chief):
    own = make_clerk(Role.AUDITOR, username="own", region=GANGNAM)
    for region in ("", BUSAN, "1"):
        assert "region" in ask_for_roles(chief, own, region).context["form"].errors
    assert ask_for_roles(chief, own, "11650").status_code == 302
    assert Approval.objects.get().region == SEOUL  # what the two districts share
    with pytest.raises(approvals.OutsideRegion):
        accounts.ask_for_roles(own, [Role.AUDITOR], "", by=chief, reason="x", now=timezone.now())


def test_a_service_clerk_of_a_region_finds_no_account_of_another(chief):
    others = [make_clerk(username="far", region=BUSAN), make_clerk(username="all")]
    desk = desk_of(chief)
    listed = {user.username for user in desk.get("/admin/registry/user/").context["cl"].result_list}
    assert listed == {"chief"}
    for user in others:
        for page in ("change", "change_roles", "close_account", "send_password_link", "reset_second_factor"):
            assert desk.get(reverse(f"admin:registry_user_{page}", args=[user.pk])).status_code in (403, 404)
        with pytest.raises(approvals.OutsideRegion):
            accounts.close(user, by=chief, reason="x")


def test_a_service_clerk_of_a_region_invites_for_it_alone(chief, settings):
    settings.EMAIL_HOST = "localhost"
    desk = desk_of(chief)
    form = {"email": "new@agency.example", "roles": [Role.REGISTRAR], "reason": "x"}
    add = "/admin/registry/clerkinvitation/add/"
    assert desk.get(add).context["adminform"].form["region"].value() == SEOUL
    for region in ("", BUSAN):
        assert "region" in desk.post(add, form | {"region": region}).context["adminform"].form.errors
    assert desk.post(add, form | {"region": GANGNAM}).status_code == 302
    made = ClerkInvitation.objects.get()
    assert Approval.objects.get().region == made.region == GANGNAM
    far = desk_of(make_clerk(Role.SERVICE, username="far", region=BUSAN))
    assert far.get(reverse("admin:registry_clerkinvitation_change", args=[made.pk])).status_code == 404
    assert not far.get("/admin/registry/clerkinvitation/").context["cl"].result_list
