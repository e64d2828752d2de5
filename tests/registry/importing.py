"""Files of pass records for tests, and an import brought as far as a test needs it."""

import csv
import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from registry import jobs
from registry.imports import files
from registry.imports.columns import Field
from registry.models import Import, Role
from tests.registry.clerks import make_clerk

HEADER = ("이름", "생년월일", "휴대전화", "지역코드", "구분", "날짜", "백신", "차수", "결과 일시", "증명서 번호")
ISSUER = "시험 병원"


def line(n: int, **cells: str) -> dict[str, str]:
    """A first dose, 60 days ago, of a person of their own."""
    day = (timezone.localdate() - timedelta(days=60)).isoformat()
    facts = {"이름": f"시험{chr(0xAC00 + n)}", "생년월일": "1990-01-01", "휴대전화": f"010-0000-{n:04d}"}
    facts |= {"지역코드": "11680", "구분": "접종", "날짜": day, "백신": "화이자", "차수": "1"}
    return facts | {"결과 일시": "", "증명서 번호": f"C-{n:06d}"} | cells


def as_csv(*lines: dict[str, str], header: tuple[str, ...] = HEADER, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([header, *([each.get(name, "") for name in header] for each in lines)])
    return out.getvalue().encode()


def some(count: int, **cells: str) -> bytes:
    return as_csv(*(line(n, **cells) for n in range(count)))


def registrar(region: str = "", username: str = "clerk"):
    return make_clerk(Role.REGISTRAR, username=username, region=region)


def bring(data: bytes, *, by, region: str = "", name: str = "records.csv", issuer: str = ISSUER) -> Import:
    upload = SimpleUploadedFile(name, data)
    return files.bring(upload, issuer=issuer, region=region, by=by, now=timezone.now())


def work(row: Import) -> Import:
    """Do what the worker would, until it is done."""
    while jobs.run(Import.objects.get(pk=row.pk).job_id):
        pass
    row.refresh_from_db()
    assert row.job is None or row.job.state == "done", row.job.error
    return row


def check(data: bytes, *, by, kind: str = "", **more) -> Import:
    """Brought and checked, with the columns as they are guessed."""
    row = bring(data, by=by, **more)
    files.choose(row, {Field(name): n for name, n in row.columns.items()}, kind=kind, by=by, now=timezone.now())
    return work(row)


def take_in(data: bytes, *, by, **more) -> Import:
    row = check(data, by=by, **more)
    files.begin(row, by=by, now=timezone.now())
    return work(row)
