"""A list on paper, typed in later: right lines are stored once, wrong ones come back with the reason."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from checkins.models import DeadLetter, Entry, HourCount
from checkins.scanning import by_hand
from registry import vault
from registry.models import Event, SafeNumber, Tag
from registry.phone import safe_numbers
from tests.checkins.conftest import at, day_key
from tests.factories import CitizenFactory
from venues.models import PaperList, Scanner

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = TODAY - timedelta(days=1)
NOW = at(TODAY)


@pytest.fixture
def safe(door):
    """The safe number of a person whose number is proven."""
    day_key(DAY)
    citizen = CitizenFactory(verified=True)
    return safe_numbers.issue(str(citizen.phone), NOW - timedelta(days=9)).text


@pytest.fixture
def owner(client, door):
    client.force_login(door.venue.operator.people.get())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sheet(*lines, key=None, **more):
    """What the form sends: each line is (time, safe number, people, left)."""
    form = {"day": DAY.isoformat(), "key": str(key or uuid.uuid4()), "rows": "20"}
    for place, line in enumerate(lines):
        form |= {f"{name}-{place}": value for name, value in zip(by_hand.MEMBERS, line, strict=False)}
    return form | more


def counted(door):
    rows = HourCount.objects.filter(venue=door.venue).values_list("hour", "method", "direction", "count")
    return sorted(rows.order_by())


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (("1230", "", "3", ""), set()),
        (("12:30", "12가-34 나", "", "13:30"), set()),
        (("23:50", "", "2", "0:40"), set()),
        (("", "", "3", ""), {"time"}),
        (("25:00", "", "", ""), {"time"}),
        (("12:30", "12가34", "", ""), {"safe"}),
        (("12:30", "", "201", ""), {"people"}),
        (("12:30", "", "0", "12:30"), {"people", "left"}),
        (("12:30", "", "a few", "nn"), {"people", "left"}),
    ],
)
def test_it_looks_at_each_line(line, wrong):
    [read] = by_hand.read_lines([dict(zip(by_hand.MEMBERS, line, strict=True)), {}], DAY, now=NOW)
    assert read.wrong.keys() == wrong


def test_it_refuses_what_lies_ahead_too_far_back_or_stands_twice():
    assert [by_hand.read_day(text, today=TODAY)[0] for text in ("", "x", str(TODAY + timedelta(days=1)))] == [None] * 3
    assert by_hand.read_day(str(TODAY - timedelta(days=29)), today=TODAY)[0] is None
    assert by_hand.read_day(str(TODAY - timedelta(days=28)), today=TODAY)[0]
    twice = [{"time": "11:00", "safe": "12가34나"}] * 2 + [{"time": "13:00"}, {"time": "11:30", "left": "1100"}]
    lines = by_hand.read_lines(twice, TODAY, now=NOW)
    assert [set(line.wrong) for line in lines] == [set(), {"safe"}, {"time"}, {"left"}]


def test_it_stores_lines_as_scans_by_hand_with_those_who_came_along(owner, door, safe):
    page = f"/owner/venues/{door.venue.pk}/by-hand/enter/"
    answer = owner.post(
        page, sheet(("12:30", safe, "3", "13:40"), ("12:31", "", "2", ""), ("", "", "", "")), follow=True
    )
    assert "2 lines are saved, 5 people." in answer.content.decode()
    assert counted(door) == [
        (12, "group", "in", 4), (12, "hand", "in", 1), (13, "group", "out", 2), (13, "hand", "out", 1),
    ]  # fmt: skip
    assert [(entry.method, entry.direction) for entry in door.entries] == [("hand", "in"), ("hand", "out")]
    assert len({bytes(entry.subject) for entry in door.entries}) == 1
    event = Event.objects.get(tag=Tag.PAPER_LIST_ENTERED)
    assert event.actor == door.venue.operator.people.get() and safe not in str(event.detail)
    paper = PaperList.objects.get()
    assert (paper.day, paper.lines, paper.people, paper.first, paper.scans) == (DAY, 2, 5, 1, 5)
    assert "by " in owner.get(page).content.decode() and safe not in owner.get(page).content.decode()


def test_it_writes_a_sheet_once_however_often_it_is_sent(owner, door, safe):
    page = f"/owner/venues/{door.venue.pk}/by-hand/enter/"
    form = sheet(("12:30", safe, "3", ""), ("12:31", "", "2", ""))
    for _time in range(3):
        assert "2 lines are saved" in owner.post(page, form, follow=True).content.decode()
    assert counted(door) == [(12, "group", "in", 4), (12, "hand", "in", 1)]
    assert PaperList.objects.count() == 1 and Event.objects.filter(tag=Tag.PAPER_LIST_ENTERED).count() == 1
    other = owner.post(page, form | {"people-1": "9"})
    assert other.status_code == 409 and 'value="9"' in other.content.decode()
    assert form["key"] not in other.content.decode(), "sent once more they are a sheet of their own"
    assert sum(row[3] for row in counted(door)) == 5


def test_it_keeps_nothing_of_a_safe_number_once_the_key_of_the_day_is_gone(owner, door, safe):
    page, form = f"/owner/venues/{door.venue.pk}/by-hand/enter/", sheet(("12:30", safe, "", ""))
    owner.post(page, form)
    assert owner.post(page, form | {"safe-0": "00하00하"}).status_code == 409, "another number is another line"
    [kept] = PaperList.objects.all()
    line = by_hand.read_lines([{"time": "12:30", "safe": safe}], DAY, now=NOW)
    assert by_hand._digest(kept.scanner, line, DAY) == bytes(kept.digest)
    vault.destroy_day_key(DAY, now=timezone.now())
    assert by_hand._digest(kept.scanner, line, DAY) != bytes(kept.digest)


def test_it_gives_wrong_lines_back_and_loses_nothing(owner, door, safe):
    page = f"/owner/venues/{door.venue.pk}/by-hand/enter/"
    nobody = "00하00하"
    assert not SafeNumber.objects.filter(text=nobody).exists()
    answer = owner.post(page, sheet(("12:30", safe, "", ""), ("12:31", nobody, "4", ""), ("xx", "", "7", "")))
    text = answer.content.decode()
    assert answer.status_code == 400 and "1 line is saved, 1 person." in text and "2 lines are not saved" in text
    assert nobody in text and 'value="7"' in text and safe not in text
    assert "Nobody has this safe number" in text and "Enter a time such as 12:30." in text
    assert counted(door) == [(12, "hand", "in", 1)], "who came along is counted with the line, not before"
    key = text.split('name="key" value="')[1].split('"')[0]
    answer = owner.post(page, sheet(("12:31", "", "4", ""), ("12:40", "", "7", ""), key=key), follow=True)
    assert "2 lines are saved, 11 people." in answer.content.decode()
    assert counted(door) == [(12, "group", "in", 11), (12, "hand", "in", 1)]
    assert [letter.reason for letter in DeadLetter.objects.all()] == ["unknown_safe_number"]


def test_it_asks_for_the_day_and_for_something_to_save_and_keeps_what_was_typed(owner, door):
    page = f"/owner/venues/{door.venue.pk}/by-hand/enter/"
    for form, said in (
        (sheet(("12:30", "", "3", ""), day="2026-13-01"), "Enter the day"),
        (sheet(), "Nothing was typed yet."),
        (sheet(("12:30", "", "3", ""), more="1"), 'name="time-39"'),
        (sheet(("12:30", "", "3", ""), key="x", rows="9999999", day=""), "Enter the day"),
    ):
        text = owner.post(page, form).content.decode()
        assert said in text and (form.get("people-0") is None or 'value="3"' in text)
    assert not HourCount.objects.exists() and not PaperList.objects.exists()


def test_it_numbers_lists_by_a_scanner_that_is_no_device(owner, door, safe):
    owner.post(f"/owner/venues/{door.venue.pk}/by-hand/enter/", sheet(("12:30", "", "3", "")))
    paper = Scanner.objects.get(by_hand=True)
    assert HourCount.objects.get().count == 3 and not Entry.objects.exists()
    for page in (f"/owner/venues/{door.venue.pk}/", f"/owner/venues/{door.venue.pk}/scanners/", "/owner/"):
        assert f"/scanners/{paper.pk}/" not in owner.get(page).content.decode()
    for deed in ("", "revoke/", "replace/"):
        assert owner.get(f"/owner/venues/{door.venue.pk}/scanners/{paper.pk}/{deed}").status_code == 404


def test_it_prints_what_to_do_and_a_list_in_both_languages(owner, door):
    guide = owner.get(f"/owner/venues/{door.venue.pk}/by-hand/").content.decode()
    assert 'href="/outages/"' in guide and "style=" not in guide
    paper = owner.get(f"/owner/venues/{door.venue.pk}/by-hand/list/").content.decode()
    assert door.venue.name in paper and "안심번호" in paper and "Safe number" in paper and paper.count("<tr>") == 25
