"""`kills`: parts of the stack are killed (`kill -9`) at random, again and again, while doors send what they saw."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import psutil

from bench.links import Links
from bench.town import Door, Guest, guests, open_doors
from drills.deploy import serves
from drills.doors import SETTLED, Caller, Held, come_to
from drills.kipass_2022_01_06 import Logged, read_log, scanner_numbers
from drills.report import Chart, Line, Promise, Report
from drills.stage import Stage

SUMMARY = (
    "200 random kill -9 of web, worker, PostgreSQL and Valkey while uploads are in flight; no scan lost or doubled"
)

KILLS = 200
LONGEST = 140.0  # seconds for the kills
CALLERS, RATE = 12, 40.0  # scripted scanners, guests a second at all of them
UNDER_WAY = 2  # batches sent and not answered, or the kill does not count
SENT_WITHIN = 60.0  # seconds after the last guest
YOUNG = 6.0  # seconds
SLICE = 10
# How often each is the victim. A process is one of several: the others go on, and its parent starts another.
VICTIMS = {"a web process": 80, "a worker process": 50, "Valkey": 60, "PostgreSQL": 4, "worker": 8, "web": 1}
COLUMNS = ["seconds", *VICTIMS, "scans at doors", "in the log", "waiting", "not answered"]


@dataclass
class Storm:
    """Who is there, and what was seen. Moments are seconds since the first guest, or of `time.monotonic`."""

    stage: Stage
    callers: list[Caller]
    chance: random.Random
    began: float = 0.0
    began_wall: float = 0.0
    ended: float = 0.0  # the last kill
    events: Counter[tuple[int, str]] = field(default_factory=Counter)  # by slice
    waited: dict[int, int] = field(default_factory=dict)
    stored: int = 0  # scans since the last kill
    kills: list[tuple[float, str, int]] = field(default_factory=list)  # when, who, batches under way
    held: list[Held] = field(default_factory=list)

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    @property
    def under_way(self) -> int:
        return sum(caller.sending for caller in self.callers)

    @property
    def waiting(self) -> int:
        return sum(len(caller.queue) for caller in self.callers)

    def note(self, what: str) -> None:
        self.events[int(self.now // SLICE), what] += 1
        self.stored += what == "stored"


def run(stage: Stage) -> Report:
    stage.databases()
    stage.say("doors and guests")
    from registry import signing
    from registry.format import passcode

    signing.agency_keys()
    day = passcode.seoul_day(time.time())
    doors = open_doors(CALLERS)
    coming = guests(int((LONGEST + 10) * RATE), day)
    numbers = scanner_numbers(doors)
    stage.start()
    seed = random.randrange(1_000_000)
    storm = asyncio.run(_play(stage, list(zip(numbers, doors, strict=True)), iter(coming), random.Random(seed)))
    return _report(storm, read_log(storm.began_wall), seed)


async def _play(stage: Stage, doors: list[tuple[int, Door]], coming: Iterator[Guest], chance: random.Random) -> Storm:
    storm = Storm(stage, [], chance)
    storm.callers = [Caller(number, door.token, Links(stage.web, 1), storm.note) for number, door in doors]
    storm.began, storm.began_wall = time.monotonic(), time.time()
    stage.say("guests come, parts are killed")
    senders = [asyncio.create_task(_hurry(caller)) for caller in storm.callers]
    watching = asyncio.create_task(_watch(storm))
    arriving = asyncio.create_task(come_to(storm.callers, coming, storm.began, RATE, storm.began + LONGEST + 10))
    await _kill_on(storm)
    storm.ended = storm.now
    arriving.cancel()
    stage.say(f"{len(storm.kills)} kills; what waits is sent")
    while storm.waiting and storm.now < storm.ended + SENT_WITHIN:
        await asyncio.sleep(0.2)
    storm.held = [caller.held for caller in storm.callers]
    for task in [watching, arriving, *senders]:
        task.cancel()
    await asyncio.gather(watching, arriving, *senders, return_exceptions=True)
    for caller in storm.callers:
        caller.links.close()
    return storm


async def _hurry(caller: Caller) -> None:
    """Send for ever, sooner than a scanner would: so that there is always something under way."""
    while True:
        await asyncio.sleep(min(await caller.attempt(), 0.1))


async def _watch(storm: Storm) -> None:
    number = 0
    while True:
        await asyncio.sleep(max(0.0, (number + 1) * SLICE - storm.now))
        storm.waited[number] = storm.waiting
        number += 1


async def _kill_on(storm: Storm) -> None:
    """One after the other, each as soon as uploads are under way again; the parts come back meanwhile."""
    victims, weights = list(VICTIMS), list(VICTIMS.values())
    while len(storm.kills) < KILLS and storm.now < LONGEST:
        await asyncio.sleep(storm.chance.uniform(0, 0.1))
        while (storm.under_way < UNDER_WAY or not storm.stored) and storm.now < LONGEST:
            await asyncio.sleep(0.002)
        victim = storm.chance.choices(victims, weights)[0]
        busy = storm.under_way
        if busy >= UNDER_WAY and storm.stored and await asyncio.to_thread(_KILLERS[victim], storm):
            storm.kills.append((storm.now, victim, busy))
            storm.note(victim)
            storm.stored = 0
            await asyncio.to_thread(_back, storm)


def _kill_process_of(name: str) -> Callable[[Storm], bool]:
    def kill(storm: Storm) -> bool:
        """One that is not young: a server takes a process that dies young for a crash loop, and gives up."""
        parent, born = psutil.Process(storm.stage.stack.parts[name].process.pid), time.time() - YOUNG
        chosen = [each for each in parent.children() if serves(each) and each.create_time() < born]
        if chosen:
            storm.chance.choice(chosen).kill()
        return bool(chosen)

    return kill


def _kill_part(name: str) -> Callable[[Storm], bool]:
    def kill(storm: Storm) -> bool:
        storm.stage.stack.kill(name)
        return True

    return kill


def _kill_server(number: int) -> Callable[[Storm], bool]:
    def kill(storm: Storm) -> bool:
        storm.stage.servers[number].kill()
        return True

    return kill


_KILLERS: dict[str, Callable[[Storm], bool]] = {
    "a web process": _kill_process_of("web"),
    "a worker process": _kill_process_of("worker"),
    "Valkey": _kill_server(1),
    "PostgreSQL": _kill_server(0),
    "worker": _kill_part("worker"),
    "web": _kill_part("web"),
}


def _back(storm: Storm) -> None:
    """Start again what is dead, as systemd would; nobody is waited for but the databases."""
    for server in storm.stage.servers:
        if server.process.poll() is not None:
            server.restart()
    stack = storm.stage.stack
    for name in ("web", "worker"):
        if name not in stack.parts or stack.parts[name].process.poll() is not None:
            stack.start(name)


def _report(storm: Storm, logged: Logged, seed: int) -> Report:
    last = max([*logged.arrived, storm.ended])
    rows = [_row(storm, logged, first) for first in range(0, int(last) + 1, SLICE)]
    return Report(
        name="kills",
        columns=COLUMNS,
        rows=rows,
        promises=[_killed(storm), *_kept(storm, logged)],
        chart=_chart(storm, rows),
        notes=[
            f"{CALLERS} scripted scanners with {RATE:g} guests a second in all; each sends as soon as it holds some.",
            f"A kill counts where {UNDER_WAY} batches are sent and not answered, and scans were stored since the last.",
            f"Seed {seed}.",
        ],
    )


def _killed(storm: Storm) -> Promise:
    by = Counter(victim for _at, victim, _busy in storm.kills)
    told = ", ".join(f"{name} {by[name]}" for name in VICTIMS)
    text = f"{KILLS} kills while uploads were under way"
    return Promise(text, len(storm.kills) >= KILLS, f"{len(storm.kills)} in {storm.ended:.0f} s: {told}")


def _kept(storm: Storm, logged: Logged) -> Iterator[Promise]:
    made = {(held.scanner, number) for held in storm.held for number in range(1, held.last + 1)}
    told = {(held.scanner, number) for held in storm.held for number in held.told}
    once = sum(logged.rows[key] == 1 for key in told)
    yield Promise(
        "rows told “stored” are all there exactly once", bool(told) and once == len(told), f"{once:,} of {len(told):,}"
    )
    again = sum(count for (_slice, what), count in storm.events.items() if what == "known")
    yield Promise(
        "nothing else is in the log or counted, and nothing waits",
        made == set(logged.rows) == told and logged.counted == len(made) == logged.rows.total(),
        f"{len(made):,} scans made, {logged.rows.total():,} rows, {logged.counted:,} counted; {len(made - told):,} "
        f"still wait; {again} sent again for want of an answer",
    )
    answers = [answer for each in storm.callers for given in each.answers.values() for answer in given]
    wrong = sum(answer not in SETTLED for answer in answers)
    yield Promise("no scan was refused", not wrong, str(wrong))


def _row(storm: Storm, logged: Logged, first: int) -> list[str | int | float]:
    last, number = first + SLICE, first // SLICE
    kills = Counter(victim for at, victim, _busy in storm.kills if first <= at < last)
    known = {*SETTLED, *VICTIMS}
    unanswered = sum(count for (when, what), count in storm.events.items() if when == number and what not in known)
    return [
        f"{first:3}–{last}",
        *(kills[name] for name in VICTIMS),
        int((min(last, storm.ended) - min(first, storm.ended)) * RATE),
        sum(first <= at < last for at in logged.arrived),
        storm.waited.get(number, 0),
        unanswered,
    ]


def _chart(storm: Storm, rows: list[list[str | int | float]]) -> Chart:
    middle = [n * SLICE + SLICE / 2 for n in range(len(rows))]

    def line(name: str, column: int, scale: float) -> Line:
        return Line(name, [(x, float(row[column]) * scale) for x, row in zip(middle, rows, strict=True)])

    arrived, waiting = len(VICTIMS) + 2, len(VICTIMS) + 3
    kills = [
        (x, float(sum(int(row[n]) for n in range(1, len(VICTIMS) + 1)))) for x, row in zip(middle, rows, strict=True)
    ]
    return Chart(
        "Parts killed at random",
        "seconds",
        f"scans a second; waiting, tens; kills in {SLICE} s",
        [line("arrive in the log", arrived, 1 / SLICE), line("waiting, tens", waiting, 0.1), Line("kills", kills)],
        [(0, storm.ended, "kills")],
    )
