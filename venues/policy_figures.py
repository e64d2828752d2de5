"""What a preview found, as its page shows it: figures for both days, tables with bars, categories by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext

from registry import regions
from registry.models import PolicyPreview
from registry.policymaking import effects, preview
from registry.policymaking.effects import Figures
from venues.models import Category

BAR = 100  # widest, in the chart's own units


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: who, how many, and how long the bars of those who lose and gain are."""

    name: str
    figures: Figures
    lose: int
    gain: int


@dataclass(frozen=True)
class Day:
    """One of the two days that a preview looks at."""

    day: Any
    number: int
    cells: list[tuple[effects.Cell, int]]

    @cached_property
    def figures(self) -> Figures:
        return effects.figures(self.cells, self.number)

    @cached_property
    def ages(self) -> list[Row]:
        found = effects.by(1, self.cells, self.number)
        return _rows((age_group(number), figures) for number, figures in found)

    @cached_property
    def provinces(self) -> list[Row]:
        found = effects.by(2, self.cells, self.number)
        return _rows((province(code), figures) for code, figures in found)


def _rows(found: Iterable[tuple[str, Figures]]) -> list[Row]:
    rows = list(found)
    most = max([max(figures.gain, figures.lose) for _name, figures in rows] + [1])
    return [Row(name, each, _long(each.lose, most), _long(each.gain, most)) for name, each in rows]


def _long(people: int, most: int) -> int:
    return max(round(people / most * BAR), 1) if people else 0


def age_group(number: int) -> str:
    ages = (0, *effects.AGES)
    if number == len(effects.AGES):
        return gettext("{age} and older").format(age=ages[number])
    return gettext("{first} to {last}").format(first=ages[number], last=ages[number + 1] - 1)


def province(code: str) -> str:
    """The province's name in the reader's language."""
    return regions.called(code) if code else gettext("no region on record")


def days(found: PolicyPreview) -> list[Day]:
    """Both days of a preview."""
    cells = [((bits, group, code), people) for bits, group, code, people in found.people]
    return [Day(day, number, cells) for number, day in enumerate(preview.days_of(found.version))]


@dataclass(frozen=True, slots=True)
class Affected:
    """A category that asks for something else on one of the days; `asked` are (before, after) in words, for each."""

    category: str
    venues: int
    asked: list[tuple[str, str]]


def categories(found: PolicyPreview) -> list[Affected]:
    names = {category.pk: str(category) for category in Category.objects.all()}
    return [
        Affected(names.get(code, code), venues, [(_asks(before), _asks(after)) for before, after in both])
        for code, venues, both in found.venues
    ]


def _asks(asked: list[bool]) -> str:
    asks, alone = asked
    if not asks:
        return gettext("no pass")
    return gettext("a pass, or alone") if alone else gettext("a pass")
