"""Curves of a campaign as a small SVG picture for a dark page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from SAIMCore.campaign.plots import Plot

__all__ = ["COLORS", "LARGE", "draw"]

# Okabe and Ito: told apart by people with any color vision.
COLORS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2", "#ffffff")
# Width and height of the curves: in a panel, and alone.
SMALL, LARGE = (280, 170), (900, 400)
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 16, 30
LEGEND_LINE = 14
# Names that are no longer than this stand side by side.
SHORT_NAME, NAME_WIDTH = 14, 120
# About so many lines across.
LINES = 4
# With more places than this there are no points on the lines, and only every so many-th place.
MOST_POINTS, MOST_PLACES = 40, 400

Column = Sequence[float | None]


def draw(plot: Plot, size: tuple[int, int] = SMALL) -> str:
    """``plot`` as SVG, all curves with their points and names; "" where there is no point."""
    shown = {
        name: column
        for name, column in plot.columns.items()
        if any(value is not None for value in column)
    }
    if not shown:
        return ""
    values = [value for column in shown.values() for value in column if value is not None]
    scale = _Scale(plot.x, values, size)
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(shown)}
    legend, lines = _legend(colors, scale)
    parts = [
        f'<svg viewBox="0 0 {scale.width} {scale.height + LEGEND_LINE * lines}" role="img" '
        f'aria-label="{escape(plot.title)}" xmlns="http://www.w3.org/2000/svg" font-size="10" '
        'fill="#aab2bd">',
        f"<title>{escape(plot.title)}</title>",
        *_axes(plot, scale),
    ]
    for name, column in shown.items():
        parts += _curve(_places(plot.x, column, scale), colors[name])
    return "".join([*parts, *legend, "</svg>"])


class _Scale:
    """From values to pixels."""

    def __init__(self, x: Sequence[float], y: Sequence[float], size: tuple[int, int]) -> None:
        self.width, self.height = size
        self.x = _range(x)
        self.lines = _round_values(*_range(y))
        self.y = self.lines[0], self.lines[-1]

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        along = (y - self.y[0]) / (self.y[1] - self.y[0])
        return (
            LEFT + across * (self.width - LEFT - RIGHT),
            self.height - BOTTOM - along * (self.height - TOP - BOTTOM),
        )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1, high + 1)


def _round_values(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, from below ``low`` to above ``high``."""
    power = 10.0 ** math.floor(math.log10((high - low) / LINES))
    step = next(
        factor * power for factor in (1, 2, 5, 10) if factor * power >= (high - low) / LINES
    )
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _axes(plot: Plot, scale: _Scale) -> list[str]:
    parts = []
    for y in scale.lines:
        _, height = scale.place(scale.x[0], y)
        parts.append(
            f'<line x1="{LEFT}" x2="{scale.width - RIGHT}" y1="{height:.1f}" y2="{height:.1f}" '
            'stroke="#2c323a"/>'
            f'<text x="{LEFT - 4}" y="{height + 3:.1f}" text-anchor="end">{y:.4g}</text>'
        )
    for x in sorted({plot.x[0], plot.x[-1]}):
        across, _ = scale.place(x, scale.y[0])
        parts.append(
            f'<text x="{across:.1f}" y="{scale.height - BOTTOM + 13}" '
            f'text-anchor="middle">{x:g}</text>'
        )
    middle = (LEFT + scale.width - RIGHT) / 2
    label = escape(plot.x_label)
    parts.append(
        f'<text x="{middle:.0f}" y="{scale.height - 4}" text-anchor="middle">{label}</text>'
    )
    parts.append(f'<text x="{LEFT}" y="8">{escape(plot.y_label)}</text>')
    return parts


def _legend(colors: Mapping[str, str], scale: _Scale) -> tuple[list[str], int]:
    """The names below the curves, and how many lines they take."""
    columns = 1
    if max(map(len, colors)) <= SHORT_NAME:
        columns = (scale.width - LEFT) // NAME_WIDTH
    parts = []
    for number, (name, color) in enumerate(colors.items()):
        line, column = divmod(number, columns)
        x, y = LEFT + column * NAME_WIDTH, scale.height + LEGEND_LINE * line + 9
        parts.append(f'<rect x="{x}" y="{y - 6}" width="12" height="4" fill="{color}"/>')
        parts.append(f'<text x="{x + 18}" y="{y}">{escape(name)}</text>')
    return parts, -(-len(colors) // columns)


def _places(x: Sequence[float], column: Column, scale: _Scale) -> list[tuple[float, float]]:
    known = [(at, value) for at, value in zip(x, column, strict=True) if value is not None]
    step = -(-len(known) // MOST_PLACES)
    # From the end, so that the latest one is there.
    return [scale.place(at, value) for at, value in known[::-step][::-1]]


def _curve(places: Sequence[tuple[float, float]], color: str) -> list[str]:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>']
    if len(places) <= MOST_POINTS:
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in places]
    return parts
