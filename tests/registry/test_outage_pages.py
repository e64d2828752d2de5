"""Everybody may read when phones could not be checked; a venue prints a statement of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from registry.models import Outage
from registry.reverification import outages
from tests.factories import UserFactory, VenueFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 22, 3, 0, tzinfo=UTC)  # 12:00 in Seoul


@pytest.fixture
def outage():
    clerk = UserFactory(clerk=True, username="secret-clerk")
    return Outage.objects.create(
        opened_at=NOON, began_at=NOON - timedelta(minutes=12), opened_by=clerk, cause="geheime Ursache",
        closed_at=NOON + timedelta(hours=25), closed_by=clerk, note="geheime Notiz",
    )  # fmt: skip


def test_it_lists_them_newest_first_with_their_times(outage):
    Outage.objects.create(opened_at=NOON + timedelta(days=3), began_at=NOON + timedelta(days=3), cause="x")
    page = Client(headers={"accept-language": "en"}).get("/outages/").content.decode()
    assert page.index("Going on") < page.index("1 day 1 hour 12 minutes")
    assert f'href="/outages/{outage.pk}/"' in page
    assert Client().get("/outages/").status_code == 200


@pytest.mark.parametrize(("language", "words"), [("en", "22 January 2026, 11:48"), ("ko", "2026년 1월 22일 11:48")])
def test_its_statement_tells_the_times_and_no_names(outage, language, words):
    page = Client(headers={"accept-language": language}).get(f"/outages/{outage.pk}/").content.decode()
    assert words in page and f"20260122-{outage.pk}" in page and f"/outages/{outage.pk}/</span>" in page
    assert "geheime" not in page and "secret-clerk" not in page


def test_there_is_none_where_there_was_none():
    assert Client().get("/outages/4711/").status_code == 404
    assert "notice--success" in Client().get("/outages/").content.decode()


def test_the_way_to_it_is_on_the_front_page():
    assert 'href="/outages/"' in Client().get("/").content.decode()


def test_an_owner_is_told_while_it_lasts():
    venue, client = VenueFactory(), Client(headers={"accept-language": "en"})
    client.force_login(venue.operator.people.get(), backend="django.contrib.auth.backends.ModelBackend")
    outages.forget()
    assert "cannot be checked just now" not in client.get("/owner/").content.decode()
    going_on = Outage.objects.create(opened_at=NOON, began_at=NOON, cause="x")
    outages.forget()
    page = client.get("/owner/").content.decode()
    assert "cannot be checked just now" in page and f'href="/outages/{going_on.pk}/"' in page
    outages.forget()
