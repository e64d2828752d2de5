"""Whom a policy gives a valid pass and from whom it takes one, counted by age group and province. Pure.

A person is reduced to what differs: on each day asked for, valid before and valid after. As no more is asked for than
`validity` says of single records on single days, and few records differ in what matters, each is looked at once.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from registry.validity import Record, Rules, span

AGES = (12, 18, 30, 40, 50, 60, 70, 80)  # where one age group ends and the next begins
MOST_HELD = 200_000  # records that look different, held at a time
PROVINCE = 2  # digits of a region

Cell = tuple[int, int, str]  # bits, age group, province


@dataclass(frozen=True, slots=True)
class Question:
    """A day, and the rules by which records are read on it without the draft (None: there were none) and with it."""

    day: date
    before: Rules | None
    after: Rules


@dataclass(frozen=True, slots=True)
class Figures:
    """People, by what happens to them."""

    gain: int = 0
    lose: int = 0
    keep: int = 0  # a valid pass
    without: int = 0  # one, before and after

    @property
    def people(self) -> int:
        return self.gain + self.lose + self.keep + self.without

    @property
    def unchanged(self) -> int:
        return self.keep + self.without

    @property
    def valid_before(self) -> int:
        return self.lose + self.keep

    @property
    def valid_after(self) -> int:
        return self.gain + self.keep


class Judge:
    """Says what the rules mean for a person. What it remembers grows with how many records look different, not with
    how many there are."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.day = questions[0].day
        self.rules = [(each, question.day) for question in questions for each in (question.before, question.after)]
        self._records: dict[bytes, int] = {}
        self._births: dict[bytes, tuple[int, int]] = {}

    def cell(self, born: bytes, region: str, facts: Iterable[bytes]) -> Cell:
        """Of one person: birth date as ISO text, region, and the standing records as `record_of` reads them."""
        known = self._births.get(born)
        group, bits = known if known is not None else self._read_birth(born)
        for fact in facts:
            found = self._records.get(fact)
            bits |= found if found is not None else self._read(fact)
        return bits, group, region[:PROVINCE]

    def _read(self, fact: bytes) -> int:
        if len(self._records) >= MOST_HELD:
            self._records.clear()
        record = record_of(fact.decode())
        spans = [(span(record, rules) if rules else None, day) for rules, day in self.rules]
        found = [one is not None and one.covers(day) for one, day in spans]
        self._records[fact] = bits = sum(1 << n for n, covers in enumerate(found) if covers)
        return bits

    def _read_birth(self, born: bytes) -> tuple[int, int]:
        day = date.fromisoformat(born.decode())
        young = [bool(rules and rules.exempt_born_from and day >= rules.exempt_born_from) for rules, _day in self.rules]
        bits = sum(1 << n for n, exempt in enumerate(young) if exempt)
        self._births[born] = found = (bisect(AGES, age_on(self.day, day)), bits)
        return found


def age_on(day: date, born: date) -> int:
    """Full years of age."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def record_of(fact: str) -> Record:
    """A record from "kind|day|dose|doses of the primary course|hour of the result, in seconds|t or f": rules that look
    at a time of result are the same for all within an hour."""
    kind, day, dose, primary, result, weak = fact.split("|")
    return Record(
        kind,
        date.fromisoformat(day),
        int(dose) if dose else None,
        int(primary) if primary else 2,
        datetime.fromtimestamp(int(result), UTC) if result else None,
        weak == "t",
    )


def figures(cells: Iterable[tuple[Cell, int]], number: int) -> Figures:
    """What the cells come to on the day of the question with that number."""
    found = [0, 0, 0, 0]  # by two bits: before, after
    for (bits, _group, _province), people in cells:
        found[bits >> 2 * number & 3] += people
    without, lose, gain, keep = found
    return Figures(gain, lose, keep, without)


def by(part: int, cells: Iterable[tuple[Cell, int]], number: int) -> list[tuple[Any, Figures]]:
    """The same for each age group (`part` 1) or province (2) that somebody is of, in order."""
    found: dict[Any, list[tuple[Cell, int]]] = {}
    for cell, people in cells:
        found.setdefault(cell[part], []).append((cell, people))
    return [(name, figures(found[name], number)) for name in sorted(found)]
