"""An import when its worker is killed, and when somebody else brings the same file at the same time."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from registry import jobs
from registry.imports import files, taking_in
from registry.models import Citizen, Import, ImportPart, ImportRow, PassRecord
from registry.phone import holders
from tests.factories import CitizenFactory, PassRecordFactory
from tests.registry.importing import ISSUER, as_csv, check, line, registrar, some
from tests.stack import settings_of, until

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1500
PEOPLE = (("시험가", "+821000000000"), ("시험각", "+821000000001"))  # of the first two rows
WORKER = """
import sys, uuid, django
django.setup()
from registry import jobs
from registry.imports import taking_in
taking_in.PART = 50
jobs.run(uuid.UUID(sys.argv[1]), seconds=600)
"""


def run(job_id) -> None:
    """As a worker does, in a thread."""
    try:
        while jobs.run(job_id):
            pass
    finally:
        connection.close()


def is_done(row: Import) -> bool:
    """Whether the import is over, having worked on it if nobody else does."""
    jobs.run(row.job_id)
    row.refresh_from_db()
    return row.state == "done"


def test_it_goes_on_where_a_killed_worker_was_and_takes_no_row_in_twice():
    clerk = registrar()
    row = check(some(ROWS), by=clerk)
    files.begin(row, by=clerk, now=timezone.now())
    row.refresh_from_db()
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORKER, str(row.job_id)], env={**os.environ, **settings_of(0, 0)}
    )
    deadline = time.monotonic() + 60
    while PassRecord.objects.count() < ROWS // 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    row = Import.objects.get()
    assert (row.state, row.fresh) == ("running", PassRecord.objects.count()) and ROWS // 3 <= row.fresh < ROWS
    until(lambda: is_done(row))  # the lock goes once PostgreSQL has seen that the killed one's link is gone
    assert (row.fresh, row.known, row.people, row.refused) == (ROWS, 0, ROWS, 0)
    assert PassRecord.objects.count() == Citizen.objects.count() == ROWS
    assert PassRecord.history.count() == ROWS and not ImportRow.objects.exists()


def test_two_imports_of_one_file_at_once_make_each_record_once(monkeypatch):
    monkeypatch.setattr(taking_in, "PART", 20)
    rows = [check(some(200), by=registrar(username=name)) for name in ("first", "second")]
    for row in rows:
        files.begin(row, by=row.by, now=timezone.now())
        row.refresh_from_db()

    threads = [threading.Thread(target=run, args=[row.job_id]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for row in rows:
        row.refresh_from_db()
        assert (row.state, row.fresh + row.known, row.refused) == ("done", 200, 0)
    assert sum(row.fresh for row in rows) == PassRecord.objects.count() == Citizen.objects.count() == 200


class Watched(SimpleUploadedFile):
    """A file that notes whether a transaction was open while it was read."""

    held: bool | None = None

    def read(self, *size: int) -> bytes:
        self.held = connection.in_atomic_block
        return super().read(*size)


def test_it_holds_no_transaction_while_it_reads_a_file():
    upload = Watched("records.csv", some(2))
    files.bring(upload, issuer=ISSUER, region="", by=registrar(), now=timezone.now())
    assert upload.held is False and ImportPart.objects.count() == 1


def test_whom_others_add_in_the_same_moment_is_not_added_again():
    """The first row's record and the first two people, once the rows were judged; the last one has no number."""
    row = check(as_csv(line(0), line(1), line(2), line(3, **{"휴대전화": ""})), by=registrar())
    files.begin(row, by=row.by, now=timezone.now())
    worker = threading.Thread(target=run, args=[Import.objects.get().job_id])
    with transaction.atomic():
        people = [CitizenFactory(name=name, birth="1990-01-01", phone=phone) for name, phone in PEOPLE]
        day = timezone.localdate() - timedelta(days=60)
        PassRecordFactory(citizen=people[0], day=day, dose=1, issuer=ISSUER, certificate_number="C-000000")
        holders.one_at_a_time(bytes(people[0].phone_index))
        worker.start()
        wait_until_somebody_waits()
    worker.join()
    row.refresh_from_db()
    assert (row.state, row.fresh, row.known, row.people, row.refused) == ("done", 3, 1, 2, 0)
    assert [person.records.count() for person in Citizen.objects.all()] == [1, 1, 1, 1]


def wait_until_somebody_waits() -> None:
    """For a lock that we hold."""
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("""
                SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted""")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")
