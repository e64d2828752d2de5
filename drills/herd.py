"""`herd`: a country verifies in three days; are those three days repeated every month?

A simulation of the due dates alone, by the registry's own rule (`registry.reverification.duedates`), with one unit for
PEOPLE people. What people do after the due date is set is assumed (`DAYS_BEFORE_DUE`) and the same for every rule
compared.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from drills.report import Cell, Chart, Line, Promise, Report
from drills.stage import Stage
from registry.reverification import duedates

SUMMARY = "30 million people first verify in three days; what the following months look like"

COUNTRY, PEOPLE = 30_000_000, 500
START, FIRST_DAYS, MONTH, MONTHS = date(2021, 12, 13), 3, 30, 6
EARLIEST, LATEST = 21, 30  # days from a check to the window of its due date, as the policies of the seed data say
GOAL, BY_MONTH = 1.3, 3

# Share of people by how many days before the due date they renew; negative: late, within the grace of 7 days.
# Renewal opens 7 days before, a reminder goes out, most come on the last days; GIVE_UP leave it and are not seen again.
DAYS_BEFORE_DUE = {7: 8, 6: 5, 5: 5, 4: 6, 3: 8, 2: 10, 1: 16, 0: 24, -1: 7, -2: 3, -3: 2, -4: 1, -5: 1, -6: 1, -7: 1}
GIVE_UP = 2
COUNTS_A_DAY = 8  # how often loads are counted anew; a process does so every ten minutes

Chooser = Callable[[], date]
Rule = Callable[
    [date, Mapping[date, int]], Chooser
]  # from a day and how many are due when: chooses for one more person


def spread(day: date, due: Mapping[date, int]) -> Chooser:
    """The registry's rule, as its `dueloads` keeps it: loads as counted and anticipated, its own choices added."""
    horizon = duedates.days_between(day, day + timedelta(days=2 * LATEST - EARLIEST))
    counted = {each: due[each] for each in horizon if due.get(each)}
    loads = Counter(duedates.anticipate(counted, day, earliest=EARLIEST, latest=LATEST))

    def choose() -> date:
        chosen = duedates.choose(day, earliest=EARLIEST, latest=LATEST, loads=loads)
        loads[chosen] += 1
        return chosen

    return choose


def fixed(days: int) -> Rule:
    """So many days later, whoever else is due then."""
    return lambda day, _due: lambda: day + timedelta(days=days)


def simulate(rule: Rule, units: int, months: int = MONTHS, seed: int = 1) -> list[int]:
    """Phone checks on each day after the FIRST_DAYS first ones of `units` units, through `months` months."""
    chance = random.Random(seed)
    habits: Sequence[int | None] = [*DAYS_BEFORE_DUE, None]
    shares = list(accumulate([*DAYS_BEFORE_DUE.values(), GIVE_UP]))
    due: Counter[date] = Counter()
    coming: dict[date, list[date | None]] = defaultdict(list)  # who comes on a day, by the due date they come with
    for number in range(FIRST_DAYS):
        coming[START + timedelta(days=number)] = [None] * (units // FIRST_DAYS)
    checks = []
    for number in range(FIRST_DAYS + MONTH * months):
        day = START + timedelta(days=number)
        people = coming.pop(day, [])
        checks.append(len(people))
        chance.shuffle(people)
        for n, old in enumerate(people):
            if n % max(1, len(people) // COUNTS_A_DAY) == 0:
                choose = rule(day, due)
            if old:
                due[old] -= 1
            new = choose()
            due[new] += 1
            before = habits[bisect(shares, chance.random() * shares[-1])]
            if before is not None:
                coming[max(new - timedelta(days=before), day + timedelta(days=1))].append(new)
    return checks[FIRST_DAYS:]


def months(checks: Sequence[int]) -> list[tuple[float, int]]:
    """Mean and peak of each month's days."""
    parts = [checks[first : first + MONTH] for first in range(0, len(checks) - MONTH + 1, MONTH)]
    return [(sum(part) / MONTH, max(part)) for part in parts]


def run(stage: Stage, units: int = COUNTRY // PEOPLE) -> Report:
    """Needs no stack: what is tested is the rule, over half a year."""
    rules: dict[str, Rule] = {"spread": spread, "fixed 28": fixed(28), "fixed 30": fixed(30)}
    found = {name: simulate(rule, units) for name, rule in rules.items()}
    scale = COUNTRY / units / 1_000_000  # millions of people a unit
    by_month = {name: months(checks) for name, checks in found.items()}
    ratios = {name: [peak / mean if mean else 0.0 for mean, peak in part] for name, part in by_month.items()}
    rows: list[list[Cell]] = [
        [f"month {number + 1}", mean * scale, peak * scale, *(f"{ratios[name][number]:.2f}" for name in rules)]
        for number, (mean, peak) in enumerate(by_month["spread"])
    ]
    later = ratios["spread"][BY_MONTH - 1 :]
    return Report(
        name="herd",
        columns=["", "mean/day, M", "peak day, M", *(f"peak ÷ mean, {name}" for name in rules)],
        rows=rows,
        promises=[
            Promise(
                f"from month {BY_MONTH} on no day has more than {GOAL:g} times the month's mean",
                max(later) <= GOAL,
                ", ".join(f"{ratio:.2f}" for ratio in later),
            )
        ],
        chart=Chart(
            "Phone checks a day after a first rush of three days",
            "days after the rush",
            "millions of phone checks a day",
            [Line(name, [(n + 1, count * scale) for n, count in enumerate(found[name])]) for name in rules],
        ),
        notes=_assumed(units),
    )


def _assumed(units: int) -> list[str]:
    early = sum(share for days, share in DAYS_BEFORE_DUE.items() if days > 0)
    late = sum(share for days, share in DAYS_BEFORE_DUE.items() if days < 0)
    return [
        f"{COUNTRY:,} people, {COUNTRY // units} to a unit, verify on {FIRST_DAYS} days; "
        f"the next check falls on day {EARLIEST} to {LATEST}.",
        f"Assumed: {early} % renew 1 to 7 days early, {DAYS_BEFORE_DUE[0]} % on the due date, {late} % in the grace, "
        f"{GIVE_UP} % never again; weekdays and weekends alike.",
    ]
