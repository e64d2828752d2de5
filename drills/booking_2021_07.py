"""`booking-2021-07`: 20 times what the phone check can bear arrives at once, for a minute."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.links import Answer
from bench.town import let_in
from drills import town
from drills.bystanders import Asked, Bystanders
from drills.crowd import Crowd, Person, Seen
from drills.report import Chart, Line, Load, Promise, Report, percentile
from drills.stage import Stage

SUMMARY = "20 times what the phone check can bear arrives at once, for a minute"

STATED, MINUTE, SLICE = 20.0, 60, 5
WARMED_FOR, MEASURED_FOR, AT_ONCE = 5.0, 8.0, 8  # seconds, the first quarter not counted; requests at once
# The rates that are tried while the crowd stands there already: this share of what is borne without one, and less by
# steps. Of the seconds of a try the first are left out, in which people still read their SMS.
TRIED_FIRST, LESS, TRIES = 0.5, 0.85, 4
TRIED_FOR, SETTLED = 15, 5
SCANS, PAGES = 20.0, 2.0  # a second, beside the crowd
GOODPUT, QUICK = 0.9, 0.25  # share of capacity; seconds
ON_RECORD = 12_000  # people of the crowd with a record; those who come later are not called in this minute
SECOND_CROWD = 500_000  # numbers of those who measure what is borne without a crowd
TOLERATED = 1.0  # seconds of arrival within which the order may differ: processes look at the line once a second
NICE = 7  # the generator yields to the server, which in the world has a machine of its own

COLUMNS = ["seconds", "arrived/s", "× capacity", "told to wait/s", "asked place/s", "busy/s", "codes/s", "confirmed/s"]
COLUMNS += ["÷ capacity", "line", "scan p99, ms", "desk p99, ms"]


@dataclass(frozen=True)
class Measured:
    """Phone checks a second: `capacity` beside the crowd, `alone` without one. `tries`: how many rates were tried;
    `waiting`: people who stood in the line when the minute began."""

    capacity: float
    alone: float
    tries: int
    waiting: int


@dataclass
class Found:
    """What was seen, in seconds of the minute."""

    crowd: Crowd
    began: float
    bystanders: list[Asked]
    checked: list[tuple[Person, Answer]]
    load: Load
    measured: Measured


def run(stage: Stage) -> Report:
    stage.databases(desk=True, TRUSTED_PROXIES="1")
    stage.say("people, doors, a clerk")
    town.people(0, ON_RECORD)
    for number in range(2):
        town.people(SECOND_CROWD + number * 10_000, 1000)
    street = town.street(stage.web, scans=SCANS, pages=PAGES, desk=stage.stack.desk_port)
    bodies = town.bodies(200)
    without_blocks()
    stage.start()
    bystanders = Bystanders(street)
    try:
        return asyncio.run(_play(stage, bystanders, bodies))
    finally:
        bystanders.stop()


def without_blocks() -> None:
    """No limit for a block of 10,000 numbers, as a clerk would set for such a day: our numbers lie in few blocks."""
    from registry.models import Budget

    Budget.objects.update_or_create(pk=1, defaults={"prefix_ten_minutes": 0, "prefix_day": 0})


async def _play(stage: Stage, bystanders: Bystanders, bodies: Sequence[bytes]) -> Report:
    crowd = Crowd(stage.web, [stage.stack.sms_port], bodies)
    await asyncio.to_thread(bystanders.start)
    os.nice(NICE)
    measured = await _measure(stage, crowd, bystanders)
    stage.say(f"{STATED * measured.capacity:.0f} people a second arrive, for the minute that counts")
    before, began = len(crowd.people), time.monotonic()
    crowd.seen = Seen(began)
    await crowd.arrive(before, 1.02 * STATED * measured.capacity, MINUTE)
    arrived_in = time.monotonic() - began
    seen = await asyncio.to_thread(bystanders.finish)
    crowd.patient = False
    await crowd.hear_out()
    stage.say(f"asking every one of {len(crowd.people)} for their place")
    checked = await crowd.ask_all([person for person in crowd.people if not person.called])
    crowd.close()
    load = Load((len(crowd.people) - before) / arrived_in, measured.capacity, STATED)
    return _report(Found(crowd, began, seen, checked, load, measured))


async def _measure(stage: Stage, crowd: Crowd, bystanders: Bystanders) -> Measured:
    """How many phone checks a second are borne while scanners and desk have what they are promised: the largest of the
    rates tried, each beside so many people arriving as is stated."""
    stage.say("phone checks without a crowd, with scanners and the desk at work")
    await asyncio.to_thread(let_in, 100_000)
    await crowd.keep_busy(SECOND_CROWD, AT_ONCE, WARMED_FOR)
    alone = await crowd.keep_busy(SECOND_CROWD + 10_000, AT_ONCE, MEASURED_FOR)
    await crowd.clear()
    rate, tries = TRIED_FIRST * alone, 0
    while tries < TRIES:
        tries += 1
        stage.say(f"{alone:.1f} a second; now {rate:.1f} are let in while {STATED * rate:.0f} arrive")
        await asyncio.to_thread(let_in, rate)
        crowd.seen = Seen(time.monotonic())
        await crowd.arrive(len(crowd.people), 1.02 * STATED * rate, TRIED_FOR)
        if _is_borne(crowd.seen, rate, await asyncio.to_thread(bystanders.so_far)):
            break
        rate *= LESS
        await asyncio.to_thread(let_in, rate)
    return Measured(rate, alone, tries, sum(not person.begun for person in crowd.people))


def _is_borne(seen: Seen, rate: float, bystanders: Sequence[Asked]) -> bool:
    since = seen.began + SETTLED
    return seen.per("confirmed", SETTLED, TRIED_FOR) >= GOODPUT * rate and _in_time(bystanders, since)


def _in_time(bystanders: Sequence[Asked], since: float) -> bool:
    """Whether scanners and the desk had what they are promised, from then on."""
    asked = [each for each in bystanders if each.at >= since]
    times = ([each.seconds for each in asked if each.kind == kind] for kind in ("scan", "desk"))
    return all(percentile(each, 0.99) <= QUICK for each in times)


def _report(found: Found) -> Report:
    capacity, seen, measured = found.load.capacity, found.crowd.seen, found.measured
    goodput = seen.per("confirmed", 0, MINUTE)
    rows = [_row(found, first) for first in range(0, MINUTE, SLICE)]
    return Report(
        name="booking-2021-07",
        columns=COLUMNS,
        rows=rows,
        promises=[
            found.load.promise,
            Promise(
                f"goodput is at least {GOODPUT:g} of the capacity",
                goodput >= GOODPUT * capacity,
                f"{goodput:.1f}/s ÷ {capacity:.1f}/s = {goodput / capacity:.2f}",
            ),
            _order(found.crowd.people),
            _refusals(found),
            *(_bystander(found, kind) for kind in ("scan", "desk")),
            _nobody_lost(found),
        ],
        chart=_chart(rows, capacity),
        notes=[
            f"Capacity: {capacity:.1f} phone checks a second (code asked for, sent, given back for a month of strips), "
            f"the best of {measured.tries} rates tried, each",
            f"beside {STATED:g} times as many people who arrive: borne while {SCANS:g} scans, {PAGES:g} desk pages "
            "a second were answered in time. Whoever",
            f"came for that is still there: {measured.waiting:,} stood in the line when the minute began. Without a "
            f"crowd, {AT_ONCE} requests at a time,",
            f"{measured.alone:.1f} a second were borne; beside it {goodput / measured.alone:.2f} of these.",
            f"The crowd: one process at nice {NICE} on the same machine, 160 kept connections, as a proxy has; each "
            "person an address of their own; nobody gives up.",
        ],
    )


def _order(people: Sequence[Person]) -> Promise:
    """Nobody was called before somebody who had their place when the other had not come yet, and asked after that."""
    called = sorted((person.called, person.arrived) for person in people if person.called)
    latest, newest = [], 0.0
    for at, arrived in called:
        newest = max(newest, arrived)
        latest.append((at, newest))
    worst, number, place = 0.0, 0, 0
    for person in sorted(people, key=lambda person: person.told_to_wait):
        while place < len(latest) and latest[place][0] < person.told_to_wait:
            place += 1
        if person.told_to_wait and place and person.placed:
            ahead = latest[place - 1][1] - person.placed
            worst, number = max(worst, ahead), number + (ahead > TOLERATED)
    measured = f"{number} of {len(people):,} were passed over; the largest difference {worst:.2f} s of arrival"
    return Promise("order kept: nobody who came later was called while others were told to wait", not number, measured)


def _refusals(found: Found) -> Promise:
    seen = found.crowd.seen
    refused = sum(count for (_second, what), count in seen.events.items() if what in ("held", "busy"))
    measured = f"{refused:,} refused, {seen.wrong.total():,} otherwise"
    told = "".join(f"; {count} × {what}" for what, count in seen.wrong.most_common(3))
    text = "every refusal is the waiting room or a 503 with Retry-After"
    return Promise(text, refused > 0 and not seen.wrong, measured + told)


def _bystander(found: Found, kind: str) -> Promise:
    asked = _in_minute(found, kind, 0, MINUTE)
    wrong = [each for each in asked if not each.right]
    p99 = percentile([each.seconds for each in asked], 0.99)
    told = f", {len(wrong)} wrong ({wrong[0].told})" if wrong else ", all right"
    slowest = max(asked, key=lambda each: each.seconds, default=None)
    told += f", the slowest {slowest.page}" if slowest and slowest.page else ""
    text = f"{kind} answers everything, p99 ≤ {QUICK * 1000:.0f} ms"
    return Promise(
        text, bool(asked) and not wrong and p99 <= QUICK, f"{len(asked)} asked{told}, p99 {p99 * 1000:.0f} ms"
    )


def _nobody_lost(found: Found) -> Promise:
    """Everybody in the crowd was called or still has a place."""
    answered = {person.number: answer for person, answer in found.checked if answer.status == 200}
    places = {number: json.loads(answer.body) for number, answer in answered.items()}
    called = {person.number for person in found.crowd.people if person.called}
    called |= {number for number, place in places.items() if place["admitted"]}
    kept = set(places) - called
    lost = len(found.crowd.people) - len(called) - len(kept)
    measured = f"{len(called):,} called, {len(kept):,} with a place, {lost:,} lost"
    return Promise("nobody who waited is lost: called, or still has the place", not lost, measured)


def _in_minute(found: Found, kind: str, first: int, last: int) -> list[Asked]:
    return [each for each in found.bystanders if each.kind == kind and first <= each.at - found.began < last]


def _row(found: Found, first: int) -> list[str | int | float]:
    seen, last = found.crowd.seen, first + SLICE
    rate = {what: seen.per(what, first, last) for what in ("arrived", "held", "asked", "busy", "begun", "confirmed")}
    line = found.measured.waiting + (seen.per("arrived", 0, last) - seen.per("begun", 0, last)) * last
    times = {kind: [each.seconds for each in _in_minute(found, kind, first, last)] for kind in ("scan", "desk")}
    return [
        f"{first:2}–{last}",
        rate["arrived"],
        f"{rate['arrived'] / found.load.capacity:.1f}",
        *(rate[what] for what in ("held", "asked", "busy", "begun", "confirmed")),
        f"{rate['confirmed'] / found.load.capacity:.2f}",
        int(line),
        *(int(percentile(times[kind], 0.99) * 1000) for kind in ("scan", "desk")),
    ]


def _chart(rows: Sequence[Sequence[str | int | float]], capacity: float) -> Chart:
    middle = [n * SLICE + SLICE / 2 for n in range(len(rows))]

    def line(name: str, column: int) -> Line:
        return Line(name, [(x, float(row[column]) / capacity) for x, row in zip(middle, rows, strict=True)])

    return Chart(
        "20 times the capacity arrives for a minute",
        "seconds",
        "people a second ÷ capacity",
        [line("arrive", 1), line("complete their phone check", 7)],
    )
