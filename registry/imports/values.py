"""The cells of a row → one fact about one person, or the first reason why not. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from registry.citizens import record_rules
from registry.errors import DomainError
from registry.imports.columns import Field, plain
from registry.phone import mobiles
from registry.spreadsheets import FORMULA
from registry.validity import SEOUL

LONGEST_CELL = 2000  # characters that are looked at
LONGEST = {Field.NAME: 80, Field.ISSUER: 80, Field.CERTIFICATE_NUMBER: 40}
EARLIEST_BIRTH = date(1900, 1, 1)
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # of serials after February 1900, a leap year to Excel alone
_YMD = re.compile(r"(\d{4})\s*(?:[-./]|년)\s*(\d{1,2})\s*(?:[-./]|월)\s*(\d{1,2})\s*(?:[.일]?\.?)|(\d{4})(\d\d)(\d\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
_TIME = re.compile(
    r"(?:(오전|오후|am|pm)\s*)?(\d{1,2})\s*[:시]\s*(\d{1,2})분?(?::(\d\d)(?:\.\d+)?)?\s*(am|pm)?(?:\s*분)?",
    re.IGNORECASE,
)
_DENSE_TIME = re.compile(r"(\d{8})\s?(\d\d)(\d\d)(\d\d)?")
_PLAIN_MOBILE = re.compile(r"(?:\+?82[\s.-]?0?|0?)(10)[\s.-]?([0-46-9]\d{3})[\s.-]?(\d{4})")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")


class Reason(StrEnum):
    """Why a row is refused by what stands in it. The words for people: registry/imports/reasons.py."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    FORMULA = "formula"
    NO_DATE = "no_date"
    NO_TIME = "no_time"
    SHORT_YEAR = "short_year"
    NO_BIRTH_DATE = "no_birth_date"
    NOT_MOBILE = "not_mobile"
    NO_REGION = "no_region"
    OTHER_REGION = "other_region"
    NO_KIND = "no_kind"
    NO_VACCINE = "no_vaccine"
    NO_DOSE = "no_such_dose"
    NO_YES_OR_NO = "no_yes_or_no"
    TWICE = "twice"


class Refused(Exception):
    """A row is not taken, for a reason and a field."""

    def __init__(self, reason: str, where: Field | None = None, **extra: object) -> None:
        super().__init__(reason)
        self.reason, self.where, self.extra = reason, where, extra


class Fact(NamedTuple):
    """What a row says, in the registry's terms. `phone` is E.164."""

    name: str
    birth_date: date
    phone: str | None
    region: str
    kind: str
    day: date
    vaccine: str | None
    dose: int | None
    result_at: datetime | None
    immunodeficiency: bool
    issuer: str
    certificate_number: str


@dataclass(frozen=True)
class Circumstances:
    """What holds for every row of a file: what is meant where a cell is empty, and what the clerk may write."""

    now: datetime
    issuer: str
    vaccines: Mapping[str, str]  # plain name → code
    kind: str = ""
    region: str = ""
    bound: str = ""  # the clerk's region: the first digits that every region must have
    today: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", self.now.astimezone(SEOUL).date())


_KINDS = {
    "vaccination": ("vaccination", "vaccine", "백신", "접종", "백신접종", "예방접종", "코로나19예방접종"),
    "pcr_negative": (
        "pcr_negative",
        "pcr",
        "pcr negative",
        "negative pcr test",
        "음성",
        "pcr음성",
        "pcr검사음성",
        "음성확인",
        "pcr 음성 확인",
    ),
    "recovery": ("recovery", "recovered", "완치", "회복", "격리해제", "완치자", "감염후완치"),
    "exemption": (
        "exemption",
        "medical exemption",
        "예외",
        "접종예외",
        "의학적예외",
        "의학적사유",
        "접종제외",
        "의학적 사유에 의한 예외",
    ),
}
KINDS = {plain(name): kind for kind, names in _KINDS.items() for name in names}
_MORE_VACCINES = {
    "pfizer": ("코미나티", "comirnaty", "bnt162b2", "화이자비오엔테크"),
    "moderna": ("스파이크박스", "spikevax"),
    "astrazeneca": ("az", "아스트라", "백스제브리아", "vaxzevria"),
    "janssen": ("jnj", "johnson&johnson", "존슨앤드존슨", "ad26.cov2.s"),
    "novavax": ("뉴백소비드", "nuvaxovid"),
}
_YES = {plain(word) for word in ("y", "yes", "true", "1", "o", "예", "네", "해당", "○", "◯")}
_NO = {plain(word) for word in ("", "n", "no", "false", "0", "x", "아니오", "아니요", "해당없음", "해당 없음", "×")} | {
    ""
}


