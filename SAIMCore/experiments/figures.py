"""Figures of an emulated scenario, as PNG bytes. Drawn without a display."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import MaxNLocator

from SAIMCore.classes import ClassTable
from SAIMCore.experiments.result import ClassicalResult, EmulationResult, RoundResult

__all__ = ["class_color", "class_curves", "figure_bytes", "learning_curve"]

# Okabe and Ito's blue and vermilion: apart for every kind of color vision, and in gray.
SAIM_COLOR, CLASSICAL_COLOR = "#0072B2", "#D55E00"
TEXT_COLOR, GRID_COLOR = "#222222", "#DDDDDD"
RESOLUTION = 160
CLASS_COLUMNS = 4


def learning_curve(result: EmulationResult) -> bytes:
    """Test mIoU over the share of the data that is annotated, and over the annotation time."""
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    over_share, over_time = figure.subplots(1, 2, sharey=True)
    _draw(
        over_share,
        result,
        [100 * entry.share for entry in result.rounds],
        [100 * entry.share for entry in result.classical],
    )
    _describe(over_share, "Without annotation time", "series annotated (% of the data)")
    over_share.set_ylabel("test mIoU (%)")
    unit, minutes = _time_unit(result)
    _draw(
        over_time,
        result,
        [result.saim_minutes(entry.number) / minutes for entry in result.rounds],
        [result.classical_minutes(entry.number) / minutes for entry in result.classical],
    )
    _describe(over_time, "With annotation time", f"annotation time ({unit}, estimated)")
    over_time.set_xlim(left=0)
    over_share.set_xlim(left=0)
    figure.legend(
        handles=_legend(result), loc="outside lower center", ncols=4, frameon=False, fontsize=9
    )
    return figure_bytes(figure)


def class_curves(result: EmulationResult) -> bytes:
    """Test IoU of every class over the share of the data that is annotated."""
    names = list(result.rounds[0].test[result.clicks].iou)
    columns = min(CLASS_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(max(5.0, 2.75 * columns), 2.5 * rows + 0.5), layout="constrained")
    axes = figure.subplots(rows, columns, sharey=True, sharex=True, squeeze=False)
    for place, axis in enumerate(axes.flat):
        if place >= len(names):
            axis.set_visible(False)
            continue
        name = names[place]
        color = class_color(result.classes, result.classes.index(name))
        _draw_class(axis, result, name, color)
        _describe(axis, name, "% of the data" if place // columns == rows - 1 else "")
        if place % columns == 0:
            axis.set_ylabel("test IoU (%)")
    figure.legend(
        handles=_legend(result, TEXT_COLOR, "white"),
        loc="outside lower center",
        ncols=4,
        frameon=False,
        fontsize=9,
    )
    return figure_bytes(figure)


def figure_bytes(figure: Figure) -> bytes:
    """``figure`` as a PNG file."""
    stream = io.BytesIO()
    FigureCanvasAgg(figure).print_png(stream, metadata={"Software": None})
    return stream.getvalue()


def class_color(classes: ClassTable, index: int) -> tuple[float, float, float]:
    """Color of class ``index`` as Matplotlib takes it, 0 to 1."""
    red, green, blue = classes[index].color
    return (red / 255, green / 255, blue / 255)


def _draw(axis: Axes, result: EmulationResult, xs: list[float], classical_xs: list[float]) -> None:
    clicks = result.clicks
    if clicks > 0:
        axis.plot(
            xs, _miou(result.rounds, 0), "o--", color=SAIM_COLOR, mfc="white", lw=1.2, ms=5,
        )  # fmt: skip
    axis.plot(xs, _miou(result.rounds, clicks), "o-", color=SAIM_COLOR, lw=2.2, ms=7, zorder=3)
    if not classical_xs:
        return
    # Both begin with the initial model, whose labels are the classical ones.
    if clicks > 0:
        axis.plot(
            classical_xs, _miou(result.classical, 0), "s", color=CLASSICAL_COLOR, mfc="white", ms=5
        )
    axis.plot(
        [xs[0], *classical_xs],
        [_miou(result.rounds, clicks)[0], *_miou(result.classical, clicks)],
        ":",
        color=CLASSICAL_COLOR,
        lw=1.4,
    )
    axis.plot(classical_xs, _miou(result.classical, clicks), "s", color=CLASSICAL_COLOR, ms=7)


def _draw_class(
    axis: Axes, result: EmulationResult, name: str, color: tuple[float, float, float]
) -> None:
    xs = [100 * entry.share for entry in result.rounds]
    # A dark rim, for some classes have colors as pale as yellow.
    rim = [Stroke(linewidth=3.4, foreground=TEXT_COLOR), Normal()]
    if result.clicks > 0:
        values = _iou(result.rounds, 0, name)
        axis.plot(xs, values, "o--", color=TEXT_COLOR, mfc="white", lw=1.0, ms=4)
    values = _iou(result.rounds, result.clicks, name)
    axis.plot(xs, values, "o-", color=color, mec=TEXT_COLOR, lw=2.2, ms=6, path_effects=rim)
    points = [100 * entry.share for entry in result.classical]
    if result.clicks > 0:
        values = _iou(result.classical, 0, name)
        axis.plot(points, values, "s", color=TEXT_COLOR, mfc="white", ms=4)
    values = _iou(result.classical, result.clicks, name)
    axis.plot(points, values, "s", color=color, mec=TEXT_COLOR, ms=6)


def _describe(axis: Axes, title: str, label: str) -> None:
    axis.set_title(title, fontsize=11, loc="left", color=TEXT_COLOR)
    axis.set_xlabel(label)
    axis.grid(color=GRID_COLOR, lw=0.7)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    for line in (axis.xaxis, axis.yaxis):
        line.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))


def _legend(
    result: EmulationResult, color: str | None = None, fill: str | None = None
) -> list[Line2D]:
    """Handles of the curves; with ``color`` they stand for all classes alike."""
    count = result.clicks
    after = f"after {count} click{'' if count == 1 else 's'}"
    saim, classical = color or SAIM_COLOR, color or CLASSICAL_COLOR
    handles = [Line2D([], [], color=saim, marker="o", lw=2.2, ms=7, label=f"SAIM, {after}")]
    if count > 0:
        handles.append(
            Line2D([], [], color=saim, marker="o", mfc="white", ls="--", lw=1.2, ms=5,
                   label="SAIM, no clicks")
        )  # fmt: skip
    if result.classical:
        handles.append(
            Line2D([], [], color=classical, marker="s", ls=":", ms=7, label=f"classical, {after}")
        )
        if count > 0:
            handles.append(
                Line2D([], [], color=classical, marker="s", mfc="white", ls="", ms=5,
                       label="classical, no clicks")
            )  # fmt: skip
    return handles


def _miou(entries: Sequence[RoundResult | ClassicalResult], clicks: int) -> list[float]:
    return [_percent(entry.test[clicks].mean_iou) for entry in entries]


def _iou(entries: Sequence[RoundResult | ClassicalResult], clicks: int, name: str) -> list[float]:
    return [_percent(entry.test[clicks].iou[name]) for entry in entries]


def _percent(value: float | None) -> float:
    return float("nan") if value is None else 100 * value


def _time_unit(result: EmulationResult) -> tuple[str, float]:
    """Hours, or minutes when there are few of them."""
    longest = result.classical_minutes(result.rounds[-1].number)
    return ("hours", 60.0) if longest >= 120 else ("minutes", 1.0)
