"""A clerk writes a region by its name; what is kept is the code."""

import pytest
from django import forms

from registry import regions
from registry.admin.regions import RegionField
from registry.models import Citizen, Role
from tests.factories import CitizenFactory
from tests.registry.clerks import desk_of, make_clerk


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
