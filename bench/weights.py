"""What a first visit fetches, as it comes over the wire: kilobytes with nothing cached, without the fonts."""

import time
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.measure import Result
from bench.town import serve_files, town
from tests.chromium import FLAGS, INSTALL, found

LIMIT_KB = 300.0


def run() -> Iterable[Result]:
    """The floor is the limit itself, so the goal is a ratio of at most 1. Each page in a browser profile of its own."""
    chromium = found()
    if chromium is None:
        raise SystemExit(f"bench weights: no Chromium. {INSTALL}")
    running = town()
    serve_files(running)
    assert running.stack
    site, session, venue = running.stack.web, *_owner()
    pages = {"wallet": "/pass/", "portal, sign-in": "/owner/sign-in/", "portal, a venue": f"/owner/venues/{venue}/"}
    with sync_playwright() as driver, driver.chromium.launch(executable_path=chromium, args=[*FLAGS]) as browser:
        for name, path in (pages | {"scanner": "/scanner/"}).items():
            weight = _weigh(browser, site + path, session if "venue" in name else "")
            yield Result(f"first load, {name}", weight, "kB", LIMIT_KB, 1.0, at_most=True)


def _owner() -> tuple[str, int]:
    """The session of an owner with a venue, and the venue."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from registry.models import User
    from venues.models import Operator, Staff, Venue

    user = User.objects.create(username=f"bench-weights-{time.time_ns()}")
    operator = Operator.objects.create(name="Bench")
    Staff.objects.create(operator=operator, user=user)
    venue = Venue.objects.create(operator=operator, name="Bench", category_id="cafe", region="11680")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    return session.session_key, venue.pk


def _weigh(browser: Browser, address: str, session: str) -> float:
    """Kilobytes of page, styles, scripts and pictures, heads included, until the page rests."""
    context = browser.new_context(locale="ko-KR", timezone_id="Asia/Seoul", service_workers="block")
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
    weights = _fetched(context, address)
    context.close()
    return sum(weights.values()) / 1000


def _fetched(context: BrowserContext, address: str) -> dict[str, float]:
    """Bytes by address. Raises RuntimeError where something does not come."""
    page = context.new_page()
    kinds: dict[object, tuple[object, object, object]] = {}
    weights: dict[str, float] = {}
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")

    def came(event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        kinds[event["requestId"]] = (event["type"], response["url"], response["status"])

    def ended(event: dict[str, object]) -> None:
        kind, url, status = kinds.get(event["requestId"], ("Other", "", 200))
        if int(str(status)) >= 400:
            raise RuntimeError(f"{url} answered {status}")
        if kind != "Font" and not str(url).startswith("data:"):
            weights[str(url)] = weights.get(str(url), 0.0) + float(str(event["encodedDataLength"]))

    wire.on("Network.responseReceived", came)
    wire.on("Network.loadingFinished", ended)
    page.goto(address, wait_until="networkidle")
    if Path(page.url).name != Path(address).name:
        raise RuntimeError(f"{address} led to {page.url}")
    return weights