def vaccines_by_name(listed: list[tuple[str, str, str]]) -> dict[str, str]:
    """Every name that a vaccine goes by → its code; `listed` are code, Korean and English name."""
    return {
        plain(name): code for code, *names in listed for name in (code, *names, *_MORE_VACCINES.get(code, ()))
    }  # fmt: skip


def fact_of(cells: Mapping[Field, str], at: Circumstances) -> Fact:
    """Raises Refused for the first thing that is wrong."""
    cells = _clean(cells)
    name = " ".join(_text(cells, Field.NAME).split())
    birth_date = _birth_date(_text(cells, Field.BIRTH_DATE), at)
    phone = _mobile(cells.get(Field.PHONE, ""))
    region = _region(cells.get(Field.REGION, "") or at.region, at.bound)
    kind = _kind(cells.get(Field.KIND, ""), at)
    certificate_number = _text(cells, Field.CERTIFICATE_NUMBER)
    issuer = _text(cells, Field.ISSUER) if cells.get(Field.ISSUER) else at.issuer
    fact = Fact(name, birth_date, phone, region, kind, *_of_kind(kind, cells, at), issuer, certificate_number)
    _by_rule(Field.DAY, record_rules.check_born, fact.day, birth_date)
    return fact


def _of_kind(
    kind: str, cells: Mapping[Field, str], at: Circumstances
) -> tuple[date, str | None, int | None, datetime | None, bool]:
    """Day, vaccine, dose, time of the result, immunodeficiency: what the kind does not have stays empty."""
    if kind == "pcr_negative":
        result_at = moment_of(_text(cells, Field.RESULT_AT))
        day = result_at.astimezone(SEOUL).date()
        _by_rule(Field.RESULT_AT, record_rules.check_day, kind, day, today=at.today)
        _by_rule(Field.RESULT_AT, record_rules.check_result, result_at, now=at.now)
        return day, None, None, result_at, False
    day = day_of(_text(cells, Field.DAY), Field.DAY)
    _by_rule(Field.DAY, record_rules.check_day, kind, day, today=at.today)
    if kind == "vaccination":
        vaccine = at.vaccines.get(plain(_text(cells, Field.VACCINE)))
        if vaccine is None:
            raise Refused(Reason.NO_VACCINE, Field.VACCINE)
        return day, vaccine, _dose(_text(cells, Field.DOSE)), None, False
    return day, None, None, None, kind == "exemption" and _yes(cells.get(Field.IMMUNODEFICIENCY, ""))


def _by_rule(where: Field, rule: object, *values: object, **more: object) -> None:
    try:
        rule(*values, **more)  # type: ignore[operator]
    except DomainError as error:
        raise Refused(error.code, where) from None


def _clean(cells: Mapping[Field, str]) -> dict[Field, str]:
    """Without blanks around. Looked at all together first, as hardly any cell has anything wrong. Raises Refused."""
    whole = "".join(cells.values())
    if len(whole) > LONGEST_CELL or _CONTROL.search(whole):
        for where, cell in cells.items():
            if len(cell) > LONGEST_CELL:
                raise Refused(Reason.TOO_LONG, where)
            if _CONTROL.search(cell.strip()):
                raise Refused(Reason.UNREADABLE, where)
    return {where: cell.strip() for where, cell in cells.items()}


def _text(cells: Mapping[Field, str], where: Field) -> str:
    text = cells.get(where, "")
    if not text:
        raise Refused(Reason.MISSING, where)
    if where in LONGEST:
        if len(text) > LONGEST[where]:
            raise Refused(Reason.TOO_LONG, where)
        if text.startswith(FORMULA):
            raise Refused(Reason.FORMULA, where)
    return text


@lru_cache(maxsize=50_000)  # all birth dates there are
def day_of(text: str, where: Field) -> date:
    """A date as Koreans and spreadsheets write it: 2021-07-10, 2021.7.10., 2021년 7월 10일, 20210710, 44387.

    Raises Refused. A year of two digits is not guessed.
    """
    found = _YMD.fullmatch(_without_time(text))
    if found:
        try:
            return date(*(int(part) for part in found.groups() if part))
        except ValueError:
            raise Refused(Reason.NO_DATE, where) from None
    if _SERIAL.fullmatch(text):
        return _EXCEL_DAY_ZERO + timedelta(days=int(text.split(".", maxsplit=1)[0]))
    short = re.fullmatch(r"\d{6}|\d\d[-./]\d{1,2}[-./]\d{1,2}\.?", text)
    raise Refused(Reason.SHORT_YEAR if short else Reason.NO_DATE, where)


