"""`naver-2021-12-14`: codes by SMS did not arrive for 37 minutes. Here the first provider hangs, then fails."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections import defaultdict
from collections.abc import Sequence

from config.local import embedded
from drills import town
from drills.crowd import Crowd, Letter, Person, Seen
from drills.report import Chart, Line, Load, Promise, Report, percentile
from drills.stage import SMS_KEY, Stage

SUMMARY = "the first SMS provider hangs, then fails; codes go by the second, and back when it has recovered"

# Seconds: all is well, the first provider hangs, it answers with errors, it is well again.
HANGS, FAILS, WELL_AGAIN, END = 20, 50, 70, 110
LAST = END - 20  # from here on traffic must be back
STATED, MOST = 0.2, 8.0  # of the capacity; people a second
IN_TIME = 10.0
TWICE = 8  # people who ask for a second code while nothing arrives, and then give the first one back
SLICE = 10


def run(stage: Stage) -> Report:
    spare = embedded.free_port()
    stage.databases(TRUSTED_PROXIES="1", SMS_SPARE_URL=f"http://127.0.0.1:{spare}", SMS_SPARE_KEY=SMS_KEY)
    from registry.models import Provider

    Provider.objects.create(name="spare", kind=Provider.Kind.HTTP, settings="SMS_SPARE", weight=20)
    town.people(0, 4000)
    stage.start()
    stage.another_simulator(spare)
    return asyncio.run(_play(stage, [stage.stack.sms_port, spare], town.bodies(100)))


async def _play(stage: Stage, ports: Sequence[int], bodies: Sequence[bytes]) -> Report:
    crowd = Crowd(stage.web, ports, bodies, connections=24)
    stage.say("measuring the capacity")
    capacity = await crowd.keep_busy(100_000, 4, 10)
    rate = min(MOST, 1.1 * STATED * capacity)
    await asyncio.sleep(2)
    stage.say(f"{rate:.1f} people a second; the first provider hangs after {HANGS} s")
    crowd.seen, began = Seen(time.monotonic()), time.time()
    switch = asyncio.create_task(_switch(stage))
    patient = await _ask_before(crowd)
    twice = asyncio.create_task(_ask_twice(crowd, patient))
    people = await crowd.arrive(0, rate, END)
    await switch
    await twice
    await asyncio.sleep(IN_TIME)
    crowd.close()
    return _report(crowd, people, patient, began, Load(len(people) / END, capacity, STATED))


async def _switch(stage: Stage) -> None:
    """What happens to the first provider."""
    steps = [(HANGS, {"mode": "hang", "seconds": 30}), (FAILS, {"mode": "fail", "status": 500})]
    steps.append((WELL_AGAIN, {"mode": "ok"}))
    began = time.monotonic()
    for at, behaviour in steps:
        await asyncio.sleep(began + at - time.monotonic())
        stage.say(f"first provider: {behaviour['mode']}")
        await asyncio.to_thread(behave, stage.stack.sms_port, behaviour)


def behave(port: int, behaviour: dict[str, object]) -> None:
    """Tell a simulator how to behave from now on."""
    address = f"http://127.0.0.1:{port}/behaviour"
    asked = urllib.request.Request(address, json.dumps(behaviour).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=5):
        pass


async def _ask_before(crowd: Crowd) -> list[Person]:
    """People who get a code while all is well, and do not give it back at once."""
    people = [Person(900_000 + number, arrived=time.monotonic(), keeps=True) for number in range(TWICE)]
    for person in people:
        crowd.by_phone[person.phone] = person
        crowd.ask_again(person)
    return people


async def _ask_twice(crowd: Crowd, people: Sequence[Person]) -> None:
    """They ask for another one while the provider hangs, and then give the first one back."""
    await asyncio.sleep(HANGS + 1)
    for person in people:
        crowd.ask_again(person)
        await asyncio.sleep(0.5)
    for person in people:
        crowd.give_back(person)


def _report(crowd: Crowd, people: list[Person], patient: list[Person], began: float, load: Load) -> Report:
    letters: dict[str, list[Letter]] = defaultdict(list)
    for letter in crowd.letters:
        letters[letter.phone].append(letter)
    asked = [person for person in people if person.asked]
    delays = {
        person.number: min(letter.at for letter in letters[person.phone]) - person.asked[0]
        for person in asked
        if letters[person.phone]
    }
    during = [person for person in asked if HANGS <= person.asked[0] - began < WELL_AGAIN]
    late = [person for person in during if delays.get(person.number, 1e9) > IN_TIME]
    slowest = max((delays.get(person.number, 0.0) for person in during), default=0.0)
    last = [letter for letter in crowd.letters if LAST <= letter.at - began < END]
    back = sum(letter.provider == 0 for letter in last) / max(1, len(last))
    lost = [person for person in people if not person.asked or person.number not in delays or not person.confirmed]
    accepted = sum(bool(person.kept and person.confirmed) for person in patient)
    twice_told = _different_codes(asked, letters)
    promises = [
        load.promise,
        Promise(
            f"codes asked for while the first provider was down arrived within {IN_TIME:g} s, by the second",
            bool(during) and not late,
            f"{len(during) - len(late)} of {len(during)}, the slowest after {slowest:.1f} s",
        ),
        Promise(
            "no code was lost: everybody got theirs and gave it back",
            bool(people) and not lost and not crowd.seen.wrong,
            f"{len(people) - len(lost)} of {len(people)}" + _told(crowd),
        ),
        Promise("nobody got two different codes for one request", not twice_told, f"{twice_told} did"),
        Promise(
            "the earlier code is accepted although a second one was asked for",
            accepted == TWICE,
            f"{accepted} of {TWICE}",
        ),
        Promise(
            "traffic returned to the first provider",
            back >= 0.5,
            f"{back:.0%} of the SMS of the last {END - LAST} s",
        ),
    ]
    rows = [_row(first, asked, delays, crowd.letters, began) for first in range(0, END, SLICE)]
    return Report(
        name="naver-2021-12-14",
        columns=["seconds", "first provider", "asked", "by first", "by second", "delay p50, s", "p95, s", "max, s"],
        rows=rows,
        promises=promises,
        chart=_chart(rows),
        notes=[
            f"Capacity: {load.capacity:.1f} phone checks a second, 4 requests at a time, codes read at the simulator, "
            "the generator on the same machine.",
            f"Load: {load.given:.1f} people a second, {load.multiple:.2f} times that; what fails is the provider.",
            "Delay: from the request for a code to its arrival at the phone.",
        ],
    )


def _different_codes(people: Sequence[Person], letters: dict[str, list[Letter]]) -> int:
    return sum(len({letter.code for letter in letters[person.phone]}) > len(person.asked) for person in people)


def _told(crowd: Crowd) -> str:
    return "".join(f"; {count} × {what}" for what, count in crowd.seen.wrong.most_common(3))


def _row(
    first: int, asked: Sequence[Person], delays: dict[int, float], letters: Sequence[Letter], began: float
) -> list[str | int | float]:
    state = "well" if first < HANGS or first >= WELL_AGAIN else "hangs" if first < FAILS else "fails"
    now = [person for person in asked if first <= person.asked[0] - began < first + SLICE]
    sent = [letter.provider for letter in letters if first <= letter.at - began < first + SLICE]
    took = [delays[person.number] for person in now if person.number in delays]
    counts = [len(now), sent.count(0), sent.count(1)]
    return [f"{first:3}–{first + SLICE}", state, *counts, *(percentile(took, share) for share in (0.5, 0.95, 1.0))]


def _chart(rows: Sequence[Sequence[str | int | float]]) -> Chart:
    middle = [n * SLICE + SLICE / 2 for n in range(len(rows))]

    def line(name: str, column: int, scale: float = 1.0) -> Line:
        return Line(name, [(x, float(row[column]) * scale) for x, row in zip(middle, rows, strict=True)])

    return Chart(
        "Codes while the first SMS provider is down",
        "seconds",
        "SMS a second; slowest code, seconds",
        [line("by the first", 3, 1 / SLICE), line("by the second", 4, 1 / SLICE), line("slowest code, s", 7)],
        [(HANGS, FAILS, "hangs"), (FAILS, WELL_AGAIN, "fails")],
    )
