"""A venue's poster and a phone's camera: from the address in its QR to a row of the log, also without a network."""

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from checkins.models import Entry, HourCount
from tests.browser.test_wallet import IN_CONTROL, PATIENCE_MS, messages, newest_code, shown, vaccinated, wallet
from tests.factories import VenueFactory
from venues.models import Poster, Venue
from venues.posters import making

__all__ = ["vaccinated", "wallet"]

POSTERS_KEPT = """() => Promise.race([
  (async () => {
    for (;;) {
      const found = (await navigator.serviceWorker.getRegistrations()).find(({ scope }) => scope.endsWith("/v/"));
      if (found?.active?.state === "activated") return;
      await new Promise((done) => setTimeout(done, 100));
    }
  })(),
  new Promise((_, fail) => setTimeout(() => fail(new Error("no worker for posters after 20 s")), 20000)),
])"""


def a_poster(name: str) -> tuple[Venue, Poster]:
    venue = VenueFactory(name=name)
    return venue, making.make(venue, by=venue.operator.people.get(), now=timezone.now())


def point_camera_at(page: Page, made: Poster, live_stack) -> None:
    """What the phone's camera does with the address in the QR."""
    page.goto(f"{live_stack.web}/v/{made.code}")


def rows(venue: Venue) -> list[tuple[str, str]]:
    return list(Entry.objects.filter(venue=venue.pk).order_by("seen_at").values_list("method", "direction"))


def test_it_checks_in_by_a_poster_with_and_without_a_network(live_stack, vaccinated, wallet):
    cafe, made = a_poster("햇살 카페")
    bakery, other = a_poster("달빛 빵집")

    # No pass yet: it says what to do, and goes on by itself once there is one.
    point_camera_at(wallet, made, live_stack)
    expect(wallet.locator("#visit-name")).to_have_text("햇살 카페")
    expect(wallet.locator("#visit-none")).to_contain_text("안심번호")
    wallet.click("#visit-get")
    wallet.fill("#phone", "010-0000-4321")
    wallet.fill("#name", "홍길동")
    wallet.fill("#birth-date", "19900131")
    wallet.check("#consent")
    wallet.keyboard.press("Enter")
    expect(wallet.locator("#screen-code")).to_be_visible()
    wallet.fill("#code", newest_code(live_stack, len(messages(live_stack)) or 1))

    # One tap, the card for the staff, and out again.
    expect(wallet.locator("#screen-visit")).to_be_visible(timeout=PATIENCE_MS)
    expect(wallet.locator("#visit-region")).to_contain_text("강남구")
    wallet.click("#visit-in")
    card = wallet.locator("#visited-card")
    expect(card).to_have_attribute("data-colour", "green", timeout=PATIENCE_MS)
    expect(card).to_contain_text("햇살 카페")
    clock = wallet.locator("#visited-clock").inner_text()
    expect(wallet.locator("#visited-clock")).not_to_have_text(clock)
    assert rows(cafe) == [("poster", "in")]
    wallet.click("#visited-back")
    expect(wallet.locator("#pass-visit")).to_contain_text("햇살 카페")
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))
    assert shown(wallet).strip.passes
    wallet.click("#pass-visit-out")
    expect(wallet.locator("#pass-visit")).to_be_hidden(timeout=PATIENCE_MS)  # also while it waits to be sent
    expect(wallet.locator("#pass-kept")).to_be_hidden(timeout=PATIENCE_MS)
    assert rows(cafe) == [("poster", "in"), ("poster", "out")]

    # Without a network the poster is told by its signature, the visit kept through a reload, and sent later.
    wallet.evaluate(IN_CONTROL)
    wallet.evaluate(POSTERS_KEPT)
    wallet.context.set_offline(True)
    point_camera_at(wallet, other, live_stack)
    expect(wallet.locator("#visit-name")).to_have_text("달빛 빵집")
    wallet.click("#visit-in")
    expect(card).to_be_visible(timeout=PATIENCE_MS)  # it is shown once the phone has kept the visit
    expect(card).to_have_attribute("data-colour", "kept")
    wallet.reload()
    expect(wallet.locator("#pass-kept-text")).to_contain_text("1")
    expect(wallet.locator("#pass-visit-text")).to_contain_text("달빛 빵집")
    assert not rows(bakery)
    wallet.context.set_offline(False)
    expect(wallet.locator("#pass-kept")).to_be_hidden(timeout=PATIENCE_MS)
    assert rows(bakery) == [("poster", "in")]
    assert HourCount.objects.get(venue=bakery).verdict == "PASS"

    # A poster that somebody drew over is not one of ours, network or not; one that was renewed says so.
    wallet.context.set_offline(True)
    drawn = made.code[:-6] + ("A" * 6 if not made.code.endswith("A" * 6) else "B" * 6)
    wallet.goto(f"{live_stack.web}/v/{drawn}")
    expect(wallet.locator("#visit-notices .notice--danger")).to_be_visible()
    expect(wallet.locator("#visit-in")).to_be_hidden()
    wallet.context.set_offline(False)
    making.renew(made, by=made.made_by, now=timezone.now())
    point_camera_at(wallet, made, live_stack)
    expect(wallet.locator("#visit-notices .notice--warning")).to_be_visible(timeout=PATIENCE_MS)
    expect(wallet.locator("#visit-in")).to_be_hidden()
    wallet.click("#visit-back")
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))
