"""`kipass-2022-01-06`: the server of the entry log failed at noon. Here it is gone all lunch, then its database."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.links import Links
from bench.town import Door, Guest, guests, open_doors
from bench.verdict import browser_path, pairing_code
from drills.doors import BATCH, SETTLED, Caller, Held, Window, come_to, devices, paired
from drills.report import Chart, Line, Promise, Report, percentile
from drills.stage import Stage

SUMMARY = "web is killed for a whole lunch, then PostgreSQL under upload load; scanners go on and lose no scan"

# Seconds of the lunch: web is killed, pages are reloaded, web is started; the last guest comes.
KILLED, RELOADS, BACK, LUNCH = 15, (30, 58), 78, 110
GONE = 60.0  # seconds that web has to be away
DATABASE_GONE = 8.0
LEFT = 0.7  # of the scans that wait when web is back: then PostgreSQL is killed,
UNDER_WAY = 3  # with so many batches sent and not answered
WINDOWS, EVERY = 3, 2.0  # pages in Chromium, seconds between two guests of each
CALLERS, RATE = 12, 60.0  # scripted scanners, guests a second at all of them
SENT_WITHIN = 60.0  # seconds after the last guest
AS_BEFORE = 0.95
SLICE = 5
COLUMNS = ["seconds", "server", "verdicts on pages", "slowest, ms", "scans at all doors", "in the log", "waiting"]
COLUMNS += ["not answered"]


@dataclass
class Lunch:
    """Who is there, and what was seen. Moments are seconds of the lunch unless they are of `time.monotonic`."""

    stage: Stage
    windows: list[Window]
    callers: list[Caller]
    began: float = 0.0  # of time.monotonic
    began_wall: float = 0.0
    events: Counter[tuple[int, str]] = field(default_factory=Counter)  # by slice
    waited: dict[int, int] = field(default_factory=dict)  # scans on all devices, by slice
    back: float = 0.0  # web answered again
    down: float = 0.0  # PostgreSQL was killed
    up: float = 0.0
    load: int = 0  # scripted scanners with a batch under way as PostgreSQL was killed
    told_before: dict[int, set[int]] = field(default_factory=dict)  # by scanner, when PostgreSQL was gone
    held: list[Held] = field(default_factory=list)  # in the end

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    def note(self, what: str) -> None:
        self.events[int(self.now // SLICE), what] += 1

    async def until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self.now))

    async def devices(self) -> list[Held]:
        return [*[caller.held for caller in self.callers], *[await window.held() for window in self.windows]]

    async def waiting(self) -> int:
        return sum(len(caller.queue) for caller in self.callers) + sum([await each.waiting() for each in self.windows])


def run(stage: Stage) -> Report:
    browser = browser_path()
    stage.databases()
    stage.say("doors and guests")
    from registry import signing
    from registry.format import passcode

    signing.agency_keys()
    day = passcode.seoul_day(time.time())
    doors, codes = open_doors(CALLERS), [pairing_code() for _ in range(WINDOWS)]
    coming = guests(int(LUNCH * (RATE + WINDOWS / EVERY)) + 50, day)
    numbers = scanner_numbers(doors)
    stage.start()
    lunch = asyncio.run(_play(stage, browser, codes, list(zip(numbers, doors, strict=True)), iter(coming)))
    return _report(lunch, read_log(lunch.began_wall))


def scanner_numbers(doors: list[Door]) -> list[int]:
    """Which scanners they are, as the log names them."""
    from registry.secrets import token_hash
    from venues.models import Scanner

    return [Scanner.objects.get(token_hash=token_hash(door.token)).pk for door in doors]


async def _play(
    stage: Stage, browser: str, codes: list[str], doors: list[tuple[int, Door]], coming: Iterator[Guest]
) -> Lunch:
    lunch = Lunch(stage, [], [])
    lunch.callers = [Caller(number, door.token, Links(stage.web, 1), lunch.note) for number, door in doors]
    async with devices(browser, len(codes)) as contexts:
        stage.say("pairing the pages")
        for context, code in zip(contexts, codes, strict=True):
            lunch.windows.append(await paired(stage.stack.web, context, code, coming))
        stage.say("the lunch begins")
        lunch.began, lunch.began_wall = time.monotonic(), time.time()
        end = lunch.began + LUNCH
        senders = [asyncio.create_task(caller.work()) for caller in lunch.callers]
        watching = asyncio.create_task(_watch(lunch))
        await asyncio.gather(
            come_to(lunch.callers, coming, lunch.began, RATE, end),
            *(each.work(lunch.began + n * EVERY / WINDOWS, EVERY, end) for n, each in enumerate(lunch.windows)),
            _faults(lunch),
        )
        stage.say("the last guest has come")
        while await lunch.waiting() and lunch.now < LUNCH + SENT_WITHIN:
            await asyncio.sleep(0.5)
        lunch.held = await lunch.devices()
        for task in [watching, *senders]:
            task.cancel()
        await asyncio.gather(watching, *senders, return_exceptions=True)
        for caller in lunch.callers:
            caller.links.close()
    return lunch


async def _faults(lunch: Lunch) -> None:
    """Web is gone for the lunch; when the devices send what they hold, PostgreSQL is killed."""
    stack, postgres = lunch.stage.stack, lunch.stage.servers[0]
    await lunch.until(KILLED)
    lunch.stage.say("kill -9 web")
    await asyncio.to_thread(stack.kill, "web")
    for at in RELOADS:
        await lunch.until(at)
        for window in lunch.windows:
            window.reload = True
    await lunch.until(BACK)
    held = await lunch.waiting()
    lunch.stage.say(f"web is started; {held:,} scans wait")
    await asyncio.to_thread(stack.start, "web")
    await asyncio.to_thread(stack.wait, "web")
    lunch.back = lunch.now
    lunch.load = await _many_under_way(lunch, LEFT * held)
    await asyncio.to_thread(postgres.kill)
    lunch.down = lunch.now
    await asyncio.sleep(0.5)  # for answers that were given and are still under way
    lunch.told_before = {held.scanner: held.told for held in await lunch.devices()}
    lunch.stage.say(f"kill -9 PostgreSQL, {lunch.load} batches under way")
    await lunch.until(lunch.down + DATABASE_GONE)
    lunch.stage.say("PostgreSQL is started")
    await asyncio.to_thread(postgres.restart)
    lunch.up = lunch.now


async def _many_under_way(lunch: Lunch, left: float) -> int:
    """Wait until no more than `left` scans wait and several scripted scanners have sent a batch; how many have."""
    while lunch.now < LUNCH - 2 * DATABASE_GONE:
        await asyncio.sleep(0.001)
        sending = sum(caller.sending for caller in lunch.callers)
        if sending >= UNDER_WAY and sum(len(caller.queue) for caller in lunch.callers) <= left:
            return sending
    return 0


async def _watch(lunch: Lunch) -> None:
    """How many scans wait on the devices, at the end of each slice."""
    number = 0
    while True:
        await lunch.until((number + 1) * SLICE)
        lunch.waited[number] = await lunch.waiting()
        number += 1


@dataclass(frozen=True)
class Logged:
    """What the databases hold in the end: rows by scanner and number, when they came, how many were counted."""

    rows: Counter[tuple[int, int | None]]
    arrived: list[float]  # seconds since the drill began
    counted: int


def read_log(began_wall: float) -> Logged:
    """The log as it stands, with the moments counted from `began_wall`."""
    from django.db import connections
    from django.db.models import Sum

    from checkins.models import Entry, HourCount

    connections.close_all()  # PostgreSQL was another one
    found = list(Entry.objects.values_list("scanner", "seq", "received_at"))
    return Logged(
        Counter((scanner, seq) for scanner, seq, _at in found),
        [at.timestamp() - began_wall for _scanner, _seq, at in found],
        HourCount.objects.aggregate(people=Sum("count"))["people"] or 0,
    )


def _report(lunch: Lunch, logged: Logged) -> Report:
    last = max(logged.arrived, default=0.0)
    rows = [_row(lunch, logged, first) for first in range(0, max(LUNCH, int(last) + 1), SLICE)]
    return Report(
        name="kipass-2022-01-06",
        columns=COLUMNS,
        rows=rows,
        promises=[_gone(lunch), _verdicts(lunch), _started(lunch), _under_load(lunch), *_kept(lunch, logged)],
        chart=_chart(lunch, rows),
        notes=[
            f"{WINDOWS} scanners in Chromium, each a device of its own, a guest every {EVERY:g} s; {CALLERS} scripted "
            f"ones with {RATE:g} guests a second",
            f"in all, which send {BATCH} scans at a time. Every guest has a pass of their own. Devices "
            "and server share a machine.",
            f"Web was killed after {KILLED} s and answered again after {lunch.back:.0f}; PostgreSQL was away from "
            f"{lunch.down:.0f} to {lunch.up:.0f} s.",
        ],
    )


def _gone(lunch: Lunch) -> Promise:
    away = lunch.back - KILLED
    return Promise(f"web was away for at least {GONE:g} s", away >= GONE, f"{away:.0f} s")


def _verdicts(lunch: Lunch) -> Promise:
    """Guests are judged as quickly as they come, whether the server is there or not."""
    seen = [(verdict.at - lunch.began, verdict) for window in lunch.windows for verdict in window.verdicts]
    before = sum(at < KILLED for at, _verdict in seen) / KILLED * 60
    during = [verdict for at, verdict in seen if KILLED <= at < lunch.back]
    rate = len(during) / (lunch.back - KILLED) * 60
    wrong = [verdict.said for _at, verdict in seen if verdict.said != "PASS"]
    measured = f"{before:.0f} a minute before, {rate:.0f} while web was away, p95 "
    measured += f"{percentile([verdict.ms for verdict in during], 0.95):.0f} ms; {len(wrong)} wrong"
    held = bool(before) and rate >= AS_BEFORE * before and not wrong
    return Promise(f"verdicts go on: at least {AS_BEFORE:g} of those before, all right", held, measured)


def _started(lunch: Lunch) -> Promise:
    taken = [seconds for window in lunch.windows for seconds in window.reloads]
    lost, wanted = sum(window.lost for window in lunch.windows), WINDOWS * len(RELOADS)
    text = "pages that were reloaded without a server started, with all that waited"
    measured = f"{len(taken)} of {wanted}, the slowest in {max(taken, default=0):.1f} s, {lost} scans lost"
    return Promise(text, len(taken) == wanted and not lost, measured)


def _under_load(lunch: Lunch) -> Promise:
    told = sum(len(numbers) for numbers in lunch.told_before.values())
    text = "PostgreSQL was killed while scanners sent"
    return Promise(text, lunch.load >= UNDER_WAY, f"{lunch.load} batches under way, {told:,} scans told stored by then")


def _kept(lunch: Lunch, logged: Logged) -> Iterator[Promise]:
    made = {(held.scanner, number) for held in lunch.held for number in range(1, held.last + 1)}
    told = {(held.scanner, number) for held in lunch.held for number in held.told}
    early = {(scanner, number) for scanner, numbers in lunch.told_before.items() for number in numbers}
    yield Promise(
        "every scan that a scanner was told is stored is in the log exactly once",
        bool(early) and all(logged.rows[key] == 1 for key in told | early),
        f"{sum(logged.rows[key] == 1 for key in told):,} of {len(told):,}, of which {len(early):,} were told before "
        "PostgreSQL was killed",
    )
    again = sum(count for (_slice, what), count in lunch.events.items() if what == "known")
    yield Promise(
        "every other was still on its scanner and arrived later, once; nothing else is in the log or counted",
        made == set(logged.rows) == told and logged.counted == len(made) == logged.rows.total(),
        f"{len(made):,} scans made, {logged.rows.total():,} rows, {logged.counted:,} counted; {len(made - told):,} "
        f"still wait; {again} sent again for want of an answer",
    )
    refused = [answer for each in lunch.callers for told in each.answers.values() for answer in told]
    wrong = Counter(answer for answer in refused if answer not in SETTLED)
    twice = sum(len(told) > 1 for each in lunch.callers for told in each.answers.values())
    yield Promise("no scan was refused, or answered for twice", not wrong and not twice, f"{wrong.total()}, {twice}")


def _row(lunch: Lunch, logged: Logged, first: int) -> list[str | int | float]:
    last, number = first + SLICE, first // SLICE
    seen = [verdict for window in lunch.windows for verdict in window.verdicts]
    shown = [verdict.ms for verdict in seen if first <= verdict.at - lunch.began < last]
    scripted = (min(last, LUNCH) - min(first, LUNCH)) * RATE
    unanswered = sum(count for (when, what), count in lunch.events.items() if when == number and what not in SETTLED)
    return [
        f"{first:3}–{last}",
        _state(lunch, first, last),
        len(shown),
        int(max(shown, default=0)),
        int(scripted) + len(shown),
        sum(first <= at < last for at in logged.arrived),
        lunch.waited.get(number, 0),
        unanswered,
    ]


def _state(lunch: Lunch, first: int, last: int) -> str:
    if last > KILLED and first < lunch.back:
        return "web killed"
    return "database killed" if last > lunch.down and first < lunch.up else "well"


def _chart(lunch: Lunch, rows: list[list[str | int | float]]) -> Chart:
    middle = [n * SLICE + SLICE / 2 for n in range(len(rows))]

    def line(name: str, column: int, scale: float = 1.0) -> Line:
        return Line(name, [(x, float(row[column]) * scale) for x, row in zip(middle, rows, strict=True)])

    return Chart(
        "A lunch without the server",
        "seconds",
        "scans a second; waiting on devices, tens",
        [line("at doors", 4, 1 / SLICE), line("arrive in the log", 5, 1 / SLICE), line("waiting, tens", 6, 0.1)],
        [(KILLED, lunch.back, "web killed"), (lunch.down, lunch.up, "database")],
    )
