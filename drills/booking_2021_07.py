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
WARMED_FOR, MEASURED_FOR = 6.0, 10.0  # seconds, the first quarter not counted
# Requests at once of those who measure, until scanners and desk are answered in time; and again until the capacity fits
# the questions beside which it was measured. Of the first step it is only learnt how large the crowd is going to be.
AT_ONCE = (8, 5, 3, 2)
STEPS, ALIKE = 5, 0.15
ASK_OFTENER = 1.25  # times the set number of questions: those whose turn is near
SCANS, PAGES = 20.0, 2.0  # a second, beside the crowd
GOODPUT, QUICK = 0.9, 0.25  # share of capacity; seconds
ON_RECORD = 12_000  # people of the crowd with a record; those who come later are not called in this minute
SECOND_CROWD = 500_000  # numbers of those who measure the capacity
TOLERATED = 1.0  # seconds of arrival within which the order may differ: processes look at the line once a second
NICE = 5  # the generator yields to the server, which in the world has a machine of its own

COLUMNS = ["seconds", "arrived/s", "× capacity", "told to wait/s", "asked place/s", "busy/s", "codes/s", "confirmed/s"]
COLUMNS += ["÷ capacity", "line", "scan p99, ms", "desk p99, ms"]


@dataclass(frozen=True)
class Measured:
    """Phone checks a second: `capacity` beside so many questions a second, with so many requests `at_once`; `alone`
    without anybody else at the gate."""

    capacity: float
    questions: float
    at_once: int
    alone: float


@dataclass
class Found:
    """What was seen, in seconds of the minute."""

    crowd: Crowd
    began: float
    people: list[Person]
    bystanders: list[Asked]
    checked: list[tuple[Person, Answer]]
    load: Load
    measured: Measured


def polls() -> float:
    """Questions a second that the waiting room is set to bear."""
    from gate.models import GateSettings

    return GateSettings.objects.get().rules.polls


def run(stage: Stage) -> Report:
    stage.databases(TRUSTED_PROXIES="1")
    stage.say("people, doors, a clerk")
    town.people(0, ON_RECORD)
    for number in range(2 + STEPS):
        town.people(SECOND_CROWD + number * 10_000, 1000)
    street = town.street(stage.web, scans=SCANS, pages=PAGES)
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
    await asyncio.to_thread(let_in, 100_000)
    await asyncio.to_thread(bystanders.start)
    os.nice(NICE)
    stage.say("measuring the capacity, with scanners and the desk at work")
    measured = await _measure(stage, crowd, bystanders)
    capacity = measured.capacity
    await crowd.clear()
    stage.say(f"{capacity:.1f} phone checks a second; the room lets in as many")
    await asyncio.to_thread(let_in, capacity)
    stage.say(f"{STATED * capacity:.0f} people a second arrive")
    began = time.monotonic()
    crowd.seen = Seen(began)
    people = await crowd.arrive(0, 1.02 * STATED * capacity, MINUTE)
    arrived_in = time.monotonic() - began
    seen = await asyncio.to_thread(bystanders.finish)
    crowd.patient = False
    await crowd.hear_out()
    stage.say(f"asking every one of {len(people)} for their place")
    waiting = [person for person in people if not person.called]
    checked = await crowd.ask_all(waiting)
    crowd.close()
    load = Load(len(people) / arrived_in, capacity, STATED)
    return _report(Found(crowd, began, people, seen, checked, load, measured))


async def _measure(stage: Stage, crowd: Crowd, bystanders: Bystanders) -> Measured:
    """How many phone checks a second are borne while scanners and desk have what they are promised."""
    await crowd.keep_busy(SECOND_CROWD, AT_ONCE[0], WARMED_FOR)
    alone = capacity = await crowd.keep_busy(SECOND_CROWD + 10_000, AT_ONCE[0], MEASURED_FOR)
    places = list(AT_ONCE)
    for number in range(STEPS):
        at_once = places[0]
        questions = await _requests_of(capacity)
        stage.say(f"{capacity:.1f} phone checks a second; now {at_once} at once beside {questions:.0f} questions")
        since = time.monotonic()
        asking = asyncio.create_task(crowd.keep_asking(questions))
        capacity = await crowd.keep_busy(SECOND_CROWD + (2 + number) * 10_000, at_once, MEASURED_FOR)
        asking.cancel()
        if number and places[1:] and not _in_time(await asyncio.to_thread(bystanders.so_far), since):
            del places[0]
        elif number and abs(await _requests_of(capacity) / questions - 1) < ALIKE:
            break
    return Measured(capacity, questions, at_once, alone)


async def _requests_of(capacity: float) -> float:
    """Requests a second that the crowd makes at this capacity."""
    return STATED * capacity + ASK_OFTENER * await asyncio.to_thread(polls)


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
            _order(found.people),
            _refusals(found),
            *(_bystander(found, kind) for kind in ("scan", "desk")),
            _nobody_lost(found),
        ],
        chart=_chart(rows, capacity),
        notes=[
            f"Capacity: {capacity:.1f} phone checks a second (code asked for, sent, given back for a month of strips), "
            f"{measured.at_once} requests at a time, beside",
            f"{measured.questions:.0f} questions of the waiting page, {SCANS:g} scans and {PAGES:g} pages of the desk "
            "a second, with the generator on the same machine.",
            "So many were borne while scanners and desk were answered in time; the room lets in as many. Without those "
            "questions",
            f"and with {AT_ONCE[0]} requests at a time it was {measured.alone:.1f} a second, of which the crowd left "
            f"{goodput / measured.alone:.2f}.",
            f"The crowd: one process at nice {NICE}, 160 kept connections, as a proxy has; each person an address of "
            "their own; nobody gives up.",
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
    text = f"{kind} answers everything, p99 ≤ {QUICK * 1000:.0f} ms"
    return Promise(
        text, bool(asked) and not wrong and p99 <= QUICK, f"{len(asked)} asked{told}, p99 {p99 * 1000:.0f} ms"
    )


def _nobody_lost(found: Found) -> Promise:
    """Everybody in the crowd was called or still has a place."""
    answered = {person.number: answer for person, answer in found.checked if answer.status == 200}
    places = {number: json.loads(answer.body) for number, answer in answered.items()}
    called = {person.number for person in found.people if person.called}
    called |= {number for number, place in places.items() if place["admitted"]}
    kept = set(places) - called
    lost = len(found.people) - len(called) - len(kept)
    measured = f"{len(called):,} called, {len(kept):,} with a place, {lost:,} lost"
    return Promise("nobody who waited is lost: called, or still has the place", not lost, measured)


def _in_minute(found: Found, kind: str, first: int, last: int) -> list[Asked]:
    return [each for each in found.bystanders if each.kind == kind and first <= each.at - found.began < last]


def _row(found: Found, first: int) -> list[str | int | float]:
    seen, last = found.crowd.seen, first + SLICE
    rate = {what: seen.per(what, first, last) for what in ("arrived", "held", "asked", "busy", "begun", "confirmed")}
    line = (seen.per("arrived", 0, last) - seen.per("begun", 0, last)) * last
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
