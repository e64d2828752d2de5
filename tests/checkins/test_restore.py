"""What was destroyed stays destroyed: no dump and no restore of either database brings it back."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from checkins.log import partitions, register, retention
from checkins.models import Destruction, Entry
from config import identity
from registry import secrets, vault
from registry.format import passcode
from registry.models import DayKey, DestroyedDay, Event, PaperKey, Tag
from tests.checkins.conftest import at, day_key
from tests.checkins.dumps import dump, opened, restore
from tests.checkins.faults import vault_away
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def old(door, today):
    """A day past its 28 days, on which a person on record was at the door."""
    day = today - timedelta(days=29)
    day_key(day)
    partitions.make(day)
    seen = at(day)
    subject = vault.pseudonym(day, CitizenFactory().pk)
    place = {"venue": door.venue.pk, "scanner": door.scanner.pk, "seq": 1, "method": "qr", "direction": "in"}
    Entry.objects.create(day=day, subject=subject, t=int(seen.timestamp()), seen_at=seen, received_at=seen, **place)
    return day


def keys_alive() -> list[bytes]:
    """Every key that the vault holds, opened: what somebody has who has all of it and the master key."""
    days = [secrets.decrypt(bytes(row.key), purpose="day key") for row in DayKey.objects.all()]
    return days + [secrets.decrypt(bytes(row.key), purpose="paper key") for row in PaperKey.objects.all()]


def led_to(stolen, keys) -> set:
    """Which people of a stolen dump its entries lead to, tried with every key."""
    people = {key for (key,) in stolen.execute("SELECT id FROM registry_citizen")}
    subjects = [bytes(subject) for (subject,) in stolen.execute("SELECT subject FROM checkins_entry")]
    assert people and subjects
    return {person for key in keys for subject in subjects if (person := passcode.citizen_of(key, subject)) in people}


def gone(day) -> bool:
    keyed = DayKey.objects.filter(day=day).exists()
    return not keyed and day not in partitions.attached() and day not in partitions.loose()


def test_it_leaves_a_dump_from_before_that_leads_to_nobody_with_all_the_keys_there_are(old, today, tmp_path):
    before = dump("default", tmp_path / "default.dump")
    of_vault = dump("vault", tmp_path / "vault.dump")
    with opened(before) as stolen:
        assert led_to(stolen, keys_alive()), "with the key of its day it leads to the person"
        retention.expire(today=today)
        assert not led_to(stolen, keys_alive())
        restore("vault", of_vault)
        identity.bury_the_dead()
        assert not led_to(stolen, keys_alive()), "nor with a backup of the vault, once that was put into service"


def test_it_does_not_bring_back_the_dead_when_default_alone_is_restored(old, today, tmp_path):
    before = dump("default", tmp_path / "default.dump")
    retention.expire(today=today)
    fingerprint = Destruction.objects.get(day=old).key_fingerprint
    restore("default", before)
    assert old in partitions.attached() and not Destruction.objects.exists()
    identity.bury_the_dead()
    assert gone(old)
    end = Destruction.objects.get(day=old)
    assert end.done_at and end.cause == Destruction.Cause.REPLAYED
    assert end.key_fingerprint == fingerprint and len(fingerprint) == 32
    assert Event.objects.filter(tag=Tag.DAY_DESTROYED, target=f"destruction:{old}").count() == 1
    assert register.replay() == []


def test_it_destroys_a_key_that_a_restored_vault_brought_back_and_tells_the_vault_again(old, today, tmp_path):
    before = dump("vault", tmp_path / "vault.dump")
    retention.expire(today=today)
    restore("vault", before)
    assert DayKey.objects.filter(day=old).exists() and not DestroyedDay.objects.exists()
    identity.bury_the_dead()
    assert gone(old)
    assert DestroyedDay.objects.get(day=old).fingerprint == Destruction.objects.get(day=old).key_fingerprint
    assert Event.objects.filter(tag=Tag.DAY_DESTROYED_AGAIN, target=f"destruction:{old}").count() == 1


def test_it_replays_a_file_when_both_databases_have_forgotten(old, today, tmp_path, capsys, settings):
    settings.DESTROYED_DAYS_FILE = str(tmp_path / "destroyed.jsonl")
    kept = DayKey.objects.get(day=old)
    retention.expire(today=today)
    call_command("export_destructions", settings.DESTROYED_DAYS_FILE)
    Destruction.objects.all().delete()
    DestroyedDay.objects.all().delete()
    kept.save()
    partitions.make(old)
    assert retention.due(today) == [old]
    call_command("replay_destructions")
    assert gone(old) and "1 days; 1 in the register" in capsys.readouterr().out
    assert register.of_vault().keys() == register.of_default().keys() == {old}
    call_command("replay_destructions", settings.DESTROYED_DAYS_FILE)
    assert "0 days; 1 in the register" in capsys.readouterr().out


def test_it_keeps_in_the_file_what_both_databases_have_forgotten(old, today, tmp_path):
    file = tmp_path / "destroyed.jsonl"
    retention.expire(today=today)
    assert register.export(file) == 1
    Destruction.objects.all().delete()
    DestroyedDay.objects.all().delete()
    assert register.export(file) == 1
    assert register.of_file(file).keys() == {old}


@pytest.mark.parametrize(
    "damaged", ["{", '{"day": "2026-01-01"}', '{"day": 1, "destroyed_at": 2, "fingerprint": 3}', "7"]
)
def test_it_refuses_a_damaged_file_by_its_line_and_does_nothing(old, tmp_path, damaged):
    file = tmp_path / "destroyed.jsonl"
    file.write_text(f'{{"day": "{old}", "destroyed_at": "2026-12-31T00:00:00+00:00", "fingerprint": ""}}\n{damaged}\n')
    with pytest.raises(CommandError, match="2번째 줄"):
        call_command("replay_destructions", str(file))
    assert not gone(old)
    with pytest.raises(CommandError, match="no file"):
        call_command("replay_destructions", str(tmp_path / "other"))


def test_it_starts_while_the_vault_is_away_as_rows_lead_to_nobody_without_it(old):
    with vault_away():
        identity.bury_the_dead()
    assert not gone(old)


def test_it_does_not_start_with_the_dead_among_the_living(old, today, tmp_path, monkeypatch, capsys):
    """Somebody still reads the log when a process starts after a restore."""
    monkeypatch.setattr(retention, "DETACH_PATIENCE", "200ms")
    vault.destroy_day_key(old, now=timezone.now())  # the vault's register has it; `default` has the rows
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            Entry.objects.filter(day=old).exists()
            reading.set()
            done.wait(10)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(10)
    try:
        with pytest.raises(SystemExit):
            identity.bury_the_dead()
        assert "end that and start again" in capsys.readouterr().err
    finally:
        done.set()
        reader.join()
    identity.bury_the_dead()
    assert gone(old)


def test_it_holds_no_key_of_a_day_long_past_so_that_none_outlives_its_destruction(old, today):
    citizen = uuid4()
    vault.forget()
    assert vault.pseudonym(old, citizen) and vault.pseudonym(today, citizen)
    assert today in vault._held and old not in vault._held
    DayKey.objects.filter(day=old).delete()  # by another process
    with pytest.raises(vault.DayGone):
        vault.pseudonym(old, citizen)
