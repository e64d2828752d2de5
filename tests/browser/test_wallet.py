"""The wallet in a real browser on the real stack: what a citizen does with it, and what must go on without us."""

import re
import time
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry import signing
from registry.format import passcode
from tests.factories import CitizenFactory, PassRecordFactory

PHONE = "010-0000-4321"
PATIENCE_MS = 20_000
# Not by wait_for_function: it evaluates text in the page, which our policy forbids.
IN_CONTROL = """() => Promise.race([
  navigator.serviceWorker.ready.then(() => undefined),
  new Promise((_, fail) => setTimeout(() => fail(new Error("no service worker after 20 s")), 20000)),
])"""
AN_HOUR_AHEAD = "{ const real = Date.now.bind(Date); Date.now = () => real() + 3_600_000; }"
A_DAY_AHEAD_IF_SET = """{
  const real = Date.now.bind(Date);
  Date.now = () => real() + (localStorage.getItem("ahead") ? 93_600_000 : 0);
}"""
FORGET_ALL = "new Promise((done) => { indexedDB.deleteDatabase('munjigi-wallet').onsuccess = done; })"
OTHER_KEY = """(async () => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const open = indexedDB.open("munjigi-wallet");
  await new Promise((done) => { open.onsuccess = done; });
  const holders = open.result.transaction("holders", "readwrite").objectStore("holders");
  const own = await new Promise((done) => {
    holders.get("own").onsuccess = (event) => done(event.target.result);
  });
  await new Promise((done) => {
    holders.put({ ...own, device: { ...own.device, keys: pair } }).onsuccess = done;
  });
})()"""


@pytest.fixture
def vaccinated(live_stack):
    """A person with a second dose, not yet verified."""
    citizen = CitizenFactory(name="홍길동", birth="1990-01-31", phone="+821000004321")
    PassRecordFactory(citizen=citizen)
    return citizen


@pytest.fixture
def wallet(live_stack, vaccinated, page) -> Page:
    """The wallet at its first step."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_stack.web}/pass/")
    expect(page.locator("#screen-phone")).to_be_visible()
    return page


def messages(live_stack) -> list[dict]:
    """What the simulator took for our phone, newest first."""
    return httpx.get(f"{live_stack.simulator}/messages.json", params={"to": "01000004321"}).json()["messages"]


def newest_code(live_stack, at_least: int = 1) -> str:
    """The newest code that the simulator took for our phone, once so many have come."""
    for _ in range(100):
        found = messages(live_stack)
        if len(found) >= at_least:
            return re.search(r"\d{6}", found[0]["text"]).group()
        time.sleep(0.2)
    pytest.fail("no code came")


def ask_code(page: Page) -> None:
    page.fill("#phone", PHONE)
    if page.locator("#identity").is_visible():
        page.fill("#name", "홍길동")
        page.fill("#birth-date", "19900131")
    if page.locator("#consent").is_visible():
        page.check("#consent")
    page.keyboard.press("Enter")
    expect(page.locator("#screen-code")).to_be_visible()


def verify(live_stack, page: Page) -> None:
    before = len(messages(live_stack))
    ask_code(page)
    page.fill("#code", newest_code(live_stack, before + 1))
    expect(page.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"), timeout=PATIENCE_MS)
    expect(page.locator("#safe-number")).not_to_be_empty(timeout=PATIENCE_MS)  # the last thing it fetches


def shown(page: Page, *, later: int = 0) -> passcode.Code:
    """The code on the screen, good at this moment, or so many seconds later, by the server's own check."""
    code = passcode.decode_code(page.locator("#qr").get_attribute("data-code"))
    assert passcode.check(code, keys=signing.agency_keys(), now=time.time() + later) is None
    return code


def test_it_tells_a_wrong_code_and_takes_the_right_one(live_stack, wallet):
    wallet.clock.install()
    ask_code(wallet)
    right = newest_code(live_stack)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    wallet.fill("#code", wrong)
    expect(wallet.locator("#code-error")).to_contain_text("4")
    expect(wallet.locator("#code")).to_be_focused()
    wallet.click("#code-submit")  # a tap too many uses up no try
    expect(wallet.locator("#code-error")).to_contain_text("4")
    wallet.reload()
    wallet.fill("#code", right)
    expect(wallet.locator("#pass-head")).to_have_attribute("data-pass", "1", timeout=PATIENCE_MS)

    first = shown(wallet)
    assert first.strip.passes
    by_hand = wallet.locator("#qr").get_attribute("data-code")
    wallet.click("#renew")
    expect(wallet.locator("#qr")).not_to_have_attribute("data-code", by_hand)
    by_itself = wallet.locator("#qr").get_attribute("data-code")
    wallet.clock.fast_forward(15_000)
    expect(wallet.locator("#qr")).not_to_have_attribute("data-code", by_itself)
    assert shown(wallet, later=15).t >= first.t + 15


def test_it_sends_no_code_without_consent_and_asks_for_it_once(live_stack, wallet):
    wallet.fill("#phone", PHONE)
    wallet.fill("#name", "홍길동")
    wallet.fill("#birth-date", "19900131")
    wallet.click("#phone-submit")
    expect(wallet.locator("#consent-error")).not_to_be_empty()
    expect(wallet.locator("#consent")).to_be_focused()
    ask_code(wallet)
    wallet.click("#change-phone")
    expect(wallet.locator("#identity")).to_be_visible()
    expect(wallet.locator("#privacy")).to_be_hidden()


