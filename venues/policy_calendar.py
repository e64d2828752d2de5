"""What is in force when: the months of a year, the version of each day and what each category asks for. Pure."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Version:
    """A published version as a calendar needs it."""

    number: int
    title: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of one month on which the same holds, both inclusive."""

    first: date
    last: date
    what: object

    @property
    def whole_month(self) -> bool:
        return self.first.day == 1 and self.last.day == monthrange(self.last.year, self.last.month)[1]


def version_on(day: date, versions: Sequence[Version]) -> Version | None:
    """The one in force, of versions in the order of their days."""
    return next((version for version in reversed(versions) if version.effective_on <= day), None)


def months(first: date, count: int = 12) -> list[date]:
    """The first days of so many months, from the one of `first` on."""
    start = first.year * 12 + first.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + count)]


def of_versions(versions: Sequence[Version], columns: Iterable[date]) -> list[list[Stretch]]:
    """For each month the versions in force; a stretch of None where there was none."""
    return [_stretches(month, lambda day: version_on(day, versions)) for month in columns]


def of_category(
    versions: Sequence[Version], asked: Mapping[int, Callable[[date], object]], columns: Iterable[date]
) -> list[list[Stretch]]:
    """For each month what a category asks for; `asked` answers for a day under the version with a number."""

    def on(day: date) -> object:
        version = version_on(day, versions)
        return asked[version.number](day) if version and version.number in asked else None

    return [_stretches(month, on) for month in columns]


def _stretches(month: date, on: Callable[[date], object]) -> list[Stretch]:
    days = [month + timedelta(days=n) for n in range(monthrange(month.year, month.month)[1])]
    found = []
    for what, group in groupby(days, on):
        same = list(group)
        found.append(Stretch(same[0], same[-1], what))
    return found
