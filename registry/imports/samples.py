"""The template to fill in, as CSV and as XLSX, with Korean or English headings and a row of each kind as an example."""

import csv
import io

from openpyxl.styles.fonts import Font
from openpyxl.utils.cell import get_column_letter
from openpyxl.workbook.workbook import Workbook

from registry.imports.columns import HEADINGS, Field

_ROWS = {
    "ko": (
        ("홍길동", "1990-01-01", "010-0000-0001", "11680", "접종", "2021-07-10", "화이자", "2", "", "", "",
         "예시-0001"),
        ("김보기", "1985-12-31", "010-0000-0002", "11680", "PCR 음성", "", "", "", "2022-01-01 10:00", "", "",
         "예시-0002"),
        ("이보기", "1970-05-20", "", "11680", "격리해제", "2021-11-02", "", "", "", "", "", "예시-0003"),
        ("박보기", "1964-03-03", "010-0000-0004", "11680", "예외", "2021-12-01", "", "", "", "Y", "", "예시-0004"),
    ),
    "en": (
        ("HONG GILDONG", "1990-01-01", "010-0000-0001", "11680", "vaccination", "2021-07-10", "Pfizer", "2", "", "", "",
         "EXAMPLE-0001"),
        ("DOE JANE", "1985-12-31", "010-0000-0002", "11680", "PCR", "", "", "", "2022-01-01 10:00", "", "",
         "EXAMPLE-0002"),
        ("LEE EXAMPLE", "1970-05-20", "", "11680", "recovery", "2021-11-02", "", "", "", "", "", "EXAMPLE-0003"),
        ("PARK EXAMPLE", "1964-03-03", "010-0000-0004", "11680", "exemption", "2021-12-01", "", "", "", "Y", "",
         "EXAMPLE-0004"),
    ),
}  # fmt: skip
LANGUAGES = tuple(_ROWS)


def headings(language: str) -> list[str]:
    return [HEADINGS[field].korean if language == "ko" else HEADINGS[field].english for field in Field]


def as_csv(language: str) -> bytes:
    """UTF-8 with a mark, which Excel needs to read Korean."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([headings(language), *_ROWS[language]])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(language: str) -> bytes:
    """Every column is text, so that no spreadsheet takes the zero off a number or turns a date around."""
    book = Workbook()
    sheet = book.active
    for row in (headings(language), *_ROWS[language]):
        sheet.append(row)
    for place, _heading in enumerate(headings(language), 1):
        sheet.cell(1, place).font = Font(bold=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = 18
        sheet.column_dimensions[letter].number_format = "@"
        for cell in sheet[letter]:
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
