"""Posters on paper: an A4 sheet for the door, and six stickers on an A4 sheet with marks to cut along, both in Korean
and English, as PDF with everything embedded, so that a print shop prints what the owner saw.

All lengths are in points, from the lower left corner; A4 is 595 × 842. Nothing needs colour.
"""

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from registry import regions
from venues.models import Category, Poster
from venues.posters import making
from venues.posters.typesetting import BOLD, REGULAR, Face, fit, lines, set_line

LANGUAGES = ("ko", "en")
KEPT_DAYS = 28
# Any of the eight masks makes a code that readers read. What is drawn is signed bytes, as random as the masks are meant
# to make it, so that trying all eight to find the best costs four fifths of the time and gains nothing.
MASK = 3
WIDTH, HEIGHT = A4
MARGIN = 16 * mm
_drawing = threading.Lock()  # the library keeps its fonts in one place for all threads

LEAD = _("Check in here")
STEPS = (
    _("Open your phone’s camera and hold it over the code."),
    _("See whether the name on the screen is the one above."),
    _("Tap “Check in” and show the screen to the staff."),
)
WHY = (_("What for"), _("So that people can be told if somebody who was here at the same time falls ill."))
KEPT = (
    _("What is kept"),
    _("The day’s pseudonym, this venue and the time, for {days} days. Then it is destroyed. No name, no number, and "
      "nothing that the venue can read."),
)  # fmt: skip
WITHOUT = (
    _("Without a smartphone"),
    _("Show your paper pass, or write your safe number on the paper list. Ask the staff; they help you."),
)
OTHER = _("If another name appears on your screen, do not check in, and tell the staff.")
SCAN = _("Scan with your camera")
COMPARE = _("Check in only if this name appears.")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sheet says of a venue: by language the region and category, and the drawing of the code."""

    name: str
    places: dict[str, str]
    number: int
    made: str
    rows: list[list[bool]]


def facts(made: Poster) -> Facts:
    """Everything that is printed. The poster must come with its venue and category."""
    venue = made.venue
    category: Category = venue.category
    names = dict(zip(LANGUAGES, regions.names(venue.region), strict=True))
    kinds = {"ko": category.name_ko, "en": category.name_en}
    places = {language: " · ".join(filter(None, (names[language], kinds[language]))) for language in LANGUAGES}
    return Facts(venue.name, places, made.number, f"{timezone.localdate(made.made_at)}", modules(making.address(made)))


def modules(text: str) -> list[list[bool]]:
    """The code's rows, dark as True, without the quiet zone. M: up to 15 % of it may be dirty or torn."""
    code = QRCode(border=0, error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    return code.get_matrix()


def pdf(made: Poster, sheet: str) -> bytes:
    """One of SHEETS."""
    draw, told = SHEETS[sheet], facts(made)
    file = io.BytesIO()
    with _drawing:
        canvas = Canvas(file, pagesize=A4, invariant=1, lang="ko-KR")
        canvas.setTitle(f"{told.name} · {made.number}")
        canvas.setAuthor("Munjigi")
        draw(canvas, told)
        canvas.showPage()
        canvas.save()
    return file.getvalue()


def _poster(canvas: Canvas, told: Facts) -> None:
    y = _head(canvas, told, HEIGHT - MARGIN)
    side = 92 * mm
    _code(canvas, told.rows, (WIDTH - side) / 2, y - side, side)
    y -= side + 4 * mm
    column = (WIDTH - 2 * MARGIN - 10 * mm) / 2
    for n, language in enumerate(LANGUAGES):
        with override(language):
            _words(canvas, MARGIN + n * (column + 10 * mm), y, column)
    _foot(canvas, told)


def _head(canvas: Canvas, told: Facts, y: float) -> float:
    """Lead, name and place; the height below them."""
    y -= 20
    with override("ko"):
        korean = str(LEAD)
    with override("en"):
        set_line(canvas, WIDTH / 2, y, f"{korean}  ·  {LEAD}", Face(BOLD, 20), centred=True)
    names, face = fit(told.name, Face(BOLD, 54), WIDTH - 2 * MARGIN, rows=2)
    y -= 14
    for name in names:
        y -= face.size * 1.12
        set_line(canvas, WIDTH / 2, y, name, face, centred=True)
    y -= 10
    for language in LANGUAGES:
        y -= 17
        set_line(canvas, WIDTH / 2, y, told.places[language], Face(REGULAR, 13), centred=True)
    return y - 6 * mm


def _words(canvas: Canvas, x: float, y: float, most: float) -> None:
    """One language's column: the steps, then what for, what is kept, and the other ways in."""
    step_face, head, body = Face(BOLD, 12), Face(BOLD, 10), Face(REGULAR, 10)
    for number, step in enumerate(STEPS, 1):
        set_line(canvas, x, y - 12, f"{number}", step_face)
        y = _paragraph(canvas, x + 14, y, str(step), step_face, most=most - 14) - 3
    y -= 5
    for title, text in (WHY, KEPT, WITHOUT):
        y = _paragraph(canvas, x, y, str(title), head, most=most)
        y = _paragraph(canvas, x, y, str(text).format(days=KEPT_DAYS), body, most=most) - 5
    _paragraph(canvas, x, y, str(OTHER), head, most=most)


def _paragraph(canvas: Canvas, x: float, y: float, text: str, face: Face, *, most: float) -> float:
    """Lines under one another from y down; the height below them."""
    for line in lines(text, face, most):
        y -= face.size * 1.35
        set_line(canvas, x, y + face.size * 0.35, line, face)
    return y


def _foot(canvas: Canvas, told: Facts) -> None:
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, MARGIN + 8, WIDTH - MARGIN, MARGIN + 8)
    set_line(canvas, MARGIN, MARGIN - 4, f"Munjigi 문지기 · {told.made} · No. {told.number}", Face(REGULAR, 8))


