"""Owners are told of a rule before its day, from what is published."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from registry import policy
from registry.models import PolicyVersion
from tests.factories import VenueFactory
from venues import rule_changes
from venues.models import CategoryRule
from venues.rule_changes import NOTHING, Asked

pytestmark = pytest.mark.django_db
CAFE = Asked(asks=True, alone=True)


@pytest.fixture
def today():
    return timezone.localdate()


def publish(day, *, cafe, published=True, **rule):
    """A version from `day` on with the rules of today, but for cafés those given."""
    now = policy.in_force_on(timezone.localdate())
    version = PolicyVersion.objects.create(
        title="시험", effective_on=day, rules=now.rules, published_at=timezone.now() if published else None
    )
    for old in CategoryRule.objects.filter(policy_id=now.pk).exclude(category="cafe"):
        CategoryRule.objects.create(policy=version, category_id=old.category_id, asks=old.asks, alone=old.alone)
    if cafe:
        CategoryRule.objects.create(policy=version, category_id="cafe", alone=cafe.alone, **rule)
    policy.forget()
    return version


def test_it_tells_of_nothing_where_nothing_changes(today):
    assert rule_changes.coming(["cafe", "gym"], today=today) == {}


def test_it_tells_ahead_that_a_pass_is_no_longer_asked_for(today):
    day = today + timedelta(days=10)
    publish(day, cafe=None)
    assert rule_changes.coming(["cafe", "gym"], today=today) == {
        "cafe": [rule_changes.Change("cafe", day, CAFE, NOTHING)]
    }
    assert "cafe" in rule_changes.coming(["cafe"], today=day)
    assert rule_changes.coming(["cafe"], today=day + timedelta(days=1)) == {}
    assert rule_changes.coming(["cafe"], today=day - timedelta(days=61)) == {}


def test_it_tells_of_days_within_a_policy_and_of_sitting_alone(today):
    day = today + timedelta(days=5)
    publish(day, cafe=Asked(asks=True, alone=False), asks_until=day + timedelta(days=3))
    changes = rule_changes.coming(["cafe"], today=today)["cafe"]
    assert [(change.day, change.after) for change in changes] == [
        (day, Asked(asks=True, alone=False)),
        (day + timedelta(days=4), NOTHING),
    ]


def test_it_tells_of_nothing_that_is_a_draft(today):
    publish(today + timedelta(days=3), cafe=None, published=False)
    assert rule_changes.coming(["cafe"], today=today) == {}


def test_it_shows_the_policys_own_words_to_owners_until_its_day(client, today):
    version = publish(today + timedelta(days=3), cafe=CAFE)
    PolicyVersion.objects.filter(pk=version.pk).update(venue_notice_ko="준비하세요", venue_notice_en="Be prepared")
    owner = VenueFactory().operator.people.get()
    client.force_login(owner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "Be prepared" in client.get("/owner/").content.decode()
    PolicyVersion.objects.filter(pk=version.pk).update(effective_on=today - timedelta(days=1))
    assert "Be prepared" not in client.get("/owner/").content.decode()


def test_it_shows_the_change_on_the_home_and_the_venues_page(client, today):
    publish(today + timedelta(days=3), cafe=None)
    cafe = VenueFactory()
    client.force_login(cafe.operator.people.get())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for page in ("/owner/", reverse("owner:venue", args=[cafe.pk])):
        shown = client.get(page).content.decode()
        assert 'data-change="cafe"' in shown and "need no pass any more" in shown
