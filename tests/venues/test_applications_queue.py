"""The queue of applications at the desk: what was found without a clerk, and many decided at once."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from registry.models import Event, Role, Tag
from tests.factories import OperatorFactory, UserFactory, VenueFactory
from tests.registry.clerks import desk_of, make_clerk
from tests.venues.owners import NUMBER, an_application, an_owner, wanted
from venues import checking, onboarding
from venues.models import Application, Remark, Venue
from venues.plausible import sounds_like

pytestmark = pytest.mark.django_db
QUEUE = "/admin/venues/application/"


@pytest.fixture
def user():
    return an_owner()


@pytest.fixture
def desk():
    desk = desk_of(make_clerk(Role.VENUE_OFFICER))
    desk.cookies["django_language"] = "en"
    return desk


def send(desk, deed, *applications, **fields):
    return desk.post(
        QUEUE, {"action": deed, "_selected_action": [each.pk for each in applications], "confirmed": "yes"} | fields
    )


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def signs_of(application):
    return checking.signs(checking.with_signs(Application.objects.filter(pk=application.pk)).get())


@pytest.mark.parametrize(
    ("name", "category", "other"),
    [
        ("행복 노래방", "cafe", "karaoke"),
        ("행복 노래방", "karaoke", None),
        ("집중 스터디카페", "study_cafe", None),
        ("집중 스터디카페", "cafe", "study_cafe"),
        ("Ocean Sauna", "gym", "bathhouse"),
        ("행복", "cafe", None),
    ],
)
def test_it_notices_a_name_that_speaks_of_another_category(name, category, other):
    assert sounds_like(name, category) == other


def test_it_finds_nothing_to_look_at_in_a_plain_application(user):
    assert signs_of(an_application(user)) == []


def test_it_points_at_number_place_category_and_phone(user):
    OperatorFactory(business_number=NUMBER)
    VenueFactory(name="다른 이름", address="시험로1", region="11680")
    stranger = UserFactory()
    assert signs_of(an_application(stranger, venue_name="노래방")) == ["number", "place", "category", "phone"]


def test_it_points_at_a_double_that_waits_too_and_not_across_districts(user):
    first = an_application(user, address="", business_number="", proof="letter")
    assert signs_of(first) == ["number"]
    an_application(an_owner("010-0000-0043"), region="26350", business_number="", proof="letter")
    assert signs_of(first) == ["number"]
    an_application(an_owner("010-0000-0044"), venue_name="시험카페", business_number="", proof="letter")
    assert signs_of(first) == ["number", "place"]


def test_it_shows_the_signs_in_the_queue_and_in_words_on_the_page(desk, user):
    application = an_application(user, venue_name="행복 노래방")
    assert "category" in desk.get(QUEUE).content.decode()
    page = desk.get(reverse("admin:venues_application_change", args=[application.pk])).content.decode()
    assert "speaks of another category: " in page and "proven by a code" in page


def test_it_rejects_many_with_one_reason_after_asking(desk, user):
    many = [an_application(user, venue_name=f"카페 {n}") for n in range(3)]
    asked = send(desk, "reject_all", *many, confirmed="")
    asked = desk.post(QUEUE, {"action": "reject_all", "_selected_action": [each.pk for each in many]})
    assert asked.status_code == 200 and "카페 1" in asked.content.decode()
    assert Application.objects.open().count() == 3
    assert send(desk, "reject_all", *many, reason="").context["form"].errors
    answer = send(desk, "reject_all", *many, reason="no document")
    assert answer.status_code == 302 and told(answer) == ["3 rejected."]
    assert Remark.objects.filter(kind=Remark.Kind.REASON, text="no document").count() == 3
    assert Event.objects.filter(tag=Tag.APPLICATION_REJECTED, reason="no document").count() == 3


def test_it_tells_by_row_what_could_not_be_done_and_does_the_rest(desk, user):
    fine, decided = an_application(user), an_application(user, venue_name="늦은 카페")
    onboarding.withdraw(decided, by=user, now=timezone.now())
    taken = an_application(user, venue_name="남의 카페", business_number="2208162517")
    OperatorFactory(business_number="2208162517")
    lines = told(send(desk, "approve_all", fine, decided, taken))
    assert any("늦은 카페" in line and "decided or withdrawn" in line for line in lines)
    assert any("남의 카페" in line and "belongs to an operator" in line for line in lines)
    assert "1 approved." in lines and [venue.name for venue in Venue.objects.all()] == ["시험 카페"]


def test_it_asks_many_owners_the_same_question(desk, user):
    many = [an_application(user, venue_name=f"카페 {n}") for n in range(2)]
    assert told(send(desk, "ask_all_back", *many, text="Which floor?")) == ["2 questions sent."]
    assert set(Application.objects.values_list("status", flat=True)) == {Application.Status.ASKED}


def test_it_decides_about_no_row_of_another_region_and_nothing_of_ones_own(user):
    clerk = make_clerk(Role.VENUE_OFFICER, username="busan", region="26")
    own = onboarding.apply(wanted(region="26350"), [], by=clerk, now=timezone.now())
    there = an_application(user)
    desk = desk_of(clerk)
    lines = told(send(desk, "approve_all", own, there))
    assert len(lines) == 1 and not Venue.objects.exists()
    assert set(Application.objects.values_list("status", flat=True)) == {Application.Status.WAITING}


def test_it_gives_the_actions_to_those_who_may_decide(user):
    application = an_application(user)
    desk = desk_of(make_clerk(Role.REGISTRAR, username="r"))
    assert send(desk, "approve_all", application).status_code == 403


def test_it_suspends_many_venues_with_one_reason(desk):
    venues = [VenueFactory(), VenueFactory(), VenueFactory(status=Venue.Status.SUSPENDED)]
    answer = desk.post(
        "/admin/venues/venue/",
        {"action": "suspend_all", "_selected_action": [v.pk for v in venues], "confirmed": "yes", "reason": "flood"},
    )
    assert len(told(answer)) == 2 and not Venue.objects.open().exists()
    assert Event.objects.filter(tag=Tag.VENUE_SUSPENDED, reason="flood").count() == 2
