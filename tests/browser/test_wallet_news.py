"""A wallet that is looked at hears within minutes that its pass is another now, and says what happened."""

from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from registry.citizens import records
from registry.models import PassRecord
from tests.browser.test_poster import a_poster, point_camera_at, rows
from tests.browser.test_wallet import PATIENCE_MS, shown, vaccinated, verify, wallet
from tests.factories import PassRecordFactory, UserFactory

__all__ = ["vaccinated", "wallet"]

ASK_NOW = """(async () => {
  const open = indexedDB.open("munjigi-wallet");
  await new Promise((done) => { open.onsuccess = done; });
  const holders = open.result.transaction("holders", "readwrite").objectStore("holders");
  const own = await new Promise((done) => { holders.get("own").onsuccess = (event) => done(event.target.result); });
  own.pass.newsAt = 0;
  await new Promise((done) => { holders.put(own).onsuccess = done; });
})()"""


def open_again(page: Page) -> None:
    """Some minutes later."""
    page.evaluate(ASK_NOW)
    page.reload()


def test_it_says_that_a_pass_was_lost_and_that_it_is_back(live_stack, vaccinated, wallet):  # noqa: F811
    verify(live_stack, wallet)
    assert shown(wallet).strip.passes
    records.revoke(PassRecord.objects.get(), by=UserFactory(), reason="잘못된 접수", now=timezone.now())
    open_again(wallet)
    said = wallet.locator("#pass-changed")
    expect(said).to_contain_text("더 이상 유효하지 않습니다", timeout=PATIENCE_MS)
    expect(wallet.locator("#live")).to_contain_text("더 이상 유효하지 않습니다")
    assert not shown(wallet).strip.passes
    wallet.click("#pass-changed-read")
    expect(said).to_be_hidden()
    PassRecordFactory(citizen=vaccinated)
    open_again(wallet)
    expect(said).to_contain_text("지금 유효합니다", timeout=PATIENCE_MS)
    assert shown(wallet).strip.passes
    wallet.reload()
    expect(said).to_be_visible()


def test_it_fetches_what_it_heard_of_by_itself_once_the_server_answers_again(live_stack, vaccinated, wallet):  # noqa: F811
    verify(live_stack, wallet)
    records.revoke(PassRecord.objects.get(), by=UserFactory(), reason="잘못된 접수", now=timezone.now())
    refused = []

    def busy(route: Route) -> None:
        refused.append(route)
        route.fulfill(status=503, headers={"Retry-After": "1"}, content_type="application/problem+json", body="{}")

    wallet.route("**/api/v1/pass/strips", busy, times=1)
    open_again(wallet)
    expect(wallet.locator("#pass-changed")).to_contain_text("더 이상 유효하지 않습니다", timeout=PATIENCE_MS)
    assert refused


def test_a_pass_that_came_since_is_fetched_at_the_poster_that_asks_for_one(live_stack, vaccinated, wallet):  # noqa: F811
    venue, made = a_poster("햇살 카페")
    vaccinated.records.all().delete()
    verify(live_stack, wallet)
    assert not shown(wallet).strip.passes
    PassRecordFactory(citizen=vaccinated)
    wallet.evaluate(ASK_NOW)
    point_camera_at(wallet, made, live_stack)
    wallet.click("#visit-in")
    expect(wallet.locator("#visited-card")).to_have_attribute("data-colour", "green", timeout=PATIENCE_MS)
    assert rows(venue) == [("poster", "in")]


HEARD_AT_A_POSTER = """async (wait) => {
  const { hearInTurn } = await import("/static/js/wallet/news.js");
  const { allDays, holder, putHolder } = await import("/static/js/wallet/store.js");
  const { chooseDay } = await import("/static/js/wallet/pass.js");
  const one = await holder("own");
  await putHolder({ ...one, pass: { ...one.pass, newsAt: Date.now() + wait } });
  return hearInTurn("own", chooseDay(await allDays("own"), Date.now()));
}"""


def test_who_is_turned_away_at_a_poster_asks_no_oftener_than_the_server_lets(live_stack, vaccinated, wallet):  # noqa: F811
    vaccinated.records.all().delete()
    verify(live_stack, wallet)
    PassRecordFactory(citizen=vaccinated)
    asked = []
    wallet.on("request", lambda request: asked.append(request.url) if "/pass/news/" in request.url else None)
    assert wallet.evaluate(HEARD_AT_A_POSTER, 60_000) is False and not asked
    assert wallet.evaluate(HEARD_AT_A_POSTER, -1) is True and len(asked) == 1
    assert wallet.evaluate(HEARD_AT_A_POSTER, 60_000) is True and len(asked) == 1, (
        "what was heard of is not asked again"
    )


ANSWERED_LATE = """async () => {
  const { askNews } = await import("/static/js/wallet/news.js");
  const { holder, putHolder } = await import("/static/js/wallet/store.js");
  const real = window.fetch;
  let answer;
  const sent = new Promise((told) => {
    window.fetch = (...asked) => new Promise((done) => { answer = () => done(real(...asked)); told(); });
  });
  const asking = askNews("own");
  await sent;
  const { pass, ...one } = await holder("own");
  await putHolder({ ...one, pass: { ...pass, fetchedAt: pass.fetchedAt + 1 } });
  window.fetch = real;
  answer();
  const news = await asking;
  return [news, (await holder("own")).pass.fetchedAt - pass.fetchedAt];
}"""


def test_an_answer_that_comes_late_takes_nothing_from_a_pass_that_was_fetched_meanwhile(live_stack, vaccinated, wallet):  # noqa: F811
    verify(live_stack, wallet)
    records.revoke(PassRecord.objects.get(), by=UserFactory(), reason="잘못된 접수", now=timezone.now())
    assert wallet.evaluate(ANSWERED_LATE) == [False, 1]
