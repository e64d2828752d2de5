"""Due dates that are set already are moved onto days with room: previewed, in batches, taken up again after a kill."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from registry.models import Citizen, Event, Outage, Spreading, Tag
from registry.reverification import dueloads, spreading
from tests.factories import CitizenFactory, UserFactory
from tests.registry.crowds import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 22, 3, 0, tzinfo=UTC)
TODAY = NOW.date()


def day(n: int):
    return TODAY + timedelta(days=n)


def people(count: int, *, due: int, checked: int = -20) -> None:
    """So many whose number was checked on day `checked` and is due on day `due`, counted from today."""
    rows = [
        Citizen(
            name="홍길동", birth="1990-01-01", phone=None, name_index=b"n", verified_at=NOW + timedelta(days=checked),
            due_on=day(due),
        )
        for _ in range(count)
    ]  # fmt: skip
    Citizen.objects.bulk_create(rows)


def due() -> dict[int, int]:
    return {(each - TODAY).days: n for each, n in sorted(dueloads.due(day(-60), day(90)).items())}


@pytest.fixture
def clerk():
    return UserFactory(clerk=True)


def test_a_preview_tells_before_and_after_and_writes_nothing(django_assert_max_num_queries):
    people(90, due=3)
    people(10, due=4)
    with django_assert_max_num_queries(4):
        found = spreading.preview(day(3), day(4), today=TODAY)
    assert found.moving > 0 and sum(found.before.values()) == sum(found.after.values()) == 100
    assert max(found.after.values()) < 20 and min(found.after) == day(3) and max(found.after) <= day(10)
    assert due() == {3: 90, 4: 10}
    assert not Spreading.objects.exists() and not Event.objects.filter(tag=Tag.DUE_DATES_SPREAD).exists()


def test_it_does_what_the_preview_said(clerk):
    people(90, due=3)
    people(30, due=5, checked=-18)
    found = spreading.preview(day(3), day(5), today=TODAY)
    row = spreading.begin(day(3), day(5), by=clerk, reason="월요일이 몰림", now=NOW)
    assert due() == {3: 90, 5: 30}, "only the beat moves people"
    assert spreading.carry_on(NOW) == found.moving == row.total
    assert due() == {(each - TODAY).days: n for each, n in found.after.items()}
    row.refresh_from_db()
    assert row.done_at == NOW and row.moved == row.total and row.plan == []
    begun, done = Event.objects.filter(tag=Tag.DUE_DATES_SPREAD).order_by("pk")
    assert (begun.actor, begun.reason, begun.detail["state"]) == (clerk, "월요일이 몰림", "begun")
    assert (done.detail["state"], done.detail["moved"]) == ("done", row.total)
    assert spreading.carry_on(NOW) == 0


def test_a_date_moves_only_forward_and_no_further_than_the_policy_lets_it(clerk):
    people(40, due=3, checked=-27)  # 30 days after the check is the last day: day 3
    people(40, due=5, checked=-22)  # day 8
    people(1, due=1, checked=-25)
    spreading.begin(day(3), day(5), by=clerk, reason="", now=NOW)
    spreading.carry_on(NOW)
    assert due() == {1: 1, 3: 40, 5: 10, 6: 10, 7: 10, 8: 10}


def test_it_is_taken_up_again_where_a_killed_worker_left_it(clerk, monkeypatch):
    people(100, due=3)
    after = spreading.preview(day(3), day(3), today=TODAY).after
    row = spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    monkeypatch.setattr(spreading, "BATCH", 7)
    for _ in range(3):
        spreading._batch(row.pk, NOW, {})
    before = due()
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        spreading._batch(row.pk, NOW, {})
        raise KeyboardInterrupt
    assert due() == before, "what a killed worker had begun is as it was"
    spreading.carry_on(NOW)
    assert due() == {(each - TODAY).days: n for each, n in after.items()}
    row.refresh_from_db()
    assert row.moved == row.total


def test_it_makes_a_new_plan_when_days_of_it_went_by(clerk):
    people(100, due=3)
    row = spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    spreading.carry_on(NOW + timedelta(days=4))
    assert due() == {3: 100}, "their date has come: it moves no more"
    row.refresh_from_db()
    assert row.done_at and row.moved == 0


def test_who_checks_the_number_meanwhile_is_left_alone(clerk):
    people(50, due=3)
    spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    Citizen.objects.filter(pk__in=list(Citizen.objects.values_list("pk", flat=True)[:45])).update(due_on=day(29))
    spreading.carry_on(NOW)
    counts = due()
    assert counts[29] == 45 and sum(counts.values()) == 50


def test_a_child_moves_with_the_person_who_carries_the_pass(clerk):
    people(30, due=3)
    parents = list(Citizen.objects.all())
    dates = {"verified_at": NOW - timedelta(days=20), "due_on": day(3)}
    children = [CitizenFactory(guardian=parent, relation="child", **dates) for parent in parents]
    assert due() == {3: 30}, "a child is not checked apart"
    spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    spreading.carry_on(NOW)
    for child in children:
        child.refresh_from_db()
        assert child.due_on == Citizen.objects.get(pk=child.guardian_id).due_on
    assert len(due()) > 4


@pytest.mark.parametrize(("first", "last"), [(0, 3), (5, 4), (1, 80)])
def test_it_refuses_days_that_make_no_sense(first, last):
    with pytest.raises(spreading.BadStretch):
        spreading.preview(day(first), day(last), today=TODAY)


def test_it_does_not_begin_where_nobody_would_move_nor_two_at_once(clerk):
    with pytest.raises(spreading.NothingToSpread):
        spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    people(1, due=2)
    people(1, due=3)
    with pytest.raises(spreading.NothingToSpread):  # they could be moved, and every day would be as full
        spreading.begin(day(2), day(3), by=clerk, reason="", now=NOW)
    people(50, due=3)
    spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    with pytest.raises(spreading.AlreadySpreading):
        spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)


def outage(days: int) -> Outage:
    """One that was open for so many days and was closed today."""
    began = NOW - timedelta(days=days - 1)
    return Outage.objects.create(opened_at=began, began_at=began, cause="x", closed_at=NOW, closed_by=UserFactory())


def test_after_an_outage_the_dates_it_touched_are_even_over_the_next_days():
    for n in range(-7, 1):
        people(40, due=n)
    people(10, due=2)
    spreading.after_outage(outage(days=1), now=NOW)
    assert spreading.carry_on(NOW) == 320
    counts = due()
    assert min(counts) == 1 and max(counts) <= 14 and sum(counts.values()) == 330
    assert max(counts.values()) <= 1.3 * 330 / 14
    assert Spreading.objects.get().before == {day(n).isoformat(): 40 for n in range(-7, 1)} | {day(2).isoformat(): 10}


def test_after_a_long_outage_its_days_do_not_count():
    people(20, due=-26)  # the first day of the grace before a 20-day outage: 20 days and 14 more
    people(20, due=-10)
    spreading.after_outage(outage(days=20), now=NOW)
    spreading.carry_on(NOW)
    counts = Counter(due())
    assert min(counts) == 1 and max(counts) <= 14 and sum(counts[n] for n in range(9, 15)) > 0


def test_a_day_is_gone_through_for_many_people_at_once(clerk, monkeypatch):
    monkeypatch.setattr(spreading, "BATCH", 5)
    monkeypatch.setattr(spreading, "READ_AHEAD", 20)
    people(60, due=3)
    after = spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW).after
    with CaptureQueriesContext(connection) as asked:
        spreading.carry_on(NOW)
    looked_up = [each for each in asked if each["sql"].startswith("SELECT id FROM registry_citizen WHERE due_on")]
    assert len(looked_up) <= 3
    assert due() == {(date.fromisoformat(each) - TODAY).days: n for each, n in after.items()}


def test_two_workers_do_not_move_one_person_twice(clerk):
    people(50, due=3)
    row = spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    while spreading._batch(row.pk, NOW, {}) is not None:
        pass
    assert spreading._batch(row.pk, NOW, {}) is None
    row.refresh_from_db()
    assert row.moved == row.total


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_move_everybody_once(clerk, monkeypatch):
    monkeypatch.setattr(spreading, "BATCH", 5)
    people(120, due=3)
    row = spreading.begin(day(3), day(3), by=clerk, reason="", now=NOW)
    after = {(date.fromisoformat(each) - TODAY).days: n for each, n in row.after.items()}

    moved = sum(at_once(lambda _worker: sum(spreading.carry_on(NOW) for _ in range(20)), 3))
    spreading.carry_on(NOW)
    row.refresh_from_db()
    assert moved == row.moved == row.total and row.done_at
    assert due() == after
