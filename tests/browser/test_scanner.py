"""The scanner page on the real stack: it opens, decides and keeps without a server, and sends once when it is back."""

import re
import uuid
from datetime import timedelta

import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from checkins.models import Flag, HourCount
from registry import signing, vault
from registry.format import passcode
from tests.chromium import AT_ONCE, write_video
from tests.factories import VenueFactory
from venues import scanners
from venues.models import Category, Scanner

PATIENCE_MS = 20_000
UPLOAD_MS = 60_000
DECIDE_MS = 10_000  # for so long a scan that was neither admitted nor refused waits for a decision, and is not sent
POLICY = 2**31  # newer than any floor


def code(*, passes: bool = True, late: int = 0, policy: int = POLICY) -> str:
    """What a phone shows now: a citizen, a strip and a key of its own; the proof is `late` seconds old."""
    now = int(timezone.now().timestamp())
    day = passcode.seoul_day(now)
    signer, phone = signing.signer_for(day), ec.generate_private_key(ec.SECP256R1())
    nbf, exp = passcode.strip_times(day, worse_tomorrow=False)
    strip = passcode.sign_strip(
        private_key=signer.private_key, kid=signer.kid, issuer="KR", day=day, exp=exp, iat=max(nbf, now - 600),
        cti=vault.pseudonym(day, uuid.uuid4()), cnf=passcode.point_of(phone), passes=passes, policy=policy, phone=0,
    )  # fmt: skip
    return passcode.encode_code(strip, now - late, passcode.sign_proof(phone, strip, now - late))


@pytest.fixture
def venue(live_stack):
    """A café on a day on which cafés ask for a pass, and let a guest without one sit alone."""
    return VenueFactory()


def pairing_code(venue) -> str:
    return scanners.new_pairing_code(venue, by=venue.operator.people.first(), name="정문", now=timezone.now())


def pair(page: Page, live_stack, venue) -> Page:
    """The page paired with the venue, what it needs for a start without a server on the device."""
    page.goto(f"{live_stack.web}/scanner/#code={pairing_code(venue)}")
    state(page, "ready")
    expect(page.locator("#about-fetched")).to_have_text(re.compile(r"\d"), timeout=PATIENCE_MS)
    expect(page.locator("body")).to_have_attribute("data-shell", "kept", timeout=PATIENCE_MS)
    assert "code=" not in page.url
    return page


def state(page: Page, name: str, timeout: int = PATIENCE_MS) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", name, timeout=timeout)


def counts(page: Page, timeout: int = PATIENCE_MS, **values: int) -> None:
    for name, value in values.items():
        expect(page.locator("body")).to_have_attribute(f"data-{name}", str(value), timeout=timeout)


# What the page hears of a USB scanner. Four hundred keys pressed one by one are more than a second of computing.
KEYS = """(text) => {
  for (const key of [...text, "Enter"]) {
    const at = document.activeElement ?? document.body;
    at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""


def show(page: Page, text: str, verdict: str) -> None:
    """A USB scanner reads the code."""
    page.evaluate(KEYS, text)
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", verdict)


def type_code(page: Page, text: str, verdict: str) -> None:
    """The same by keys that are pressed, which go to what has the focus."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", verdict)


def lock(page: Page) -> None:
    """Set a PIN on the device."""
    page.click("#settings-open")
    page.click("#pin-set")
    for _time in range(2):
        page.fill("#pin-field", "2580")
        page.keyboard.press("Enter")
        expect(page.locator("#pin-field")).to_have_value("")
    page.click("#settings [data-close]")
    expect(page.locator("#locked")).to_be_visible()


