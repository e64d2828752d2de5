"""`deploy`: a new version goes into service under load: a migration, and every web process replaced, twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from bench.links import Links
from bench.town import Guest, guests, open_doors
from drills.bystanders import Asked, Bystanders
from drills.doors import SETTLED, Caller, come_to
from drills.report import Chart, Line, Promise, Report, percentile
from drills.stage import Stage
from drills.town import street

SUMMARY = "rolling reload and a migration under load; no request fails"

FIRST_RELOAD, MIGRATION, SECOND_RELOAD, END = 10.0, 40.0, 50.0, 85.0  # seconds
SCANS, PAGES, CALLERS, RATE = 20.0, 2.0, 6, 40.0  # single scans and desk pages a second; uploading doors, their guests
RELOADED_WITHIN = 30.0
SLICE = 5
COLUMNS = ["seconds", "what happens", "single scans", "slowest, ms", "desk pages", "slowest, ms", "uploaded", "failed"]
# What a migration may do beside a running version: a new column, an index made concurrently, and their end.
STATEMENTS = (
    "ALTER TABLE checkins_entry ADD COLUMN deployed smallint",
    "ALTER TABLE registry_device ADD COLUMN deployed boolean NOT NULL DEFAULT false",
    "CREATE INDEX CONCURRENTLY device_deployed ON registry_device (deployed) WHERE deployed",
    "ALTER TABLE venues_scanner ADD COLUMN deployed boolean",
    "ALTER TABLE venues_scanner ADD CONSTRAINT deployed_is_no_lie CHECK (deployed) NOT VALID",
    "ALTER TABLE venues_scanner VALIDATE CONSTRAINT deployed_is_no_lie",
)


@dataclass
class Deployment:
    """What was seen. Moments are seconds since the beginning unless they are of `time.monotonic`."""

    began: float = 0.0
    events: Counter[tuple[int, str]] = field(default_factory=Counter)  # of uploads, by slice
    spans: list[tuple[float, float, str]] = field(default_factory=list)  # from, to, what
    replaced: list[bool] = field(default_factory=list)  # by reload: whether every process was another one
    asked: list[Asked] = field(default_factory=list)
    waits: int = 0  # times that a statement gave up waiting for a lock

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    def note(self, what: str) -> None:
        self.events[int(self.now // SLICE), what] += 1


def run(stage: Stage) -> Report:
    stage.databases()
    stage.say("doors, guests, a clerk")
    from registry.format import passcode

    beside = street(stage.web, scans=SCANS, pages=PAGES)
    doors = open_doors(CALLERS)
    coming = guests(int(END * RATE) + 10, passcode.seoul_day(time.time()))
    stage.start()
    others = Bystanders(beside)
    try:
        others.start()
        seen = asyncio.run(_play(stage, [door.token for door in doors], iter(coming)))
        seen.asked = others.finish()
    finally:
        others.stop()
    return _report(seen)


async def _play(stage: Stage, tokens: list[str], coming: Iterator[Guest]) -> Deployment:
    seen = Deployment(began=time.monotonic())
    callers = [Caller(number, token, Links(stage.web, 1), seen.note) for number, token in enumerate(tokens)]
    senders = [asyncio.create_task(caller.work()) for caller in callers]
    arriving = asyncio.create_task(come_to(callers, coming, seen.began, RATE, seen.began + END))
    for at, what, do in (
        (FIRST_RELOAD, "reload", _reload),
        (MIGRATION, "migration", _migrate),
        (SECOND_RELOAD, "reload", _reload),
    ):
        await asyncio.sleep(max(0.0, at - seen.now))
        stage.say(what)
        began = seen.now
        await asyncio.to_thread(do, stage, seen)
        seen.spans.append((began, seen.now, what))
    await arriving
    await asyncio.sleep(3)  # for the last batches
    for task in senders:
        task.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    for caller in callers:
        caller.links.close()
    return seen


def _reload(stage: Stage, seen: Deployment) -> None:
    """HUP, as `systemctl reload` sends it; until every process that served is gone and as many others are there."""
    main = psutil.Process(stage.stack.parts["web"].process.pid)
    before = set(main.children())
    os.kill(main.pid, signal.SIGHUP)
    until = time.monotonic() + RELOADED_WITHIN
    while time.monotonic() < until and set(main.children()) & _serving(before):
        time.sleep(0.2)
    seen.replaced.append(not set(main.children()) & _serving(before))


def _serving(processes: set[psutil.Process]) -> set[psutil.Process]:
    """Those that serve; Python's tracker of resources stays, and the dead do not count."""
    return {each for each in processes if serves(each)}


