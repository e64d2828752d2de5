"""A busy door: the scanner's page in Chromium on a weak phone, without a network and when it returns; what the owner's
and the citizen's pages weigh; posters.

Where a limit is promised, the floor is the limit itself, so that the ratio's goal is 1.
"""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from random import Random
from statistics import quantiles

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from bench import frames, poster, weights
from bench.drained import drain, fill, waiting
from bench.measure import Result
from bench.reading import READ, read
from bench.town import Guest, Town, guests, serve_files, town
from bench.verdict import PATIENCE_MS, browser_path, code_of, pair, pairing_code, show_code
from tests.chromium import FLAGS

SLOWED = 4
LOOKS, WARM_UP = 40, 4
FRAME_MS, TO_READ = 250.0, 57
COLD_STARTS, STARTS, START_MS = 3, 7, 1000.0
HELD, WHILE_DRAINING = 20_000, 40
DRAINED, TASK_MS, VERDICT_MS = 1000.0, 100.0, 50.0

# When the open door stood on the screen, in milliseconds from the beginning of the navigation.
STARTED = """window.started = new Promise((resolve) => (window.tellStarted = resolve));
new MutationObserver((_changes, observer) => {
  if (document.body?.dataset.state !== "ready") return;
  observer.disconnect();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => tellStarted(performance.now());
    port1.postMessage(null);
  });
}).observe(document, { subtree: true, attributeFilter: ["data-state"] });"""


def run() -> Iterable[Result]:
    """With what the posters' and the pages' benches say, which are run by themselves too."""
    chromium = browser_path()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps a loop running in this thread
    running = town()
    serve_files(running)
    code = pairing_code()
    with sync_playwright() as driver, _profile() as profile:
        device = Device(driver, chromium, profile, running)
        with device.on() as page:
            pair(page, running, code)
            page.context.set_offline(True)
            _open_eye(page)
            yield _bad_frames(page)
            yield _frames_to_verdicts(page)
            fill(page, guests(HELD, _today()))
        yield _starts(device)
        with device.on() as page:
            yield from _draining(device, page)
    yield from weights.run()
    yield from poster.run()


class Device:
    """A phone at the door: a browser with a profile that outlives it."""

    def __init__(self, driver: Playwright, chromium: str, profile: str, running: Town) -> None:
        assert running.stack
        self.driver, self.chromium, self.profile = driver, chromium, profile
        self.address = f"{running.stack.web}/scanner/"

    @contextmanager
    def on(self) -> Iterator[Page]:
        context: BrowserContext = self.driver.chromium.launch_persistent_context(
            self.profile, executable_path=self.chromium, args=[*FLAGS], locale="ko-KR", timezone_id="Asia/Seoul"
        )
        context.add_init_script(STARTED)
        try:
            yield context.pages[0]
        finally:
            context.close()

    def start(self, page: Page) -> float:
        """Milliseconds until the door is open, from a navigation without a network."""
        page.context.set_offline(True)
        page.goto(self.address)
        return float(page.evaluate("started"))


def _profile() -> tempfile.TemporaryDirectory[str]:
    """The browser's last processes may still write when it has said that it is closed."""
    return tempfile.TemporaryDirectory(prefix="munjigi-bench-", ignore_cleanup_errors=True)


def _today() -> date:
    from registry.format import passcode

    return passcode.seoul_day(time.time())


def _open_eye(page: Page) -> None:
    """Have the page's own reader look at pictures that we give it."""
    from django.templatetags.static import static

    reader, wasm = (page.evaluate(f"document.body.dataset.{name}") for name in ("reader", "wasm"))
    page.evaluate(READ, [static("js/scanner/sight.js"), reader, wasm])


def _bad_frames(page: Page) -> Result:
    seen = [read(page, frame) for frame in frames.frames()]
    wrong = [sight.name for sight in seen if sight.text is not None and not sight.right]
    if wrong:
        raise RuntimeError(f"read, but wrongly: {wrong}")
    return Result("door, bad frames read", sum(sight.right for sight in seen), f"of {len(seen)}", TO_READ, 1.0)


def _frames_to_verdicts(page: Page) -> Result:
    """From a frame to the verdict on the screen, of frames with a readable code. Chromium slows the page and not its
    worker, so the worker's time counts SLOWED times."""
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    taken = []
    for number, guest in enumerate(guests(LOOKS + WARM_UP, _today())):
        sight = read(page, _frame_of(guest, number))
        if sight.right:
            taken.append(sight.ms + (SLOWED - 1) * sight.worker_ms + show_code(page, sight.expected))
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    slow.detach()
    return Result(
        f"door, frame to verdict, p95 of {len(taken) - WARM_UP}",
        quantiles(taken[WARM_UP:], n=20)[-1],
        "ms",
        FRAME_MS,
        1.0,
        at_most=True,
    )


def _frame_of(guest: Guest, number: int) -> frames.Frame:
    """The guest's code as a camera sees it: every other time well, else with one kind of damage, little or much."""
    chance, text = Random(number), code_of(guest)
    kind = frames.KINDS[number // 2 % len(frames.KINDS)]
    bad = frames.damage(kind, chance.random(), chance) if number % 2 else frames.Damage()
    return frames.Frame(kind, number, text, frames.draw(text, bad, chance))


def _starts(device: Device) -> Result:
    """The slowest of several starts with the queue on the device, some of them of the browser itself."""
    taken = []
    for _ in range(COLD_STARTS):
        with device.on() as page:
            taken.append(device.start(page))
            _wait_for_queue(page)
    with device.on() as page:
        taken += [device.start(page) for _ in range(STARTS)]
    return Result(f"door, start, slowest of {len(taken)}", max(taken), "ms", START_MS, 1.0, at_most=True)


def _wait_for_queue(page: Page) -> None:
    """Until the page tells that it holds the whole queue; the guests shown to it before are a few more."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while waiting(page) < HELD:
        if time.monotonic() > end:
            raise RuntimeError(f"the device holds {waiting(page)} scans, not {HELD}")
        page.wait_for_timeout(50)


def _draining(device: Device, page: Page) -> Iterator[Result]:
    """The whole queue is sent, while guests come; all of it has to be in the log."""
    from checkins.models import Entry

    device.start(page)
    _wait_for_queue(page)
    before = Entry.objects.count()
    seen = drain(page, guests(WHILE_DRAINING, _today()))
    if Entry.objects.count() - before != seen.scans:
        raise RuntimeError(f"of {seen.scans} scans {Entry.objects.count() - before} are in the log")
    slowest = quantiles(seen.verdicts_ms, n=20)[-1]
    yield Result("door, queue sent", seen.rate, f"of {seen.scans:,} scans a second", DRAINED, 1.0)
    yield Result("door, longest task meanwhile", seen.longest_task_ms, "ms", TASK_MS, 1.0, at_most=True)
    yield Result("door, verdict meanwhile, p95", slowest, "ms", VERDICT_MS, 1.0, at_most=True)
