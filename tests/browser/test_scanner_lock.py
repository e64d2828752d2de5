"""The PIN of a shared device: scanning goes on, what the owner keeps to herself asks; wrong tries cost time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shelf import Door, kept, shelf, show

PIN, WRONG = "2580", "1111"

SET_LOCK = """(change) => new Promise((resolve) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const transaction = target.result.transaction("state", "readwrite");
    const state = transaction.objectStore("state");
    state.get("lock").onsuccess = ({ target: { result } }) => state.put({ ...result, ...change }, "lock");
    transaction.oncomplete = () => { target.result.close(); resolve(); };
  };
})"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with shelf() as (address, _pages, _server):
        yield address


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def page(browser, address, door) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", timezone_id="Asia/Seoul", service_workers="block")
    yield door.open(context, f"{address}?language=en")
    context.close()


def enter(page: Page, pin: str) -> None:
    page.fill("#pin-field", pin)
    page.keyboard.press("Enter")
    expect(page.locator("#pin-field")).to_have_value("", timeout=20_000)  # judged


def set_pin(page: Page) -> None:
    page.click("#settings-open")
    page.click("#pin-set")
    enter(page, PIN)
    expect(page.locator("#pin-title")).to_have_text("Enter it once more")
    enter(page, PIN)
    expect(page.locator("#pin")).to_be_hidden()
    expect(page.locator("#pin-about")).to_contain_text("locked with a PIN")


def again(page: Page, address: str) -> None:
    page.goto(f"{address}?language=en")
    expect(page.locator("body")).to_have_attribute("data-state", "ready")


def test_it_locks_what_is_the_owners_while_the_door_goes_on_scanning(page, door):
    set_pin(page)
    page.check("#pin-hand")
    page.keyboard.press("Escape")
    expect(page.locator("#locked")).to_be_visible()

    page.click("#settings-open")
    expect(page.locator("#pin")).to_be_visible()
    expect(page.locator("#settings")).to_be_hidden()
    show(page, door.code(passes=False), "NO_PASS")  # a USB scanner reads on; the question goes
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#pin")).to_be_hidden()
    page.keyboard.press("Escape")

    page.click("#hand-open")
    enter(page, PIN)
    page.click("#hand [value=no_phone]")
    expect(page.locator("body")).to_have_attribute("data-admitted", "1")
    expect(page.locator("#verdict")).to_be_hidden()
    page.click("#hand-open")  # it was good once
    expect(page.locator("#pin")).to_be_visible()
    page.keyboard.press("Escape")

    page.click("#settings-open")
    enter(page, PIN)
    expect(page.locator("#settings")).to_be_visible()
    page.click("#pin-end")
    expect(page.locator("#locked")).to_be_hidden()
    assert kept(page, "lock") is None


def test_it_slows_wrong_tries_through_a_reload_and_never_keeps_the_pin(page, address):
    set_pin(page)
    again(page, address)
    page.click("#settings-open")
    for _try in range(2):
        enter(page, WRONG)
        expect(page.locator("#pin-error")).to_have_text("This is not the PIN.")
    enter(page, WRONG)
    expect(page.locator("#pin-error")).to_contain_text("Too many wrong tries")
    again(page, address)
    page.click("#settings-open")
    expect(page.locator("#pin-submit")).to_be_disabled()
    assert kept(page, "lock")["wrong"] == 3
    assert PIN not in str(kept(page, "lock"))

    page.click("#pin-forgotten summary")
    page.click("#pin-pair")
    expect(page.locator("#pair-code")).to_be_visible()
    page.click("#pair-back")

    page.evaluate(SET_LOCK, {"until": 0})  # as if the wait were over
    again(page, address)
    page.click("#settings-open")
    enter(page, PIN)
    expect(page.locator("#settings")).to_be_visible()
    assert kept(page, "lock")["wrong"] == 0

    waits = page.evaluate("""async () => {
      const { waitAfter } = await import("/static/js/scanner/lock.js");
      return [0, 2, 3, 4, 5, 8, 9, 99].map((wrong) => waitAfter(wrong) / 1000);
    }""")
    assert waits == [0, 0, 15, 30, 60, 480, 900, 900]
