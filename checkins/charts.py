"""Bars of a chart in whole numbers, for an SVG that a template draws. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

HEIGHT = 100
STEP, WIDTH = 10, 8  # of one bar with its gap, and without


@dataclass(slots=True, frozen=True)
class Bar:
    """Two values on top of one another, from the bottom: where they begin and how high they are."""

    x: int
    lower: int
    lower_y: int
    upper: int
    upper_y: int


@dataclass(slots=True)
class Chart:
    """`top` is the value at the upper edge; `labels` stand below: one for each bar, or from edge to edge."""

    top: int
    labels: list[str]
    bars: list[Bar] = field(default_factory=list)
    bar_width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_labelled_each(self) -> bool:
        return len(self.labels) == len(self.bars)

    @property
    def width(self) -> int:
        return STEP * len(self.bars)


def draw(values: Sequence[tuple[int, int]], labels: list[str]) -> Chart:
    """A chart of (lower, upper) values; the highest reaches the top, and what is not nought can be seen."""
    top = max((sum(value) for value in values), default=0)
    chart = Chart(top, labels)
    for place, (lower, upper) in enumerate(values):
        low, high = _height(lower, top), _height(upper, top)
        low = min(low, HEIGHT - high)
        chart.bars.append(Bar(place * STEP + (STEP - WIDTH) // 2, low, HEIGHT - low, high, HEIGHT - low - high))
    return chart


def _height(value: int, top: int) -> int:
    return max(1, round(value * HEIGHT / top)) if value else 0