def _without_time(text: str) -> str:
    """A cell of a day often carries a midnight that nobody wrote."""
    return re.sub(r"[T ]\s*0?0:00(?::00(?:\.0+)?)?$", "", text)


def moment_of(text: str) -> datetime:
    """Day and time of a result, Seoul time unless it says otherwise. Raises Refused."""
    dense = _DENSE_TIME.fullmatch(text)
    if dense:
        return _at(day_of(dense[1], Field.RESULT_AT), int(dense[2]), int(dense[3]), int(dense[4] or 0))
    if "T" in text:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            raise Refused(Reason.NO_TIME, Field.RESULT_AT) from None
        return read if read.tzinfo else read.replace(tzinfo=SEOUL)
    serial = _SERIAL.fullmatch(text)
    if serial:
        if not serial[2]:
            raise Refused(Reason.NO_TIME, Field.RESULT_AT)
        seconds = round(float("0." + serial[2]) * 86_400)
        return _at(day_of(serial[1], Field.RESULT_AT), 0, 0) + timedelta(seconds=seconds)
    day, hour, minute, second = _parted(text)
    return _at(day, hour, minute, second)


def _parted(text: str) -> tuple[date, int, int, int]:
    """A day, and behind it a time of day. Raises Refused."""
    found = _YMD.match(text)
    clock = _TIME.fullmatch(text[found.end() :].strip()) if found else None
    if found is None or clock is None:
        day_of(text, Field.RESULT_AT)  # a day alone, or nothing at all
        raise Refused(Reason.NO_TIME, Field.RESULT_AT)
    half, hour = (clock[1] or clock[5] or "").lower(), int(clock[2])
    if half and not 1 <= hour <= 12:
        raise Refused(Reason.NO_TIME, Field.RESULT_AT)
    if half in ("오후", "pm"):
        hour = hour % 12 + 12
    elif half:
        hour %= 12
    return day_of(found[0].strip(), Field.RESULT_AT), hour, int(clock[3]), int(clock[4] or 0)


def _at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    try:
        return datetime.combine(day, time(hour, minute, second), SEOUL)
    except ValueError:
        raise Refused(Reason.NO_TIME, Field.RESULT_AT) from None


def _birth_date(text: str, at: Circumstances) -> date:
    born = day_of(text, Field.BIRTH_DATE)
    if not EARLIEST_BIRTH <= born <= at.today:
        raise Refused(Reason.NO_BIRTH_DATE, Field.BIRTH_DATE)
    return born


def _mobile(text: str) -> str | None:
    """E.164; a spreadsheet may have taken the zero in front. Raises Refused."""
    if not text:
        return None
    if found := _PLAIN_MOBILE.fullmatch(text):
        return "+82" + "".join(found.groups())
    number = mobiles.korean_mobile(text if text.startswith(("0", "+")) else "0" + text)
    if number is None:
        raise Refused(Reason.NOT_MOBILE, Field.PHONE)
    return number.as_e164


@lru_cache(maxsize=1000)
def _region(text: str, bound: str) -> str:
    """Empty only for clerks of the whole country. Raises Refused."""
    region = text[:5] if re.fullmatch(r"\d{10}", text) else text
    if (region and not re.fullmatch(r"\d{5}", region)) or (bound and not region):
        raise Refused(Reason.NO_REGION, Field.REGION)
    if not region.startswith(bound):
        raise Refused(Reason.OTHER_REGION, Field.REGION)
    return region


def _kind(text: str, at: Circumstances) -> str:
    kind = KINDS.get(plain(text)) if text else at.kind
    if not kind:
        raise Refused(Reason.NO_KIND if text else Reason.MISSING, Field.KIND)
    return kind


@lru_cache(maxsize=100)
def _dose(text: str) -> int:
    found = re.fullmatch(r"(?:제\s*)?(\d{1,3})\s*(?:차|회|회차|차수|차 ?접종)?", text)
    if not found:
        raise Refused(Reason.NO_DOSE, Field.DOSE)
    _by_rule(Field.DOSE, record_rules.check_dose_number, int(found[1]))
    return int(found[1])


def _yes(text: str) -> bool:
    if plain(text) in _YES:
        return True
    if plain(text) in _NO:
        return False
    raise Refused(Reason.NO_YES_OR_NO, Field.IMMUNODEFICIENCY)
