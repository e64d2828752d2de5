"""The whole main job, by hand as people do it: a clerk, a citizen, a café with its server gone, and the owner's count.

No frozen clock, no widened window: the code that the phone shows at that moment is the scanner's camera.
"""

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from checkins import counts
from registry.models import Citizen, Role
from tests.chromium import AT_ONCE, write_video
from tests.factories import UserFactory, VenueFactory
from venues import scanners
from venues.models import Category

PASSWORD = "open-sesame-2468"
PATIENCE_MS = 20_000
LOOK_MS, LOOKS = 1_000, 30  # the camera's picture is taken anew each second, as a phone's would be


@pytest.fixture
def clerk():
    clerk = UserFactory(username="clerk", clerk=True)
    clerk.groups.add(Group.objects.get(name=Role.REGISTRAR))
    TOTPDevice.objects.create(user=clerk, name="phone", confirmed=True)
    return clerk


@pytest.fixture
def owner():
    return UserFactory(username="owner")


def one_time_code(user) -> str:
    device = TOTPDevice.objects.get(user=user)
    return f"{TOTP(device.bin_key).token():06d}"


def film(wallet: Page, path: Path) -> Path:
    """The QR that the wallet shows now, as what a camera of 640 x 480 sees."""
    picture = Image.open(io.BytesIO(wallet.locator("#qr").screenshot())).convert("L").resize((400, 400))
    frame = Image.new("L", (640, 480), 128)
    frame.paste(picture, (120, 40))
    frame = frame.point(lambda luma: 16 + luma * 219 // 255)
    rows = [list(frame.crop((0, y, 640, y + 1)).tobytes()) for y in range(480)]
    return write_video(path, rows)


def read_code(simulator: str, phone: str) -> str:
    """The newest code sent to a number, from the simulator's page, once it is there."""
    for _ in range(100):
        if messages := httpx.get(f"{simulator}/messages.json", params={"to": phone}).json()["messages"]:
            return re.search(r"\d{6}", messages[0]["text"]).group()
        time.sleep(0.2)
    pytest.fail("no code came")


def verify_phone(page: Page, live_stack, phone: str, name: str, birth: str) -> None:
    """Go through the wallet's steps to a pass."""
    page.goto(f"{live_stack.web}/pass/")
    page.fill("#phone", phone)
    page.fill("#name", name)
    page.fill("#birth-date", birth)
    page.check("#consent")
    page.click("#phone-submit")
    expect(page.locator("#delivery")).to_have_attribute("data-delivery", "sent", timeout=PATIENCE_MS)
    page.fill("#code", read_code(live_stack.simulator, phone))
    expect(page.locator("#screen-pass")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")


class Door:
    """A paired scanner whose camera sees what is filmed."""

    def __init__(self, launch: Callable[[Path], Browser], live_stack, venue, owner, video: Path) -> None:
        self.video = write_video(video, [[128] * 640] * 480)
        code = scanners.new_pairing_code(venue, by=owner, name="정문", now=timezone.now())
        context = launch(video).new_context(locale="ko-KR", timezone_id="Asia/Seoul", permissions=["camera"])
        context.add_init_script(AT_ONCE)
        self.page = context.new_page()
        self.page.goto(f"{live_stack.web}/scanner/")
        self.page.fill("#pair-code", code)
        self.page.click("#pair-submit")
        self.expect_state("ready")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        self.verdict = self.page.locator("#verdict")

    def expect_state(self, state: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-state", state, timeout=PATIENCE_MS)

    def start_anew(self) -> None:
        self.page.reload()
        self.expect_state("ready")

    def expect_verdict(self, wallet: Page, verdict: str, *, colour: str, sound: str) -> None:
        """Hold a phone before the camera, as it shows its code at each moment, until the scanner has seen it."""
        for _look in range(LOOKS):
            film(wallet, self.video)
            try:
                expect(self.verdict).to_have_attribute("data-verdict", verdict, timeout=LOOK_MS)
                break
            except AssertionError:
                continue
        expect(self.verdict).to_have_attribute("data-verdict", verdict)
        expect(self.verdict).to_have_attribute("data-colour", colour)
        expect(self.verdict).to_have_attribute("data-sound", sound)
        write_video(self.video, [[128] * 640] * 480)

    def expect_all_sent(self, away: float) -> None:
        """The pauses between two tries double: the next comes before the server is back for as long as it was away."""
        expect(self.page.locator("body")).to_have_attribute("data-waiting", "0", timeout=60_000 + 1000 * away)


def new_phone(page: Page) -> Page:
    """Another person's phone."""
    return page.context.browser.new_context(locale="ko-KR", timezone_id="Asia/Seoul").new_page()


def entries() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT venue, method, direction, flags FROM checkins_entry")
        return cursor.fetchall()


def add_person_with_second_dose(page: Page, live_stack, clerk) -> None:
    """A clerk signs in with a one-time code, adds a person, and puts a second dose on record."""
    page.goto(f"{live_stack.web}/admin/")
    page.fill("[name=username]", clerk.username)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", one_time_code(clerk))
    page.press("[name=code]", "Enter")
    expect(page).to_have_url(f"{live_stack.web}/admin/")
    page.goto(f"{live_stack.web}/admin/registry/citizen/add/")
    page.fill("[name=name]", "홍길동")
    page.fill("[name=birth_date]", "1990-01-01")
    page.fill("[name=phone]", "010-0000-0042")
    page.click("[name=_continue]")
    add_record = page.locator("a[href*='add_record'], a[href*='add-record']").first
    expect(add_record).to_be_visible(timeout=PATIENCE_MS)
    add_record.click()
    page.fill("[name=day]", (timezone.localdate() - timedelta(days=60)).isoformat())
    page.select_option("[name=vaccine]", "pfizer")
    page.fill("[name=dose]", "2")
    page.fill("[name=issuer]", "시험 의료원")
    page.fill("[name=certificate_number]", "T-2022-1")
    page.click("[name=_save]")
    expect(page).to_have_url(re.compile("/registry/citizen/"))


def test_it_lets_a_person_through_the_door_while_the_server_is_gone(live_stack, launch, page, clerk, owner, tmp_path):
    add_person_with_second_dose(page, live_stack, clerk)
    citizen = Citizen.objects.get()
    assert citizen.records.get().dose == 2

    cafe = VenueFactory(name="이야기 카페", owner=owner)
    Category.objects.create(code="small_shop", name_ko="작은 가게", name_en="Small shop")
    shop = VenueFactory(name="이야기 가게", category_id="small_shop", owner=owner)
    cafe_door = Door(launch, live_stack, cafe, owner, tmp_path / "cafe.y4m")
    shop_door = Door(launch, live_stack, shop, owner, tmp_path / "shop.y4m")
    wallet, stranger = new_phone(page), new_phone(page)
    verify_phone(wallet, live_stack, "01000000042", "홍길동", "19900101")
    verify_phone(stranger, live_stack, "01000000043", "김아무개", "19851231")

    left = time.monotonic()
    live_stack.stop("web")
    cafe_door.start_anew()
    cafe_door.expect_verdict(wallet, "PASS", colour="green", sound="rise")
    cafe_door.expect_verdict(stranger, "NO_PASS", colour="red", sound="chime")
    shop_door.expect_verdict(stranger, "ENTRY", colour="blue", sound="chime")

    live_stack.start("web")
    live_stack.wait("web")
    away = time.monotonic() - left
    cafe_door.expect_all_sent(away)
    shop_door.expect_all_sent(away)
    assert sorted(entries()) == [(cafe.pk, "qr", "in", 0), (shop.pk, "qr", "in", 0)]
    day = counts.on(cafe, timezone.localdate())
    assert (day.admitted, day.turned_away) == (1, {"NO_PASS": 1})
    page.context.clear_cookies()
    page.goto(f"{live_stack.web}/owner/sign-in/")
    page.fill("[name=username]", owner.username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.get_by_role("link", name="이야기 카페").click()
    expect(page.locator("[data-count]").first).to_have_attribute("data-count", "1")
