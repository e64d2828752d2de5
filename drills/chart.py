"""A chart as SVG: lines over time, readable on light and dark pages, without scripts. Pure."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

from drills.report import Chart, Line

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 62, 48
DASHES = ("", "7 4", "2 3", "10 3 2 3", "1 5")  # so that lines are told apart without their colours
STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
.ground { fill: #fff; } text { fill: #1e2124; } .small { fill: #464c53; font-size: 12px; }
.grid { stroke: #e6e8ea; } .axis { stroke: #8a949e; } .mark { fill: #fdefec; }
.line { fill: none; stroke-width: 2; }
.c0 { stroke: #0b50d0; } .c1 { stroke: #de3412; } .c2 { stroke: #228738; } .c3 { stroke: #9e6a00; } .c4 { stroke: #6b3fa0; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #131416; } text { fill: #f4f5f6; } .small { fill: #b1b8be; }
  .grid { stroke: #33363d; } .axis { stroke: #8a949e; } .mark { fill: #3f1a14; }
  .c0 { stroke: #6fa8ff; } .c1 { stroke: #ff8f75; } .c2 { stroke: #67c97b; } .c3 { stroke: #ffc95c; } .c4 { stroke: #c3a3ee; }
}"""  # noqa: E501


def svg(chart: Chart) -> str:
    """The chart as one SVG document, its title and lines named in words for those who do not see it."""
    xs = [x for line in chart.lines for x, _ in line.points]
    top = max([y for line in chart.lines for _, y in line.points] + [1e-9])
    scale = _Scale(min(xs, default=0), max(xs, default=1), nice(top))
    parts = [f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>']
    parts += [_mark(scale, *mark) for mark in chart.marks]
    parts += _grid(scale, chart)
    parts += [_line(scale, line, number) for number, line in enumerate(chart.lines)]
    parts += _legend(chart)
    told = f"{chart.title}. {chart.y}: {', '.join(line.name for line in chart.lines)}."
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" aria-label="{escape(told)}">'
        f"<title>{escape(told)}</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def nice(largest: float) -> float:
    """The least of 1, 2, 2.5, 5 times a power of ten that is not below `largest`: where an axis ends."""
    power = 10.0 ** floor(log10(largest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= largest * 0.999)


class _Scale:
    """From values to places on the page."""

    def __init__(self, first: float, last: float, top: float) -> None:
        self.first, self.span, self.top = first, (last - first) or 1.0, top

    def x(self, value: float) -> float:
        return round(LEFT + (value - self.first) / self.span * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM), 1)


def _grid(scale: _Scale, chart: Chart) -> list[str]:
    parts = []
    for part in range(6):
        value = scale.top * part / 5
        y = scale.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="small" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:,.4g}</text>')
    step = nice(scale.span / 8)
    for number in range(ceil(scale.first / step), int((scale.first + scale.span) / step) + 1):
        x, label = scale.x(number * step), f"{number * step:,.4g}"
        parts.append(f'<text class="small" x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{label}</text>')
    axis = HEIGHT - BOTTOM
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{axis}" y2="{axis}"/>')
    parts.append(
        f'<text class="small" x="{WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end">{escape(chart.x)}</text>'
    )
    return [*parts, f'<text class="small" x="{LEFT}" y="{TOP - 10}">{escape(chart.y)}</text>']


def _mark(scale: _Scale, since: float, until: float, word: str) -> str:
    left, right = scale.x(max(since, scale.first)), scale.x(min(until, scale.first + scale.span))
    place = f'x="{left}" y="{TOP}" width="{max(right - left, 1):.1f}" height="{HEIGHT - TOP - BOTTOM}"'
    return f'<rect class="mark" {place}/><text class="small" x="{left + 4}" y="{TOP + 14}">{escape(word)}</text>'


def _line(scale: _Scale, line: Line, number: int) -> str:
    points = " ".join(f"{scale.x(x)},{scale.y(y)}" for x, y in line.points)
    return f'<polyline class="line c{number % 5}" stroke-dasharray="{DASHES[number % 5]}" points="{points}"/>'


def _legend(chart: Chart) -> list[str]:
    parts, x = [f'<text x="{LEFT}" y="18" font-weight="600">{escape(chart.title)}</text>'], float(LEFT)
    for number, line in enumerate(chart.lines):
        shape = f'class="line c{number % 5}" stroke-dasharray="{DASHES[number % 5]}"'
        parts.append(f'<line {shape} x1="{x}" x2="{x + 24}" y1="34" y2="34"/>')
        parts.append(f'<text class="small" x="{x + 30}" y="38">{escape(line.name)}</text>')
        x += 48 + 6.6 * len(line.name)
    return parts
