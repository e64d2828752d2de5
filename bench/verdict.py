"""A verdict on the scanner, decoded text → shown, in Chromium without a network: the 95th percentile of many guests."""

import time
from collections.abc import Iterable
from datetime import datetime
from statistics import quantiles
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, sync_playwright

from bench.measure import Result
from bench.town import Guest, Town, guests, serve_files, town
from tests.chromium import FLAGS, INSTALL, found

GUESTS, WARM_UP = 300, 20
LIMIT_MS = 50.0
PATIENCE_MS = 60_000

# From the moment the text is handed over until the frame that shows the verdict has been drawn.
TO_SHOWN = """(text) => new Promise((resolve) => {
  const verdict = document.getElementById("verdict");
  const field = document.getElementById("typed-code");
  new MutationObserver((_changes, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = () => resolve([performance.now() - start, verdict.dataset.verdict]);
      port1.postMessage(null);
    });
  }).observe(verdict, { attributeFilter: ["data-verdict"] });
  field.value = text;
  const start = performance.now();
  document.getElementById("typed-form").requestSubmit();
})"""


def run() -> Iterable[Result]:
    """The floor is the limit itself, so the goal is a ratio of at most 1."""
    chromium = browser_path()
    running = town()
    from registry.format import passcode

    people = guests(GUESTS + WARM_UP, passcode.seoul_day(time.time()))
    serve_files(running)
    code = pairing_code()
    with sync_playwright() as driver, driver.chromium.launch(executable_path=chromium, args=[*FLAGS]) as browser:
        page = browser.new_page(locale="ko-KR", timezone_id="Asia/Seoul")
        pair(page, running, code)
        page.context.set_offline(True)
        taken = [show(page, guest) for guest in people][WARM_UP:]
    yield Result("verdict, p95", quantiles(taken, n=20)[-1], "ms", LIMIT_MS, 1.0, at_most=True)


def browser_path() -> str:
    """Of this machine's Chromium. Ends the bench where there is none."""
    path = found()
    if path is None:
        raise SystemExit(f"bin/bench: no Chromium. {INSTALL}")
    return path


def pairing_code() -> str:
    """Of a new café."""
    from registry.models import User
    from venues.models import Operator, Venue
    from venues.scanners import new_pairing_code

    owner = User.objects.create(username=f"bench-verdict-{time.time_ns()}")
    operator = Operator.objects.create(name="Bench")
    venue = Venue.objects.create(operator=operator, name="Bench", category_id="cafe", region="11680")
    return new_pairing_code(venue, by=owner, name="Bench", now=datetime.now(ZoneInfo("Asia/Seoul")))


def pair(page: Page, running: Town, code: str) -> None:
    """Pair the page; what it needs to start without a server is on the device afterwards."""
    assert running.stack
    page.goto(f"{running.stack.web}/scanner/#code={code}")
    page.wait_for_selector('body[data-state="ready"][data-shell="kept"]', timeout=PATIENCE_MS)
    page.wait_for_selector("#about-category:not(:empty)", state="attached", timeout=PATIENCE_MS)


def show(page: Page, guest: Guest) -> float:
    """Milliseconds until the verdict on this guest stood on the screen."""
    return show_code(page, code_of(guest))


def code_of(guest: Guest) -> str:
    """What the guest's phone shows now."""
    from registry.format.passcode import encode_code, sign_proof

    t = int(time.time())
    return encode_code(guest.strip, t, sign_proof(guest.key, guest.strip, t))


def show_code(page: Page, text: str) -> float:
    """Milliseconds until the verdict on this code stood on the screen. Raises RuntimeError where it is not PASS."""
    took, said = page.evaluate(TO_SHOWN, text)
    if said != "PASS":
        raise RuntimeError(f"the scanner said {said}")
    return float(took)
