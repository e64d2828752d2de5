"""`manage.py check_log` finds what does not fit together in the log, and says of each what to do."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from checkins.log import checking, partitions, retention
from checkins.models import Destruction, Entry, HourCount
from registry import figures
from registry.models import DayKey, Figure
from tests.checkins.conftest import at, day_key, person
from tests.checkins.faults import vault_away

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def log(door, today):
    """A whole log: yesterday with three entries, and the partitions ahead."""
    partitions.make_ahead(today)
    yesterday = today - timedelta(days=1)
    day_key(yesterday)
    for seq in (1, 2, 3):
        now = at(yesterday, f"12:00:0{seq}")
        assert door.upload(person(yesterday).scan(seq, now), now=now) == {seq: "stored"}
    return yesterday


def found() -> str:
    return "\n".join(finding.what for finding in checking.look(timezone.now()))


def test_it_finds_nothing_in_a_whole_log_and_ends_well(log, capsys):
    call_command("check_log")
    assert capsys.readouterr().out.strip() == "The log is whole."


def test_it_ends_with_one_and_says_what_to_do(log, capsys):
    DayKey.objects.filter(day=log).delete()
    with pytest.raises(SystemExit, match="1"):
        call_command("check_log")
    assert str(log) in (out := capsys.readouterr().out) and "\n  " in out and "1 findings" in out
    noted = figures.last_noted(Figure.What.LOG_FINDINGS)
    assert noted.number == 1 and timezone.now() - noted.counted_at < timedelta(minutes=1)


def test_it_compares_what_was_counted_with_what_is_stored(log, door):
    Entry.objects.filter(day=log, seq=2).delete()
    assert str(log) in found() and "3" in found() and "2" in found()
    HourCount.objects.filter(day=log).update(count=2)
    assert found() == ""
    HourCount.objects.filter(day=log).delete()
    assert str(door.venue.pk) in found()


def test_it_finds_a_partition_that_is_missing_late_or_beside_the_log(log, today):
    ahead, late = today + timedelta(days=5), today - timedelta(days=40)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {partitions.TABLE} DETACH PARTITION {partitions.name(ahead)}")
    partitions.make(late)
    told = [finding.what for finding in checking.look(timezone.now())]
    assert sum(str(ahead) in what for what in told) == 2, "it is missing, and it stands beside"
    assert sum(str(late) in what for what in told) == 2, "it is over, and it has no key"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {partitions.name(ahead)}")


def test_it_finds_keys_that_should_be_gone_and_days_that_came_back(log, today):
    late, back = today - timedelta(days=40), today - timedelta(days=30)
    day_key(late)
    day_key(back)
    retention.destroy(back)
    day_key(back)
    told = [finding.what for finding in checking.look(timezone.now())]
    assert sum(str(late) in what for what in told) == 1
    assert sum(str(back) in what for what in told) == 2
    retention.expire(today=today)
    assert found() == "" and Destruction.objects.count() == 2


def test_it_finds_scanners_whose_numbers_never_came(log, door):
    door.upload(person().scan(7, timezone.now()), now=timezone.now())
    assert found() == "", "a number that was left out may still come"
    door.scanner.refresh_from_db()
    door.scanner.gap_since = timezone.now() - timedelta(days=2)
    door.scanner.save(update_fields=["gap_since"])
    assert door.scanner.name in found() and "3" in found()


def test_it_says_that_the_vault_is_away(log):
    with vault_away():
        [finding] = checking.look(timezone.now())
    assert "vault" in finding.what or "볼트" in finding.what or "보관" in finding.what
