"""The citizen's own page in a real browser: what is held, a request and its answer, no network, and the way out."""

import re
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry import issuing, vault
from registry.citizens import requests
from registry.format import es256
from registry.models import Citizen, Device, PartnerApp, Request, Revocation
from registry.partners import apps
from tests.browser.test_wallet import (  # noqa: F401 -- fixtures among them
    IN_CONTROL,
    PATIENCE_MS,
    messages,
    newest_code,
    vaccinated,
    verify,
    wallet,
)
from tests.checkins.tracing import was_at
from tests.factories import PassRecordFactory, VenueFactory
from tests.registry.clerks import make_clerk
from tests.registry.holders import raw
from tests.registry.phones import points


@pytest.fixture
def me(live_stack, vaccinated, wallet) -> Page:  # noqa: F811 -- the fixtures above
    """The own page of a person with two records and a pass."""
    today = timezone.localdate()
    PassRecordFactory(citizen=vaccinated, dose=1, day=today - timedelta(days=90))
    verify(live_stack, wallet)
    open_me(wallet)
    return wallet


def open_me(page: Page) -> None:
    expect(page.locator("#screen-pass")).to_be_visible()
    if not page.locator("#me-open").is_visible():
        page.locator("details:has(#me-open) > summary").click()
    page.click("#me-open")
    expect(page.locator("#me-title")).to_be_focused()
    expect(page.locator("#me-state")).to_have_text(re.compile("기준|As of"), timeout=PATIENCE_MS)


def test_it_shows_what_is_held_and_shows_it_again_without_a_network(me):
    expect(me.locator("#me-records > li")).to_have_count(2)
    expect(me.locator("#me-records > li").first).to_contain_text("화이자 2차")
    expect(me.locator("#me-records .badge").last).to_have_text("기본접종 중간 차수")
    expect(me.locator("#me-phone")).to_contain_text("010-****-4321")
    expect(me.locator("#me-devices > li")).to_have_count(1)
    expect(me.locator("#me-messages > li")).to_have_text(["보낸 문자가 없습니다."])
    me.evaluate(IN_CONTROL)
    me.context.set_offline(True)
    me.reload()
    me.locator("details:has(#me-open) > summary").click()
    me.click("#me-open")
    expect(me.locator("#me-notice .notice--warning")).to_be_visible(timeout=PATIENCE_MS)
    expect(me.locator("#me-records > li")).to_have_count(2)
    me.context.set_offline(False)
    expect(me.locator("#me-state")).to_contain_text("기준", timeout=PATIENCE_MS)
    expect(me.locator("#me-notice .notice")).to_have_count(0)


def test_it_shows_the_visits_after_a_code_to_the_number(me, live_stack, vaccinated):  # noqa: F811
    was_at(VenueFactory(name="은행나무 카페"), vaccinated.pk, timezone.localdate(), "00:00", "00:01")
    expect(me.locator("#me-looks > li")).to_have_text(["내 정보를 열람한 담당자가 없습니다."])
    sent = len(messages(live_stack))
    me.focus("#me-visits-ask")
    me.keyboard.press("Enter")
    expect(me.locator("#me-visits-code")).to_be_focused(timeout=PATIENCE_MS)
    me.keyboard.press("Enter")
    expect(me.locator("#me-visits-error")).not_to_be_empty()
    me.fill("#me-visits-code", newest_code(live_stack, sent + 1))
    me.keyboard.press("Enter")
    rows = me.locator("#me-visits-list > li")
    expect(rows).to_have_count(2, timeout=PATIENCE_MS)
    expect(rows.first).to_contain_text("은행나무 카페")
    expect(rows.first).to_contain_text("(나감)")
    expect(me.locator("#me-visits-form")).to_be_hidden()
    me.click("#me-back")
    open_me(me)
    expect(rows).to_have_count(0)


def test_it_ends_the_pass_in_an_app_after_a_question_and_the_wallets_own_goes_on(me, vaccinated):  # noqa: F811
    device = carried_in_app(Citizen.objects.get(pk=vaccinated.pk))
    me.click("#me-back")
    open_me(me)
    in_app = me.locator("#me-devices > li", has_text="시험톡 앱")
    end, sure, keep = (in_app.get_by_role("button", name=name) for name in ("이 앱의", "예, 종료", "그대로 두기"))
    end.focus()
    me.keyboard.press("Enter")
    expect(sure).to_be_focused()
    keep.click()
    expect(end).to_be_focused()
    assert Device.objects.active().filter(pk=device.pk).exists()
    me.keyboard.press("Enter")
    me.keyboard.press("Enter")
    expect(me.locator("#me-devices-title")).to_be_focused(timeout=PATIENCE_MS)
    expect(in_app.locator(".badge")).to_have_text("종료")
    assert not Device.objects.active().filter(pk=device.pk).exists()
    since = Revocation.objects.get(citizen=vaccinated).since - timedelta(seconds=1)  # a strip is of the second after
    assert Device.objects.get(citizen=vaccinated, ended_at=None).seen_at > since, "fetched anew"


