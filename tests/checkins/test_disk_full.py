"""The disk of the log is full: the scanner is told to come back, nothing is half-written, and all is stored once there
is room."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from checkins.log import partitions
from config.local.accounts import account
from tests.checkins.conftest import Door, person
from tests.servers import new_folder

pytestmark = pytest.mark.django_db(transaction=True)

SCANS = 300


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Four megabytes that PostgreSQL may write to, as a tablespace `small`."""
    folder, owner = new_folder() / "disk", account()
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=4m", "munjigi", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, timeout=10, check=False).returncode:
        # A disk that is really full takes a mount, which only root has; CI runs as root, and so runs it.
        pytest.skip("only root may mount a small disk")
    try:
        owner.own(folder)
        folder.chmod(0o700)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        yield folder
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=10)


@pytest.fixture
def full(door: Door, small_disk: Path) -> Iterator[None]:
    """Today's partition lies on the small disk, and something else has filled that."""
    today = timezone.localdate()
    partitions.make(today)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {partitions.name(today)} SET TABLESPACE small")
        cursor.execute("CREATE TABLE filler (text text) TABLESPACE small")
        cursor.execute("ALTER TABLE filler ALTER text SET STORAGE PLAIN")
        for size in (500, 20, 1):
            try:
                while True:
                    cursor.execute("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, %s)", [size])
            except OperationalError:
                continue
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS filler")
        cursor.execute(f"DROP TABLE IF EXISTS {partitions.name(today)}")


def test_it_says_come_back_while_the_disk_is_full_and_stores_all_once_there_is_room(door, full):
    now = timezone.now()
    scans = [person().scan(seq, now) for seq in range(1, SCANS + 1)]
    answer = door.post(*scans)
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert not door.entries.exists() and not door.counts, "nothing is half-written"
    door.scanner.refresh_from_db()
    assert not list(door.scanner.received)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE filler")
    answers = door.post(*scans).json()["answers"]
    assert {each["answer"] for each in answers} == {"stored"} and door.entries.count() == SCANS
    assert {each["answer"] for each in door.post(*scans).json()["answers"]} == {"known"}
    assert door.counts == {("PASS", True): SCANS}
