"""A verdict on the scanner, decoded text → shown, in Chromium without a network: the 95th percentile of many guests."""

import time
from collections.abc import Iterable
from datetime import datetime
from statistics import quantiles
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, sync_playwright

from bench.measure import Result
from bench.town import Guest, Town, guests, town
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
    chromium = found()
    if chromium is None:
        raise SystemExit(f"bench verdict: no Chromium. {INSTALL}")
    running = town()
    from registry.format import passcode

    people = guests(GUESTS + WARM_UP, passcode.seoul_day(time.time()))
    code = _open_with_files(running)
    with sync_playwright() as driver, driver.chromium.launch(executable_path=chromium, args=[*FLAGS]) as browser:
        page = browser.new_page(locale="ko-KR", timezone_id="Asia/Seoul")
        _pair(page, running, code)
        page.context.set_offline(True)
        taken = [_show(page, guest) for guest in people][WARM_UP:]
    yield Result("verdict, p95", quantiles(taken, n=20)[-1], "ms", LIMIT_MS, 1.0, at_most=True)


def _open_with_files(running: Town) -> str:
    """Collect the static files, start the web server with them, and make a pairing code for a café of its own."""
    from django.core.management import call_command

    from registry.models import User
    from venues.models import Operator, Venue
    from venues.scanners import new_pairing_code

    call_command("collectstatic", interactive=False, verbosity=0)
    assert running.stack
    running.stack.stop("web")
    running.stack.start("web")
    running.stack.wait("web")
    owner = User.objects.create(username=f"bench-verdict-{time.time_ns()}")
    operator = Operator.objects.create(name="Bench")
    venue = Venue.objects.create(operator=operator, name="Bench", category_id="cafe", region="11680")
    return new_pairing_code(venue, by=owner, name="Bench", now=datetime.now(ZoneInfo("Asia/Seoul")))


def _pair(page: Page, running: Town, code: str) -> None:
    assert running.stack
    page.goto(f"{running.stack.web}/scanner/#code={code}")
    page.wait_for_selector('body[data-state="ready"][data-shell="kept"]', timeout=PATIENCE_MS)
    page.wait_for_selector("#about-category:not(:empty)", state="attached", timeout=PATIENCE_MS)


def _show(page: Page, guest: Guest) -> float:
    """Milliseconds until the verdict on this guest stood on the screen."""
    from registry.format.passcode import encode_code, sign_proof

    t = int(time.time())
    took, said = page.evaluate(TO_SHOWN, encode_code(guest.strip, t, sign_proof(guest.key, guest.strip, t)))
    if said != "PASS":
        raise RuntimeError(f"the scanner said {said}")
    return float(took)
