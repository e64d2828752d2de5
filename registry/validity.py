"""What records mean on a day under given rules. Pure: records + rules + day → basis and until.

Days are Seoul days, both ends inclusive ("through 2022-01-06" is until 24:00 of that day). Rules are data of a policy
version; the shape of `Rules.from_json` is what `PolicyVersion.rules` holds. The seeded numbers are those of the notices
on 방역패스 of December 2021 and January 2022.
"""

from collections.abc import Callable, Iterable
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


# What a policy may leave out by name: without tiers no booster counts, without a date nobody is exempt by age.
IGNORABLE = (Basis.PRIMARY, Basis.RECOVERY, Basis.EXEMPTION, Basis.PCR_NEGATIVE)
MOST_DAYS = 36500
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
class Tier:
    """Doses after the primary course, from the `first` through the `last` of them (None: all further ones), and from
    which day after the dose until which one they count."""

    first: int
    last: int | None
    since: int
    until: int | None

    def has(self, number: int) -> bool:
        return self.first <= number and (self.last is None or number <= self.last)

    def as_json(self) -> dict[str, int | None]:
        return {"first": self.first, "last": self.last, "from": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Rules:
    """From and until in days after the event, None without end; PCR in hours after the result, to the end of the day on
    which they fall or, without `pcr_end_of_day`, of the last day that they fill. What is `ignored` does not count."""

    primary_from: int
    primary_until: int | None
    boosters: tuple[Tier, ...]
    pcr_hours: int
    recovery_until: int | None
    exemption_until: int | None
    immunodeficiency_until: int | None
    exempt_born_from: date | None
    pcr_end_of_day: bool = True
    recovery_from: int = 0
    exemption_from: int = 0
    ignored: frozenset[Basis] = frozenset()

    @classmethod
    def from_json(cls, rules: Any) -> "Rules":
        """The rules of a policy version. `booster_from` and `booster_until` are one tier for all doses after the
        primary course, as versions before tiers have it. Raises InvalidRules, naming the entry."""
        if not isinstance(rules, dict):
            raise InvalidRules("The rules must be one JSON object.")
        given = dict(rules)
        if "boosters" not in given and "booster_from" in given:
            days = {"from": given.pop("booster_from"), "until": given.pop("booster_until", None)}
            given["boosters"] = [{"first": 1, "last": None, **days}]
        unknown, missing = set(given) - set(cls.__dataclass_fields__), _NEEDED - set(given)
        if unknown or missing:
            raise InvalidRules(f"Entries unknown: {sorted(unknown)}; missing: {sorted(missing)}.")
        days = {name: _days(name, value) for name, value in given.items() if name not in _OTHERS}
        others = {name: read(given[name]) for name, read in _OTHERS.items() if name in given}
        return cls(**days, **others)

    def as_json(self) -> dict[str, Any]:
        """The shape that `from_json` reads."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        born = self.exempt_born_from
        return plain | {
            "boosters": [tier.as_json() for tier in self.boosters],
            "exempt_born_from": born and born.isoformat(),
            "ignored": sorted(self.ignored),
        }


def _days(name: str, value: Any) -> int | None:
    """A number of days (of hours for `pcr_hours`). Raises InvalidRules."""
    may_be_null = name.endswith(("_until", ".until", ".last"))
    if not (type(value) is int and 0 <= value <= MOST_DAYS) and not (may_be_null and value is None):
        raise InvalidRules(f"{name}: a whole number from 0 to {MOST_DAYS}{' or null' if may_be_null else ''}.")
    return value


def _born(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise InvalidRules("exempt_born_from: a date as YYYY-MM-DD, or null.") from None


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise InvalidRules("pcr_end_of_day: true or false.")
    return value


def _tiers(value: Any) -> tuple[Tier, ...]:
    shape = {"first", "last", "from", "until"}
    if not isinstance(value, list) or any(not isinstance(tier, dict) or set(tier) != shape for tier in value):
        raise InvalidRules("boosters: a list of first, last, from, until.")
    read = [{name: _days(f"boosters.{name}", tier[name]) for name in tier} for tier in value]
    return tuple(Tier(tier["first"] or 0, tier["last"], tier["from"] or 0, tier["until"]) for tier in read)


def _bases(value: Any) -> frozenset[Basis]:
    if not isinstance(value, list) or set(value) - set(IGNORABLE):
        raise InvalidRules(f"ignored: a list out of {', '.join(IGNORABLE)}.")
    return frozenset(Basis(one) for one in value)


_OTHERS: dict[str, Callable[[Any], Any]] = {
    "exempt_born_from": _born, "pcr_end_of_day": _yes_or_no, "boosters": _tiers, "ignored": _bases,
}  # fmt: skip
_NEEDED = frozenset(Rules.__dataclass_fields__) - {"pcr_end_of_day", "recovery_from", "exemption_from", "ignored"}


def _between(basis: Basis, day: date, since: int, until: int | None) -> Span:
    last = None if until is None else day + timedelta(days=until)
    return Span(basis, day + timedelta(days=since), last)


def span(record: Record, rules: Rules) -> Span | None:
    """The days on which this one record makes a pass valid; None where it never does (a first of two doses)."""
    found = _span(record, rules)
    return None if found is None or found.basis in rules.ignored else found


def _span(record: Record, rules: Rules) -> Span | None:
    match record.kind:
        case "vaccination" if record.dose and record.dose > record.primary_doses:
            after = record.dose - record.primary_doses
            tier = next((tier for tier in rules.boosters if tier.has(after)), None)
            return _between(Basis.BOOSTER, record.day, tier.since, tier.until) if tier else None
        case "vaccination" if record.dose == record.primary_doses:
            return _between(Basis.PRIMARY, record.day, rules.primary_from, rules.primary_until)
        case "pcr_negative" if record.result_at:
            since = record.result_at.astimezone(SEOUL)
            end = (since + timedelta(hours=rules.pcr_hours)).date()
            return Span(Basis.PCR_NEGATIVE, since.date(), end if rules.pcr_end_of_day else end - timedelta(days=1))
        case "recovery":
            return _between(Basis.RECOVERY, record.day, rules.recovery_from, rules.recovery_until)
        case "exemption":
            until = rules.immunodeficiency_until if record.immunodeficiency else rules.exemption_until
            return _between(Basis.EXEMPTION, record.day, rules.exemption_from, until)
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
