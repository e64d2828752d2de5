"""An investigator of a region traces what is of it: its venues, and people of it or of none."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from checkins import holds
from checkins.traces import Trace
from registry import approvals
from registry.models import Approval, Role
from tests.checkins.conftest import at
from tests.checkins.tracing import ask_where, ask_who, grant, yesterday
from tests.factories import CitizenFactory, VenueFactory
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.django_db


@pytest.fixture
def seoul():
    return make_clerk(Role.INVESTIGATOR, username="seoul", region="11")


@pytest.fixture
def busan():
    return make_clerk(Role.INVESTIGATOR, username="busan", region="26")


def window():
    return at(yesterday(), "12:00"), at(yesterday(), "13:00")


def test_it_is_asked_about_venues_and_people_of_the_region_alone(seoul, busan):
    cafe, person = VenueFactory(region="11680"), CitizenFactory(region="11680")
    for deed in (
        lambda: ask_who(cafe, *window(), by=busan),
        lambda: ask_where(person, yesterday(), yesterday(), by=busan),
    ):
        with pytest.raises(approvals.OutsideRegion):
            deed()
    assert not Trace.objects.exists()
    ask_who(cafe, *window(), by=seoul)
    ask_where(CitizenFactory(region=""), yesterday(), yesterday(), by=busan)


def test_its_form_finds_no_venue_of_another_region(busan):
    cafe = VenueFactory(region="11680", name="은행나무")
    asked = {"case_number": "1", "since": f"{yesterday()}T12:00", "until": f"{yesterday()}T13:00", "reason": "조사"}
    for named in (str(cafe.pk), "은행"):
        form = desk_of(busan).post(
            reverse("admin:checkins_trace_ask_venue"), asked | {"assumed_minutes": "60", "venue": named}
        )
        assert "venue" in form.context["form"].errors


def test_it_is_seen_and_granted_by_the_region_alone(fresh_log, seoul, busan):
    asker = make_clerk(Role.INVESTIGATOR, username="asker")
    of_venue = ask_who(VenueFactory(region="11680"), *window(), by=asker)
    of_person = ask_where(CitizenFactory(region="26350"), yesterday(), yesterday(), by=asker)
    for user, own, others in ((seoul, of_venue, of_person), (busan, of_person, of_venue)):
        desk = desk_of(user)
        assert [row.pk for row in desk.get("/admin/checkins/trace/").context["cl"].result_list] == [own.pk]
        assert desk.get(reverse("admin:checkins_trace_change", args=[others.pk])).status_code == 404
        with pytest.raises(approvals.NotYours):
            grant(others, user)
        grant(own, user)


def test_days_are_held_for_the_whole_country_by_clerks_without_a_region(seoul):
    with pytest.raises(approvals.OutsideRegion):
        holds.place(
            yesterday(), yesterday(), case_number="1", reason="x", by=seoul, now=timezone.now(),
            until=timezone.localdate() + timedelta(days=9),
        )  # fmt: skip
    assert desk_of(seoul).get(reverse("admin:checkins_legalhold_place")).status_code == 403
    assert not Approval.objects.exists()
