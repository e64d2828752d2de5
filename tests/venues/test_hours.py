"""Opening hours: told once for every day, and for the days that differ."""

from datetime import datetime

import pytest
from django.utils.translation import override

from tests.venues.test_profiles import at, hours, owner, venue  # noqa: F401 -- fixtures
from venues import hours as opening

TEN, LATE = ["10:00", "22:00"], ["18:00", "02:00"]
WEEK = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SIX = {str(n): TEN for n in range(6)}


@pytest.mark.parametrize(
    ("every", "own", "closed", "told"),
    [
        (TEN, {}, [], SIX | {"6": TEN}),
        (TEN, {"5": LATE}, ["6"], SIX | {"5": LATE}),
        (None, {"5": LATE}, [], {"5": LATE}),
        (TEN, {"6": LATE}, ["6"], SIX),
        (None, {}, [], {}),
    ],
)
def test_it_makes_a_week_of_every_day_and_what_differs(every, own, closed, told):
    assert opening.week(every, own, closed) == told


@pytest.mark.parametrize(
    ("week", "usual", "days"),
    [
        ({}, None, []),
        (SIX | {"6": TEN}, TEN, ["Every day"]),
        (SIX, TEN, ["Every day", "Sunday"]),
        ({"0": TEN, "4": LATE}, None, WEEK),
        ({"0": TEN, "1": TEN}, TEN, WEEK),
    ],
)
def test_it_says_first_what_most_days_have(week, usual, days):
    assert opening.usual(week) == usual
    with override("en"):
        assert [day for day, _times in opening.lines(week)] == days


@pytest.mark.django_db
def test_it_takes_one_row_for_every_day_and_shows_it_so_again(owner, venue):  # noqa: F811
    told = {"address": "새길 2"}
    sent = hours(from_all="10:00", until_all="22:00", from_5="18:00", until_5="02:00", closed_6="on") | told
    assert owner.post(at("profile", venue), sent).status_code == 302
    venue.refresh_from_db()
    assert venue.hours == SIX | {"5": LATE}
    form = owner.get(at("profile", venue)).context["form"]
    filled = {name: value for name in sent.keys() - told.keys() if (value := form[name].value())}
    assert filled == {name: value for name, value in sent.items() if value and name not in told} | {"closed_6": True}
    assert form.differs()
    owner.post(at("profile", venue), hours(from_all="10:00", until_all="22:00") | told)
    page = owner.get(at("venue", venue)).content.decode()
    assert "Every day" in page and "Sunday" not in page
    assert not owner.get(at("profile", venue)).context["form"].differs()


def test_it_goes_on_through_midnight_where_it_opens_as_it_closes():
    always = {str(day): ["00:00", "00:00"] for day in range(7)}
    moment = datetime(2026, 11, 29, 0, 30)
    assert opening.opened(always, moment) == datetime(2026, 11, 22, 0, 0)
    late = {"5": ["18:00", "00:00"], "6": ["00:00", "04:00"]}  # Saturday's evening and Sunday's night
    assert opening.opened(late, moment) == datetime(2026, 11, 28, 18, 0)
    assert opening.opened({"6": ["00:00", "04:00"]}, moment) == datetime(2026, 11, 29, 0, 0)
    assert opening.opened(late, datetime(2026, 11, 29, 5, 0)) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [("9:00", "09:00"), ("0900", "09:00"), ("23:59", "23:59"), ("24:00", "00:00"), ("25:00", None), ("9", None)],
)
def test_it_reads_times_of_day(typed, read):
    assert opening.read_time(typed) == read
