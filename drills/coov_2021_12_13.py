"""`coov-2021-12-13`: on the first day of the mandate one slow service took everybody's passes with it, and people who
were vaccinated were shown as if they were not. Here one app floods, and then the database is gone for a minute."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bench.verdict import browser_path, pairing_code
from drills import apps, town
from drills.apps import Traffic
from drills.bystanders import Asked, Bystanders
from drills.doors import Verdict, Window, devices, paired
from drills.report import Chart, Line, Promise, Report, percentile
from drills.stage import Stage

SUMMARY = "one partner app floods at 20 times its quota, then the database is gone for a minute; nobody else notices"

# Seconds: all is well, the flood begins, the database stops, is started; the end.
FLOODED, STOPPED, GONE, END = 10, 42, 60.0, 120
STATED, SENT = 20.0, 20.4  # times the quota: promised, and sent, as a generator is late now and then
QUOTA, PLENTY = 600, 60_000  # requests a minute: of the app that floods, of the other
SCANS, STRIPS, CHECKS = 20.0, 5.0, 1.0  # a second
EVERY = 1.5  # seconds between two guests of the page in Chromium
MOST = 250  # ms, p99
RECOVERS = 10.0  # seconds after the database is back
SETTLES = 1.0  # around the moment at which the database stops: what was under way
AS_BEFORE = 0.95
LET_IN = 1.25  # times the quota, with what may be saved up
SLICE = 5
OTHERS = (apps.STRIPS, apps.BEGIN, apps.CONFIRM)
COLUMNS = ["seconds", "server", "flood/s", "let in/s", "other app", "right", "503", "p99, ms", "scans", "right", "503"]
COLUMNS += ["p99, ms", "verdicts on a page"]


@dataclass
class Noon:
    """What was seen. Moments are of `time.monotonic`."""

    began: float
    window: Window
    down: float = 0.0  # the database stopped
    up: float = 0.0  # and was there again
    flood: list[Asked] = field(default_factory=list)
    other: list[Asked] = field(default_factory=list)
    scans: list[Asked] = field(default_factory=list)

    def second(self, at: float) -> float:
        return at - self.began

    def away(self, each: Asked) -> bool:
        """Whether the answer may be that we cannot tell now."""
        ended = each.at + each.seconds
        return ended > self.down - SETTLES and each.at < self.up + RECOVERS

    def without(self, each: Asked) -> bool:
        """Whether it was asked when the database was known to be away."""
        return self.down + SETTLES <= each.at < self.up

    def crowded(self, each: Asked) -> bool:
        """Whether it was asked beside the flood, with the database there."""
        return self.began + FLOODED <= each.at < self.down - SETTLES


def run(stage: Stage) -> Report:
    browser = browser_path()
    stage.databases()
    stage.say("apps, people who carry a pass in one, doors and guests")
    from django.utils import timezone

    loud, loud_key = apps.an_app("소란톡", per_minute=QUOTA, daily_quota=1_000_000)
    calm, calm_key = apps.an_app("고요톡", per_minute=PLENTY, daily_quota=1_000_000)
    at_door = int((END + 20) / EVERY)
    loud_phones, calm_phones = apps.carrying(loud, 0, apps.FAMILIAR), apps.carrying(calm, 5_000, 40 + at_door)
    town.people(10_000, 1_000)
    today, bodies = timezone.localdate(), town.bodies(40)
    keys = {(today + timedelta(days=n)).isoformat(): town.point() for n in range(town.DAY_KEYS)}
    street = town.street(stage.web, scans=SCANS, pages=0)
    code = pairing_code()
    stage.start()
    ports = (stage.web, stage.stack.sms_port)
    flood = Traffic(*ports, loud_key, loud_phones, keys, bodies, 500_000, 0, 0, flood=SENT * QUOTA / 60)
    other = Traffic(*ports, calm_key, calm_phones[:40], keys, bodies, 10_000, STRIPS, CHECKS)
    coming = iter([apps.guest_of(phone) for phone in calm_phones[40:]])
    noon = asyncio.run(_play(stage, browser, code, coming, street, flood, other))
    return _report(noon)


async def _play(
    stage: Stage, browser: str, code: str, coming: Iterator[Any], street: Any, flood: Traffic, other: Traffic
) -> Noon:
    scanners, calm, loud = Bystanders(street), Bystanders(other, apps.walks), Bystanders(flood, apps.walks)
    async with devices(browser, 1) as (context,):
        stage.say("pairing the page")
        window = await paired(stage.stack.web, context, code, coming)
        try:
            await asyncio.gather(*(asyncio.to_thread(each.start) for each in (scanners, calm)))
            stage.say("noon")
            noon = Noon(time.monotonic(), window)
            door = asyncio.create_task(window.work(noon.began, EVERY, noon.began + END))
            await _faults(stage, noon, loud)
            await door
            noon.flood, noon.other, noon.scans = await asyncio.gather(
                *(asyncio.to_thread(each.finish) for each in (loud, calm, scanners))
            )
        finally:
            for each in (scanners, calm, loud):
                each.stop()
    return noon


async def _faults(stage: Stage, noon: Noon, loud: Bystanders) -> None:
    async def until(second: float) -> None:
        await asyncio.sleep(max(0.0, noon.began + second - time.monotonic()))

    await until(FLOODED - 1)
    await asyncio.to_thread(loud.start)
    stage.say("the flood begins")
    await until(STOPPED)
    stage.say("PostgreSQL is stopped")
    noon.down = time.monotonic()
    await asyncio.to_thread(stage.servers[0].stop)
    await until(STOPPED + GONE + 0.5)
    await asyncio.to_thread(stage.servers[0].restart)
    noon.up = time.monotonic()
    stage.say("PostgreSQL is started")
    await until(END)


def _report(noon: Noon) -> Report:
    rows = [_row(noon, first) for first in range(0, END, SLICE)]
    return Report(
        name="coov-2021-12-13",
        columns=COLUMNS,
        rows=rows,
        promises=[*_flood(noon), *_right(noon), *_cannot_tell(noon), _verdicts(noon), _back(noon)],
        chart=_chart(noon),
        notes=[
            f"One app with a quota of {QUOTA} requests a minute sends {SENT * QUOTA / 60:g} a second until the end,",
            "half of them for codes and half for strips.",
            f"The other asks for strips {STRIPS:g} times a second, for a code {CHECKS:g} times, and gives codes back; "
            f"{SCANS:g} single scans a second;",
            f"one scanner in Chromium, a guest every {EVERY:g} s with a pass that the other app carries. All on one "
            f"machine. PostgreSQL was away from {noon.second(noon.down):.0f} to {noon.second(noon.up):.0f} s.",
        ],
    )


def _flood(noon: Noon) -> Iterator[Promise]:
    seen = [each for each in noon.flood if noon.crowded(each)]
    seconds = noon.down - SETTLES - min((each.at for each in seen), default=noon.began)
    given, most = len(seen) / seconds, QUOTA / 60
    text = f"the flood reached {STATED:g} times its quota"
    yield Promise(text, given >= STATED * most, f"{given:.0f}/s ÷ {most:g}/s = {given / most:.1f}")
    inside = sum(_let_in(each) for each in seen) / seconds
    told = Counter(each.told for each in seen if not _let_in(each))
    mute = sum(not each.retry for each in seen if not _let_in(each))
    text = f"no more than {LET_IN:g} times its quota was let in; whoever was refused was told when to come again"
    words = ", ".join(f"{what} {count}" for what, count in told.most_common(3))
    yield Promise(text, 0 < inside <= LET_IN * most and not mute, f"{inside:.1f}/s let in; {words}; {mute} not told")


def _let_in(each: Asked) -> bool:
    return not each.told.startswith(("429 too_many_a_minute", "503 busy", "503 waiting", "0"))


def _right(noon: Noon) -> Iterator[Promise]:
    """Beside the flood."""
    for who, all_of in (("the other app", noon.other), ("scanners", noon.scans)):
        seen = [each for each in all_of if noon.crowded(each)]
        wrong = Counter(each.told for each in seen if not each.right)
        p99 = _p99(seen)
        before = _p99([each for each in all_of if each.at < noon.began + FLOODED])
        measured = (
            f"{len(seen) - wrong.total():,} of {len(seen):,}, p99 {p99:.0f} ms ({before:.0f} before); {_words(wrong)}"
        )
        text = f"beside the flood every answer to {who} is right, p99 ≤ {MOST} ms"
        yield Promise(text, bool(seen) and not wrong and p99 <= MOST, measured)


def _cannot_tell(noon: Noon) -> Iterator[Promise]:
    gone = noon.up - noon.down
    yield Promise(f"the database was away for at least {GONE:g} s", gone >= GONE, f"{gone:.0f} s")
    everybody = [each for each in (*noon.flood, *noon.other, *noon.scans) if noon.away(each)]
    wrong = Counter(each.told for each in everybody if not _says_so(each))
    measured = f"{len(everybody) - wrong.total():,} of {len(everybody):,}; {_words(wrong)}"
    text = "meanwhile each answer is right, or that we cannot tell now and when to ask again"
    yield Promise(text, bool(everybody) and not wrong, measured)
    app, door = (_p99([each for each in of if noon.without(each)]) for of in (noon.other, noon.scans))
    text = f"from {SETTLES:g} s after it stopped that is said at once, p99 ≤ {MOST} ms"
    yield Promise(text, 0 < app <= MOST and 0 < door <= MOST, f"{app:.0f} ms to the other app, {door:.0f} to scanners")
    denied = sum("NOT VACCINATED" in each.told for each in (*noon.flood, *noon.other))
    denied += sum("NO_PASS" in each.told for each in noon.scans)
    yield Promise("nobody was shown “not vaccinated” at any time", denied == 0, f"{denied}")


def _says_so(each: Asked) -> bool:
    return each.right or (each.retry and each.told.startswith(("503 ", "429 too_many_a_minute")))


def _verdicts(noon: Noon) -> Promise:
    """At the door, with passes that an app carries."""
    seen: list[Verdict] = noon.window.verdicts
    before = sum(each.at < noon.down for each in seen) / (noon.down - noon.began) * 60
    during = [each for each in seen if noon.down <= each.at < noon.up]
    rate = len(during) / (noon.up - noon.down) * 60
    wrong = Counter(each.said for each in seen if each.said != "PASS")
    measured = f"{before:.0f} a minute before, {rate:.0f} without the database, p95 "
    measured += f"{percentile([each.ms for each in during], 0.95):.0f} ms; {_words(wrong)}"
    text = f"verdicts go on at the door: at least {AS_BEFORE:g} of those before, all green"
    return Promise(text, bool(before) and rate >= AS_BEFORE * before and not wrong, measured)


def _back(noon: Noon) -> Promise:
    late = [each for each in (*noon.other, *noon.scans) if each.at >= noon.up + RECOVERS]
    wrong = Counter(each.told for each in late if not each.right)
    text = f"{RECOVERS:g} s after the database is back every answer is right again"
    return Promise(text, bool(late) and not wrong, f"{len(late) - wrong.total():,} of {len(late):,}; {_words(wrong)}")


def _row(noon: Noon, first: int) -> list[str | int | float]:
    def within(of: Sequence[Asked]) -> list[Asked]:
        return [each for each in of if first <= noon.second(each.at) < first + SLICE]

    flood = within(noon.flood)
    row: list[str | int | float] = [f"{first:3}–{first + SLICE}", _state(noon, first)]
    row += [len(flood) / SLICE, sum(map(_let_in, flood)) / SLICE]
    for of in (noon.other, noon.scans):
        seen = within(of)
        unable = sum(each.told.startswith("503") for each in seen)
        row += [len(seen), sum(each.right for each in seen), unable, int(_p99(seen))]
    return [*row, sum(first <= noon.second(each.at) < first + SLICE for each in noon.window.verdicts)]


def _state(noon: Noon, first: int) -> str:
    if noon.second(noon.down) < first + SLICE and first < noon.second(noon.up):
        return "no database"
    return "flood" if first + SLICE > FLOODED else "well"


def _chart(noon: Noon) -> Chart:
    def line(name: str, moments: Sequence[float]) -> Line:
        seconds = [noon.second(at) for at in moments]
        counts = [(n, sum(n <= second < n + SLICE for second in seconds)) for n in range(0, END, SLICE)]
        return Line(name, [(n + SLICE / 2, count / SLICE) for n, count in counts])

    down, up = noon.second(noon.down), noon.second(noon.up)
    return Chart(
        "One app floods; then the database is gone",
        "seconds",
        "a second",
        [
            line("right answers to the other app", [each.at for each in noon.other if each.right]),
            line("to scanners", [each.at for each in noon.scans if each.right]),
            line("let in of the flood", [each.at for each in noon.flood if _let_in(each)]),
            line("verdicts on a page", [each.at for each in noon.window.verdicts]),
        ],
        [(FLOODED, down, "flood"), (down, up, "no database")],
    )


def _p99(seen: Sequence[Asked]) -> float:
    return percentile([each.seconds for each in seen], 0.99) * 1000


def _words(wrong: Counter[str]) -> str:
    return f"{wrong.total()} wrong" + "".join(f", {count} × {what[:60]}" for what, count in wrong.most_common(2))
