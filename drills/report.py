"""What a drill hands back: a table of what people saw, promises held or broken, and the lines of a chart. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float


@dataclass(frozen=True)
class Promise:
    """One sentence of what must be true, whether it was, and what was measured."""

    text: str
    held: bool
    measured: str


@dataclass(frozen=True)
class Load:
    """What was put on the stack beside what it can bear; a drill that did not reach its multiple has shown nothing."""

    given: float  # per second
    capacity: float  # per second, measured in the same run
    stated: float  # the multiple that the drill speaks of

    @property
    def multiple(self) -> float:
        return self.given / self.capacity if self.capacity else 0.0

    @property
    def promise(self) -> Promise:
        text = f"the load reached {self.stated:g} times the measured capacity"
        measured = f"{self.given:,.0f}/s ÷ {self.capacity:,.1f}/s = {self.multiple:.1f}"
        return Promise(text, self.multiple >= self.stated, measured)


@dataclass(frozen=True)
class Line:
    """One line of a chart: (x, y) pairs, x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Lines over one axis of time; `mark` are stretches of it, (from, to, word), in which something was broken."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    marks: Sequence[tuple[float, float, str]] = ()


@dataclass
class Report:
    """A drill's outcome. It held when every promise did."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    promises: list[Promise]
    chart: Chart
    notes: list[str] = field(default_factory=list)  # what was measured and assumed, a sentence each

    @property
    def held(self) -> bool:
        return bool(self.promises) and all(promise.held for promise in self.promises)

    def text(self) -> str:
        """Notes, table and promises, as `bin/drill` prints them."""
        promises = [
            (f"  {'held' if promise.held else 'BROKEN':<6}", f"{promise.text}: {promise.measured}")
            for promise in self.promises
        ]
        parts = ["\n".join(self.notes), table(self.columns, self.rows), "\n".join("  ".join(row) for row in promises)]
        return "\n\n".join(part for part in parts if part)


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Aligned text: the first column to the left, numbers to the right; wide (East Asian) characters count as two."""
    cells = [list(columns), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(width(row[n]) for row in cells) for n in range(len(columns))]
    left = [n == 0 or any(isinstance(row[n], str) for row in rows) for n in range(len(columns))]
    lines = []
    for row in cells:
        padded = [
            text + " " * (wide - width(text)) if to_left else " " * (wide - width(text)) + text
            for text, wide, to_left in zip(row, widths, left, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed, by nearest rank; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}" if abs(cell) < 10 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
