"""What an owner reads of the counts: today, who is inside, 28 days, months, and the files; never who it was."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from openpyxl import load_workbook

from checkins import charts, counts
from checkins.models import HourCount
from registry.validity import SEOUL
from tests.factories import UserFactory, VenueFactory
from venues.models import Staff

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)  # a Friday


def moment(clock: str, day: date = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SEOUL)


@pytest.fixture
def venue():
    return VenueFactory(name="=1+1 카페", capacity=50)


@pytest.fixture
def owner(client, venue):
    client.force_login(venue.operator.people.get())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def count(venue, people, day=DAY, hour=12, verdict="PASS", direction="in", admitted=True, method="qr"):
    HourCount.objects.create(
        venue=venue, day=day, hour=hour, verdict=verdict, method=method, direction=direction, admitted=admitted,
        count=people,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stay", "clock", "inside"),
    [(60, "12:00", 60), (60, "12:30", 60), (30, "12:30", 30), (90, "13:15", 45), (10, "14:00", 0)],
)
def test_it_reckons_who_is_inside_by_an_assumed_stay(stay, clock, inside):
    """60 came from 11 to 12 and, once it is later, 30 from 12 on: as if evenly over the hour, or over what is past."""
    came = {moment("11:00"): 60} | ({moment("12:00"): 30} if clock > "12:00" else {})
    assert counts.inside_by_stay(came, stay, moment(clock)) == inside


def test_it_counts_by_exit_scans_since_the_doors_opened(venue):
    venue.scans_exits, venue.hours = True, {"4": ["18:00", "03:00"]}
    night = DAY + timedelta(days=1)
    count(venue, 500, hour=9)  # before the doors opened
    count(venue, 5, hour=18, direction="out")  # who came in unseen
    count(venue, 40, hour=19)
    count(venue, 12, hour=22, direction="out")
    count(venue, 4, hour=0, day=night)
    inside = counts.around(venue, moment("00:30", night))[1]
    assert (inside.people, inside.stay, inside.share, inside.level) == (32, None, 64, "")
    count(venue, 18, hour=1, day=night)
    assert counts.around(venue, moment("01:30", night))[1].level == "near"
    count(venue, 9, hour=2, day=night)
    assert counts.around(venue, moment("02:30", night))[1].level == "over"


def test_it_takes_the_stay_of_the_category_unless_the_owner_says_another(owner, venue):
    assert venue.assumed_stay == venue.category.stay == 60
    profile = {
        "venue_name": venue.name, "address": "시험로 1", "capacity": "50", "stay": "5", "scans_exits": "on",
    }  # fmt: skip
    page = f"/owner/venues/{venue.pk}/profile/"
    assert 'aria-invalid="true"' in owner.post(page, profile).content.decode()
    owner.post(page, profile | {"stay": "90"})
    venue.refresh_from_db()
    assert (venue.assumed_stay, venue.scans_exits) == (90, True)


def test_it_shows_today_with_refusals_and_says_when_to_ask_again(owner, venue, django_assert_max_num_queries):
    now = timezone.localtime()
    count(venue, 49, day=now.date(), hour=now.hour)
    count(venue, 3, day=now.date(), hour=now.hour, verdict="NO_PASS", admitted=False)
    count(venue, 4, day=now.date(), hour=now.hour, verdict="STALE", admitted=False)
    with django_assert_max_num_queries(7):
        part = owner.get(f"/owner/venues/{venue.pk}/now/").content.decode()
    assert 'data-count="49"' in part and 'data-refused="3"' in part and 'data-inside="49"' in part
    assert 'data-poll="30"' in part and "<meter" in part and "Full, or nearly." in part
    assert "No valid pass" in part and "<svg" in part and "<table" in part and "style=" not in part
    venue.status = "closed"
    venue.save()
    assert 'data-poll="300"' in owner.get(f"/owner/venues/{venue.pk}/now/").content.decode()


def test_it_sums_days_weekdays_and_months_at_a_constant_cost(owner, venue, django_assert_max_num_queries):
    today = timezone.localdate()
    for back in range(1, 15):
        count(venue, 10 * back, day=today - timedelta(days=back))
    count(venue, 7, day=today - timedelta(days=3), verdict="NO_PASS", admitted=False)
    count(venue, 900, day=today - timedelta(days=100))
    count(venue, 5000, day=today - timedelta(days=500))
    with django_assert_max_num_queries(10):
        page = owner.get(f"/owner/venues/{venue.pk}/counts/").content.decode()
    assert "1,050 people were let in" in page and ">900<" in page and ">5,000<" not in page
    assert page.count("<svg") == 3 and page.count("<table") == 3 and "style=" not in page
    days = counts.by_day(venue, today - timedelta(days=27), today)
    assert len(days) == 28 and days[-4].refused == 7 and days[-4].turned_away == {"NO_PASS": 7}
    weekday = (today - timedelta(days=1)).weekday()
    assert dict(counts.by_weekday(days))[weekday] == (10 + 80) // 2


def test_it_keeps_what_goes_beyond_today_from_staff_at_the_door(client, venue):
    door = UserFactory()
    Staff.objects.create(operator=venue.operator, user=door, role=Staff.Role.DOOR)
    client.force_login(door)
    assert "/counts/" not in client.get(f"/owner/venues/{venue.pk}/").content.decode()


def fetch(owner, venue, **query):
    query = {"first": DAY.isoformat(), "last": DAY.isoformat(), "as": "csv"} | query
    return owner.get(f"/owner/venues/{venue.pk}/counts/export/", query)


def test_it_exports_hours_as_csv_that_no_spreadsheet_computes(owner, venue):
    count(venue, 8, method="qr")
    count(venue, 2, method="hand", verdict="")
    count(venue, 3, hour=13, verdict="NO_PASS", admitted=False)
    count(venue, 1, hour=13, verdict="STALE", admitted=False)
    count(venue, 4, hour=13, direction="out")
    count(venue, 99, day=DAY - timedelta(days=1))
    answer = fetch(owner, venue)
    assert answer.streaming and answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"munjigi-{venue.pk}-2026-11-20-2026-11-20.csv" in answer["Content-Disposition"]
    assert b"".join(answer).decode().splitlines() == [
        "\ufeffVenue,Date,Weekday,Hour,Let in,Left,Turned away,Asked again",
        "'=1+1 카페,2026-11-20,Friday,12:00,10,0,0,0",
        "'=1+1 카페,2026-11-20,Friday,13:00,0,4,3,1",
    ]
    owner.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
    assert "금요일" in b"".join(fetch(owner, venue)).decode()


def test_it_exports_the_same_as_a_workbook(owner, venue):
    count(venue, 8)
    [heading, row] = load_workbook(io.BytesIO(b"".join(fetch(owner, venue, **{"as": "xlsx"})))).active.values
    assert heading[4] == "Let in" and row == ("'=1+1 카페", "2026-11-20", "Friday", "12:00", 8, 0, 0, 0)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "2026-11-20", "Enter the first day."),
        ("2026-11-20", "2026-11-19", "must not lie before the first"),
        ("2025-11-19", "2026-11-20", "At most 366 days"),
    ],
)
def test_it_says_what_is_wrong_with_a_span(owner, venue, first, last, said):
    answer = fetch(owner, venue, first=first, last=last)
    assert answer.status_code == 400 and said in answer.content.decode()


def test_it_draws_bars_whose_parts_can_be_seen_and_stay_inside():
    chart = charts.draw([(0, 0), (1, 0), (1000, 1), (500, 501)], [])
    assert chart.top == 1001 and chart.width == 40
    assert [(bar.lower, bar.upper) for bar in chart.bars] == [(0, 0), (1, 0), (99, 1), (50, 50)]
    assert all(bar.upper_y >= 0 and bar.upper_y + bar.upper == bar.lower_y for bar in chart.bars)
