"""From nothing to a registered venue, as people do it: an owner with a keyboard, a clerk at the desk."""

import re

import pytest
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from registry.models import Role
from tests.browser.test_story import PASSWORD, one_time_code, read_code
from tests.factories import UserFactory
from tests.venues.owners import jpeg
from venues.models import Application, Venue

PATIENCE_MS = 20_000
NUMBER = "01000000088"


@pytest.fixture
def clerk():
    clerk = UserFactory(username="clerk", clerk=True)
    clerk.groups.add(Group.objects.get(name=Role.VENUE_OFFICER))
    TOTPDevice.objects.create(user=clerk, name="phone", confirmed=True)
    return clerk


def type_into(page: Page, name: str, text: str) -> None:
    """Go on by Tab to a field and type; no mouse."""
    for _step in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return page.keyboard.type(text)
    raise AssertionError(f"Tab does not lead to {name}")


def wait_for_sms(simulator: str, phone: str, words: str) -> str:
    """The text of a message that has these words."""
    import time

    import httpx

    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        for message in httpx.get(f"{simulator}/messages.json", params={"to": phone}).json()["messages"]:
            if words in message["text"]:
                return message["text"]
        time.sleep(0.3)
    raise AssertionError(f"no SMS says {words}")


def sign_up(page: Page, live_stack) -> None:
    page.goto(f"{live_stack.web}/owner/sign-in/")
    page.get_by_role("link", name="시설 운영자 가입").click()
    type_into(page, "phone", NUMBER)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sign-up/code/"))
    wait_for_sms(live_stack.simulator, NUMBER, "인증번호")
    type_into(page, "code", read_code(live_stack.simulator, NUMBER))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sign-up/account/"))
    for name, text in (("name", "박사장"), ("username", "cafe-park"), ("password", "a-long-enough-one")):
        type_into(page, name, text)
    type_into(page, "terms", " ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/applications/new/"))


def apply(page: Page, live_stack) -> None:
    """First with a wrong number and a district that may be several; what is right stays."""
    page.set_input_files("[name=proof_file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": jpeg((800, 600))})
    page.fill("[name=venue_name]", "브라우저 카페")
    page.select_option("[name=category]", "cafe")
    page.fill("[name=region]", "중구")
    page.fill("[name=address]", "시험로 12")
    page.fill("[name=operator_name]", "브라우저 상사")
    page.fill("[name=business_number]", "1208800768")
    expect(page.locator("#number-state")).to_have_attribute("data-right", "false")
    page.fill("[name=business_number]", "1208800767")
    expect(page.locator("#number-state")).to_have_attribute("data-right", "true")
    page.get_by_role("button", name="신청하기").click()
    expect(page.get_by_role("alert")).to_contain_text("해당하는 시군구가 여럿입니다")
    expect(page.locator("[name=business_number]")).to_have_value("120-88-00767")
    page.fill("[name=region]", "서울 중구")
    page.get_by_role("button", name="신청하기").click()
    expect(page.locator("[data-application=waiting]")).to_be_visible()


def approve(desk: Page, live_stack, clerk) -> None:
    """The clerk finds it in the list, sees the document, asks nothing, approves."""
    desk.goto(f"{live_stack.web}/admin/")
    desk.fill("[name=username]", clerk.username)
    desk.fill("[name=password]", PASSWORD)
    desk.fill("[name=code]", one_time_code(clerk))
    desk.press("[name=code]", "Enter")
    expect(desk).to_have_url(f"{live_stack.web}/admin/")
    desk.goto(f"{live_stack.web}/admin/venues/application/")
    desk.get_by_role("link", name="브라우저 카페").first.click()
    expect(desk.locator(".desk-document__picture")).to_be_visible()
    assert (
        desk.locator(".desk-document__picture").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    )
    desk.locator("a[href*='/approve']").first.click()
    desk.get_by_role("button", name="승인").click()
    expect(desk).to_have_url(re.compile(r"/application/\d+/change/"))


def test_it_takes_an_owner_from_the_number_to_a_registered_venue(live_stack, page, clerk):
    sign_up(page, live_stack)
    apply(page, live_stack)
    application = Application.objects.get()
    assert application.region == "11140" and application.documents.count() == 1
    desk = page.context.browser.new_context(locale="ko-KR", timezone_id="Asia/Seoul").new_page()
    approve(desk, live_stack, clerk)
    desk.context.close()
    assert f"{live_stack.web}/owner/" in wait_for_sms(live_stack.simulator, NUMBER, "승인")
    page.reload()
    page.get_by_role("link", name="시설로 이동").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("브라우저 카페")
    expect(page.get_by_role("link", name="스캐너 연결")).to_be_visible()
    assert Venue.objects.get().operator.business_number == "1208800767"
