"""Every page of the clerk's desk at full size, against the same page at a hundredth of it.

Two processes ask, one in each registry, on one PostgreSQL with warm caches. A page is asked for in both in turn, so
that whatever else the machine does falls on both alike, and its time is the least of some tries; where the large one
seems to take much longer, more tries tell whether it does. Then the statements of both are counted, and those of the
large one run again with EXPLAIN ANALYZE: none may look at more than 30,000 rows of a table, and no large table be
counted.
"""

import os
import sys
from collections.abc import Iterable, Iterator

from bench.countries import SMALL, countries
from bench.measure import Result
from bench.visitor import Looked, Visitor

GOAL = 2.0
TRIES, MORE_TRIES = 3, 12
DOUBTFUL = 1.5  # times as long: asked again

Seconds = dict[str, float]  # by page


def run() -> Iterable[Result]:
    scale = float(os.environ.get("BENCH_SCALE", "1"))
    both = countries(scale)
    small, large = (Visitor(both[size]) for size in ("small", "large"))
    there = set(large.pages())
    pages = [page for page in small.pages() if page in there]
    print(f"desk: {SMALL:g} of the full size against {scale:g}, {len(pages)} pages", file=sys.stderr)
    yield from _worst(*_times(small, large, pages))
    yield from _statements({page: (small.look(page), large.look(page)) for page in pages})
    small.stop()
    large.stop()


def _times(small: Visitor, large: Visitor, pages: list[str]) -> tuple[Seconds, Seconds]:
    """The least that each page took in the small one and the large one."""
    few = dict.fromkeys(pages, float("inf"))
    many = dict(few)
    asked = pages
    for tries in range(MORE_TRIES):
        for page in asked:
            few[page] = min(few[page], small.visit(page))
            many[page] = min(many[page], large.visit(page))
        if tries + 1 >= TRIES:
            asked = [page for page in asked if many[page] > DOUBTFUL * few[page]]
    return few, many


def _worst(few: Seconds, many: Seconds) -> Iterator[Result]:
    """Of each list, the page that grew most; to standard error every page that grew too much."""
    worst: dict[str, Result] = {}
    for page in few:
        of = page.split(" ")[0]
        result = Result(f"desk, {page}", many[page] * 1000, "ms", few[page] * 1000, GOAL, at_most=True)
        if not result.met:
            print(f"desk: {page}: {result.floor:.1f} ms became {result.value:.1f} ms", file=sys.stderr)
        if of not in worst or result.ratio > worst[of].ratio:
            worst[of] = result
    yield from (worst[of] for of in sorted(worst))


def _statements(looked: dict[str, tuple[Looked, Looked]]) -> Iterator[Result]:
    """How many pages need more statements in the large one, read much of a large table, or count one."""
    more, reading, counting = [], [], []
    for page, (few, many) in sorted(looked.items()):
        if many.statements > few.statements:
            more.append(f"{page}: {few.statements} statements became {many.statements}")
        reading += [f"{page}: reads {what}" for what in many.reads_much]
        counting += [f"{page}: counts {what}" for what in many.counts]
    for what, found in (
        ("with more statements", more),
        ("that read much of a large table", reading),
        ("that count a large table", counting),
    ):
        for line in found:
            print(f"desk: {line}", file=sys.stderr)
        yield Result(f"desk, pages {what}", len({line.split(":")[0] for line in found}), "pages", 1, 0, at_most=True)