ACROSS, DOWN = 2, 3
STICKER = 86 * mm  # square
TRIM = 4 * mm  # length of a mark to cut along


def _stickers(canvas: Canvas, told: Facts) -> None:
    left, below = (WIDTH - ACROSS * STICKER) / 2, (HEIGHT - DOWN * STICKER) / 2
    canvas.beginForm("sticker", 0, 0, STICKER, STICKER)  # drawn once, placed six times
    _sticker(canvas, told)
    canvas.endForm()
    for n in range(ACROSS * DOWN):
        canvas.saveState()
        canvas.translate(left + n % ACROSS * STICKER, below + n // ACROSS * STICKER)
        canvas.doForm("sticker")
        canvas.restoreState()
    canvas.setLineWidth(0.4)
    for n in range(ACROSS + 1):
        x = left + n * STICKER
        canvas.line(x, below - 1.5 * mm, x, below - 1.5 * mm - TRIM)
        top = below + DOWN * STICKER + 1.5 * mm
        canvas.line(x, top, x, top + TRIM)
    for n in range(DOWN + 1):
        y = below + n * STICKER
        canvas.line(left - 1.5 * mm, y, left - 1.5 * mm - TRIM, y)
        right = left + ACROSS * STICKER + 1.5 * mm
        canvas.line(right, y, right + TRIM, y)


def _sticker(canvas: Canvas, told: Facts) -> None:
    middle, most = STICKER / 2, STICKER - 10 * mm
    names, face = fit(told.name, Face(BOLD, 20), most, rows=2)
    top = STICKER - 5 * mm
    for name in names:
        top -= face.size * 1.1
        set_line(canvas, middle, top, name, face, centred=True)
    low = 4 * mm
    for language in reversed(LANGUAGES):
        with override(language):
            for text, small in ((COMPARE, Face(REGULAR, 9)), (SCAN, Face(BOLD, 11))):
                set_line(canvas, middle, low, str(text), small, centred=True)
                low += small.size * 1.3
    side = min(top - low - 4 * mm, most)
    _code(canvas, told.rows, middle - side / 2, low + (top - low - side) / 2, side)


def _code(canvas: Canvas, rows: list[list[bool]], x: float, y: float, side: float) -> None:
    """The code in a square with its lower left corner at (x, y), the quiet zone of four modules included.

    A bar for each run of dark modules, in whole modules, written as PDF says it: the library's own way takes longer
    for a thousand bars than all the rest of the sheet.
    """
    size, high = side / (len(rows) + 8), len(rows) + 3
    bars: list[str] = []
    for n, row in enumerate(rows):
        at = 4
        for dark, run in groupby(row):
            length = sum(1 for _module in run)
            if dark:
                bars.append(f"{at} {high - n} {length} 1 re")
            at += length
    canvas.addLiteral(f"q {size:.5f} 0 0 {size:.5f} {x:.3f} {y:.3f} cm\n" + "\n".join(bars) + "\nf Q")


SHEETS: dict[str, Callable[[Canvas, Facts], Any]] = {"poster": _poster, "stickers": _stickers}
