"""No page has a fault that axe-core calls serious or critical, and none scrolls sideways or is cut off at 200 %."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import timezone
from django.views.csrf import csrf_failure
from django.views.defaults import permission_denied
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import BrowserContext, expect

from config import problems
from gate import refusals
from registry.models import Outage, User
from tests.browser.test_scanner import code, pair
from tests.browser.test_story import read_code
from tests.browser.test_wallet import PATIENCE_MS, ask_code, newest_code, vaccinated  # noqa: F401 -- a fixture
from tests.browser.walk import Walk
from tests.factories import VenueFactory
from tests.registry.clerks import make_clerk
from tests.security import addresses, table
from tests.venues.places import Place
from venues.posters import making

Given = Callable[[str], Any]  # a fixture by its name
OPEN_TO = table.everything()


def signed_in(walk: Walk, user: User, **more: str) -> None:
    """Give the browser a session of this user, as the sign-in page would."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.update(more)
    session.create()
    walk.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": walk.site}])


@pytest.fixture
def context(browser):
    """Without animations, so that nothing is looked at half-way."""
    context = browser.new_context(
        locale="ko-KR", timezone_id="Asia/Seoul", viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    yield context
    context.close()


def outage() -> Outage:
    began = timezone.now() - timedelta(hours=2)
    return Outage.objects.create(began_at=began, opened_at=began)


def citizens(walk: Walk, given: Given) -> None:
    for path in ("/", "/status/", "/outages/", f"/outages/{outage().pk}/"):
        walk.open(path)
    for path in ("/", "/status/", "/pass/", "/owner/sign-in/", "/scanner/"):
        walk.tab_through(path)
    errors(walk)


def errors(walk: Walk) -> None:
    """What is said when there is no page, or none can be had. Those that a broken server says are made here."""
    walk.open("/nothing-here/", 404)
    request = RequestFactory().get("/owner/")
    walk.show("403", str(permission_denied(request, PermissionDenied()).content, "utf-8"), 403)
    walk.show("403 form", str(csrf_failure(request).content, "utf-8"), 403)
    for error, status in ((OperationalError("gone"), 503), (ZeroDivisionError(), 500)):
        try:
            raise error
        except type(error):
            walk.show(str(status), str(problems.server_error(request).content, "utf-8"), status)
    walk.show("503 busy", str(refusals.busy(request).content, "utf-8"), 503)


def wallet(walk: Walk, given: Given) -> None:
    given("vaccinated")
    walk.open("/pass/")
    page = walk.page
    page.click("#phone-submit")
    walk.look("/pass/ with errors")
    ask_code(page)
    walk.look("/pass/ code")
    page.fill("#code", newest_code(given("live_stack")))
    expect(page.locator("#pass-head")).to_have_attribute("data-pass", "1", timeout=PATIENCE_MS)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    walk.look("/pass/ pass")
    page.emulate_media(forced_colors="active", color_scheme="dark")
    expect(page.locator("#qr")).to_have_css("background-color", "rgb(255, 255, 255)")  # or no camera could read it
    page.emulate_media(forced_colors="none", color_scheme="light")
    page.click("#me-open")
    expect(page.locator("#me-state")).to_have_text(re.compile("기준"), timeout=PATIENCE_MS)
    walk.look("/pass/ own page")
    for screen in page.evaluate("[...document.querySelectorAll('[id^=screen-]')].map((one) => one.id.slice(7))"):
        if screen in ("phone", "code", "pass", "me"):
            continue
        page.evaluate(SHOW_SCREEN, screen)
        walk.look(f"/pass/ {screen}")


# As static/js/wallet/view.js does; what is said there is tested where it is said.
SHOW_SCREEN = """(name) => {
  for (const one of document.querySelectorAll("[id^=screen-]")) one.hidden = one.id !== `screen-${name}`;
  const said = document.querySelectorAll(`#screen-${name} :is(h1, button, button > span)`);
  for (const one of said) one.textContent ||= "…";
}"""


def scanner(walk: Walk, given: Given) -> None:
    venue = VenueFactory()
    walk.open("/scanner/")
    walk.page.goto("about:blank")  # where only what stands behind the # changes, nothing is loaded
    pair(walk.page, given("live_stack"), venue)
    walk.look("/scanner/ ready")
    for text in (code(), code(passes=False), "something else"):
        walk.page.evaluate(SHOW_CODE, text)
        expect(walk.page.locator("body")).to_have_attribute("data-state", "verdict")
        walk.look(f"/scanner/ verdict on {text[:6]}")
    walk.page.goto(f"{walk.site}/scanner/")
    expect(walk.page.locator("body")).to_have_attribute("data-state", "ready", timeout=PATIENCE_MS)
    for dialog in walk.page.evaluate("[...document.querySelectorAll('dialog[id]')].map((one) => one.id)"):
        walk.page.evaluate(SHOW_DIALOG, dialog)
        walk.look(f"/scanner/ {dialog}")
        walk.page.evaluate("(id) => document.getElementById(id).close()", dialog)


SHOW_DIALOG = """(id) => {
  document.getElementById(id).showModal();
  for (const one of document.querySelectorAll(`#${id} :is(h2, button)`)) one.textContent ||= "…";
}"""
SHOW_CODE = """(text) => {
  document.getElementById("typed-code").value = text;
  document.getElementById("typed-form").requestSubmit();
}"""


def strangers(walk: Walk, given: Given) -> None:
    """What an owner sees before signing in, and a guest of a poster."""
    for path in ("/owner/sign-in/", "/owner/sign-up/", "/owner/terms/", "/owner/password/"):
        walk.open(path)
    sign_up(walk, given("live_stack"))
    shown = making.good(Place().venue)
    assert shown is not None
    walk.open(urlsplit(making.address(shown)).path)


def owners(walk: Walk, given: Given) -> None:
    half_of_the_portal(walk, given, 0)


def more_of_owners(walk: Walk, given: Given) -> None:
    every = half_of_the_portal(walk, given, 1)
    for name in ("apply", "profile", "invite", "pair"):
        walk.page.goto(walk.site + every[name])
        with walk.page.expect_navigation():
            walk.page.locator("main form").last.evaluate("form => { form.noValidate = true; form.submit(); }")
        walk.look(f"{every[name]} sent")


def half_of_the_portal(walk: Walk, given: Given, half: int) -> dict[str, str]:
    """Every second page that an owner may open; the addresses of all."""
    place = Place()
    owner = place.people[table.OWNER]
    signed_in(walk, owner)
    portal = [address for address in addresses.every() if address.name.startswith("owner:")]
    every = {address.name.removeprefix("owner:"): address.path(**place.keys) for address in portal}
    for name, path in sorted(every.items())[half::2]:
        if table.OWNER in OPEN_TO.get(f"owner:{name}", ()) and path not in walk.seen:
            if name == "export":  # of no days: their page, which says so
                walk.open(path, status=400)
            else:
                walk.open_page(path)
    return every


def sign_up(walk: Walk, live_stack) -> None:
    """The pages that come only after a number was given, and after it was proven."""
    walk.page.goto(f"{walk.site}/owner/sign-up/")
    walk.page.fill("[name=phone]", "010-0000-0077")
    walk.page.press("[name=phone]", "Enter")
    expect(walk.page.locator("[name=code]")).to_be_visible()
    walk.look("/owner/sign-up/code/")
    walk.page.fill("[name=code]", read_code(live_stack.simulator, "01000000077"))
    walk.page.press("[name=code]", "Enter")
    expect(walk.page.locator("[name=username]")).to_be_visible()
    walk.look("/owner/sign-up/account/")


def desk(walk: Walk, given: Given) -> None:
    """Each template of ours, and a list and a form of each kind; unfold's own pages are all made of these."""
    walk.open("/admin/login/")
    half_of_the_desk(walk, given, 0)
    walk.tab_through("/admin/venues/venue/", 20)


def more_of_the_desk(walk: Walk, given: Given) -> None:
    half_of_the_desk(walk, given, 1)


def half_of_the_desk(walk: Walk, given: Given, half: int) -> None:
    Place(), given("vaccinated"), outage()
    clerk = make_clerk(superuser=True)
    device = TOTPDevice.objects.get(user=clerk)
    signed_in(walk, clerk, **{DEVICE_ID_SESSION_KEY: device.persistent_id})
    for path in DESK_PAGES[half::2]:
        model = re.match(r"/admin/(\w+)/(\w+)/1/", path)
        first = apps.get_model(*model.groups()).objects.order_by("pk").first() if model else None
        walk.open(path.replace("/1/", f"/{first.pk}/") if first else path)


DESK_PAGES = (
    "/admin/", "/admin/keyboard/", "/admin/venues/venue/?status__exact=open",
    "/admin/password_change/", "/admin/checkins/entry/",
    "/admin/registry/citizen/", "/admin/registry/citizen/1/change/", "/admin/registry/citizen/1/history/",
    "/admin/registry/passrecord/1/change/", "/admin/registry/policyversion/1/change/",
    "/admin/registry/policyversion/add/", "/admin/registry/policyversion/calendar/",
    "/admin/registry/provider/", "/admin/registry/outage/1/change/", "/admin/registry/spreading/",
    "/admin/registry/citizen/1/timeline/", "/admin/registry/citizen/1/merge/", "/admin/registry/citizen/1/erase/",
    "/admin/registry/request/waiting/", "/admin/registry/request/", "/admin/registry/event/",
    "/admin/registry/user/1/change/", "/admin/gate/gatesettings/",
    "/admin/roles/", "/admin/audit/months/", "/admin/audit/months/2026-1/", "/admin/registry/clerkinvitation/add/",
    "/admin/registry/period/", "/admin/registry/period/messages/days/", "/admin/checkins/legalhold/",
    "/admin/checkins/trace/", "/admin/checkins/trace/ask-person/", "/admin/checkins/trace/ask-venue/",
    "/admin/venues/application/", "/admin/venues/application/1/change/", "/admin/venues/operator/1/change/",
    "/admin/venues/venue/1/change/", "/admin/venues/scanner/1/change/",
)  # fmt: skip


AT_A_DESK = (desk, more_of_the_desk)
AREAS = (owners, more_of_owners, *AT_A_DESK, strangers, citizens, wallet, scanner)


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.__name__)
def test_its_pages_have_no_grave_fault(
    live_stack, context: BrowserContext, area: Callable[[Walk, Given], None], request: pytest.FixtureRequest
) -> None:
    walk = Walk(context, live_stack.web, narrow=area not in AT_A_DESK)
    area(walk, request.getfixturevalue)
    assert not walk.found, "\n" + "\n".join(walk.found)
