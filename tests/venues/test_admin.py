"""The venue desk."""

import pytest
from django.urls import reverse

from registry.models import Event, Role, Tag
from tests.factories import OperatorFactory, ScannerFactory, UserFactory, VenueFactory
from tests.queries import at_most
from tests.registry.clerks import desk_of, make_clerk
from venues.models import Operator, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return desk_of(make_clerk(Role.VENUE_OFFICER))


def test_it_adds_an_operator_with_its_owner_and_a_venue(client):
    owner = UserFactory()
    forms = {"staff-TOTAL_FORMS": 1, "staff-INITIAL_FORMS": 0, "staff-0-user": owner.pk, "staff-0-role": "owner"}
    answer = client.post("/admin/venues/operator/add/", {"name": "시험 상사", "business_number": "", **forms})
    assert answer.status_code == 302, answer.context["errors"]
    operator = Operator.objects.get()
    assert list(operator.people.all()) == [owner]
    data = {"operator": operator.pk, "name": "시험 카페", "category": "cafe", "region": "11680", "address": ""}
    answer = client.post("/admin/venues/venue/add/", data)
    assert answer.status_code == 302, answer.context["errors"]
    assert Venue.objects.run_by(owner).get().name == "시험 카페"


def test_it_refuses_a_business_number_that_is_none(client):
    forms = {"staff-TOTAL_FORMS": 0, "staff-INITIAL_FORMS": 0}
    answer = client.post("/admin/venues/operator/add/", {"name": "x", "business_number": "12-34", **forms})
    assert "business_number" in answer.context["adminform"].form.errors


def test_it_suspends_and_reopens_for_a_reason(client):
    venue = VenueFactory()
    suspend, reopen = (reverse(f"admin:venues_venue_{verb}", args=[venue.pk]) for verb in ("suspend", "reopen"))
    assert "정지된 시설이 아닙니다" in str(client.post(reopen, {"reason": "x"}).context["form"].non_field_errors())
    assert client.post(suspend, {"reason": ""}).status_code == 200
    assert client.post(suspend, {"reason": "complaint"}).status_code == 302
    venue.refresh_from_db()
    assert venue.status == Venue.Status.SUSPENDED
    assert client.post(reopen, {"reason": "settled"}).status_code == 302
    assert list(Event.objects.filter(target=f"venue:{venue.pk}").order_by("pk").values_list("tag", "reason")) == [
        (Tag.VENUE_SUSPENDED, "complaint"),
        (Tag.VENUE_REOPENED, "settled"),
    ]


def test_it_revokes_a_scanner_for_a_reason(client):
    scanner = ScannerFactory()
    assert client.get(reverse("admin:venues_scanner_change", args=[scanner.pk])).status_code == 200
    listed = reverse("admin:venues_scanner_changelist")
    assert "연결됨" in client.get(listed).content.decode()
    page = reverse("admin:venues_scanner_revoke", args=[scanner.pk])
    assert client.post(page, {"reason": "lost"}).status_code == 302
    scanner.refresh_from_db()
    assert scanner.revoked_at
    assert "해제됨" in client.get(listed).content.decode()
    assert "이미 연결이 해제된" in str(client.post(page, {"reason": "lost"}).context["form"].non_field_errors())


def test_it_shows_a_regions_clerk_that_region_alone():
    client = desk_of(make_clerk(Role.VENUE_OFFICER, region="11"))
    mine, other = ScannerFactory(venue__region="11680"), ScannerFactory(venue__region="26350")
    assert [row.pk for row in client.get("/admin/venues/venue/").context["cl"].result_list] == [mine.venue.pk]
    assert [row.pk for row in client.get("/admin/venues/scanner/").context["cl"].result_list] == [mine.pk]
    for kind, row in (("venue", other.venue), ("scanner", other)):
        assert client.get(reverse(f"admin:venues_{kind}_change", args=[row.pk])).status_code == 404
    assert client.post(reverse("admin:venues_venue_suspend", args=[other.venue.pk]), {"reason": "x"}).status_code in (
        403,
        404,
    )
    data = {"operator": OperatorFactory().pk, "name": "x", "category": "cafe", "region": "26350", "address": ""}
    assert "region" in client.post("/admin/venues/venue/add/", data).context["adminform"].form.errors


def test_it_costs_the_same_however_many_venues_there_are(client):
    for _n in range(8):
        ScannerFactory()
    for page in ("venue", "scanner", "operator"):
        with at_most(14):
            assert client.get(f"/admin/venues/{page}/").status_code == 200


def test_it_finds_owners_for_an_operators_staff_and_no_clerk(client):
    UserFactory(username="owner-kim")
    make_clerk(Role.AUDITOR, username="owner-like-clerk")
    asked = {"app_label": "venues", "model_name": "staff", "field_name": "user", "term": "owner"}
    answer = client.get("/admin/autocomplete/", asked)
    assert [found["text"] for found in answer.json()["results"]] == ["owner-kim"]
    assert client.get("/admin/registry/user/").status_code == 403


def test_it_lets_a_regions_clerk_change_no_operator_with_venues_elsewhere():
    client = desk_of(make_clerk(Role.VENUE_OFFICER, region="11"))
    mine, other = VenueFactory(region="11680"), VenueFactory(region="26350")
    VenueFactory(region="11680", operator=other.operator)
    new = UserFactory()
    forms = {"staff-TOTAL_FORMS": 1, "staff-INITIAL_FORMS": 0, "staff-0-user": new.pk, "staff-0-role": "owner"}
    for venue, status in ((mine, 302), (other, 403)):
        page = reverse("admin:venues_operator_change", args=[venue.operator.pk])
        data = {"name": "x", "business_number": "", **forms, "staff-0-operator": venue.operator.pk}
        assert client.get(page).status_code == 200
        data |= {"venues-TOTAL_FORMS": 0, "venues-INITIAL_FORMS": 0}
        assert client.post(page, data).status_code == status
    assert list(Venue.objects.managed_by(new)) == [mine]
