"""An import of 100,000 rows, file to records: against a bare COPY of the same rows into the same tables."""

import csv
import io
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from bench.measure import Result
from bench.town import town

ROWS = 100_000
GOAL = 0.3
TABLES = ("registry_citizen", "registry_passrecord", "registry_historicalpassrecord")


def run() -> Iterable[Result]:
    """A file of new people with a first dose each; then the rows that came of it, copied out, removed, and copied in.

    Rows per second on the wall, one connection each; the time from the first byte of the file that is read to the last
    commit, parsing, checking, the preview's comparison with the registry, encryption and history included. A first,
    small import warms up. The floor's rows are written over the import's own pages: every page is there already.
    """
    town()
    _import(2000, 0)
    ours = ROWS / _import(ROWS, 1)
    floor = ROWS / _copied()
    yield Result("import", ours, "rows a second", floor, GOAL)


def _import(rows: int, series: int) -> float:
    """Seconds from the file to the records. Raises where not every row was taken in."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from registry.imports import files
    from registry.imports.columns import Field
    from registry.models import Import, User

    by, _made = User.objects.get_or_create(username="bench-registrar", defaults={"is_staff": True})
    upload = SimpleUploadedFile("bench.csv", _file(rows, series))
    began = time.perf_counter()
    row = files.bring(upload, issuer="bench", region="", by=by, now=timezone.now())
    files.choose(row, {Field(name): n for name, n in row.columns.items()}, kind="", by=by, now=timezone.now())
    _finish(row)
    files.begin(row, by=by, now=timezone.now())
    _finish(row)
    spent = time.perf_counter() - began
    found = Import.objects.get(pk=row.pk)
    if (found.fresh, found.people, found.refused) != (rows, rows, 0):
        raise RuntimeError(f"{found.fresh} of {rows} rows: {found.refusals} {found.job and found.job.error}")
    return spent


def _finish(row: Any) -> None:
    from registry import jobs
    from registry.models import Import

    job = Import.objects.get(pk=row.pk).job
    while job and jobs.run(job.pk):
        pass


def _file(rows: int, series: int) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["이름", "생년월일", "휴대전화", "지역코드", "구분", "접종일", "백신", "차수", "증명서 번호"])
    writer.writerows(_lines(rows, series))
    return out.getvalue().encode()


def _lines(rows: int, series: int) -> Iterator[tuple[str, ...]]:
    """Names and birth dates as various as people's, and nobody of one series in another."""
    for n in range(rows):
        name = chr(0xAC00 + n % 50) + chr(0xAC00 + n // 50 % 400) + chr(0xB098 + n // 20_000)
        born = date(1940, 1, 1) + timedelta(days=(n * 7 + series) % 25_000)
        given = date(2021, 3, 1) + timedelta(days=n % 180)
        yield (
            name, born.isoformat(), f"010-{series:01d}{n // 10_000:03d}-{n % 10_000:04d}", "11680", "접종",
            given.isoformat(), "화이자", "1", f"B{series}-{n:07d}",
        )  # fmt: skip


def _copied() -> float:
    """Seconds that PostgreSQL takes for the same rows by COPY in its own format, in one transaction."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        kept = {table: _copy_out(cursor, table) for table in TABLES}
        with transaction.atomic():
            for table in reversed(TABLES):
                cursor.execute(f"DELETE FROM {table}")
        cursor.execute("VACUUM")
        began = time.perf_counter()
        with transaction.atomic():
            for table in TABLES:
                with cursor.copy(f"COPY {table} FROM STDIN WITH (FORMAT BINARY)") as copy:
                    copy.write(kept[table])
        spent = time.perf_counter() - began
        cursor.execute("SELECT count(*) FROM registry_passrecord")
        if cursor.fetchone()[0] < ROWS:
            raise RuntimeError("the floor copied less than the import")
    return spent * ROWS / (ROWS + 2000)


def _copy_out(cursor: Any, table: str) -> bytes:
    with cursor.copy(f"COPY {table} TO STDOUT WITH (FORMAT BINARY)") as copy:
        return b"".join(bytes(block) for block in copy)
