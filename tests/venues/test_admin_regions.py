"""A region's clerk sees the region alone, at every address of the venue desk, and what is done there is on record."""

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from registry.models import Event, Role, Tag
from tests.factories import OperatorFactory, ScannerFactory, VenueFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.venues.owners import an_application, an_owner
from venues import onboarding
from venues.models import Application, Operator, Scanner, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_of(make_clerk(Role.VENUE_OFFICER, region="11"))


def addresses(row):
    """All that the site has about a row: its page, its history, and every deed; and the same of a row that is not."""
    desk, base = admin.site._registry[type(row)], f"admin:venues_{row._meta.model_name}"
    names = ["change", "history", "delete", *(str(deed) for deed in desk.actions_detail)]
    for name in names:
        try:
            yield [reverse(f"{base}_{name}", args=[key]) for key in (row.pk, 2_000_000)]
        except NoReverseMatch:
            pytest.fail(name)


def test_it_knows_nothing_of_another_regions_rows_at_any_address(desk):
    scanner = ScannerFactory(venue__region="26350")
    application = an_application(an_owner(), region="26350")
    rows = [scanner, scanner.venue, scanner.venue.operator, application]
    assert {type(row) for row in rows} == {Scanner, Venue, Operator, Application}
    for row in rows:
        for address, nowhere in addresses(row):
            for ask in (desk.get, lambda page: desk.post(page, {"reason": "x", "text": "x", "name": "x"})):
                answer = ask(address).status_code
                assert answer in (403, 404) and answer == ask(nowhere).status_code, address
        assert desk.get(next(addresses(row))[0]).status_code == 404
    scanner.refresh_from_db()
    assert scanner.revoked_at is None and scanner.venue.status == Venue.Status.OPEN
    assert Event.objects.filter(tag=Tag.DENIED).exists()


def test_it_lists_operators_of_the_region_and_those_without_a_venue(desk):
    mine, _other, new = VenueFactory(region="11680"), VenueFactory(region="26350"), OperatorFactory()
    listed = desk.get("/admin/venues/operator/").context["cl"].result_list
    assert {row.pk for row in listed} == {mine.operator.pk, new.pk}
    asked = {"app_label": "venues", "model_name": "venue", "field_name": "operator", "term": "시험"}
    found = desk.get("/admin/autocomplete/", asked).json()["results"]
    assert {int(row["id"]) for row in found} == {mine.operator.pk, new.pk}


def test_it_knows_that_an_operator_has_had_a_venue_whoever_saves_it_meanwhile():
    operator = OperatorFactory()
    venue = VenueFactory(region="26350", operator=operator)
    operator.save()
    assert not Operator.objects.in_region("11").filter(pk=operator.pk).exists()
    Venue.objects.filter(pk=venue.pk).update(operator=VenueFactory(region="11680").operator)
    assert not Operator.objects.in_region("11").filter(pk=operator.pk).exists()
    assert Operator.objects.in_region("").filter(pk=operator.pk).exists()


def test_it_tells_the_history_of_a_venue_in_words(desk):
    desk.cookies["django_language"] = "en"
    clerk, venue = make_clerk(username="seoul"), ScannerFactory(venue__region="11680").venue
    onboarding.suspend(venue, by=clerk, reason="complaint")
    onboarding.reopen(venue, by=clerk, reason="settled")
    other = VenueFactory(region="11680")
    onboarding.suspend(other, by=clerk, reason="elsewhere")
    page = desk.get(reverse("admin:venues_venue_deeds", args=[venue.pk])).content.decode()
    assert page.index("settled") < page.index("complaint") and "Venue suspended" in page and "elsewhere" not in page


def test_it_leaves_evidence_of_what_a_clerk_types_over(desk):
    venue = VenueFactory(region="11680")
    page = reverse("admin:venues_venue_change", args=[venue.pk])
    data = {"operator": venue.operator_id, "name": "새 이름", "category": "cafe", "region": "11680", "address": ""}
    data |= {"scanners-TOTAL_FORMS": 0, "scanners-INITIAL_FORMS": 0}
    assert desk.post(page, data).status_code == 302
    forms = {"staff-TOTAL_FORMS": 0, "staff-INITIAL_FORMS": 0, "venues-TOTAL_FORMS": 0, "venues-INITIAL_FORMS": 0}
    page = reverse("admin:venues_operator_change", args=[venue.operator_id])
    assert desk.post(page, {"name": "새 상사", "business_number": "", **forms}).status_code == 302
    told = Event.objects.filter(tag__in=[Tag.VENUE_EDITED, Tag.OPERATOR_EDITED]).order_by("pk")
    assert list(told.values_list("tag", "detail")) == [
        (Tag.VENUE_EDITED, {"fields": ["name"]}),
        (Tag.OPERATOR_EDITED, {"fields": ["name"]}),
    ]
