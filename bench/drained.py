"""A scanner that holds thousands of scans from a lunch without a network, and what it does when that returns."""

import base64
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from playwright.sync_api import Page

from bench.town import Guest
from bench.verdict import show

CHUNK = 1000
PAUSE_MS = 400  # between two guests who come while the queue is sent
GIVE_UP = 90.0  # seconds

# As `keep` in static/js/scanner/queue.js leaves them, thousands in one transaction.
FILL = """(scans) => new Promise((resolve, reject) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const transaction = target.result.transaction(["state", "queue"], "readwrite");
    const [state, queue] = ["state", "queue"].map((name) => transaction.objectStore(name));
    state.get("pairing").onsuccess = ({ target: { result: { scanner, venue } } }) => {
      state.get(`seq:${scanner}`).onsuccess = ({ target: { result: last = 0 } }) => {
        scans.forEach((scan, n) => queue.add({ scanner, seq: last + 1 + n, venue: venue.id, after: 0, scan }));
        state.put(last + scans.length, `seq:${scanner}`);
      };
    };
    transaction.oncomplete = () => { target.result.close(); resolve(); };
    transaction.onabort = () => reject(transaction.error);
  };
})"""

# When batches were sent, how long the page was busy at a stretch, and when nothing waited any more.
WATCH = """() => {
  const seen = window.seen = { tasks: [0], sent: [], done: null };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type });
  watch("longtask", ({ duration }) => seen.tasks.push(duration));
  watch("resource", ({ name, startTime }) => name.endsWith("/api/v1/scans") && seen.sent.push(startTime));
  new MutationObserver(() => {
    if (document.body.dataset.waiting === "0") seen.done = performance.now();
  }).observe(document.body, { attributeFilter: ["data-waiting"] });
}"""


@dataclass(frozen=True)
class Drained:
    """What was seen from the first batch that was sent until nothing waited."""

    scans: int
    seconds: float
    longest_task_ms: float
    """A stretch in which the page could answer nobody; 0 where none was above the 50 ms from which browsers tell."""
    verdicts_ms: list[float]
    """Of guests who came meanwhile."""

    @property
    def rate(self) -> float:
        return self.scans / self.seconds


def fill(page: Page, guests: Sequence[Guest]) -> None:
    """Put a scan of each guest on the device, behind the page's back: it has to be opened anew afterwards."""
    scans = _scans(guests)
    while some := list(islice(scans, CHUNK)):
        page.evaluate(FILL, some)


def _scans(guests: Sequence[Guest]) -> Iterator[dict[str, Any]]:
    from registry.format.passcode import sign_proof

    for guest in guests:
        now = time.time()
        t = int(now)
        yield {
            "at": int(now * 1000), "verdict": "PASS", "method": "qr", "direction": "in", "admitted": True,
            "strip": _text(guest.strip), "t": t, "proof": _text(sign_proof(guest.key, guest.strip, t)),
        }  # fmt: skip


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def waiting(page: Page) -> int:
    """Scans that wait on the device, as the page tells."""
    return int(page.locator("body").get_attribute("data-waiting") or 0)


def drain(page: Page, guests: Sequence[Guest]) -> Drained:
    """The network returns to a page that holds scans; guests come meanwhile. Raises RuntimeError."""
    held, verdicts, coming = waiting(page), [], iter(guests)
    page.evaluate(WATCH)
    page.context.set_offline(False)
    end = time.monotonic() + GIVE_UP
    while waiting(page) and time.monotonic() < end:
        if guest := next(coming, None):
            verdicts.append(show(page, guest))
        page.wait_for_timeout(PAUSE_MS)
    seen = page.evaluate("seen")
    if waiting(page) or seen["done"] is None:
        raise RuntimeError(f"{waiting(page)} scans still wait after {GIVE_UP:.0f} s")
    seconds = (seen["done"] - min(seen["sent"])) / 1000
    return Drained(held + len(verdicts), seconds, max(seen["tasks"]), verdicts)
