"""Due dates go to the least-loaded day of the window, so that no day becomes a peak."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry import duedates, limits

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


def test_a_limit_lets_through_what_fits_and_says_how_long_to_wait():
    from django.utils import timezone

    now = timezone.now()
    limit = limits.Limit(2, timedelta(minutes=10))
    assert limit.wait([now - timedelta(minutes=11), now - timedelta(minutes=4)], now) == timedelta()
    assert limit.wait([now - timedelta(minutes=9), now - timedelta(minutes=4)], now) == timedelta(minutes=1)
    assert limit.wait([now - timedelta(minutes=n) for n in (9, 4, 1)], now) == timedelta(minutes=6)
