"""When the next phone check is due. Pure; days in, days and counts out.

Due dates that simply lie a month ahead repeat the rush of the first day every month; here each goes to the day of the
policy's window on which fewest are due, so that a rush of one day is spread over the whole window of the next month.

For one person: `choose(verified_on, earliest=…, latest=…, loads=…) -> date`. For any number at once, at the cost of the
days and not of the people: `spread(loads, moving, days) -> {day: people}`. To level dates that are set already:
`respread(loads, stretches) -> [{day: people}, …]`. What a clerk looks at: `forecast(loads, first, days) -> Forecast`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ROUNDS = 40  # of placing crowds that compete for days; a month of windows is even to a percent after half of them


def window(verified_on: date, *, earliest: int, latest: int) -> tuple[date, date]:
    """First and last day that the due date of a check on `verified_on` may fall on, both inclusive."""
    return verified_on + timedelta(days=earliest), verified_on + timedelta(days=latest)


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both inclusive; none where `last` lies before."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def choose(verified_on: date, *, earliest: int, latest: int, loads: Mapping[date, int]) -> date:
    """The least-loaded day of the window; of several the last, which is best for the citizen.

    `loads` tells how many are due on a day; a day that it lacks has none.
    """
    days = days_between(*window(verified_on, earliest=earliest, latest=latest))
    return min(days, key=lambda day: (loads.get(day, 0), -day.toordinal()))


def spread(loads: Mapping[date, int], moving: int, days: Iterable[date]) -> dict[date, int]:
    """How many of `moving` people go to each of `days`, so that the fullest of them stays as low as can be.

    What as many calls of `choose` would come to: the least-loaded days are filled up to one level, like water; where it
    does not divide, the later days get one more. Days that get nobody are left out. `days` must hold a day.
    """
    order = sorted(days, key=lambda day: (loads.get(day, 0), -day.toordinal()))
    under, total = 0, moving
    for day in order:  # the days that lie under the level
        if under and loads.get(day, 0) * under >= total:
            break
        under, total = under + 1, total + loads.get(day, 0)
    level, over = divmod(total, under)
    later = sorted(order[:under], reverse=True)
    given = {day: level + (n < over) - loads.get(day, 0) for n, day in enumerate(later)}
    return {day: people for day, people in sorted(given.items()) if people}


@dataclass(frozen=True, slots=True)
class Stretch:
    """People with one due date who may have it on any day from `first` to `last`, both inclusive."""

    due_on: date
    people: int
    first: date
    last: date


def respread(loads: Mapping[date, int], stretches: Iterable[Stretch]) -> list[dict[date, int]]:
    """For each stretch, in the order given, how many get which day. Whoever keeps the day stands there with it.

    `loads` counts the people of the stretches where they are now.
    """
    stretches = list(stretches)
    others = dict(loads)
    for one in stretches:
        others[one.due_on] = others.get(one.due_on, 0) - one.people
    return _together(others, [(one.people, days_between(one.first, one.last)) for one in stretches])


def anticipate(loads: Mapping[date, int], today: date, *, earliest: int, latest: int) -> dict[date, int]:
    """What will be due on each day of the window of today's checks, with those who are still to check before then.

    Filling up by what is due now alone, a crowd would pile up at the end of its windows: only the first of it can have
    the early days, and would not take them. So the crowds of the coming days are placed as well as they can be, as if
    each came when it is due, and count where they will be. Today's own are left out: they are about to choose.
    """
    span = latest - earliest
    crowds = [today + timedelta(days=n) for n in range(2 * span + 1)]
    windows = [days_between(*window(day, earliest=earliest, latest=latest)) for day in crowds]
    plans = _together(loads, [(loads.get(day, 0), days) for day, days in zip(crowds, windows, strict=True)])
    return {day: loads.get(day, 0) + sum(plan.get(day, 0) for plan in plans[1:]) for day in windows[0]}


def _together(loads: Mapping[date, int], crowds: list[tuple[int, list[date]]]) -> list[dict[date, int]]:
    """How each crowd is best spread over its days given all the others: round by round each is spread anew, which comes
    ever nearer to the evenest there is (coordinate descent on a convex sum)."""
    level = dict(loads)
    plans: list[dict[date, int]] = [{} for _ in crowds]
    order = sorted(range(len(crowds)), key=lambda n: (crowds[n][1][-1], len(crowds[n][1])))
    for _round in range(ROUNDS):
        before = list(plans)
        for n in order:
            people, days = crowds[n]
            for day, some in plans[n].items():
                level[day] -= some
            plans[n] = spread(level, people, days) if people else {}
            for day, some in plans[n].items():
                level[day] = level.get(day, 0) + some
        if plans == before:
            break
    return plans


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many are due on each of some days, in order."""

    days: tuple[tuple[date, int], ...]

    @property
    def total(self) -> int:
        return sum(people for _day, people in self.days)

    @property
    def mean(self) -> float:
        return self.total / len(self.days)

    @property
    def peak(self) -> tuple[date, int]:
        """The fullest day; of several the first."""
        return max(self.days, key=lambda day: (day[1], -day[0].toordinal()))

    @property
    def ratio(self) -> float:
        """How many times the mean the peak is; 0 where nobody is due."""
        return self.peak[1] / self.mean if self.total else 0.0


def forecast(loads: Mapping[date, int], first: date, days: int) -> Forecast:
    """What is due on each of `days` days from `first` on."""
    return Forecast(tuple((day, loads.get(day, 0)) for day in days_between(first, first + timedelta(days=days - 1))))
