"""Curves of a campaign as a small SVG picture for a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from SAIMCore.campaign.plots import Plot

__all__ = ["COLORS", "draw"]

# Okabe and Ito: told apart by people with any color vision.
COLORS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00", "#0072b2", "#ffffff")
WIDTH, HEIGHT = 280, 170
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 10, 30
LEGEND_LINE = 14


def draw(plot: Plot) -> str:
    """``plot`` as SVG, all curves with their points and names; "" where there is no point."""
    values = [value for column in plot.columns.values() for value in column if value is not None]
    if not values:
        return ""
    scale = _Scale(plot.x, values)
    height = HEIGHT + LEGEND_LINE * len(plot.columns)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(plot.title)}" '
        'xmlns="http://www.w3.org/2000/svg" font-size="10" fill="#aab2bd">',
        *_axes(plot, scale),
    ]
    for number, (name, column) in enumerate(plot.columns.items()):
        color = COLORS[number % len(COLORS)]
        parts += _curve([scale.place(x, y) for x, y in zip(plot.x, column, strict=True)], color)
        baseline = HEIGHT + LEGEND_LINE * number + 9
        parts.append(f'<rect x="{LEFT}" y="{baseline - 6}" width="12" height="4" fill="{color}"/>')
        parts.append(f'<text x="{LEFT + 18}" y="{baseline}">{escape(name)}</text>')
    return "".join([*parts, "</svg>"])


class _Scale:
    """From values to pixels."""

    def __init__(self, x: Sequence[float], y: Sequence[float]) -> None:
        self.x, self.y = _range(x), _range(y)

    def place(self, x: float, y: float | None) -> tuple[float, float] | None:
        if y is None:
            return None
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        along = (y - self.y[0]) / (self.y[1] - self.y[0])
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - along * (HEIGHT - TOP - BOTTOM),
        )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1, high + 1)


def _axes(plot: Plot, scale: _Scale) -> list[str]:
    parts = []
    for y in (scale.y[0], sum(scale.y) / 2, scale.y[1]):
        place = scale.place(scale.x[0], y)
        assert place is not None
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place[1]:.1f}" y2="{place[1]:.1f}" '
            'stroke="#2c323a"/>'
            f'<text x="{LEFT - 4}" y="{place[1] + 3:.1f}" text-anchor="end">{y:.0f}</text>'
        )
    for x in sorted({plot.x[0], plot.x[-1]}):
        place = scale.place(x, scale.y[0])
        assert place is not None
        parts.append(
            f'<text x="{place[0]:.1f}" y="{HEIGHT - BOTTOM + 13}" text-anchor="middle">{x:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    label = escape(plot.x_label)
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{label}</text>')
    parts.append(f'<text x="{LEFT}" y="8">{escape(plot.y_label)}</text>')
    return parts


def _curve(places: Sequence[tuple[float, float] | None], color: str) -> list[str]:
    known = [place for place in places if place is not None]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
    return [
        f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in known),
    ]
