"""A clerk writes a region by its name; what is kept is the code."""

import pytest
from django import forms
from django.urls import reverse
from django.utils import timezone

from registry import regions
from registry.admin.regions import RegionField
from registry.models import Approval, Citizen, Partner, Role, User
from registry.partners import labs
from tests.factories import CitizenFactory, VenueFactory
from tests.registry.clerks import desk_of, make_clerk
from venues.models import Venue


@pytest.mark.parametrize(
    ("typed", "code"),
    [("강남구", "11680"), ("서울특별시 강남구", "11680"), ("Gangnam-gu, Seoul", "11680"), ("11680", "11680"), ("", "")],
)
def test_it_takes_a_name_or_a_code(typed, code):
    assert RegionField(required=False).clean(typed) == code


def test_it_takes_every_name_that_it_shows():
    field = RegionField()
    assert all(field.clean(name) == region.code for region in regions.everywhere() for name in (region.ko, region.en))


@pytest.mark.parametrize("typed", ["중구", "Atlantis", "99999", "1168"])
def test_it_says_what_to_do_where_no_district_or_several_are_called_so(typed):
    with pytest.raises(forms.ValidationError):
        RegionField().clean(typed)


@pytest.mark.parametrize(("typed", "code"), [("부산광역시", "26"), ("Busan", "26"), ("26", "26"), ("강남구", "11680")])
def test_it_takes_a_whole_province_where_one_is_possible(typed, code):
    assert RegionField(province=True).clean(typed) == code


@pytest.mark.django_db
def test_it_shows_the_name_and_leaves_a_code_that_is_in_no_list():
    client = desk_of(make_clerk(Role.REGISTRAR))
    person = CitizenFactory(region="11680")
    page = f"/admin/registry/citizen/{person.pk}/change/"
    told = client.get(page).content.decode()
    assert 'value="서울특별시 강남구"' in told and '<option value="서울특별시 종로구">11110</option>' in told

    Citizen.objects.filter(pk=person.pk).update(region="99999")
    form = client.get(page).context["adminform"].form
    data = {"name": "", "birth_date": "", "phone": "010-0000-2468", "region": "99999", "_seen": form.seen}
    empty = {f"{of}-{which}_FORMS": 0 for of in ("records", "devices") for which in ("TOTAL", "INITIAL")}
    assert client.post(page, data | empty).status_code == 302
    person.refresh_from_db()
    assert (person.phone, person.region) == ("+821000002468", "99999")


@pytest.mark.django_db
def test_it_leaves_a_code_that_is_in_no_list_on_a_lab_a_venue_and_an_account():
    chief, lab, venue = make_clerk(superuser=True), Partner(name="시험 검사소"), VenueFactory()
    desk = desk_of(chief)
    labs.add(lab, now=timezone.now(), by=chief)
    other = make_clerk(Role.AUDITOR, username="other")
    for model, row in ((Partner, lab), (Venue, venue), (User, other)):
        model.objects.filter(pk=row.pk).update(region="99999")

    page = reverse("admin:registry_partner_change", args=[lab.pk])
    seen = desk.get(page).context["adminform"].form.seen
    assert desk.post(page, {"region": "99999", "daily_quota": "7", "_seen": seen}).status_code == 302
    page = reverse("admin:venues_venue_change", args=[venue.pk])
    seen = desk.get(page).context["adminform"].form.seen
    data = {"operator": venue.operator_id, "name": "시험 카페", "category": "cafe", "region": "99999", "address": ""}
    devices = {f"scanners-{which}_FORMS": 0 for which in ("TOTAL", "INITIAL")}
    assert desk.post(page, data | devices | {"_seen": seen}).status_code == 302
    page = reverse("admin:registry_user_change_roles", args=[other.pk])
    assert desk.post(page, {"roles": [Role.REGISTRAR], "region": "99999", "reason": "x"}).status_code == 302

    lab.refresh_from_db()
    venue.refresh_from_db()
    assert (lab.daily_quota, lab.region, venue.name, venue.region) == (7, "99999", "시험 카페", "99999")
    assert Approval.objects.get().values["region"] == "99999"
    refused = desk.post(page, {"roles": [Role.REGISTRAR], "region": "99998", "reason": "x"})
    assert "region" in refused.context["form"].errors
