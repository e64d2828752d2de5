"""The end of a day: 28 days kept, then key and rows destroyed in an order that survives a crash at any step."""

import threading
from datetime import timedelta
from itertools import accumulate

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from checkins import tasks
from checkins.log import partitions, retention
from checkins.models import Destruction, Entry
from registry import vault
from registry.errors import VaultUnavailable
from registry.models import DayKey, Event, Tag
from tests.checkins.conftest import at, day_key, person
from tests.checkins.faults import vault_away

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = list(accumulate(([step] for step in retention.STEPS), initial=[]))


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def old(door, today):
    """A day past its 28 days, with one entry stored in time and a key."""
    day = today - timedelta(days=29)
    day_key(day)
    assert door.upload(person(day).scan(1, at(day)), now=at(day, "13:00:00")) == {1: "stored"}
    return day


def table_exists(day) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partitions.name(day)])
        return cursor.fetchone()[0]


def assert_gone(day) -> None:
    assert not table_exists(day) and day not in partitions.attached()
    assert not DayKey.objects.filter(day=day).exists()
    end = Destruction.objects.get(day=day)
    steps = [end.intended_at, end.key_deleted_at, end.detached_at, end.dropped_at, end.done_at]
    assert None not in steps and steps == sorted(steps)
    assert Event.objects.filter(tag=Tag.DAY_DESTROYED, target=f"destruction:{day}").count() == 1


def test_it_keeps_day_28_and_destroys_day_29(door, old, today):
    kept = old + timedelta(days=1)
    day_key(kept)
    door.upload(person(kept).scan(2, at(kept)), now=at(kept, "13:00:00"))
    assert retention.expire(today=today) == [old]
    assert_gone(old)
    assert [entry.day for entry in door.entries] == [kept]
    assert DayKey.objects.filter(day=kept).exists()
    with pytest.raises(vault.DayGone):
        vault.day_key(old)
    assert door.counts == {("PASS", True): 2}  # what was counted stays


def test_it_writes_down_what_it_destroyed_in_the_evidence(door, old, today):
    fingerprint = vault.fingerprint_of(vault.day_key(old))
    retention.expire(today=today)
    end = Destruction.objects.get(day=old)
    assert (end.counted, end.key_fingerprint, end.cause) == (1, fingerprint, "nightly") and end.size > 8192
    told = Event.objects.get(tag=Tag.DAY_DESTROYED).detail
    assert told == {"counted": 1, "size": end.size, "key": fingerprint, "cause": "nightly"}


@pytest.mark.parametrize("done", STEPS, ids=lambda steps: steps[-1].__name__ if steps else "nothing")
def test_it_is_taken_up_again_after_a_crash_behind_any_step(old, today, done):
    for step in done:
        step(old)
    retention.expire(today=today)
    assert_gone(old)
    assert retention.expire(today=today) == []


def test_it_refuses_the_day_from_the_intent_on(door, old):
    retention.intend(old)
    assert door.upload(person(old).scan(2, at(old)), now=at(old, "13:00:00")) == {2: "too_old"}
    retention.destroy(old)
    assert door.upload(person(old).scan(3, at(old)), now=at(old, "13:00:00")) == {3: "too_old"}
    assert not table_exists(old)


def test_it_finishes_a_detach_that_was_interrupted_while_others_write(door, old, today, monkeypatch):
    monkeypatch.setattr(retention, "DETACH_PATIENCE", "300ms")
    reading, done, next_day = threading.Event(), threading.Event(), old + timedelta(days=1)
    day_key(next_day)

    def hold_a_transaction() -> None:
        from django.db import transaction

        with transaction.atomic():
            Entry.objects.filter(day=old).exists()
            reading.set()
            done.wait(10)
        connection.close()

    reader = threading.Thread(target=hold_a_transaction)
    reader.start()
    reading.wait(10)
    try:
        with pytest.raises(OperationalError):
            retention.expire(today=today + timedelta(days=1))
        assert partitions.attached()[old] is True  # pending
        assert_gone(next_day)  # not held up
        now = timezone.now()
        assert door.upload(person().scan(7, now), now=now) == {7: "stored"}
        assert not DayKey.objects.filter(day=old).exists()
    finally:
        done.set()
        reader.join()
    retention.expire(today=today)
    assert_gone(old)


def test_it_catches_up_all_days_after_a_pause_those_without_rows_as_well(old, today):
    empty = [today - timedelta(days=n) for n in (60, 45, 30)]
    for day in empty:
        day_key(day)
    assert retention.expire(today=today) == [*empty, old]
    for day in (*empty, old):
        assert_gone(day)


def test_it_destroys_a_key_that_came_back_with_a_restored_vault(old, today):
    retention.expire(today=today)
    day_key(old)
    assert retention.expire(today=today) == [old]
    assert_gone(old)


def test_it_drops_nothing_while_the_vault_is_away(door, old, today):
    with vault_away(), pytest.raises(VaultUnavailable):
        retention.expire(today=today)
    assert door.entries.count() == 1
    retention.intend(old)
    with vault_away(), pytest.raises(VaultUnavailable):
        retention.destroy(old)
    assert table_exists(old)
    retention.expire(today=today)
    assert_gone(old)


def test_it_makes_partitions_a_week_ahead_and_a_missing_one_before_the_first_insert(door, today):
    assert partitions.attached() == {}
    now = timezone.now()
    assert door.upload(person().scan(1, now), now=now) == {1: "stored"}
    assert list(partitions.attached()) == [today]
    tasks.make_partitions()
    tasks.make_partitions()
    assert list(partitions.attached()) == [today + timedelta(days=n) for n in range(-1, 8)]


def test_it_makes_a_partition_anew_that_vanished_behind_this_process(door, today):
    now = timezone.now()
    door.upload(person().scan(1, now), now=now)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partitions.name(today)}")
    assert door.upload(person().scan(2, now), now=now) == {2: "stored"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partitions.name(today)}")
    assert door.show(person().code(timezone.now())).json()["answer"] == "stored"


def test_it_lets_one_process_at_a_time_do_it(old, today):
    results = []

    def other() -> None:
        results.append(retention.expire(today=today))
        connection.close()

    with retention.alone() as alone:
        assert alone
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert results == [[]] and table_exists(old)
