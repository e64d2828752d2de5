"""The columns of a file: what each is called in Korean and English, and which is which in somebody's file. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MOST_ROWS_BEFORE_HEADER = 20  # titles and remarks that a file may begin with
_BESIDE = re.compile(r"[\s_\-./·:*'\"()\[\]（）]+")
_REMARK = re.compile(r"[(\[（][^)\]）]*[)\]）]")


class Field(StrEnum):
    """What a row may say. The order is that of the template."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    REGION = "region"
    KIND = "kind"
    DAY = "day"
    VACCINE = "vaccine"
    DOSE = "dose"
    RESULT_AT = "result_at"
    IMMUNODEFICIENCY = "immunodeficiency"
    ISSUER = "issuer"
    CERTIFICATE_NUMBER = "certificate_number"


@dataclass(frozen=True, slots=True)
class Heading:
    """A field's headings in the templates, and what else people call it."""

    korean: str
    english: str
    also: tuple[str, ...] = ()


HEADINGS: dict[Field, Heading] = {
    Field.NAME: Heading(
        "이름", "Name", ("성명", "성함", "환자명", "수검자명", "피접종자", "대상자명", "full name", "patient")
    ),
    Field.BIRTH_DATE: Heading(
        "생년월일", "Birth date", ("출생일", "생일", "date of birth", "dob", "birthday", "birth")
    ),
    Field.PHONE: Heading(
        "휴대전화",
        "Mobile number",
        (
            "휴대폰",
            "전화번호",
            "연락처",
            "핸드폰",
            "휴대폰번호",
            "휴대전화번호",
            "전화",
            "phone",
            "mobile",
            "phone number",
            "tel",
        ),
    ),
    Field.REGION: Heading(
        "지역코드",
        "Region code",
        ("지역", "시군구", "시군구코드", "법정동코드", "주소지코드", "region", "district", "district code"),
    ),
    Field.KIND: Heading("구분", "Kind", ("종류", "기록구분", "기록종류", "유형", "type", "record type", "category")),
    Field.DAY: Heading(
        "날짜",
        "Date",
        (
            "일자",
            "접종일",
            "접종일자",
            "접종날짜",
            "격리해제일",
            "해제일",
            "시작일",
            "day",
            "vaccination date",
            "date given",
            "date of vaccination",
            "release date",
        ),
    ),
    Field.VACCINE: Heading(
        "백신", "Vaccine", ("백신명", "백신종류", "제품명", "백신제품", "제조사", "product", "manufacturer", "brand")
    ),
    Field.DOSE: Heading("차수", "Dose", ("접종차수", "회차", "접종회차", "dose number", "dose no")),
    Field.RESULT_AT: Heading(
        "결과 일시",
        "Result time",
        (
            "결과일시",
            "판정일시",
            "검사결과일시",
            "결과시각",
            "결과통보일시",
            "result at",
            "result date",
            "time of result",
        ),
    ),
    Field.IMMUNODEFICIENCY: Heading(
        "면역저하",
        "Immunodeficiency",
        ("면역저하자", "면역결핍", "면역저하여부", "immunodeficient", "immunocompromised"),
    ),
    Field.ISSUER: Heading(
        "발급기관",
        "Issued by",
        ("기관", "기관명", "의료기관", "접종기관", "검사기관", "발행기관", "issuer", "institution", "hospital", "lab"),
    ),
    Field.CERTIFICATE_NUMBER: Heading(
        "증명서 번호",
        "Certificate number",
        (
            "증명번호",
            "발급번호",
            "확인서번호",
            "증서번호",
            "접종번호",
            "검사번호",
            "certificate",
            "certificate no",
            "certificate id",
            "reference",
        ),
    ),
}
ALWAYS = (Field.NAME, Field.BIRTH_DATE, Field.CERTIFICATE_NUMBER)  # without these no row says anything


@lru_cache(maxsize=2000)
def plain(heading: str) -> str:
    """How headings are compared: without case, spaces, signs, and remarks in brackets."""
    text = unicodedata.normalize("NFKC", heading).strip().casefold()
    return _BESIDE.sub("", _REMARK.sub("", text)) or _BESIDE.sub("", text)


_KNOWN = {
    plain(name): field
    for field, each in HEADINGS.items()
    for name in (each.korean, each.english, *each.also, field.value)
}


def guess(header: Sequence[str], remembered: Mapping[str, str] | None = None) -> dict[Field, int]:
    """Which column is which: as remembered (field → heading) where the heading is there, otherwise by its name."""
    places = {plain(heading): place for place, heading in reversed(list(enumerate(header))) if heading.strip()}
    found = {
        Field(field): places[plain(heading)]
        for field, heading in (remembered or {}).items()
        if field in set(Field) and plain(heading) in places
    }
    for heading, place in places.items():
        field = _KNOWN.get(heading)
        if field and field not in found and place not in found.values():
            found[field] = place
    return found


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row that has the headings: the one with most that are known; failing that the first with
    three filled cells, or the first at all."""
    first = rows[:MOST_ROWS_BEFORE_HEADER]
    known = [sum(plain(cell) in _KNOWN for cell in row) for row in first]
    if max(known, default=0) >= 2:
        return known.index(max(known))
    filled = [n for n, row in enumerate(first) if sum(bool(cell.strip()) for cell in row) >= 3]
    return filled[0] if filled else 0
