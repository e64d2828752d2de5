"""Scans that could not be sent for 28 days: the device deletes them, tells how many, and is wary of a wrong clock."""

import time

from playwright.sync_api import expect

from tests.browser.shelf import Door, kept, shelf

DAY_MS = 86_400_000
QUEUE = """(ages) => new Promise((resolve) => {
  indexedDB.open("munjigi-scanner").onsuccess = ({ target }) => {
    const transaction = target.result.transaction("queue", "readwrite");
    ages.forEach((days, index) => transaction.objectStore("queue").add({
      scanner: 1, venue: 1, seq: index + 1, after: 0,
      scan: { at: Date.now() - days * 86400000, verdict: "PASS", method: "hand", direction: "in", admitted: true },
    }));
    transaction.oncomplete = () => { target.result.close(); resolve(); };
  };
})"""


def test_it_deletes_what_is_too_old_a_day_after_it_was_found_and_says_how_many(browser):
    with shelf() as (address, _pages, _server):
        context = browser.new_context(locale="en-US", timezone_id="Asia/Seoul", service_workers="block")
        page = Door().open(context, f"{address}?language=en")
        page.evaluate(QUEUE, [40, 29, 27, 0])
        look = "(now) => import('/static/js/scanner/old.js').then(({ dropOld }) => dropOld(now))"
        now = int(time.time() * 1000)
        waiting = page.locator("#count-waiting")
        page.evaluate(look, now + 300 * DAY_MS)  # a clock that is wrong, and put right within the day
        page.evaluate(look, now)
        expect(waiting).to_have_text("4")
        page.evaluate(look, now + DAY_MS // 2)
        expect(waiting).to_have_text("4")
        page.evaluate(look, now + DAY_MS - 1)
        assert kept(page, "dropped") is None
        page.evaluate(look, now + DAY_MS)
        expect(waiting).to_have_text("2")
        expect(page.locator("#notices")).to_contain_text("2 scans could not be sent for 28 days")
        context.close()
