"""Due dates go to the least-loaded day of the window, so that no day becomes a peak."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.phone import limits
from registry.reverification import duedates

DAY = date(2022, 1, 3)
DAYS = st.integers(0, 40).map(lambda n: DAY + timedelta(days=n))


def test_it_takes_the_last_day_of_an_empty_window():
    assert duedates.choose(DAY, earliest=21, latest=30, loads={}) == date(2022, 2, 2)


def test_it_takes_the_day_on_which_fewest_are_due():
    loads = {DAY + timedelta(days=n): 5 for n in range(21, 31)} | {date(2022, 1, 28): 4}
    assert duedates.choose(DAY, earliest=21, latest=30, loads=loads) == date(2022, 1, 28)


@given(st.dictionaries(DAYS, st.integers(0, 100)), st.integers(1, 20), st.integers(0, 20))
def test_it_never_leaves_the_window_nor_takes_a_fuller_day(loads, earliest, length):
    first, last = duedates.window(DAY, earliest=earliest, latest=earliest + length)
    chosen = duedates.choose(DAY, earliest=earliest, latest=earliest + length, loads=loads)
    assert first <= chosen <= last
    window = [first + timedelta(days=n) for n in range(length + 1)]
    assert loads.get(chosen, 0) == min(loads.get(day, 0) for day in window)


def test_it_spreads_the_rush_of_one_day_evenly():
    loads = Counter()
    for _ in range(1000):
        loads[duedates.choose(DAY, earliest=21, latest=30, loads=loads)] += 1
    assert set(loads.values()) == {100}


LOADS = st.dictionaries(DAYS, st.integers(0, 60), max_size=30)


@given(LOADS, st.integers(0, 500), st.integers(1, 20), st.integers(0, 12))
def test_it_spreads_many_at_once_as_one_by_one_would_come_to(loads, moving, earliest, length):
    latest = earliest + length
    days = duedates.days_between(*duedates.window(DAY, earliest=earliest, latest=latest))
    one_by_one = Counter(loads)
    for _ in range(moving):
        one_by_one[duedates.choose(DAY, earliest=earliest, latest=latest, loads=one_by_one)] += 1
    at_once = duedates.spread(loads, moving, days)
    assert sum(at_once.values()) == moving
    assert all(people > 0 and day in days for day, people in at_once.items())
    assert {day: loads.get(day, 0) + at_once.get(day, 0) for day in days} == {day: one_by_one[day] for day in days}


STRETCHES = st.lists(
    st.builds(
        lambda due, people, wait, room: duedates.Stretch(
            DAY + timedelta(days=due),
            people,
            DAY + timedelta(days=due + wait),
            DAY + timedelta(days=due + wait + room),
        ),
        st.integers(0, 20),
        st.integers(0, 200),
        st.integers(0, 3),
        st.integers(0, 14),
    ),
    max_size=8,
)


@given(LOADS, STRETCHES)
def test_it_levels_dates_that_are_set_and_keeps_everybody_within_their_days(others, stretches):
    loads = Counter(others)
    for one in stretches:
        loads[one.due_on] += one.people
    plans = duedates.respread(loads, stretches)
    after = Counter(others)
    for one, plan in zip(stretches, plans, strict=True):
        assert sum(plan.values()) == one.people
        assert all(one.first <= day <= one.last for day in plan)
        after.update(plan)
    if all(one.first == one.due_on for one in stretches):
        assert max(after.values(), default=0) <= max(loads.values(), default=0)


def test_it_moves_a_peak_onto_the_days_that_have_room():
    loads = {DAY: 900, DAY + timedelta(days=1): 100}
    [plan] = duedates.respread(loads, [duedates.Stretch(DAY, 900, DAY, DAY + timedelta(days=4))])
    assert plan == {DAY + timedelta(days=n): people for n, people in enumerate((200, 100, 200, 200, 200))}


def months(launch: dict[int, int], days: int = 150) -> list[int]:
    """Checks on each day, where everybody comes on the day that is due."""
    due, checks = Counter(), []
    for n in range(days):
        today = DAY + timedelta(days=n)
        expected = duedates.anticipate(due, today, earliest=21, latest=30)
        checks.append(launch.get(n, 0) + due.pop(today, 0))
        window = duedates.days_between(*duedates.window(today, earliest=21, latest=30))
        due.update(duedates.spread(expected, checks[-1], window))
    return checks


def test_it_has_no_peak_left_in_the_third_round_after_thirty_million_came_within_three_days():
    checks = months({0: 10_000_000, 1: 10_000_000, 2: 10_000_000})
    third = checks[63:93]  # 3 x 21 to 3 x 30 days after the three days: no narrower than the policy lets it be
    assert sum(third) == pytest.approx(30_000_000, rel=0.01)
    assert max(third) <= 1.1 * sum(third) / 30
    assert max(checks[33:]) < 1_500_000


def test_it_forecasts_mean_and_peak():
    forecast = duedates.forecast({DAY: 3, DAY + timedelta(days=2): 9, DAY + timedelta(days=40): 99}, DAY, 4)
    assert (forecast.total, forecast.mean, forecast.ratio) == (12, 3.0, 3.0)
    assert forecast.peak == (DAY + timedelta(days=2), 9)
    assert duedates.forecast({}, DAY, 40).ratio == 0


def test_a_limit_lets_through_what_fits_and_says_how_long_to_wait():
    from django.utils import timezone

    now = timezone.now()
    limit = limits.Limit(2, timedelta(minutes=10))
    assert limit.wait([now - timedelta(minutes=11), now - timedelta(minutes=4)], now) == timedelta()
    assert limit.wait([now - timedelta(minutes=9), now - timedelta(minutes=4)], now) == timedelta(minutes=1)
    assert limit.wait([now - timedelta(minutes=n) for n in (9, 4, 1)], now) == timedelta(minutes=6)
