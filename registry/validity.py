"""What records mean on a day under given rules. Pure: records + rules + day → basis and until.

Days are Seoul days, both ends inclusive ("through 2022-01-06" is until 24:00 of that day). Rules are data of a policy
version; the shape of `Rules.from_json` is what `PolicyVersion.rules` holds. The seeded numbers are those of the notices
on 방역패스 of December 2021 and January 2022.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from registry.errors import DomainError

SEOUL = ZoneInfo("Asia/Seoul")


class Basis(StrEnum):
    """Why somebody holds a valid pass. Never leaves the wallet."""

    BOOSTER = "BOOSTER"
    PRIMARY = "PRIMARY"
    RECOVERY = "RECOVERY"
    EXEMPTION = "EXEMPTION"
    AGE = "AGE"
    PCR_NEGATIVE = "PCR_NEGATIVE"


_RANK = {basis: rank for rank, basis in enumerate(Basis)}


@dataclass(frozen=True, slots=True)
class Record:
    """A standing pass record, reduced to what the rules look at. `primary_doses`: of the product's primary course."""

    kind: str
    day: date
    dose: int | None = None
    primary_doses: int = 2
    result_at: datetime | None = None
    immunodeficiency: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Valid from day `since` through day `until`, both inclusive; None is without end."""

    basis: Basis
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds on a day: no `basis`, no valid pass. `until`: last day of unbroken validity, None without end.

    Where nothing holds: the span that `ended` last before the day, and the one that `starts` first after it.
    """

    basis: Basis | None
    until: date | None
    ended: Span | None = None
    starts: Span | None = None

    @property
    def valid(self) -> bool:
        return self.basis is not None


class InvalidRules(DomainError):
    """The rules of a policy version are not of the shape that validity understands."""

    code = "invalid_rules"
    status = 422

    def __init__(self, what: str) -> None:
        super().__init__(what=what)
        self.message = what


@dataclass(frozen=True, slots=True)
class Rules:
    """From and until in days after the event, None without end; PCR in hours after the result, to that day's end."""

    primary_from: int
    primary_until: int | None
    booster_from: int
    booster_until: int | None
    pcr_hours: int
    recovery_until: int | None
    exemption_until: int | None
    immunodeficiency_until: int | None
    exempt_born_from: date | None

    @classmethod
    def from_json(cls, rules: Any) -> "Rules":
        """The rules of a policy version. Raises InvalidRules, naming the entry."""
        if not isinstance(rules, dict):
            raise InvalidRules("The rules must be one JSON object.")
        unknown = set(rules) - set(cls.__dataclass_fields__)
        missing = set(cls.__dataclass_fields__) - set(rules)
        if unknown or missing:
            raise InvalidRules(f"Entries unknown: {sorted(unknown)}; missing: {sorted(missing)}.")
        days = {name: value for name, value in rules.items() if name != "exempt_born_from"}
        for name, value in days.items():
            may_be_null = name.endswith("_until")
            if not (type(value) is int and 0 <= value <= 36500) and not (may_be_null and value is None):
                raise InvalidRules(f"{name}: a whole number from 0 to 36500{' or null' if may_be_null else ''}.")
        born = rules["exempt_born_from"]
        try:
            return cls(**days, exempt_born_from=date.fromisoformat(born) if born else None)
        except (TypeError, ValueError):
            raise InvalidRules("exempt_born_from: a date as YYYY-MM-DD, or null.") from None


def _after(day: date, days: int | None) -> date | None:
    return None if days is None else day + timedelta(days=days)


def span(record: Record, rules: Rules) -> Span | None:
    """The days on which this one record makes a pass valid; None where it never does (a first of two doses)."""
    match record.kind:
        case "vaccination" if record.dose and record.dose > record.primary_doses:
            since = record.day + timedelta(days=rules.booster_from)
            return Span(Basis.BOOSTER, since, _after(record.day, rules.booster_until))
        case "vaccination" if record.dose == record.primary_doses:
            since = record.day + timedelta(days=rules.primary_from)
            return Span(Basis.PRIMARY, since, _after(record.day, rules.primary_until))
        case "pcr_negative" if record.result_at:
            since = record.result_at.astimezone(SEOUL)
            end = since + timedelta(hours=rules.pcr_hours)
            return Span(Basis.PCR_NEGATIVE, since.date(), end.date())
        case "recovery":
            return Span(Basis.RECOVERY, record.day, _after(record.day, rules.recovery_until))
        case "exemption":
            days = rules.immunodeficiency_until if record.immunodeficiency else rules.exemption_until
            return Span(Basis.EXEMPTION, record.day, _after(record.day, days))
    return None


def spans(records: Iterable[Record], born: date, rules: Rules) -> list[Span]:
    """All spans of a person under the rules; exemption by age is one without end."""
    found = [one for record in records if (one := span(record, rules))]
    if rules.exempt_born_from and born >= rules.exempt_born_from:
        found.append(Span(Basis.AGE, born, None))
    return found


def ended(found: Iterable[Span], day: date) -> Span | None:
    """The span that ended last before `day`; None where none did."""
    past = [one for one in found if one.until and one.since <= one.until < day]
    return max(past, key=lambda one: (one.until or date.max, -_RANK[one.basis], one.since), default=None)


def starts(found: Iterable[Span], day: date) -> Span | None:
    """The span that starts first after `day`; None where none does."""
    ahead = [one for one in found if day < one.since <= (one.until or date.max)]
    return min(ahead, key=lambda one: (one.since, _RANK[one.basis], one.until or date.max), default=None)


def turns(found: Iterable[Span]) -> set[date]:
    """The days on which the standing may be another than the day before; on every other day it is the same."""
    return {day for one in found for day in (one.since, one.until and one.until + timedelta(days=1)) if day}


def standing(found: Iterable[Span], day: date) -> Standing:
    """What holds on `day`: the basis that lasts longest, and how far validity then goes on without a break.

    Spans of other bases that follow on without a gap count on: a pass is not "over" on the day a booster takes it up.
    """
    found = list(found)
    now = [one for one in found if one.covers(day)]
    if not now:
        return Standing(None, None, ended(found, day), starts(found, day))
    best = max(now, key=lambda one: (one.until or date.max, -_RANK[one.basis]))
    until = best.until
    while until is not None:
        nexts = [one for one in found if one.covers(until + timedelta(days=1))]
        if not nexts:
            break
        until = None if any(one.until is None for one in nexts) else max(one.until for one in nexts if one.until)
    return Standing(best.basis, until)
