"""Doors at lunch: scanners in Chromium, each a device of its own, and scripted ones that keep the scanner's protocol.

Both keep a scan until the server has answered for it, under a number that rises without a gap. Scripted ones send as
static/js/scanner/upload.js does, each over a connection of its own: oldest first, at the manifest's pace, backing off.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.links import Answer, Links, request
from bench.town import Guest
from bench.verdict import PATIENCE_MS, TO_SHOWN, code_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

BATCH = 50  # fewer than a batch may hold, so that what waits takes many
PACE, DRAIN = 2.0, 0.1  # seconds between batches: the last one held all that waited, or there is more
FIRST_DELAY, LONGEST_DELAY = 2.0, 16.0
SETTLED = ("stored", "known")
LATE_MS = 5000  # a verdict that takes longer counts as none

# The scanner, its last number and the numbers that the server has not answered for, as the device has them.
HELD = """() => new Promise((resolve, reject) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const transaction = target.result.transaction(["state", "queue"], "readonly");
    const [state, queue] = ["state", "queue"].map((name) => transaction.objectStore(name));
    const held = {};
    queue.getAllKeys().onsuccess = ({ target: { result } }) => (held.waiting = result.map(([, seq]) => seq));
    state.get("pairing").onsuccess = ({ target: { result: { scanner } } }) => {
      held.scanner = scanner;
      state.get(`seq:${scanner}`).onsuccess = ({ target: { result } }) => (held.last = result ?? 0);
    };
    transaction.oncomplete = () => { target.result.close(); resolve(held); };
    transaction.onabort = () => reject(transaction.error);
  };
})"""


@dataclass(frozen=True)
class Held:
    """A scanner's numbers at a moment: those made, and those that the server has not answered for."""

    scanner: int
    last: int
    waiting: frozenset[int]

    @property
    def told(self) -> set[int]:
        """The numbers that the scanner was told are stored."""
        return set(range(1, self.last + 1)) - self.waiting


@dataclass(frozen=True)
class Verdict:
    """What a page in Chromium said to a guest. `at` is of `time.monotonic`."""

    at: float
    said: str
    ms: float


@dataclass
class Window:
    """A scanner in Chromium, paired, which guests come to one after another."""

    page: Page
    guests: Iterator[Guest]
    verdicts: list[Verdict] = field(default_factory=list)
    reloads: list[float] = field(default_factory=list)  # seconds until the door was open again
    reload: bool = False  # before the next guest
    lost: int = 0  # scans that waited before a reload and did not after it

    async def work(self, first: float, every: float, until: float) -> None:
        """A guest every so many seconds; who comes while the page is busy is next."""
        due = first
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self.reload:
                await self._reload()
            at = time.monotonic()
            took, said = await asyncio.wait_for(
                self.page.evaluate(TO_SHOWN, code_of(next(self.guests))), LATE_MS / 1000 + 10
            )
            self.verdicts.append(Verdict(at, said, took))
            due += every

    async def _reload(self) -> None:
        self.reload = False
        before, began = await self.held(), time.monotonic()
        await self.page.reload()
        await self.page.wait_for_selector('body[data-state="ready"]', timeout=PATIENCE_MS)
        self.reloads.append(time.monotonic() - began)
        after = await self.held()
        self.lost += len(set(range(1, before.last + 1)) - set(range(1, after.last + 1)))
        self.lost += len(before.waiting - after.waiting)

    async def held(self) -> Held:
        found = await self.page.evaluate(HELD)
        return Held(found["scanner"], found["last"], frozenset(found["waiting"]))

    async def waiting(self) -> int:
        return int(await self.page.locator("body").get_attribute("data-waiting") or 0)


@dataclass
class Caller:
    """A scripted scanner: it admits whoever comes, and sends."""

    scanner: int
    token: str
    links: Links
    noticed: Callable[[str], None]  # told of each answer by what came of it
    last: int = 0
    queue: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[int, list[str]] = field(default_factory=dict)
    sending: bool = False
    failures: int = 0

    def see(self, guest: Guest) -> None:
        from registry.format.passcode import sign_proof

        now = time.time()
        t = int(now)
        self.last += 1
        self.queue[self.last] = {
            "seq": self.last, "at": int(now * 1000), "verdict": "PASS", "method": "qr", "direction": "in",
            "admitted": True, "strip": _text(guest.strip), "t": t,
            "proof": _text(sign_proof(guest.key, guest.strip, t)),
        }  # fmt: skip

    async def work(self) -> None:
        """Send for ever."""
        await asyncio.sleep(random.uniform(0, PACE))
        while True:
            await asyncio.sleep(await self.attempt())

    async def attempt(self) -> float:
        """One batch, if there is one; seconds until the next."""
        batch = [self.queue[seq] for seq in sorted(self.queue)[:BATCH]]
        if not batch:
            return PACE
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.sending = True
        answer = await self.links.ask(request("POST", "/api/v1/scans", headers, json.dumps({"scans": batch}).encode()))
        self.sending = False
        if answer.status != 200:
            return self._refused(answer)
        self.failures = 0
        for told in json.loads(answer.body)["answers"]:
            self.answers.setdefault(told["seq"], []).append(told["answer"])
            self.noticed(told["answer"])
            if told["answer"] in SETTLED:
                self.queue.pop(told["seq"], None)
        return DRAIN if len(batch) == BATCH else PACE

    def _refused(self, answer: Answer) -> float:
        self.noticed(str(answer.status or "no answer"))
        self.failures += 1
        asked = answer.header(b"retry-after")
        if asked.isdigit():
            return int(asked) * random.uniform(1, 1.25)
        return min(LONGEST_DELAY, FIRST_DELAY * 2 ** (self.failures - 1)) * random.uniform(0.5, 1)

    @property
    def held(self) -> Held:
        return Held(self.scanner, self.last, frozenset(self.queue))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@asynccontextmanager
async def devices(browser: str, count: int) -> AsyncIterator[list[BrowserContext]]:
    """So many devices, each with storage of its own."""
    from playwright.async_api import async_playwright

    from tests.chromium import FLAGS

    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=browser, args=[*FLAGS])
        try:
            contexts = [await chromium.new_context(locale="ko-KR", timezone_id="Asia/Seoul") for _ in range(count)]
            yield contexts
        finally:
            await chromium.close()


async def paired(web: str, context: BrowserContext, code: str, coming: Iterator[Guest]) -> Window:
    """A scanner in Chromium at the web server of this address, paired and able to start without it."""
    page = await context.new_page()
    await page.goto(f"{web}/scanner/#code={code}")
    await page.wait_for_selector('body[data-state="ready"][data-shell="kept"]', timeout=PATIENCE_MS)
    await page.wait_for_selector("#about-category:not(:empty)", state="attached", timeout=PATIENCE_MS)
    return Window(page, coming)


async def come_to(callers: list[Caller], guests: Iterator[Guest], first: float, rate: float, until: float) -> None:
    """So many guests a second at the scripted doors, one after the other."""
    number, due = 0, first
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        callers[number % len(callers)].see(next(guests))
        number, due = number + 1, first + (number + 1) / rate
