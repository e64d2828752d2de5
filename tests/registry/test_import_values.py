"""The cells of a row: dates, numbers and words as people and spreadsheets write them, and the first thing wrong."""

from datetime import UTC, date, datetime

import pytest

from registry.imports.columns import Field
from registry.imports.values import Circumstances, Refused, day_of, fact_of, moment_of, vaccines_by_name
from registry.validity import SEOUL

NOW = datetime(2022, 1, 3, 3, 0, tzinfo=UTC)
VACCINES = vaccines_by_name([("pfizer", "화이자", "Pfizer"), ("janssen", "얀센", "Janssen")])
CELLS = {
    Field.NAME: "홍길동", Field.BIRTH_DATE: "1990-01-01", Field.PHONE: "010-0000-0001", Field.KIND: "접종",
    Field.DAY: "2021-07-10", Field.VACCINE: "화이자", Field.DOSE: "2", Field.CERTIFICATE_NUMBER: "C-1",
}  # fmt: skip


def fact(circumstances: dict | None = None, **cells: str):
    at = Circumstances(NOW, "시험 병원", VACCINES, **circumstances or {})
    return fact_of(CELLS | {Field(name): cell for name, cell in cells.items()}, at)


@pytest.mark.parametrize(
    "text",
    ["2021-07-10", "2021-7-10", "2021.7.10", "2021. 7. 10.", "2021/07/10", "20210710", "2021년 7월 10일", "44387",
     "44387.0", "2021-07-10 00:00", "2021-07-10T00:00:00"],
)  # fmt: skip
def test_it_reads_dates_as_koreans_and_spreadsheets_write_them(text):
    assert day_of(text, Field.DAY) == date(2021, 7, 10)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("2021-02-30", "no_date"), ("7/10/2021", "no_date"), ("어제", "no_date"), ("2021", "no_date"),
     ("210710", "short_year"), ("21.7.10", "short_year")],
)  # fmt: skip
def test_it_guesses_at_no_date(text, reason):
    with pytest.raises(Refused) as error:
        day_of(text, Field.DAY)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    "text",
    ["2022-01-01 10:00", "2022.1.1 10:00", "2022. 1. 1. 오전 10:00", "2022년 1월 1일 10시 00분", "202201011000",
     "20220101 1000", "2022-01-01T10:00:00", "2022-01-01T01:00:00Z", "2022-01-01 10:00 AM", "44562.4166666667"],
)  # fmt: skip
def test_it_reads_the_time_of_a_result(text):
    assert moment_of(text) == datetime(2022, 1, 1, 10, tzinfo=SEOUL)


def test_afternoon_and_midnight_are_told_apart():
    assert moment_of("2022-01-01 오후 1:30").astimezone(SEOUL).hour == 13
    assert moment_of("2022-01-01 오전 12:30").astimezone(SEOUL).hour == 0


@pytest.mark.parametrize("text", ["010-0000-0001", "01000000001", "1000000001", "+82 10-0000-0001", "010.0000.0001"])
def test_it_reads_a_number_of_which_a_spreadsheet_took_the_zero(text):
    assert fact(phone=text).phone == "+821000000001"


@pytest.mark.parametrize(("text", "dose"), [("2", 2), ("2차", 2), ("제2회", 2), ("2 차", 2)])
def test_it_reads_doses(text, dose):
    assert fact(dose=text).dose == dose


@pytest.mark.parametrize(
    ("cells", "reason", "where"),
    [
        ({"name": ""}, "missing", "name"),
        ({"name": "=cmd|' /C calc'!A0"}, "formula", "name"),
        ({"certificate_number": "@SUM(A1)"}, "formula", "certificate_number"),
        ({"name": "가" * 100_000}, "too_long", "name"),
        ({"name": "가" * 81}, "too_long", "name"),
        ({"name": "홍\x00길동"}, "unreadable", "name"),
        ({"birth_date": "2022-01-04"}, "no_birth_date", "birth_date"),
        ({"birth_date": "900101"}, "short_year", "birth_date"),
        ({"phone": "02-000-0001"}, "not_mobile", "phone"),
        ({"region": "1168"}, "no_region", "region"),
        ({"kind": "마법"}, "no_kind", "kind"),
        ({"kind": ""}, "missing", "kind"),
        ({"day": "2019-11-30"}, "too_early", "day"),
        ({"day": "2022-01-04"}, "in_future", "day"),
        ({"vaccine": "물약"}, "no_vaccine", "vaccine"),
        ({"dose": "17"}, "no_such_dose", "dose"),
        ({"dose": "둘"}, "no_such_dose", "dose"),
        ({"kind": "PCR", "result_at": "2022-01-01"}, "no_time", "result_at"),
        ({"kind": "PCR", "result_at": "2022-01-03 12:01"}, "result_in_future", "result_at"),
        ({"kind": "예외", "immunodeficiency": "글쎄"}, "no_yes_or_no", "immunodeficiency"),
    ],
)
def test_it_names_the_first_thing_wrong_and_where(cells, reason, where):
    with pytest.raises(Refused) as error:
        fact(**cells)
    assert (error.value.reason, error.value.where) == (reason, where)


def test_what_the_file_does_not_say_is_taken_from_what_was_said_of_it():
    found = fact({"kind": "recovery", "region": "11680"}, kind="", region="")
    assert (found.kind, found.region, found.issuer, found.dose) == ("recovery", "11680", "시험 병원", None)


def test_a_code_of_ten_digits_is_its_region():
    assert fact(region="1168010100").region == "11680"