def carried_in_app(citizen: Citizen) -> Device:
    """The person's pass in a partner's app as well."""
    app, now = PartnerApp(name="시험톡"), timezone.now()
    apps.add(app, by=make_clerk(), now=now)
    keys = {vault.today(now) + timedelta(days=n): raw(point) for n, point in enumerate(points(45))}
    point = es256.point_of(ec.generate_private_key(ec.SECP256R1()))
    return issuing.enrol(citizen, device_key=point, day_keys=keys, now=now, partner=app).device


def test_it_takes_a_request_and_shows_its_answer(me):
    me.click("#me-ask-submit")
    expect(me.locator("#me-kind-error")).not_to_be_empty()
    expect(me.locator("#me-text-error")).not_to_be_empty()
    me.check("[name=kind][value=correction]")
    me.fill("#me-text", "1차 접종일이 다릅니다.\n확인해 주세요.")
    me.click("#me-ask-submit")
    expect(me.locator("#me-requests > li")).to_contain_text("1차 접종일이 다릅니다.", timeout=PATIENCE_MS)
    expect(me.locator("label:has([value=correction])")).to_be_hidden()
    expect(me.locator("#me-reference")).to_be_hidden()
    me.check("[name=kind][value=refusal]")
    expect(me.locator("#me-reference")).to_be_visible()
    requests.answer(Request.objects.get(), text="고쳤습니다.", by=make_clerk(), now=timezone.now())
    me.click("#me-back")
    open_me(me)
    expect(me.locator("#me-requests .me__answer")).to_have_text("고쳤습니다.")
    expect(me.locator("#me-messages > li").first).to_contain_text("안내")


def test_it_sends_what_was_tapped_twice_once(me):
    me.check("#me-ask [name=kind][value=correction]")
    me.fill("#me-text", "3차 접종 기록이 없습니다.")
    label = me.locator("#me-ask-submit").text_content()
    me.evaluate("const form = document.getElementById('me-ask'); form.requestSubmit(); form.requestSubmit();")
    expect(me.locator("#me-requests > li")).to_have_count(1, timeout=PATIENCE_MS)
    expect(me.locator("#me-ask-error")).to_be_empty()
    expect(me.locator("#me-ask-submit")).to_have_text(label)


def test_back_leads_to_the_pass_and_not_out_of_the_wallet(me):
    me.click("#me-leave")
    expect(me.locator("#leave-title")).to_be_focused()
    me.go_back()
    expect(me.locator("#screen-me")).to_be_visible()
    me.go_back()
    expect(me.locator("#screen-pass")).to_be_visible()
    open_me(me)
    me.click("#me-back")
    me.click("#family-open")
    expect(me.locator("#screen-family")).to_be_visible()
    me.go_back()
    expect(me.locator("#screen-pass")).to_be_visible()
    expect(me.locator("#qr")).to_have_attribute("data-code", re.compile("^MJ1:"))


def test_one_back_is_enough_after_the_way_past_the_header(me):
    for leads_to in ("#screen-me", "#screen-pass"):
        if leads_to == "#screen-me":
            me.click("#me-leave")
        me.locator(".skip").press("Enter")
        expect(me.locator("#main")).to_be_focused()
        me.go_back()
        expect(me.locator(leads_to)).to_be_visible()


def test_it_changes_the_language_of_page_and_messages(me, vaccinated):  # noqa: F811
    me.click("[data-speak=en]")
    expect(me.locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE_MS)
    open_me(me)
    expect(me.locator("#me-records > li").first).to_contain_text("Pfizer, dose 2")
    assert Citizen.objects.get(pk=vaccinated.pk).language == "en"
    me.click("form[data-language] [value=ko]")
    expect(me.locator("html")).to_have_attribute("lang", "ko", timeout=PATIENCE_MS)
    assert Citizen.objects.get(pk=vaccinated.pk).language == "ko"


def test_it_ends_the_pass_only_after_a_choice_and_leaves_nothing_on_the_phone(me, vaccinated):  # noqa: F811
    me.click("#me-leave")
    expect(me.locator("#leave-title")).to_be_focused()
    me.click("#leave-submit")
    expect(me.locator("#leave-choice-error")).not_to_be_empty()
    me.click("#leave-back")
    expect(me.locator("#me-leave")).to_be_focused()
    me.keyboard.press("Enter")
    me.check("[name=erase][value=yes]")
    me.click("#leave-submit")
    expect(me.locator("#left-text")).to_contain_text("담당자", timeout=PATIENCE_MS)
    assert Citizen.objects.get(pk=vaccinated.pk).phone is None
    assert Request.objects.get().kind == Request.Kind.ERASURE
    me.click("#left-done")
    expect(me.locator("#screen-phone")).to_be_visible()
    expect(me.locator("#restore")).to_be_hidden()
