"""An import undone: what it made and nobody touched is revoked, passes end, and the file can be brought again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from registry import jobs
from registry.citizens import records
from registry.imports import files
from registry.models import Device, Event, Import, PassRecord, Revocation, Tag
from tests.factories import PassRecordFactory
from tests.registry.importing import ISSUER, check, registrar, some, take_in, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return registrar()


def undo(row, clerk):
    files.undo(row, reason="wrong file", by=clerk, now=timezone.now())
    return work(row)


def test_it_revokes_what_the_import_made_with_the_reason_and_a_history(clerk):
    before = PassRecordFactory(issuer=ISSUER)
    row = undo(take_in(some(3), by=clerk), clerk)
    assert (row.state, row.undone, row.kept) == ("undone", 3, 0)
    assert PassRecord.objects.standing().get() == before
    record = PassRecord.objects.filter(imported_in=row).first()
    assert record.revoke_reason == "wrong file"
    latest = record.history.first()
    assert (latest.history_type, latest.history_user, latest.revoke_reason) == ("~", clerk, "wrong file")


def test_it_leaves_what_somebody_has_corrected_since(clerk):
    row = take_in(some(2), by=clerk)
    corrected = PassRecord.objects.first()
    corrected.day -= timedelta(days=1)
    records.correct(corrected, fields=["day"], by=clerk, now=timezone.now())
    row = undo(row, clerk)
    assert (row.undone, row.kept) == (1, 1) and PassRecord.objects.standing().get() == corrected


def test_what_it_leaves_is_counted_once_though_the_undoing_was_stopped_and_went_on(clerk, monkeypatch):
    monkeypatch.setattr("registry.imports.undoing.PART", 1)
    row = take_in(some(3), by=clerk)
    corrected = PassRecord.objects.order_by("pk").first()
    corrected.day -= timedelta(days=1)
    records.correct(corrected, fields=["day"], by=clerk, now=timezone.now())
    files.undo(row, reason="wrong file", by=clerk, now=timezone.now())
    row.refresh_from_db()
    assert jobs.run(row.job_id, seconds=0)
    jobs.stop(row.job, by=clerk, now=timezone.now())
    row.refresh_from_db()
    assert row.kept == 1
    files.go_on(row, by=clerk, now=timezone.now())
    assert (work(row).state, row.undone, row.kept) == ("undone", 2, 1)


def test_it_leaves_what_was_there_already(clerk):
    take_in(some(2), by=clerk)
    undo(take_in(some(3), by=clerk), clerk)
    assert PassRecord.objects.standing().count() == 2


def test_it_ends_the_passes_that_were_made_with_the_records_and_no_others(clerk):
    row = take_in(some(2), by=clerk)
    holder = PassRecord.objects.first().citizen
    seen = timezone.now() + timedelta(seconds=5)
    Device.objects.create(citizen=holder, public_key=b"k", token_hash=b"h" * 32, created_at=seen, seen_at=seen)
    undo(row, clerk)
    void = Revocation.objects.get()
    assert (void.citizen, void.reason, void.by) == (holder, "wrong file", clerk) and void.since > seen
    assert Event.objects.get(tag=Tag.PASS_REVOKED).target == f"citizen:{holder.pk}"


def test_the_same_file_can_be_brought_again_afterwards(clerk):
    undo(take_in(some(2), by=clerk), clerk)
    row = take_in(some(2), by=clerk)
    assert (row.fresh, row.people, PassRecord.objects.standing().count()) == (2, 0, 2)


def test_it_undoes_an_import_that_was_stopped(clerk, monkeypatch):
    monkeypatch.setattr("registry.imports.taking_in.PART", 1)
    row = check(some(3), by=clerk)
    files.begin(row, by=clerk, now=timezone.now())
    row.refresh_from_db()
    jobs.run(row.job_id, seconds=0)
    with pytest.raises(files.NotNow):
        files.undo(row, reason="wrong file", by=clerk, now=timezone.now())
    jobs.stop(row.job, by=clerk, now=timezone.now())
    row = undo(Import.objects.get(), clerk)
    assert (row.state, row.undone, row.waiting.count()) == ("undone", 1, 0)
