"""Codes in bad pictures are read by the page's own reader: tilted, blurred, noisy, under a lamp, in the dark.

The whole sixty, and how long they take, are for `bin/bench door`; here the mildest, a middling and the worst of a kind.
"""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from bench import frames
from bench.reading import READ, read
from tests.browser.shelf import shelf
from tests.factories import VenueFactory
from venues.posters import making, sheets

ALLOWED = 1
"""Of the fifteen: as 57 of 60."""


@pytest.fixture
def reader(browser) -> Iterator[Page]:
    with shelf() as (address, _pages, _server):
        context = browser.new_context(service_workers="block")
        page = context.new_page()
        page.goto(address)
        page.evaluate(READ, ["/static/js/scanner/sight.js", "/static/js/scanner/reader.js", WASM])
        yield page
        context.close()


WASM = "/static/vendor/zxing/reader/zxing_reader.wasm"


def test_it_reads_codes_in_bad_pictures_and_sees_none_where_there_is_none(reader):
    assert read(reader, frames.clean()).right
    unread = [sight for frame in frames.frames(each=3) if not (sight := read(reader, frame)).right]
    assert all(sight.text is None for sight in unread), "read, but wrongly"
    assert len(unread) <= ALLOWED, [sight.name for sight in unread]
    assert read(reader, frames.Frame("empty", 0, "", frames.empty())).text is None


def test_it_reads_a_negative_within_three_pictures(reader):
    clean = frames.clean()
    dark = frames.Frame("negative", 0, clean.text, clean.picture.point(lambda light: 255 - light))
    assert any(read(reader, dark).right for _picture in range(3))


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["햇살 카페", "한국시험문화재단 부설 어린이·청소년 종합체육관 강남구 제2분관 수영장"])
def test_it_reads_the_code_that_a_poster_draws(reader, name):
    venue = VenueFactory(name=name)
    text = making.address(making.make(venue, by=venue.operator.people.get(), now=timezone.now()))
    rows = sheets.modules(text)
    code = Image.new("L", (len(rows), len(rows)), 255)
    code.putdata([255 * (not dark) for row in rows for dark in row])
    paper = Image.new("L", (len(rows) * 6 + 48, len(rows) * 6 + 48), 255)
    paper.paste(code.resize((len(rows) * 6, len(rows) * 6), Image.Resampling.NEAREST), (24, 24))
    assert read(reader, frames.Frame("poster", 0, text, paper)).right
