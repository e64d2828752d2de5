"""Charts as our pages draw them: bars by day or hour, with the same numbers beside them for a table. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, GAP = 576, 120, 0.2  # in the chart's own units; the gap as a part of a bar's place


@dataclass(frozen=True, slots=True)
class Block:
    """One rectangle: where it stands and how high it is, what it says, and of which of the series it is."""

    x: float
    y: int
    width: float
    height: int
    says: str
    series: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`marks` are the words under the bars by their place; `rows` the table: a word and a number for each series."""

    names: list[str]
    blocks: list[Block]
    marks: list[tuple[int, str]]
    rows: list[tuple[str, list[int]]]
    totals: list[tuple[str, int]]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def empty(self) -> bool:
        return not any(number for _name, number in self.totals)


def bars(
    columns: Sequence[tuple[Any, str, str]], series: Sequence[tuple[str, Mapping[Any, int]]], *, marked: int = 1
) -> Chart:
    """Bars side by side. `columns` are the key that a series knows a number by, the word in the table and the short one
    under the bar, which stands at every `marked`th."""
    rows = [(word, [numbers.get(key, 0) for _name, numbers in series]) for key, word, _short in columns]
    most = max((number for _word, numbers in rows for number in numbers), default=0)
    step = WIDTH / max(len(columns), 1)
    width = step * (1 - GAP) / max(len(series), 1)
    blocks = [
        Block(place * step + nth * width, HEIGHT - high, width * 0.95, high, f"{word} · {name} {number:,}", nth)
        for place, (word, numbers) in enumerate(rows)
        for nth, (number, (name, _numbers)) in enumerate(zip(numbers, series, strict=True))
        if (high := max(round(number / most * HEIGHT), 1) if number else 0)
    ]
    marks = [
        (round((place + 0.4) * step), short) for place, (*_key, short) in enumerate(columns) if place % marked == 0
    ]
    totals = [(name, sum(numbers[nth] for _word, numbers in rows)) for nth, (name, _numbers) in enumerate(series)]
    return Chart([name for name, _numbers in series], blocks, marks, rows, totals)
