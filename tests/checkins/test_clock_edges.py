"""A day is a Seoul day, to the last millisecond, wherever the server stands; a clock that goes back breaks nothing."""

from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from checkins.log import partitions, retention
from checkins.models import HourCount, Refusal
from registry.models import DayKey
from tests.checkins.conftest import at, day_key, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def day():
    found = timezone.localdate() - timedelta(days=2)
    day_key(found)
    return found


def test_it_stores_and_counts_the_last_millisecond_of_a_seoul_day_and_the_first_of_the_next(door, day):
    late, early = at(day, "23:59:59.999"), at(day, "00:00:00", days=1)
    assert (late.astimezone(UTC).hour, early.astimezone(UTC).hour) == (14, 15), "the server's day is another"
    one, next_one = person(day), person(day + timedelta(days=1))
    answers = door.upload(one.scan(1, late), next_one.scan(2, early), now=early + timedelta(minutes=1))
    assert answers == {1: "stored", 2: "stored"}
    assert [(row.day, row.seen_at) for row in door.entries] == [(day, late), (day + timedelta(days=1), early)]
    counted = HourCount.objects.order_by("day").values_list("day", "hour", "count")
    assert list(counted) == [(day, 23, 1), (day + timedelta(days=1), 0, 1)]


def test_it_puts_the_two_sides_of_midnight_on_the_days_they_belong_to(door, day):
    for seq, moment in ((1, at(day, "23:59:59.999")), (2, at(day, "00:00:00", days=1))):
        where = {"venue": door.venue, "scanner": door.scanner, "seq": seq}
        Refusal.objects.create(at=moment, verdict="FOREIGN", reference=f"A{seq}", **where)
    assert [row.seq for row in Refusal.objects.on(day)] == [1]
    assert [row.seq for row in Refusal.objects.on(day + timedelta(days=1))] == [2]


def test_it_takes_a_day_until_its_28th_day_ends_and_refuses_it_in_the_next_millisecond(door):
    day = timezone.localdate() - timedelta(days=28)
    day_key(day)
    seen = at(day)
    last = at(day, "23:59:59.999", days=28)
    assert door.upload(person(day).scan(1, seen), now=last) == {1: "stored"}
    assert door.upload(person(day).scan(2, seen), now=last + timedelta(milliseconds=1)) == {2: "too_old"}
    assert (retention.over(day, timezone.localdate(last)), retention.over(day, day + timedelta(days=29))) == (
        False,
        True,
    )


def test_it_makes_nothing_undone_when_the_clock_goes_back(noon, door):
    """The nightly run was called by a clock that was ahead and is right again."""
    today = timezone.localdate()
    day = today - timedelta(days=28)
    day_key(day)
    assert door.upload(person(day).scan(1, at(day)), now=at(day, "13:00:00")) == {1: "stored"}
    assert retention.expire(today=today + timedelta(days=1)) == [day]
    assert retention.expire(today=today) == []
    assert door.upload(person(day).scan(2, at(day)), now=at(day, "13:00:00")) == {2: "too_old"}
    assert day not in partitions.attached() and not DayKey.objects.filter(day=day).exists()
    now = timezone.now() - timedelta(hours=1)
    assert door.upload(person().scan(3, now), now=now) == {3: "stored"}