def serves(process: psutil.Process) -> bool:
    """Whether it is one of the processes that do a parent's work."""
    with contextlib.suppress(psutil.Error):
        return "resource_tracker" not in " ".join(process.cmdline())
    return False


def _migrate(stage: Stage, seen: Deployment) -> None:
    """Statement by statement, each giving up soon where it would have to wait, and tried again: as `manage.py migrate`
    is run again."""
    import psycopg

    from config.management.commands.migrate import PATIENCE

    with psycopg.connect(stage.settings["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{PATIENCE}'")
        for statement in STATEMENTS:
            while True:
                try:
                    connection.execute(statement)
                    break
                except psycopg.errors.LockNotAvailable:
                    seen.waits += 1


def _report(seen: Deployment) -> Report:
    rows = [_row(seen, first) for first in range(0, int(END), SLICE)]
    return Report(
        name="deploy",
        columns=COLUMNS,
        rows=rows,
        promises=[*_promises(seen)],
        chart=_chart(seen, rows),
        notes=[
            f"{SCANS:g} single scans and {PAGES:g} desk pages a second; {CALLERS} doors upload {RATE:g} scans a second",
            "in batches, all over connections that are kept, straight to the server: no proxy that would try again.",
            f"The migration is {len(STATEMENTS)} statements on tables of the hot path.",
        ],
    )


def _promises(seen: Deployment) -> Iterator[Promise]:
    yield Promise(
        f"every web process was replaced, twice, each time within {RELOADED_WITHIN:g} s",
        seen.replaced == [True, True],
        ", ".join(f"{last - first:.1f} s" for first, last, what in seen.spans if what == "reload"),
    )
    first, last, _what = next(span for span in seen.spans if span[2] == "migration")
    yield Promise("the migration was done under load", last < END, f"{last - first:.1f} s, {seen.waits} tries more")
    failed = [asked for asked in seen.asked if not asked.right]
    uploads: Counter[str] = Counter()
    for (_slice, said), count in seen.events.items():
        uploads[said] += count
    wrong = sum(count for said, count in uploads.items() if said not in SETTLED)
    sent = sum(uploads[said] for said in SETTLED)
    yield Promise(
        "no request failed",
        bool(seen.asked) and sent > 0 and not failed and not wrong,
        f"{len(failed)} of {len(seen.asked):,} scans and pages, {wrong} of the batches with {sent:,} scans"
        + (f"; first: {failed[0].told or 'no answer'}" if failed else ""),
    )


def _of(seen: Deployment, kind: str, first: float) -> list[Asked]:
    return [asked for asked in seen.asked if asked.kind == kind and first <= asked.at - seen.began < first + SLICE]


def _row(seen: Deployment, first: int) -> list[str | int | float]:
    number = first // SLICE
    what = ", ".join(name for start, end, name in seen.spans if start < first + SLICE and end > first) or "–"
    scans, pages = _of(seen, "scan", first), _of(seen, "desk", first)
    wrong = sum(count for (when, said), count in seen.events.items() if when == number and said not in SETTLED)
    return [
        f"{first:3}–{first + SLICE}",
        what,
        len(scans),
        int(1000 * percentile([asked.seconds for asked in scans], 1)),
        len(pages),
        int(1000 * percentile([asked.seconds for asked in pages], 1)),
        sum(seen.events[number, said] for said in SETTLED),
        wrong + sum(not asked.right for asked in [*scans, *pages]),
    ]


def _chart(seen: Deployment, rows: list[list[str | int | float]]) -> Chart:
    middle = [n * SLICE + SLICE / 2 for n in range(len(rows))]

    def line(name: str, column: int, scale: float = 1.0) -> Line:
        return Line(name, [(x, float(row[column]) * scale) for x, row in zip(middle, rows, strict=True)])

    lines = [line("single scans a second", 2, 1 / SLICE), line("uploaded a second", 6, 1 / SLICE), line("failed", 7)]
    return Chart("A new version under load", "seconds", "requests", lines, seen.spans)
