"""What owners and managers change by themselves, and what needs a clerk: profile, closing, category."""

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from registry.models import Event, Tag
from tests.factories import UserFactory, VenueFactory
from tests.venues.owners import an_owner, jpeg, upload
from venues import onboarding, scanners
from venues.models import Application, Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory(name="시험 카페", owner=an_owner())


@pytest.fixture
def owner(client, venue):
    client.force_login(venue.operator.people.get())
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def at(name, venue):
    return reverse(f"owner:{name}", args=[venue.pk])


def hours(**days):
    empty = {f"{edge}_{n}": "" for n in range(7) for edge in ("from", "until")}
    return empty | days


def test_it_changes_the_profile_on_record(owner, venue):
    sent = hours(from_0="09:00", until_0="22:00", from_4="18:00", until_4="02:00")
    sent |= {"venue_name": "국립극장", "address": "새길 2", "capacity": "12"}
    assert owner.post(at("profile", venue), sent).status_code == 302
    venue.refresh_from_db()
    assert (venue.name, venue.capacity) == ("시험 카페", 12), "the poster signs the name: a clerk is asked for another"
    assert venue.hours == {"0": ["09:00", "22:00"], "4": ["18:00", "02:00"]}
    page = owner.get(at("venue", venue)).content.decode()
    assert "09:00–22:00" in page and "18:00–02:00" in page and "Closed" in page
    assert Event.objects.get(tag=Tag.VENUE_CHANGED).detail == {"fields": ["address", "capacity", "hours"]}
    owner.post(at("profile", venue), sent)
    assert Event.objects.filter(tag=Tag.VENUE_CHANGED).count() == 1
    assert 'value="18:00"' in owner.get(at("profile", venue)).content.decode()


def test_it_says_which_time_is_missing_and_keeps_the_others(owner, venue):
    sent = hours(from_0="09:00", from_1="25:99", until_1="22:00") | {"venue_name": "새 카페", "address": "새길 2"}
    page = owner.post(at("profile", venue), sent).content.decode()
    assert "Enter both times" in page and "Enter a time such as" in page and 'value="09:00"' in page
    venue.refresh_from_db()
    assert venue.address != "새길 2" and venue.hours == {}


def test_it_closes_and_opens_again_and_pairs_nothing_meanwhile(owner, venue):
    code = scanners.new_pairing_code(venue, by=UserFactory(), name="정문", now=timezone.now())
    assert "Give the reason" in owner.post(at("close", venue), {"reason": ""}).content.decode()
    owner.post(at("close", venue), {"reason": "휴가"})
    venue.refresh_from_db()
    assert venue.status == Venue.Status.CLOSED
    page = owner.get(at("venue", venue)).content.decode()
    assert "This venue is closed" in page and "/scanners/new/" not in page
    with pytest.raises(scanners.VenueClosed):
        scanners.pair(code, now=timezone.now(), address="203.0.113.7")
    owner.post(at("open", venue))
    venue.refresh_from_db()
    assert venue.status == Venue.Status.OPEN
    tags = Event.objects.filter(target=f"venue:{venue.pk}").order_by("pk").values_list("tag", "reason")
    assert list(tags) == [(Tag.VENUE_CLOSED, "휴가"), (Tag.VENUE_OPENED, "")]


def test_it_does_not_let_an_owner_lift_a_suspension(owner, venue):
    onboarding.suspend(venue, by=UserFactory(clerk=True), reason="중복")
    page = owner.post(at("open", venue), follow=True).content.decode()
    venue.refresh_from_db()
    assert venue.status == Venue.Status.SUSPENDED and "not closed" in page
    owner.post(at("close", venue), {"reason": "x"})
    venue.refresh_from_db()
    assert venue.status == Venue.Status.SUSPENDED


def test_it_asks_the_clerk_for_another_category_and_keeps_the_old_in_force(owner, venue):
    assert 'value="cafe"' not in owner.get(at("category", venue)).content.decode()
    sent = {"category": "party_room", "proof_file": upload(jpeg())}
    assert owner.post(at("category", venue), {"category": "party_room"}).status_code == 200
    owner.post(at("category", venue), sent)
    application = Application.objects.get()
    assert (application.kind, application.venue, application.category_id) == ("category", venue, "party_room")
    venue.refresh_from_db()
    assert venue.category_id == "cafe"
    assert "stays in force" in owner.get(at("venue", venue)).content.decode()
    again = owner.post(at("category", venue), {"category": "library", "proof_file": upload(jpeg())})
    assert again.status_code == 409 and Application.objects.count() == 1
    onboarding.approve(application, by=UserFactory(clerk=True), now=timezone.now())
    venue.refresh_from_db()
    assert venue.category_id == "party_room" and Venue.objects.count() == 1
    assert venue.history.first().category_id == "party_room"


def test_it_asks_the_clerk_for_another_name_and_keeps_the_old_until_then(owner, venue):
    assert owner.post(at("name", venue), {"venue_name": venue.name, "proof_file": upload(jpeg())}).status_code == 422
    assert owner.post(at("name", venue), {"venue_name": "새 카페"}).status_code == 200, "without a document"
    owner.post(at("name", venue), {"venue_name": "새 카페", "proof_file": upload(jpeg())})
    owner.post(at("category", venue), {"category": "party_room", "proof_file": upload(jpeg())})
    page = owner.get(at("venue", venue)).content.decode()
    assert "Another name was applied for: 새 카페" in page and "Another category was applied for" in page
    again = owner.post(at("name", venue), {"venue_name": "딴 카페", "proof_file": upload(jpeg())})
    assert again.status_code == 409
    application = Application.objects.get(kind="name")
    venue.refresh_from_db()
    assert venue.name == "시험 카페"
    onboarding.approve(application, by=UserFactory(clerk=True), now=timezone.now())
    venue.refresh_from_db()
    assert (venue.name, venue.category_id) == ("새 카페", "cafe")
    assert "Renew the poster" in owner.get(reverse("owner:application", args=[application.pk])).content.decode()
