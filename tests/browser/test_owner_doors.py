"""An owner's door on an ordinary day and on a bad one: a scanner that is missed and replaced, figures that renew
themselves, a list on paper typed in by the keyboard alone."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from checkins.models import HourCount
from tests.factories import ScannerFactory, VenueFactory
from tests.venues.owners import PASSWORD, an_owner
from venues.models import Scanner, Venue

PATIENCE_MS = 20_000
ALWAYS_OPEN = {str(day): ["00:00", "00:00"] for day in range(7)}


def count(venue: Venue, people: int) -> None:
    now = timezone.localtime()
    HourCount.objects.create(
        venue=venue, day=now.date(), hour=now.hour, verdict="ENTRY", method="qr", direction="in", admitted=True,
        count=people,
    )  # fmt: skip


def replace(page: Page, live_stack, venue: Venue) -> None:
    """Another device takes the place of the one that is missed, and tells of itself."""
    page.get_by_role("link", name="다른 기기로 교체").click()
    page.get_by_role("button", name="연결 코드 만들기").click()
    code = page.locator("[data-pairing-code]").get_attribute("data-pairing-code")
    device = page.context.new_page()
    device.goto(f"{live_stack.web}/scanner/#code={code}")
    expect(device.locator("#about-fetched")).to_have_text(re.compile(r"\d"), timeout=PATIENCE_MS)
    device.close()
    old, new = Scanner.objects.get(replaced_by__isnull=False), Scanner.objects.get(replaces__isnull=False)
    assert old.revoked_at and new.name == old.name and new.state["waiting"] == 0
    page.goto(f"{live_stack.web}/owner/venues/{venue.pk}/scanners/{new.pk}/")
    expect(page.locator("main")).to_contain_text("Chrome")


def test_it_shows_an_owner_the_door_and_takes_in_a_list_on_paper(live_stack, page: Page):
    venue = VenueFactory(owner=an_owner(username="owner"), name="브라우저 카페", capacity=40, hours=ALWAYS_OPEN)
    ScannerFactory(venue=venue, name="뒷문", seen_at=timezone.now() - timedelta(hours=2), state={"waiting": 214})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_stack.web}/owner/sign-in/")
    page.fill("[name=username]", "owner")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[data-missed] a").click()
    expect(page.locator("[data-trouble]").first).to_contain_text("영업시간인데")
    expect(page.locator("main")).to_contain_text("214건")

    replace(page, live_stack, venue)

    page.clock.install()
    page.goto(f"{live_stack.web}/owner/venues/{venue.pk}/")
    expect(page.locator("[data-inside]")).to_have_text("0")
    count(venue, 33)
    page.clock.fast_forward(40_000)
    expect(page.locator("[data-inside]")).to_have_text("33")
    expect(page.locator("main svg.owner-chart__bars")).to_be_visible()

    page.get_by_role("link", name="문제가 생겼을 때").click()
    page.get_by_role("link", name="수기 명부 입력").click()
    expect(page.locator("#time-0")).to_be_focused()
    page.locator("#day").fill((timezone.localdate() - timedelta(days=1)).isoformat())
    page.locator("#time-0").focus()
    for text in ("1230", "Tab", "12가34", "Tab", "Enter", "1245", "Tab", "Tab", "4", "Tab", "1310"):
        page.keyboard.press(text) if text in ("Tab", "Enter") else page.keyboard.type(text)
    expect(page.locator("#time-0")).to_have_value("12:30")
    expect(page.locator("#wrong-0")).to_contain_text("12가34나")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main [role=status]")).to_contain_text("1줄")
    expect(page.locator("#safe-0")).to_have_attribute("aria-invalid", "true")
    page.locator("#safe-0").fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".messages")).to_contain_text("1명")
    expect(page).to_have_url(re.compile(r"/by-hand/enter/$"))
    stored = HourCount.objects.filter(venue=venue, method="group").order_by("hour", "direction")
    assert list(stored.values_list("hour", "direction", "count")) == [(12, "in", 5), (13, "out", 4)]
