"""A file as somebody sends it: whatever it is, it is read as it was meant, or refused whole with what to do."""

import io
import subprocess
import sys
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from registry.imports import reading, sheet
from registry.imports.columns import Field, guess

HEADER, ROW = ["이름", "생년월일", "증명서 번호"], ["홍길동", "1990-01-01", "C-1"]
BOTH = {"name": 0, "birth_date": 1}
TEXT = "이름,생년월일,증명서 번호\n홍길동,1990-01-01,C-1\n"


def book(*rows, **cells) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for place, value in cells.items():
        made.active[place] = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bomb(megabytes: int) -> bytes:
    """A workbook whose sheet unpacks to this much of nothing."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(HEADER, ROW))) as whole,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made,
    ):
        for name in whole.namelist():
            before, found, after = whole.read(name).partition(b"<sheetData>")
            with made.open(name, "w") as part:
                part.write(before + found)
                for _ in range(megabytes if name.endswith("sheet1.xml") else 0):
                    part.write(b" " * 2**20)
                part.write(after)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_it_reads_any_usual_encoding(encoding):
    table = reading.read(TEXT.encode(encoding))
    assert (table.header, table.rows) == (HEADER, [(2, ROW)])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_finds_the_delimiter(delimiter):
    assert reading.read(TEXT.replace(",", delimiter).encode()).rows == [(2, ROW)]


def test_it_finds_headings_below_a_title_and_keeps_the_numbers_of_rows():
    table = reading.read(f"접종 기록,,\n\n2021년 7월,,\n{TEXT}\n\n김보기,1985-12-31,C-2\n".encode())
    assert table.header == HEADER and [number for number, _row in table.rows] == [5, 8]


def test_it_reads_a_workbook_with_dates_numbers_and_what_a_formula_came_to():
    data = book([*HEADER, "a", "b", "c"], ["홍길동", date(1990, 1, 1), 123, datetime(2022, 1, 1, 10), 0.5, "=1+1"])
    [(number, cells)] = reading.read(data).rows
    assert number == 2 and cells == ["홍길동", "1990-01-01", "123", "2022-01-01 10:00", "0.5", ""]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", reading.Empty),
        (b" \n\n", reading.Empty),
        ("이름,생년월일,증명서 번호\n".encode(), reading.Empty),
        ("이름,생년월일\n홍길동,1990".encode() + b"\x80\xff\xfe", reading.WrongEncoding),
        (TEXT.encode()[:-1] + "\n김보기,1985-12".encode(), reading.CutShort),
        ("이름,번호\n홍길".encode()[:-1], reading.CutShort),
        (TEXT.encode() + '"김보기,1985-12-31,C-2\n'.encode(), reading.BadQuotes),
        (b"a,b,c\n" + b"," * 500, reading.TooManyColumns),
        (book(HEADER, ROW)[:-200], reading.BrokenWorkbook),
        (b"PK\x03\x04", reading.BrokenWorkbook),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", reading.NoTable),
        (b"%PDF-1.7\n", reading.NoTable),
        (b"\xd0\xcf\x11\xe0" + b"E\0n\0c\0r\0y\0p\0t\0e\0d\0", reading.LockedWorkbook),
    ],
)
def test_it_refuses_a_file_that_is_not_whole_or_not_readable(data, error):
    with pytest.raises(error):
        reading.read(data)


def test_it_refuses_a_workbook_that_unpacks_to_more_than_memory_should_hold():
    with pytest.raises(reading.Bomb):
        reading.read(bomb(sheet.LARGEST_UNPACKED // 2**20 + 20))


def test_it_refuses_a_workbook_with_a_cell_at_the_far_end():
    with pytest.raises(reading.Bomb):
        reading.read(book(HEADER, ROW, XFD1048576="x"))


def test_it_refuses_too_many_rows(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    with pytest.raises(reading.TooManyRows):
        reading.read(TEXT.encode() + ROW[0].encode() + b",1,2\n" * 40)


def test_the_process_that_unpacks_has_bounds():
    code = "from registry.imports import sheet; sheet._bound(); bytearray(2 * sheet.MOST_MEMORY)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"MemoryError" in done.stderr


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (["성명", "생년월일(YYYY-MM-DD)", "휴대폰 번호"], {"name": 0, "birth_date": 1, "phone": 2}),
        (["Full Name", "DOB", "Dose No.", "certificate_id"], {**BOTH, "dose": 2, "certificate_number": 3}),
        (["", "이름", "이름"], {"name": 1}),
    ],
)  # fmt: skip
def test_it_guesses_columns_from_korean_and_english_headings(header, found):
    assert guess(header) == found


def test_what_is_remembered_goes_before_what_is_guessed():
    assert guess(["이름", "본명"], {"name": "본명"}) == {Field.NAME: 1}
    assert guess(["이름", "본명"], {"name": "없는 열"}) == {Field.NAME: 0}
