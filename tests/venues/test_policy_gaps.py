"""Days on which a category asks: a draft that would leave a gap is refused; and what is in force when, by day."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from registry import policy
from registry.models import PolicyVersion
from registry.policymaking.publishing import Unsound
from tests.registry.policies import draft
from venues import category_rules, policy_calendar
from venues.models import CategoryRule
from venues.policy_calendar import Version


@pytest.fixture
def version(db):
    policy.forget()
    yield draft(day=timezone.localdate() + timedelta(days=30))
    policy.forget()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asks_from", "asks_until", "sound"),
    [
        (None, None, True),
        (None, 0, True),
        (None, 10, True),
        (0, None, True),
        (-5, None, True),
        (1, None, False),  # asked for until the day before, and from the day after on
        (10, 20, False),
        (None, -1, False),  # never
        (-9, -2, False),
    ],
)
def test_it_refuses_days_that_never_come_or_leave_a_gap(version, asks_from, asks_until, sound):
    def day(n):
        return None if n is None else version.effective_on + timedelta(days=n)

    CategoryRule.objects.filter(policy=version, category="gym").update(
        asks_from=day(asks_from), asks_until=day(asks_until)
    )
    if sound:
        return category_rules.check(version)
    with pytest.raises(Unsound, match=r"실내체육시설|Indoor gyms"):
        category_rules.check(version)
    return None


@pytest.mark.django_db
def test_it_takes_a_category_that_asks_from_a_later_day_on_where_none_asked_before(version):
    now = policy.in_force_on(timezone.localdate())
    CategoryRule.objects.filter(policy=now, category="gym").update(asks=False)
    later = version.effective_on + timedelta(days=10)
    CategoryRule.objects.filter(policy=version, category="gym").update(asks_from=later)
    category_rules.check(version)
    other = draft(day=version.effective_on + timedelta(days=5))
    PolicyVersion.objects.filter(pk=other.pk).update(published_at=timezone.now())
    with pytest.raises(Unsound):
        category_rules.check(version)


@pytest.mark.django_db
def test_a_copy_leaves_out_days_that_are_over(version):
    now = policy.in_force_on(timezone.localdate())
    first = version.effective_on
    CategoryRule.objects.filter(policy=now, category="gym").update(asks_until=first - timedelta(days=1))
    CategoryRule.objects.filter(policy=now, category="cafe").update(asks_from=first - timedelta(days=9))
    CategoryRule.objects.filter(policy=version).delete()
    category_rules.copy(now, version)
    gym, cafe = (CategoryRule.objects.get(policy=version, category=code) for code in ("gym", "cafe"))
    assert (gym.asks, cafe.asks, cafe.asks_from) == (False, True, None)


days = st.dates(date(2021, 11, 1), date(2023, 2, 1))


@given(st.lists(days, unique=True, max_size=5))
def test_the_calendar_has_every_day_of_its_months_once_with_the_version_in_force(begins):
    versions = [Version(n, "x", day) for n, day in enumerate(sorted(begins))]
    columns = policy_calendar.months(date(2022, 1, 1))
    found = [stretch for month in policy_calendar.of_versions(versions, columns) for stretch in month]
    assert (found[0].first, found[-1].last) == (date(2022, 1, 1), date(2022, 12, 31))
    for one, after in zip(found, found[1:], strict=False):
        assert after.first - one.last == timedelta(days=1)
    for stretch in found:
        for day in (stretch.first, stretch.last):
            assert stretch.what == policy_calendar.version_on(day, versions)


def test_the_calendar_tells_a_whole_month_from_a_part_of_one():
    months = policy_calendar.months(date(2022, 12, 15), 2)
    assert months == [date(2022, 12, 1), date(2023, 1, 1)]
    [december, january] = policy_calendar.of_category(
        [Version(1, "x", date(2023, 1, 10))], {1: lambda _day: "pass"}, months
    )
    assert [stretch.whole_month for stretch in december] == [True]
    assert [(stretch.last.day, stretch.what) for stretch in january] == [(9, None), (31, "pass")]
