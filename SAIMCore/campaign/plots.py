"""Which curves a plot of a campaign shows: how good the models are, and what annotating took."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import NamedTuple

from SAIMCore.campaign.effort import AnnotationEffort
from SAIMCore.campaign.learning_curve import CurvePoint
from SAIMCore.campaign.tables import count_clicks

__all__ = [
    "EFFORT_FIGURES",
    "PLACES",
    "MeasuredIou",
    "Plot",
    "curve_figures",
    "curve_plot",
    "effort_plot",
    "left_out_of_plots",
]

# Over what the learning curve runs: titles of the axis.
PLACES = ("round", "training series")
EFFORT_FIGURES = ("minutes per series", "minutes per slice", "clicks per series")
# As many as are compared where it is said whether annotating gets cheaper.
SMOOTHED = 5


@dataclass(frozen=True)
class Plot:
    """Curves: ``columns`` over ``x``, each with one value (None: missing) for each of ``x``."""

    title: str
    x_label: str
    y_label: str
    x: tuple[float, ...]
    columns: Mapping[str, tuple[float | None, ...]]


class MeasuredIou(NamedTuple):
    """One figure of the learning curve.

    Of the class ``of`` (None: the mIoU of all) a curve for each number of clicks; or, with
    ``clicks``, a curve for each class and one for their mean, after that many.
    """

    of: str | None = None
    clicks: int | None = None

    def __str__(self) -> str:
        if self.clicks is not None:
            return f"IoU of every class after {count_clicks(self.clicks)}"
        return "mIoU" if self.of is None else f"IoU of {self.of}"


def curve_figures(points: Sequence[CurvePoint]) -> list[MeasuredIou]:
    """All that can be shown of ``points``: mIoU, each class, all classes after so many clicks."""
    return [
        MeasuredIou(),
        *(MeasuredIou(of=name) for name in _classes(points)),
        *(MeasuredIou(clicks=count) for count in _counts(points)),
    ]


def curve_plot(points: Sequence[CurvePoint], figure: MeasuredIou, place: str) -> Plot:
    """``figure`` in percent over ``place`` (of ``PLACES``).

    Models that were measured on other series than the project's present ones, or whose place is not
    known, are left out (see ``left_out_of_plots``); of several at one place the newest counts.
    """
    newest = {_place(point, place): point for point in points if point.comparable}
    places = sorted(value for value in newest if value is not None)
    shown = [newest[value] for value in places]
    split = shown[-1].split if shown else "test"
    return Plot(
        title=f"{figure} on the {split} set",
        x_label=place,
        y_label="IoU in %" if figure.of or figure.clicks is not None else "mIoU in %",
        x=tuple(map(float, places)),
        columns={
            name: tuple(_percent(value(point)) for point in shown)
            for name, value in _curves(points, figure).items()
        },
    )


def left_out_of_plots(points: Sequence[CurvePoint]) -> str:
    """A sentence about models that ``curve_plot`` cannot show beside the others, or ""."""
    count = sum(not point.comparable for point in points)
    if not count:
        return ""
    return (
        f"{count} model{'s' if count > 1 else ''} measured on other series than the project has "
        "now: in the table only"
    )


def effort_plot(efforts: Sequence[AnnotationEffort], figure: str) -> Plot:
    """``figure`` (of ``EFFORT_FIGURES``) of each annotation, in the order of their time.

    A second curve is the median of the latest 5, which single long or short ones do not move.
    """
    values = [_effort(effort, figure) for effort in efforts]
    return Plot(
        title=f"{figure[0].upper()}{figure[1:]}",
        x_label="annotated series",
        y_label=figure,
        x=tuple(float(number) for number in range(1, len(values) + 1)),
        columns={
            figure: tuple(values),
            f"median of the latest {SMOOTHED}": tuple(
                _median(values[max(0, end - SMOOTHED) : end]) for end in range(1, len(values) + 1)
            ),
        },
    )


def _curves(
    points: Sequence[CurvePoint], figure: MeasuredIou
) -> dict[str, Callable[[CurvePoint], float | None]]:
    """The names of the curves, and the value that a model has on each."""
    if figure.clicks is not None:
        names = {"mean": None, **{name: name for name in _classes(points)}}
        return {
            title: partial(CurvePoint.value, name=name, clicks=figure.clicks)
            for title, name in names.items()
        }
    return {
        count_clicks(count): partial(CurvePoint.value, name=figure.of, clicks=count)
        for count in _counts(points)
    }


def _place(point: CurvePoint, place: str) -> int | None:
    return point.round if place == PLACES[0] else point.series


def _effort(effort: AnnotationEffort, figure: str) -> float | None:
    return {
        EFFORT_FIGURES[0]: effort.minutes,
        EFFORT_FIGURES[1]: effort.minutes_per_slice,
        EFFORT_FIGURES[2]: effort.clicks,
    }[figure]


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _classes(points: Sequence[CurvePoint]) -> list[str]:
    return list(dict.fromkeys(name for point in points for name in point.classes))


def _counts(points: Sequence[CurvePoint]) -> list[int]:
    return sorted({count for point in points for count in point.mean_iou})
