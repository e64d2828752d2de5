"""A declared outage reaches the scanner: it says so, and passes that could not be renewed for it are good."""

import time

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registry import policy
from registry.models import Outage, PolicyVersion
from registry.reverification import outages
from tests.browser.test_scanner import PATIENCE_MS, UPLOAD_MS, code, counts, entries, pair, show, state
from tests.factories import VenueFactory


@pytest.fixture
def floor(live_stack):
    """From today on passes must be made under the version in force."""
    policy.forget()
    version = policy.in_force_on(timezone.localdate())
    PolicyVersion.objects.filter(pk=version.pk).update(floor_from=timezone.localdate())
    time.sleep(policy.HELD_SECONDS)
    yield version.number
    policy.forget()
    outages.forget()


def test_it_accepts_older_passes_and_says_why_while_an_outage_is_declared(page, live_stack, floor):
    venue = VenueFactory()
    pair(page, live_stack, venue)
    show(page, code(policy=floor - 1), "OUTDATED")
    page.locator("#verdict-next").click()
    now = timezone.now()
    Outage.objects.create(opened_at=now, began_at=now, cause="no code arrives")
    time.sleep(outages.HELD_SECONDS)
    page.reload()
    expect(page.locator("#notices .notice--info").filter(has_text="장애")).to_be_visible(timeout=PATIENCE_MS)
    state(page, "ready")
    show(page, code(policy=floor - 1), "PASS")
    counts(page, UPLOAD_MS, admitted=1, waiting=0)
    assert entries(venue) == [("qr", 0)]
