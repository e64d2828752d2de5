"""`herd`: a country verifies in three days; are those three days repeated every month?

A simulation of the due dates alone, by the registry's own rule (`registry.duedates.choose`), with one unit for PEOPLE
people. What people do after the due date is set is assumed (`DAYS_BEFORE_DUE`) and the same for every rule compared.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from drills.report import Chart, Line, Promise, Report
from drills.stage import Stage
from registry import duedates

SUMMARY = "30 million people first verify in three days; what the following months look like"

COUNTRY, PEOPLE = 30_000_000, 300
START, FIRST_DAYS, MONTH, MONTHS = date(2021, 12, 13), 3, 30, 6
EARLIEST, LATEST = 21, 30  # days from a check to the window of its due date, as the policies of the seed data say
GOAL, BY_MONTH = 1.3, 3

# Share of people by how many days before the due date they renew; negative: late, within the grace of 7 days.
# Renewal opens 7 days before, a reminder goes out, most come on the last days; GIVE_UP leave it and are not seen again.
DAYS_BEFORE_DUE = {7: 8, 6: 5, 5: 5, 4: 6, 3: 8, 2: 10, 1: 16, 0: 24, -1: 7, -2: 3, -3: 2, -4: 1, -5: 1, -6: 1, -7: 1}
GIVE_UP = 2

Rule = Callable[[date, Mapping[date, int]], date]


def spread(day: date, loads: Mapping[date, int]) -> date:
    """The registry's rule."""
    return duedates.choose(day, earliest=EARLIEST, latest=LATEST, loads=loads)


def fixed(days: int) -> Rule:
    """So many days later, whoever else is due then."""
    return lambda day, _loads: day + timedelta(days=days)


def simulate(rule: Rule, units: int, months: int = MONTHS, seed: int = 1) -> list[int]:
    """Phone checks on each day after the FIRST_DAYS first ones of `units` units, through `months` months."""
    chance = random.Random(seed)
    habits: Sequence[int | None] = [*DAYS_BEFORE_DUE, None]
    shares = list(accumulate([*DAYS_BEFORE_DUE.values(), GIVE_UP]))
    loads: Counter[date] = Counter()
    coming: Counter[date] = Counter()
    for number in range(FIRST_DAYS):
        coming[START + timedelta(days=number)] = units // FIRST_DAYS
    checks = []
    for number in range(FIRST_DAYS + MONTH * months):
        day = START + timedelta(days=number)
        checks.append(coming[day])
        for _ in range(coming.pop(day, 0)):
            due = rule(day, loads)
            loads[due] += 1
            before = habits[bisect(shares, chance.random() * shares[-1])]
            if before is not None:
                coming[max(due - timedelta(days=before), day + timedelta(days=1))] += 1
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
    rows = [
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
