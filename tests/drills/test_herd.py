"""The herd, small: what spreading does to a rush of three days."""

from drills.herd import FIRST_DAYS, fixed, months, simulate, spread

UNITS = 6000


def test_the_rush_is_gone_by_the_third_month():
    mean, peak = months(simulate(spread, UNITS, months=3))[2]

    assert peak <= 1.3 * mean


def test_fixed_due_dates_bring_it_back_every_month():
    mean, peak = months(simulate(fixed(28), UNITS, months=3))[2]

    assert peak > 1.8 * mean


def test_nobody_is_lost_but_those_who_give_up():
    first_month = sum(simulate(spread, UNITS, months=1))

    assert 0.9 * UNITS < first_month < 1.2 * UNITS
    assert UNITS % FIRST_DAYS == 0
