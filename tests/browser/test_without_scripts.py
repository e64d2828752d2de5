"""With scripts off: what cannot work without them says so and what to do instead, and no button is there that does
nothing."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from registry.models import Outage
from tests.browser.test_accessibility import signed_in
from tests.browser.walk import Walk
from tests.venues.places import Place

DEAD = "button[type=button]:visible"  # only a script could make it do something


@pytest.fixture
def walk(live_stack, browser) -> Walk:
    context = browser.new_context(locale="ko-KR", java_script_enabled=False, viewport={"width": 360, "height": 640})
    walk = Walk(context, live_stack.web)
    yield walk
    context.close()


def instead(page: Page) -> str:
    """What is read in place of what a script would do; Playwright's own words leave it out."""
    return " ".join(page.locator("noscript").all_inner_texts())


def test_each_page_says_what_to_do_and_has_no_dead_button(walk):
    place, now = Place(), timezone.now()
    statement = Outage.objects.create(began_at=now, opened_at=now).pk
    page = walk.page
    for path, heading, way in (
        ("/pass/", "출입증을 쓰려면 자바스크립트가 필요합니다", "창구"),
        ("/scanner/", "스캐너를 쓰려면 자바스크립트가 필요합니다", "수기 명부"),
    ):
        page.goto(walk.site + path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert way in instead(page), path
        assert page.locator(DEAD).count() == 0, path
    signed_in(walk, place.people["owner"])
    by_hand = f"/owner/venues/{place.venue.pk}/by-hand/"
    for path in (f"/outages/{statement}/", by_hand, f"{by_hand}list/"):
        page.goto(walk.site + path)
        assert "인쇄하려면 브라우저 메뉴에서" in instead(page), path
        assert page.locator(DEAD).count() == 0, path
