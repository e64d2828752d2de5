"""A venue's poster as PDF, from its row to the bytes of the file: sheets per CPU second of one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from bench.measure import Result
from bench.town import town

if TYPE_CHECKING:
    from venues.models import Poster

ROUNDS, SHEETS_EACH = 4, 25
FLOOR = 40.0  # sheets per CPU second that are asked for, so the goal is a ratio of at least 1
NAMES = ("햇살 카페", "시험 국수 강남본점", "가나다라 어린이 도서관", "한빛체육관 제2분관")


def run() -> Iterable[Result]:
    """ROUNDS rounds of each sheet after one that warms up: unpacking the typeface is done once a process."""
    town()
    from venues.posters import sheets

    for sheet in sheets.SHEETS:
        made = [_poster(number, NAMES[number % len(NAMES)]) for number in range(SHEETS_EACH)]
        sheets.pdf(made[0], sheet)
        spent = sum(_cpu(sheets.pdf, sheet, made) for _round in range(ROUNDS))
        yield Result(f"poster, {sheet}", ROUNDS * SHEETS_EACH / spent, "sheets per CPU s", FLOOR, 1.0)


def _cpu(draw: Callable[[Poster, str], bytes], sheet: str, made: list[Poster]) -> float:
    started = time.process_time()
    for one in made:
        draw(one, sheet)
    return time.process_time() - started


def _poster(number: int, name: str) -> Poster:
    """A poster that no database has seen: drawing one asks none."""
    from venues.models import Category, Poster, Venue
    from venues.posters import signed_code

    category = Category(code="cafe", name_ko="식당·카페", name_en="Restaurants and cafés")
    venue = Venue(pk=1_000_000 + number, name=name, region="11680", category=category)
    now = datetime(2026, 11, 2, tzinfo=UTC)
    code = signed_code.encode(
        private_key=ec.generate_private_key(ec.SECP256R1()),
        kid=bytes(8),
        venue=venue.pk,
        number=1,
        made=int(now.timestamp()),
        name=name,
        region="서울특별시 강남구",
    )
    return Poster(venue=venue, number=1, code=code, made_at=now)
