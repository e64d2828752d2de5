"""The served typeface in PDFs: unpacked once a process, embedded with the letters that a sheet uses.

The served file holds the 2,780 syllables in common use; a venue's name may have another. Those are set in the Korean
typeface that PDF readers bring along (Adobe's character collection), rather than as empty boxes.
"""

import io
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from fontTools.ttLib import TTFont as FontFile
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

REGULAR, BOLD, SPARE = "PretendardGOV-Regular", "PretendardGOV-Bold", "HYGothic-Medium"
FOLDER = Path("vendor/krds/fonts")
_lock = threading.Lock()
rl_config.useA85 = 0  # bytes as they are: a fifth smaller, and quicker to write


class Face(NamedTuple):
    """A typeface in a size, in points."""

    name: str
    size: float


@cache
def _letters() -> frozenset[str]:
    """What the typeface can set; registers it. Takes about a second, once a process."""
    with _lock:
        for name in (REGULAR, BOLD):
            file = FontFile(settings.BASE_DIR / "static" / FOLDER / f"{name}.subset.woff2")
            known = frozenset(map(chr, file.getBestCmap() or ()))
            file.flavor, plain = None, io.BytesIO()
            file.save(plain)
            plain.seek(0)
            pdfmetrics.registerFont(TTFont(name, plain))
        pdfmetrics.registerFont(UnicodeCIDFont(SPARE))
    return known


def runs(text: str, name: str) -> Iterator[tuple[str, str]]:
    """The text in parts that one typeface can set, each with its name."""
    known = _letters()
    for there, letters in groupby(text, lambda letter: letter in known or letter.isspace()):
        yield "".join(letters), name if there else SPARE


def width(text: str, face: Face) -> float:
    return sum(pdfmetrics.stringWidth(part, name, face.size) for part, name in runs(text, face.name))


def set_line(canvas: Canvas, x: float, y: float, text: str, face: Face, *, centred: bool = False) -> None:
    """One line, its baseline at y; x is its left end, or its middle."""
    x -= width(text, face) / 2 if centred else 0
    for part, name in runs(text, face.name):
        canvas.setFont(name, face.size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, name, face.size)


@lru_cache(maxsize=256)
def lines(text: str, face: Face, most: float) -> tuple[str, ...]:
    """The text broken between words into lines no wider than `most`; a word that is wider alone, within."""
    broken: list[str] = []
    for word in text.split():
        longer = f"{broken[-1]} {word}" if broken else word
        if broken and width(longer, face) <= most:
            broken[-1] = longer
        else:
            broken.extend(_pieces(word, face, most))
    return tuple(broken)


def _pieces(word: str, face: Face, most: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, face) > most:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def fit(text: str, largest: Face, most: float, *, rows: int) -> tuple[tuple[str, ...], Face]:
    """The text in `rows` lines of width `most` at the most, as large as that allows, and its face. It shrinks to two
    fifths; what is still longer then takes more lines."""
    face = largest
    while face.size > largest.size * 0.4 and len(lines(text, face, most)) > rows:
        face = Face(face.name, face.size - 1)
    return lines(text, face, most), face
