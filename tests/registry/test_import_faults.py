"""An import when its worker is killed, and when somebody else brings the same file at the same time."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from registry import jobs
from registry.imports import files, taking_in
from registry.models import Citizen, Import, ImportPart, ImportRow, PassRecord
from tests.registry.importing import check, registrar, some, work
from tests.stack import settings_of

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1500
WORKER = """
import sys, uuid, django
django.setup()
from registry import jobs
from registry.imports import taking_in
taking_in.PART = 50
jobs.run(uuid.UUID(sys.argv[1]), seconds=600)
"""


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
    assert work(row).state == "done"
    assert (row.fresh, row.known, row.people, row.refused) == (ROWS, 0, ROWS, 0)
    assert PassRecord.objects.count() == Citizen.objects.count() == ROWS
    assert PassRecord.history.count() == ROWS and not ImportRow.objects.exists()


def test_two_imports_of_one_file_at_once_make_each_record_once(monkeypatch):
    monkeypatch.setattr(taking_in, "PART", 20)
    rows = [check(some(200), by=registrar(username=name)) for name in ("first", "second")]
    for row in rows:
        files.begin(row, by=row.by, now=timezone.now())
        row.refresh_from_db()

    def run(row) -> None:
        try:
            while jobs.run(row.job_id):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[row]) for row in rows]
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
    files.bring(upload, issuer="시험 병원", region="", by=registrar(), now=timezone.now())
    assert upload.held is False and ImportPart.objects.count() == 1
