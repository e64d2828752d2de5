"""A file as somebody sends it → rows of text: CSV in UTF-8, UTF-16 or CP949 with any usual delimiter, or XLSX."""

import csv
import io
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from registry.errors import DomainError
from registry.imports import columns

LARGEST = 25 * 1024 * 1024  # bytes of a file
LARGEST_TEXT = 100 * 1024 * 1024  # bytes of what a workbook unpacks to
MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_SECONDS = 60.0  # that a workbook may take
DELIMITERS = ",;\t|"
_NO_TABLES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF")  # how pictures and PDF begin
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HOME = Path(__file__).resolve().parents[2]

_unpacking = threading.Lock()  # one workbook at a time in a process


class CannotRead(DomainError):
    """A file that we cannot take as it is; the message says what to do."""

    code = "cannot_read"
    status = 422


class TooLarge(CannotRead):
    code = "too_large"
    status = 413
    message = _("The file is larger than 25 MB. Please split it into several files.")


class Empty(CannotRead):
    code = "empty"
    message = _("The file has no rows. It needs a row of headings and below it a row for each record.")


class WrongEncoding(CannotRead):
    code = "wrong_encoding"
    message = _("The text of this file is neither UTF-8 nor CP949. In Excel, save it as “CSV UTF-8”, or send the XLSX.")


class CutShort(CannotRead):
    code = "cut_short"
    message = _("The file ends in the middle of row {row}: it did not arrive whole. Please export and send it again.")


class BadQuotes(CannotRead):
    code = "bad_quotes"
    message = _(
        "A quotation mark in or before row {row} is never closed. Either the file did not arrive whole, or the mark is "
        "one too many. Please export and send it again."
    )


class NoTable(CannotRead):
    code = "no_table"
    message = _("This is a picture or a document, no table. Please send a CSV or XLSX file.")


class TooManyRows(CannotRead):
    code = "too_many_rows"
    message = _("The file has more than 200,000 rows. Please split it into several files.")


class TooManyColumns(CannotRead):
    code = "too_many_columns"
    message = _("A row of the file has more than 200 columns. Please send the columns of the template only.")


class BrokenWorkbook(CannotRead):
    code = "broken_workbook"
    message = _(
        "This workbook cannot be opened: it did not arrive whole, or is no XLSX. Please save and send it again."
    )


class LockedWorkbook(CannotRead):
    code = "locked_workbook"
    message = _("This workbook has a password. Please save it without one and send it again.")


class Bomb(CannotRead):
    code = "bomb"
    message = _("This workbook unpacks to far more than its rows need. Copy the rows into the template and send that.")


@dataclass(frozen=True, slots=True)
class Table:
    """A file in one form: its headings, and the rows below them that have anything in them, each with its number in the
    spreadsheet, counted from 1."""

    header: list[str]
    rows: list[tuple[int, list[str]]]


def read(data: bytes) -> Table:
    """Raises CannotRead, by one of its kinds."""
    if len(data) > LARGEST:
        raise TooLarge
    if data.startswith(_NO_TABLES):
        raise NoTable
    workbook = data.startswith(b"PK\x03\x04")
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # an old .xls, or an encrypted .xlsx
        raise LockedWorkbook if b"E\0n\0c\0r\0y\0p\0t\0e\0d" in data else BrokenWorkbook
    text = _unpacked(data) if workbook else _decoded(data)
    if not text.strip():
        raise Empty
    delimiter = "," if workbook else _delimiter(text)
    return _table(text, delimiter)


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Strict, as otherwise a quotation mark that is never closed swallows the rest without a word."""
    return enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1)


def _unpacked(data: bytes) -> str:
    """The first sheet as CSV (sheet.py). Raises BrokenWorkbook, LockedWorkbook, Bomb."""
    with _unpacking:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(Path(__file__).with_name("sheet.py"))],
                input=data, capture_output=True, timeout=MOST_SECONDS, cwd=_HOME, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Bomb from None
    if done.returncode == 1:
        kinds = {"locked": LockedWorkbook, "bomb": Bomb}
        raise kinds.get(done.stderr.decode(errors="replace").strip(), BrokenWorkbook)
    if done.returncode or len(done.stdout) > LARGEST_TEXT:  # ended by a bound
        raise Bomb
    return done.stdout.decode()


def _decoded(data: bytes) -> str:
    """Raises WrongEncoding, CutShort."""
    for mark, encoding in (
        *((mark, name) for mark, name in _BOMS if data.startswith(mark)),
        (b"", "utf-8"),
        (b"", "cp949"),
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if error.reason in ("unexpected end of data", "incomplete multibyte sequence"):
                raise CutShort(row=data.count(b"\n") + 1) from None
            if mark:
                raise WrongEncoding from None
        else:
            if "\0" in text:
                raise WrongEncoding
            return text
    raise WrongEncoding


def _delimiter(text: str) -> str:
    """The one that the first rows have most evenly."""
    lines = [line for line in text[:20_000].splitlines()[: columns.MOST_ROWS_BEFORE_HEADER + 10] if line.strip()]
    counts = {sign: Counter(line.count(sign) for line in lines if line.count(sign)) for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: max((n * times for n, times in counts[sign].items()), default=0))


def _table(text: str, delimiter: str) -> Table:
    """Raises Empty, BadQuotes, TooManyRows, TooManyColumns, CutShort."""
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, row in _numbered(text, delimiter):
            if len(row) > MOST_COLUMNS:
                raise TooManyColumns
            if any(map(str.strip, row)):
                rows.append((number, row))
            if len(rows) > MOST_ROWS + columns.MOST_ROWS_BEFORE_HEADER:
                raise TooManyRows
    except csv.Error:
        raise BadQuotes(row=number + 1) from None
    at = columns.header_at([row for _number, row in rows])
    header = [cell.strip() for cell in rows[at][1]]
    if len(rows) <= at + 1:
        raise Empty
    if len(rows[-1][1]) < len(header) and not text.endswith(("\n", "\r")):
        raise CutShort(row=number)
    return Table(header, rows[at + 1 :])
