"""What a category asks on a day is data: seeded once, then the clerk's."""

from datetime import date

import pytest

from registry.models import PolicyVersion
from registry.passcode import DayRule
from tests.factories import VenueFactory
from venues import manifest, seeding
from venues.models import Category, CategoryRule

pytestmark = pytest.mark.django_db
DROPPED = {"cinema", "study_cafe", "museum", "academy", "library", "large_store"}


def asking(day):
    venues = {code: VenueFactory(category_id=code) for code in Category.objects.values_list("code", flat=True)}
    return {code for code, venue in venues.items() if manifest.day_rules(venue, day, day)[day].asks}


def test_it_has_the_seventeen_categories_in_both_languages():
    assert Category.objects.count() == 17
    assert not Category.objects.filter(name_ko="").exists() and not Category.objects.filter(name_en="").exists()


def test_it_asks_where_the_rules_of_each_time_asked():
    everyone = set(Category.objects.values_list("code", flat=True))
    first_five = {"nightlife", "karaoke", "gym", "bathhouse", "betting"}
    assert asking(date(2021, 10, 31)) == set()
    assert asking(date(2021, 12, 12)) == first_five
    assert asking(date(2021, 12, 13)) == everyone - {"large_store"}
    assert asking(date(2022, 1, 3)) == asking(date(2022, 1, 17)) == everyone
    assert asking(date(2022, 1, 18)) == everyone - DROPPED
    assert asking(date(2022, 3, 1)) == set()
    assert asking(date(2026, 11, 22)) == everyone


def test_it_lets_a_guest_without_a_pass_sit_alone_at_a_cafe_only():
    day = date(2022, 1, 10)
    rules = {code: manifest.day_rules(VenueFactory(category_id=code), day, day)[day] for code in ("cafe", "gym")}
    assert rules == {"cafe": DayRule(asks=True, alone=True), "gym": DayRule(asks=True)}


def test_it_never_touches_what_a_clerk_has_written():
    today = PolicyVersion.objects.published().latest("effective_on")
    CategoryRule.objects.get(policy=today, category="gym").delete()
    rule = CategoryRule.objects.get(policy=today, category="cafe")
    rule.alone = False
    rule.save()
    Category.objects.filter(code="cafe").update(name_en="Eateries")
    count = CategoryRule.objects.count()
    seeding.seed(today_policy=True)
    rule.refresh_from_db()
    assert not rule.alone and CategoryRule.objects.count() == count
    assert Category.objects.get(code="cafe").name_en == "Eateries"