def test_it_says_that_earlier_codes_are_over_once_all_tries_are_spent(live_stack, wallet):
    before = len(messages(live_stack))
    ask_code(wallet)
    right = int(newest_code(live_stack, before + 1))
    wrong = [f"{(right + n) % 1_000_000:06d}" for n in range(1, 6)]
    for left in (4, 3, 2, 1):
        wallet.fill("#code", wrong[left])
        expect(wallet.locator("#code-error")).to_contain_text("한" if left == 1 else str(left))
    wallet.fill("#code", wrong[0])
    expect(wallet.locator("#resend")).to_be_focused()
    wallet.keyboard.press("Enter")
    expect(wallet.locator("#delivery-text")).to_contain_text(re.compile("쓸 수 없습니다|이 번호만"))
    wallet.fill("#code", newest_code(live_stack, before + 2))
    expect(wallet.locator("#screen-pass")).to_be_visible(timeout=PATIENCE_MS)


def test_it_says_when_a_pass_ended_and_not_that_there_was_none(live_stack, vaccinated, wallet):
    record = vaccinated.records.get()
    record.day = timezone.localdate() - timedelta(days=200)
    record.save()
    verify(live_stack, wallet)
    expect(wallet.locator("#pass-head")).to_have_attribute("data-pass", "0")
    end = record.day + timedelta(days=180)
    expect(wallet.locator("#pass-detail")).to_contain_text(f"{end.year}년 {end.month}월 {end.day}일")
    expect(wallet.locator("#pass-notices")).to_be_empty()


def test_it_says_where_to_tell_of_a_record_that_is_missing(live_stack, vaccinated, wallet):
    vaccinated.records.all().delete()
    verify(live_stack, wallet)
    expect(wallet.locator("#pass-head")).to_have_attribute("data-pass", "0")
    expect(wallet.locator("#pass-notices")).to_contain_text("내 정보")


def test_it_shows_a_good_code_after_a_reload_without_a_network(live_stack, wallet):
    verify(live_stack, wallet)
    wallet.evaluate(IN_CONTROL)
    keys = signing.agency_keys()
    wallet.context.set_offline(True)
    wallet.reload()
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))
    code = passcode.decode_code(wallet.locator("#qr").get_attribute("data-code"))
    assert passcode.check(code, keys=keys, now=time.time()) is None
    expect(wallet.locator("#pass-head")).to_have_attribute("data-pass", "1")


def test_it_makes_right_codes_on_a_phone_whose_clock_is_wrong(live_stack, wallet):
    wallet.add_init_script(AN_HOUR_AHEAD)
    wallet.reload()
    verify(live_stack, wallet)
    assert abs(shown(wallet).t - time.time()) < 5
    wallet.evaluate(IN_CONTROL)
    wallet.context.set_offline(True)
    wallet.reload()
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))
    assert abs(shown(wallet).t - time.time()) < 5


def test_it_shows_a_good_code_once_a_wrong_clock_was_set_right_without_a_network_too(live_stack, wallet):
    wallet.evaluate("localStorage.setItem('ahead', '1')")
    wallet.add_init_script(A_DAY_AHEAD_IF_SET)
    wallet.reload()
    verify(live_stack, wallet)
    wallet.evaluate(IN_CONTROL)
    wallet.evaluate("localStorage.removeItem('ahead')")
    wallet.context.set_offline(True)
    wallet.reload()
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"), timeout=PATIENCE_MS)
    assert shown(wallet).strip.passes


SET_WHILE_IT_ASKED = """async () => {
  const { askServer, now } = await import("/static/js/wallet/clock.js");
  const real = Date.now.bind(Date);
  const answer = () => new Response(JSON.stringify({ time: real(), restorable: false }));
  Date.now = () => real() + 93_600_000;
  window.fetch = async () => { Date.now = real; return answer(); };
  await askServer();
  return Math.abs(now() - real());
}"""


def test_it_knows_the_time_although_the_clock_was_set_while_it_asked_for_it(wallet):
    assert wallet.evaluate(SET_WHILE_IT_ASKED) < 2000


def test_it_brings_the_pass_back_in_one_tap_after_the_phone_lost_its_storage(live_stack, wallet):
    verify(live_stack, wallet)
    wallet.evaluate(FORGET_ALL)
    wallet.reload()
    wallet.click("#restore-button")
    expect(wallet.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"), timeout=PATIENCE_MS)
    assert shown(wallet).strip.passes


def test_it_offers_to_restore_where_the_phones_key_no_longer_fits(live_stack, wallet):
    verify(live_stack, wallet)
    wallet.evaluate(OTHER_KEY)
    wallet.reload()
    wallet.click("#screen-pass summary")
    wallet.click("#refresh")
    expect(wallet.locator("#phone-why-text")).not_to_be_empty(timeout=PATIENCE_MS)
    wallet.click("#restore-button")
    expect(wallet.locator("#screen-pass")).to_be_visible(timeout=PATIENCE_MS)
    assert shown(wallet).strip.passes


def test_it_offers_to_restore_once_the_network_is_back(live_stack, wallet):
    verify(live_stack, wallet)
    wallet.evaluate(IN_CONTROL)
    wallet.evaluate(FORGET_ALL)
    wallet.context.set_offline(True)
    wallet.reload()
    expect(wallet.locator("#screen-phone")).to_be_visible()
    expect(wallet.locator("#restore")).to_be_hidden()
    wallet.context.set_offline(False)
    expect(wallet.locator("#restore")).to_be_visible()


def test_it_does_not_ask_a_phone_with_a_pass_who_its_holder_is(live_stack, wallet):
    verify(live_stack, wallet)
    wallet.click("#screen-pass summary")
    wallet.click("#refresh")
    expect(wallet.locator("#refresh-result")).not_to_be_empty(timeout=PATIENCE_MS)
    wallet.click("#other-phone")
    expect(wallet.locator("#identity")).to_be_hidden()
    verify(live_stack, wallet)
    assert shown(wallet).strip.passes
