"""The clerk's first page with the keyboard alone: past the menu, to what waits, into a table, to a desk and back."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registry import figures
from registry.models import Role
from tests.registry.clerks import desk_of, make_clerk

pytestmark = pytest.mark.browser


def test_a_clerk_gets_everywhere_from_the_first_page_without_a_mouse(live_stack, page):
    figures.count(timezone.now())
    cookie = desk_of(make_clerk(Role.VENUE_OFFICER, Role.REGISTRAR)).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_stack.web}])
    page.goto(f"{live_stack.web}/admin/")
    page.keyboard.press("Tab")
    expect(page.locator(".desk-skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".desk-waiting__card").first).to_be_focused()

    summary = page.locator("#due-title ~ .desk-details summary")
    for _step in range(40):
        if summary.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#due-title ~ .desk-details tbody tr")).to_have_count(figures.DAYS)
    expect(page.locator("#due-title ~ .desk-details tbody tr").first).to_be_visible()

    page.keyboard.type("gv")
    page.wait_for_url(f"{live_stack.web}/admin/venues/venue/")  # loaded, with what listens to keys
    page.keyboard.press("/")
    expect(page.locator("#searchbar")).to_be_focused()
    page.keyboard.type("gh?")
    expect(page.locator("#searchbar")).to_have_value("gh?")
    page.keyboard.press("Tab")
    menu = page.locator("[x-on\\:click='filterOpen = true']")
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("f")
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(menu).to_have_attribute("aria-expanded", "false")
    page.locator("#content").focus()
    page.keyboard.press("?")
    page.wait_for_url(f"{live_stack.web}/admin/keyboard/")
    page.locator("#keys-off").focus()
    page.keyboard.press("Space")
    page.keyboard.type("gh")
    expect(page).to_have_url(f"{live_stack.web}/admin/keyboard/")
    page.keyboard.press("Space")
    page.keyboard.type("gh")
    expect(page).to_have_url(f"{live_stack.web}/admin/")