def entries(venue) -> list[tuple[str, int]]:
    """Method and flags of the venue's rows in the log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT method, flags FROM checkins_entry WHERE venue = %s ORDER BY flags", [venue.pk])
        return cursor.fetchall()


def received() -> list[tuple[int, int]]:
    """The ranges of numbers that the server holds of the newest scanner."""
    return [(part.lower, part.upper) for part in Scanner.objects.latest("pk").received]


def test_it_opens_and_admits_without_a_network_and_sends_each_scan_once(page, live_stack, venue):
    pair(page, live_stack, venue)
    page.context.set_offline(True)  # that the server itself is gone is told by the story
    page.reload()
    state(page, "ready")
    expect(page.locator("#viewfinder")).to_have_attribute("data-camera", re.compile("absent|refused"))
    show(page, code(), "PASS")
    expect(page.locator("#verdict")).to_have_attribute("data-colour", "green")
    expect(page.locator("#verdict")).to_be_hidden()
    expect(page.locator("body")).to_have_attribute("data-link", "offline", timeout=PATIENCE_MS)
    page.reload()
    counts(page, admitted=1, refused=0, waiting=1)

    page.goto(f"{live_stack.web}/scanner/?language=en")
    expect(page.locator("#link-words")).to_contain_text("1 waiting, nothing is lost")

    page.context.set_offline(False)
    counts(page, UPLOAD_MS, waiting=0)
    assert entries(venue) == [("qr", 0)]
    assert received() == [(1, 2)]


def test_it_corrects_a_clock_that_is_an_hour_off_also_without_a_network(context, live_stack, venue):
    context.add_init_script("const real = Date.now; Date.now = () => real() - 3_600_000;")
    page = pair(context.new_page(), live_stack, venue)
    page.context.set_offline(True)
    page.reload()
    state(page, "ready")
    show(page, code(), "PASS")
    expect(page.locator("#about-clock")).to_contain_text("60")
    counts(page, waiting=1)
    page.context.set_offline(False)
    counts(page, UPLOAD_MS, admitted=1, waiting=0)
    assert entries(venue) == [("qr", 0)]


def test_it_leaves_to_the_door_what_the_format_leaves_to_it(page, live_stack, venue):
    page.clock.install()
    pair(page, live_stack, venue)
    page.context.set_offline(True)
    show(page, code(late=120), "STALE")
    page.click("#verdict-hand")
    page.click("#hand [value=no_network]")
    counts(page, admitted=1, refused=0)

    show(page, code(passes=False), "NO_PASS")
    counts(page, admitted=1, refused=1)
    page.keyboard.press("Enter")  # "admit alone" has the focus
    counts(page, admitted=2, refused=0, waiting=2)

    refused = code(passes=False)
    show(page, refused, "NO_PASS")
    page.keyboard.press("Escape")
    show(page, refused, "NO_PASS")  # a second look neither softens it nor counts again
    counts(page, admitted=2, refused=1, waiting=3)

    admitted = code()
    show(page, admitted, "PASS")
    show(page, admitted, "REPEAT")
    counts(page, admitted=3, refused=1, waiting=5)
    page.keyboard.press("Escape")

    page.context.set_offline(False)
    page.clock.fast_forward(DECIDE_MS)
    counts(page, UPLOAD_MS, waiting=0)
    assert entries(venue) == [("qr", 0), ("qr", Flag.ALONE)]
    assert HourCount.objects.get(method="hand", verdict="STALE", admitted=True).count == 1
    assert HourCount.objects.get(verdict="REPEAT", admitted=False).count == 1


def test_it_stops_when_revoked_and_a_new_pairing_goes_on_without_its_pin(page, live_stack, venue):
    pair(page, live_stack, venue)
    lock(page)
    page.context.set_offline(True)
    show(page, code(), "PASS")
    counts(page, waiting=1)
    scanners.revoke(Scanner.objects.get(), by=venue.operator.people.first(), reason="test", now=timezone.now())
    page.context.set_offline(False)
    state(page, "revoked", UPLOAD_MS)
    expect(page.locator("#verdict")).to_be_hidden()
    expect(page.locator("#screen-door")).to_be_hidden()
    expect(page.locator("#revoked-kept")).to_contain_text("모두 보냈습니다", timeout=UPLOAD_MS)
    assert entries(venue) == [("qr", 0)]

    page.fill("#pair-code", pairing_code(venue).lower())
    page.click("#pair-submit")
    state(page, "ready")
    counts(page, UPLOAD_MS, waiting=0, admitted=1)
    expect(page.locator("#locked")).to_be_hidden()  # a code from the portal ends a PIN that nobody knows any more


def test_it_takes_a_verdict_off_the_screen_when_it_learns_that_it_is_revoked(page, live_stack, venue):
    page.clock.install()
    pair(page, live_stack, venue)
    scanners.revoke(Scanner.objects.get(), by=venue.operator.people.first(), reason="test", now=timezone.now())
    show(page, "MJ1:1", "MALFORMED")
    expect(page.locator("#verdict")).to_be_visible()
    page.clock.fast_forward(DECIDE_MS)
    state(page, "revoked", UPLOAD_MS)
    expect(page.locator("#verdict")).to_be_hidden()
    expect(page.locator("#pair-code")).to_be_visible()


def test_it_numbers_and_sends_the_scans_of_two_windows_once(context, live_stack, venue):
    first = pair(context.new_page(), live_stack, venue)
    second = context.new_page()
    second.goto(f"{live_stack.web}/scanner/")
    state(second, "ready")
    context.set_offline(True)
    for _round in range(3):
        for window in (first, second):
            window.bring_to_front()
            show(window, code(), "PASS")
    counts(first, waiting=6)
    first.close()
    context.set_offline(False)
    counts(second, UPLOAD_MS, waiting=0, admitted=6)
    assert len(entries(venue)) == 6
    assert received() == [(1, 7)]


def test_it_reads_the_code_before_its_camera_once(live_stack, launch, venue, tmp_path):
    Category.objects.create(code="test_shop", name_ko="작은 가게", name_en="Small shop")
    shop = VenueFactory(category_id="test_shop")  # without a rule: asks for no pass
    video = write_video(tmp_path / "camera.y4m", [[128] * 640] * 480)
    context = launch(video).new_context(locale="ko-KR", timezone_id="Asia/Seoul", permissions=["camera"])
    context.add_init_script(AT_ONCE)
    page = pair(context.new_page(), live_stack, shop)
    expect(page.locator("#viewfinder")).to_have_attribute("data-camera", "on")
    film(code(passes=False), video)
    page.reload()
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "ENTRY", timeout=PATIENCE_MS)
    expect(page.locator("body")).to_have_attribute("data-decoder", "zxing")  # the policy of the page lets it run
    expect(page.locator("#verdict")).to_be_hidden()
    page.wait_for_timeout(timedelta(seconds=4) / timedelta(milliseconds=1))  # the code stays in view
    counts(page, UPLOAD_MS, admitted=1, waiting=0)
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "ENTRY")
    context.close()


def film(text: str, path) -> None:
    """The code as a camera of 640 x 480 sees it, held at half the picture's height."""
    picture = qrcode.make(text, error_correction=qrcode.ERROR_CORRECT_L).convert("L").resize((380, 380))
    frame = Image.new("L", (640, 480), 128)
    frame.paste(picture, (130, 50))
    frame = frame.point(lambda luma: 16 + luma * 219 // 255)
    write_video(path, [list(frame.crop((0, y, 640, y + 1)).tobytes()) for y in range(480)])
