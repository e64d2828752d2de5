"""Who was erased or withdrew stays away: the register of those who left, outside of `default`, and a restore of it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from config import identity
from registry import audit, registers
from registry.citizens import burying, leavings, merging, withdrawal
from registry.models import Citizen, Device, Event, FormerIdentity, Leaving, PassRecord, Tag
from tests.checkins.dumps import dump, restore
from tests.checkins.faults import vault_away
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.clerks import make_clerk

pytestmark = pytest.mark.django_db
SOMEBODY = "7a3f21c0-0000-4000-8000-000000000001"


@pytest.fixture
def clerk():
    return make_clerk(username="clerk")


@pytest.fixture
def file(settings, tmp_path):
    settings.LEAVINGS_FILE = str(tmp_path / "leavings.jsonl")
    return tmp_path / "leavings.jsonl"


def erase(person, clerk):
    withdrawal.erase(person, by=clerk, reason="asked", now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_restore_of_default_alone_does_not_bring_the_dead_back(clerk, tmp_path):
    Leaving.objects.create(citizen=SOMEBODY, at=timezone.now(), erased=True)
    erased = PassRecordFactory().citizen
    left = CitizenFactory(verified=True, phone_since=timezone.now())
    stays = CitizenFactory(verified=True)
    now = timezone.now()
    Device.objects.create(citizen=left, public_key=b"k" * 64, token_hash=b"t" * 32, created_at=now, seen_at=now)
    before = dump("default", tmp_path / "default.dump")
    key = erased.pk
    erase(erased, clerk)
    withdrawal.withdraw(left, erase=False, now=timezone.now())
    assert set(leavings.of_vault()) == {key, left.pk, UUID(SOMEBODY)}, "at once, before any task has run"
    restore("default", before)
    assert Citizen.objects.filter(pk=key).exists() and Device.objects.active().filter(citizen=left.pk).exists()
    identity.bury_the_dead()
    assert not Citizen.objects.filter(pk=key).exists() and not PassRecord.objects.exists()
    assert not PassRecord.history.exists()
    back = Citizen.objects.get(pk=left.pk)
    assert (back.phone, back.verified_at) == (None, None) and not Device.objects.active().exists()
    assert Citizen.objects.get(pk=stays.pk).verified_at
    assert Event.objects.get(tag=Tag.PERSON_ERASED).reason == withdrawal.AGAIN
    assert burying.replay() == 0


def test_it_knows_the_former_identities_of_the_merged(clerk):
    """A backup of before the merging has them as two."""
    stays, goes = CitizenFactory(), CitizenFactory()
    keys = {stays.pk, goes.pk}
    merging.merge(stays, goes, by=clerk, reason="same", now=timezone.now())
    erase(Citizen.objects.get(pk=stays.pk), clerk)
    leavings.keep()
    assert set(leavings.of_vault()) == keys


def merged_before_a_backup(clerk):
    """Somebody who was merged into another and has records; parted again and gone since, so the register tells."""
    stays, goes = CitizenFactory(verified=True), CitizenFactory()
    PassRecordFactory(citizen=stays)
    PassRecordFactory(citizen=goes)
    key = goes.pk
    merging.merge(stays, goes, by=clerk, reason="same", now=timezone.now())
    return Citizen.objects.get(pk=stays.pk), key


def test_it_erases_again_whom_the_backup_has_as_a_part_of_somebody_living(clerk):
    stays, key = merged_before_a_backup(clerk)
    Leaving.objects.create(citizen=key, at=timezone.now(), erased=True)
    assert burying.replay() == 1
    assert not FormerIdentity.objects.exists() and not Citizen.objects.filter(pk=key).exists()
    assert PassRecord.objects.get().citizen == stays, "whoever lives keeps their own"
    assert not PassRecord.history.filter(citizen_id=key).exists()
    assert Event.objects.get(tag=Tag.PERSON_ERASED).target == f"citizen:{key}"
    assert burying.replay() == 0


def test_it_leaves_together_who_left_together(clerk):
    stays, key = merged_before_a_backup(clerk)
    for one in (stays.pk, key):
        Leaving.objects.create(citizen=one, at=timezone.now(), erased=True)
    assert burying.replay() == 1
    assert not Citizen.objects.exists() and not FormerIdentity.objects.exists()


def test_it_does_not_part_again_who_was_merged_after_leaving_or_left_as_one(clerk):
    stays, key = merged_before_a_backup(clerk)
    alone = Leaving.objects.create(citizen=key, at=timezone.now() - timedelta(days=1), erased=False)
    assert burying.replay() == 0, "whose pass had ended before they were merged"
    now = timezone.now()
    Leaving.objects.create(citizen=stays.pk, at=now, erased=False)
    Leaving.objects.filter(pk=alone.pk).update(at=now)
    assert burying.replay() == 1 and FormerIdentity.objects.filter(pk=key).exists()


def test_it_does_not_part_from_a_third_who_left_as_one_with_the_second_and_came_to_the_third_after_that(clerk):
    left, key = merged_before_a_backup(clerk)
    now = timezone.now()
    withdrawal.withdraw(left, erase=False, now=now)
    for one in (left.pk, key):
        Leaving.objects.create(citizen=one, at=now, erased=False)
    back = CitizenFactory(verified=True)
    merging.merge(back, Citizen.objects.get(pk=left.pk), by=clerk, reason="same", now=timezone.now())
    assert burying.replay() == 0
    assert set(merging.identities_of(back)) == {back.pk, left.pk, key}


def test_it_lets_whoever_came_back_by_themselves_hold_their_new_pass():
    person, now = CitizenFactory(verified=True), timezone.now()
    Leaving.objects.create(citizen=person.pk, at=now - timedelta(hours=1), erased=False)
    Citizen.objects.filter(pk=person.pk).update(verified_at=now)
    assert burying.replay() == 0
    Citizen.objects.filter(pk=person.pk).update(verified_at=now - timedelta(hours=2))
    assert burying.replay() == 1


def test_it_is_kept_in_a_file_that_is_gone_by_while_the_vault_is_away_or_lost(clerk, file):
    person, kept = CitizenFactory(), {"name": "홍길동", "birth": "1990-01-01"}
    key = person.pk
    erase(person, clerk)
    assert leavings.keep() == 1
    assert list(leavings.of_file(file)) == [key] and kept["name"] not in file.read_text()
    Citizen(pk=key, **kept).save(force_insert=True)  # a backup came back
    Leaving.objects.all().delete()
    assert burying.replay() == 1
    assert leavings.keep() == 1 and list(leavings.of_vault()) == [key]  # the vault learns of it again


def test_the_file_learns_that_somebody_whose_pass_had_ended_was_erased_later(clerk, file):
    person, now = CitizenFactory(), timezone.now()
    registers.write(file, [{"citizen": person.pk, "at": now - timedelta(days=3), "erased": False}])
    key = person.pk
    erase(person, clerk)
    then = timezone.now() + timedelta(seconds=1)
    Leaving.objects.create(citizen=key, at=then, erased=True)  # and the disk was full
    assert leavings.keep() == 0 and leavings.of_file(file)[key].erased


def test_it_goes_by_the_file_alone_while_the_vault_is_away(clerk, file):
    person = CitizenFactory()
    registers.write(file, [{"citizen": person.pk, "at": timezone.now(), "erased": True}])
    with vault_away():
        assert burying.replay() == 1
    assert not Citizen.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_somebody_leaves_while_the_vault_is_away_and_it_is_told_once_it_is_back(clerk):
    person = CitizenFactory()
    key = person.pk
    with vault_away():
        erase(person, clerk)
    assert not Citizen.objects.exists() and not leavings.of_vault()
    assert leavings.keep() == 1 and leavings.of_vault()[key].erased


@pytest.mark.django_db(transaction=True)
def test_the_deed_itself_hides_nobody_who_left_during_a_long_absence_of_the_vault(clerk):
    """What is told is looked for from a day before the newest that the vault knows."""
    now, long_ago = timezone.now(), CitizenFactory()
    Leaving.objects.create(citizen=SOMEBODY, at=now - timedelta(days=4), erased=True)
    key = long_ago.pk
    _at, *rest = audit.row(Tag.PERSON_ERASED, by=None, target=long_ago)
    with connection.cursor() as cursor:
        cursor.execute(audit.INSERT, [now - timedelta(days=2), *rest])
    erase(CitizenFactory(), clerk)
    assert leavings.keep() == 2 and key in leavings.of_vault()


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "{}",
        '{"citizen": "x", "at": "2026-01-01T00:00:00+00:00", "erased": true}',
        f'{{"citizen": "{SOMEBODY}", "at": "2026-01-01T00:00:00", "erased": true}}',
        f'{{"citizen": "{SOMEBODY}", "at": "2026-01-01T00:00:00+00:00", "erased": 1}}',
    ],
)
def test_a_process_does_not_start_with_a_damaged_file(file, damaged, capsys):
    person = CitizenFactory()
    registers.write(file, [{"citizen": person.pk, "at": timezone.now(), "erased": True}])
    with file.open("a") as more:
        more.write(f"{damaged}\n")
    with pytest.raises(SystemExit):
        identity.bury_the_dead()
    assert "LEAVINGS_FILE" in capsys.readouterr().err and Citizen.objects.exists()
