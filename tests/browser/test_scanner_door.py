"""A busy door beside scanning, on the real stack: taking back, safe numbers, groups, exits, a device that fails."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from checkins.models import DeadLetter, HourCount, Refusal, Undone
from registry import vault
from registry.phone import safe_numbers
from tests.browser.test_scanner import (
    PATIENCE_MS,
    UPLOAD_MS,
    code,
    counts,
    entries,
    pair,
    received,
    show,
    state,
    type_code,
)
from tests.factories import CitizenFactory, VenueFactory
from venues import scanners
from venues.models import Scanner

REPAINT_MS = 10_000  # what stands on the page by the clock is drawn anew this often


@pytest.fixture
def venue(live_stack):
    return VenueFactory()


ROWS = """(store) => new Promise((resolve) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const asked = target.result.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => { target.result.close(); resolve(asked.result); };
  };
})"""


def hidden(page: Page) -> None:
    """It would leave by itself in two seconds."""
    page.keyboard.press("Escape")
    expect(page.locator("#verdict")).to_be_hidden()


def take_back(page: Page) -> None:
    page.click("#undo")
    expect(page.locator("#undo")).to_be_hidden()


def test_it_takes_back_what_was_sent_and_what_was_not_without_a_gap(page, live_stack, venue):
    pair(page, live_stack, venue)
    again = code()
    show(page, again, "PASS")
    hidden(page)
    counts(page, UPLOAD_MS, admitted=1, waiting=0)
    take_back(page)
    expect(page.locator("#last-words")).to_contain_text("취소")
    counts(page, UPLOAD_MS, admitted=0, waiting=0)
    page.context.set_offline(True)
    show(page, again, "PASS")  # not a repeat: nobody came in
    hidden(page)
    take_back(page)
    type_code(page, code(passes=False), "NO_PASS")  # the focus is on a button, which no key presses
    expect(page.locator("#guest-number")).to_have_text(re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}"))
    shown = page.locator("#guest-number").inner_text()
    page.keyboard.press("Escape")
    counts(page, admitted=0, refused=1)
    page.context.set_offline(False)
    counts(page, UPLOAD_MS, waiting=0)
    assert [first for first, _end in received()] == [1]  # one range: no gap
    assert entries(venue) == []
    assert [str(refusal) for refusal in Refusal.objects.of(venue)] == [shown]
    assert [(count.verdict, count.count) for count in HourCount.objects.filter(venue=venue)] == [("NO_PASS", 1)]
    assert Undone.objects.filter(scanner__venue=venue).count() == 2


def test_it_notes_safe_numbers_groups_and_who_leaves_without_a_network(page, live_stack, venue):
    citizen = CitizenFactory(verified=True, phone_since=timezone.now())
    safe = safe_numbers.issue(citizen.phone, timezone.now()).text
    pair(page, live_stack, venue)
    page.context.set_offline(True)
    page.click("#safe-open")
    page.fill("#safe-field", "12강34나")
    page.keyboard.press("Enter")
    expect(page.locator("#safe-error")).not_to_be_empty()
    for typed in ("".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in safe), "00가00나"):
        page.fill("#safe-field", typed)
        page.keyboard.press("Enter")
        expect(page.locator("#verdict")).to_be_visible()
        hidden(page)
        page.click("#safe-open")
    page.keyboard.press("Escape")
    counts(page, admitted=2, waiting=2)

    page.click("#group-open")
    page.fill("#group-field", "24")
    page.keyboard.press("Enter")
    show(page, code(passes=False), "NO_PASS")
    expect(page.locator("#verdict-alone")).to_be_hidden()  # who may only sit alone is no part of a group
    page.keyboard.press("Escape")
    show(page, code(), "PASS")
    expect(page.locator("#verdict-todo")).to_contain_text("24명")
    hidden(page)
    expect(page.locator("#armed")).to_be_hidden()
    counts(page, admitted=26, refused=1)

    page.click("#settings-open")
    page.check("[name=direction][value=both]")
    page.keyboard.press("Escape")
    page.check("[name=going][value=out]")
    guest = code(passes=False, late=120)
    show(page, guest, "STALE")
    expect(page.locator("#verdict")).to_have_attribute("data-colour", "blue")
    hidden(page)
    page.click("#group-open")
    page.fill("#group-field", "24")
    page.click("#group-without")
    hidden(page)
    expect(page.locator("#count-inside")).to_have_text("1")
    show(page, "https://example.org/menu", "MALFORMED")
    expect(page.locator("#verdict-todo")).to_contain_text("웹 주소")
    page.keyboard.press("Escape")

    page.context.set_offline(False)
    counts(page, UPLOAD_MS, waiting=0)
    counts(page, admitted=25)  # the safe number that is nobody's is taken off, and said
    expect(page.locator("#notices")).to_contain_text("안심번호 1건")
    assert sorted(entries(venue)) == [("group", 0), ("hand", 0)]
    assert DeadLetter.objects.get().reason == "unknown_safe_number"
    assert vault.pseudonym(timezone.localdate(), citizen.pk)
    gone = HourCount.objects.filter(venue=venue, direction="out", admitted=True)
    assert sorted(gone.values_list("verdict", "count")) == [("", 24), ("STALE", 1)]
    assert page.evaluate(ROWS, "queue") == []


def test_it_counts_says_and_keeps_what_the_device_cannot_keep_and_outlives_its_deletion(page, live_stack, venue):
    page.clock.install()
    pair(page, live_stack, venue)
    page.context.set_offline(True)
    show(page, code(), "PASS")
    counts(page, waiting=1)
    page.evaluate("""() => {
      window.add = IDBObjectStore.prototype.add;
      IDBObjectStore.prototype.add = () => { throw new DOMException("full", "QuotaExceededError"); };
    }""")
    show(page, code(), "PASS")
    hidden(page)
    counts(page, admitted=2, waiting=2)
    expect(page.locator("#notices .notice--danger")).to_contain_text("1")
    page.evaluate("() => { IDBObjectStore.prototype.add = window.add; }")
    page.clock.fast_forward(REPAINT_MS)
    expect(page.locator("#notices .notice--danger")).to_have_count(0, timeout=PATIENCE_MS)

    page.evaluate("""() => new Promise((resolve, reject) => {
      Object.assign(indexedDB.deleteDatabase("munjigi-scanner"), { onsuccess: resolve, onerror: reject });
    })""")
    show(page, code(), "PASS")
    hidden(page)
    counts(page, admitted=3, waiting=3)
    page.reload()
    state(page, "ready")
    counts(page, admitted=3, waiting=3)
    page.context.set_offline(False)
    counts(page, UPLOAD_MS, waiting=0)
    assert len(entries(venue)) == 3 and received() == [(1, 4)]


def test_it_sends_what_it_saw_before_it_was_revoked_and_shows_that_it_is_done(page, live_stack, venue):
    pair(page, live_stack, venue)
    page.context.set_offline(True)
    show(page, code(), "PASS")
    hidden(page)
    revoked = timezone.now()
    owner = venue.operator.people.first()
    page.wait_for_timeout(timedelta(seconds=0.5) / timedelta(milliseconds=1))
    show(page, code(), "PASS")
    counts(page, admitted=2, waiting=2)
    scanners.revoke(Scanner.objects.get(), by=owner, reason="test", now=revoked)
    page.context.set_offline(False)
    state(page, "revoked", UPLOAD_MS)
    counts(page, UPLOAD_MS, waiting=0)
    expect(page.locator("#revoked-kept")).to_contain_text("남아 있지 않")
    assert entries(venue) == [("qr", 0)]
    assert DeadLetter.objects.get().reason == "revoked"
    dead = page.evaluate(ROWS, "dead")  # number, time and reason of what was refused, never its bytes
    assert [(sorted(row), row["reason"]) for row in dead] == [(["at", "reason", "scanner", "seq"], "revoked")]
    expect(page.locator("#dead-list li")).to_have_attribute("data-reason", "revoked")


MANY = """async ({ n, scan }) => {
  const db = await new Promise((resolve) => {
    indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => resolve(target.result);
  });
  const pairing = await new Promise((resolve) => {
    db.transaction("state").objectStore("state").get("pairing").onsuccess = ({ target }) => resolve(target.result);
  });
  const transaction = db.transaction(["queue", "state"], "readwrite");
  const { scanner, venue } = pairing;
  for (let seq = 1; seq <= n; seq += 1) {
    const row = { scanner, seq, venue: venue.id, after: 0, scan: { ...scan, at: scan.at + seq } };
    transaction.objectStore("queue").put(row);
  }
  transaction.objectStore("state").put(n, `seq:${scanner}`);
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  db.close();
}"""


def test_it_holds_thousands_and_drains_them_fast_and_in_full(page, live_stack, venue):
    pair(page, live_stack, venue)
    page.context.set_offline(True)
    now = int(timezone.now().timestamp() * 1000) - 100_000
    scan = {"at": now, "verdict": "", "method": "hand", "direction": "in", "admitted": True}
    page.evaluate(MANY, {"n": 1_200, "scan": scan})
    page.reload()
    counts(page, waiting=1_200)
    page.context.set_offline(False)
    counts(page, UPLOAD_MS, waiting=0)
    assert received() == [(1, 1_201)]
    assert sum(HourCount.objects.filter(venue=venue).values_list("count", flat=True)) == 1_200
