"""What a category asks on a day is data: seeded once, then the clerk's."""

from datetime import date

import pytest

from registry.format.passcode import DayRule
from registry.models import PolicyVersion
from venues import manifest, seeding
from venues.models import Category, CategoryRule, Venue

pytestmark = pytest.mark.django_db
DROPPED = {"cinema", "study_cafe", "museum", "academy", "library", "large_store"}


def asking(day):
    return {code for code in Category.objects.values_list("code", flat=True) if rule(code, day).asks}


def rule(code, day):
    return manifest.day_rules(Venue(category_id=code), day, day)[day]


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
    assert (rule("cafe", day), rule("gym", day)) == (DayRule(asks=True, alone=True), DayRule(asks=True))


def test_it_never_touches_what_a_clerk_has_written():
    today = PolicyVersion.objects.published().latest("effective_on")
    CategoryRule.objects.get(policy=today, category="gym").delete()
    cafe = CategoryRule.objects.get(policy=today, category="cafe")
    cafe.alone = False
    cafe.save()
    Category.objects.filter(code="cafe").update(name_en="Eateries")
    count = CategoryRule.objects.count()
    seeding.seed(today_policy=True)
    cafe.refresh_from_db()
    assert not cafe.alone and CategoryRule.objects.count() == count
    assert Category.objects.get(code="cafe").name_en == "Eateries"
