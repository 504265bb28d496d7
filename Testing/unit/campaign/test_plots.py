"""Which curves a plot shows."""

from __future__ import annotations

from SAIMCore.campaign.plots import (
    EFFORT_FIGURES,
    PLACES,
    MeasuredIou,
    curve_figures,
    curve_plot,
    effort_plot,
    left_out_of_plots,
)
from Testing.unit.campaign.made_up import annotation_effort, curve_point

ROUND, SERIES = PLACES


def test_all_that_was_measured_can_be_shown() -> None:
    figures = curve_figures([curve_point(4, 0.5, 0.6)])
    assert list(map(str, figures)) == [
        "mIoU",
        "IoU of liver",
        "IoU of every class after 0 clicks",
        "IoU of every class after 1 click",
    ]
    assert list(map(str, curve_figures([]))) == ["mIoU"]


def test_a_curve_for_each_number_of_clicks() -> None:
    points = [curve_point(4, 0.5, 0.625, round=1), curve_point(7, 0.75, None, round=2)]
    plot = curve_plot(points, MeasuredIou(), ROUND)
    assert (plot.title, plot.x_label, plot.y_label) == ("mIoU on the test set", ROUND, "mIoU in %")
    assert plot.x == (1, 2)
    assert plot.columns == {"0 clicks": (50, 75), "1 click": (62.5, None)}
    assert curve_plot(points, MeasuredIou(of="liver"), SERIES).x == (4, 7)


def test_a_curve_for_each_class_and_their_mean() -> None:
    points = [
        curve_point(4, 0.5, iou={0: {"liver": 0.25, "kidney": None}}, round=1),
        curve_point(7, 0.5, iou={0: {"liver": 0.75, "kidney": 0.5}}, round=2),
    ]
    plot = curve_plot(points, MeasuredIou(clicks=0), ROUND)
    assert plot.columns == {"mean": (50, 50), "liver": (25, 75), "kidney": (None, 50)}


def test_of_several_models_at_one_place_the_newest_counts() -> None:
    points = [curve_point(7, 0.5), curve_point(4, 0.25), curve_point(7, 0.75)]
    plot = curve_plot(points, MeasuredIou(), SERIES)
    assert (plot.x, plot.columns) == ((4, 7), {"0 clicks": (25, 75)})


def test_what_cannot_be_compared_or_placed_is_left_out() -> None:
    points = [
        curve_point(4, 0.25, comparable=False),
        curve_point(None, 0.5, round=None),
        curve_point(7, 0.75, round=3),
    ]
    assert curve_plot(points, MeasuredIou(), ROUND).x == (3,)
    assert curve_plot(points, MeasuredIou(), SERIES).x == (7,)
    assert left_out_of_plots(points).startswith("1 model measured on other series")
    assert left_out_of_plots(points[1:]) == ""


def test_the_plot_of_a_new_project_is_empty() -> None:
    assert curve_plot([], MeasuredIou(), ROUND).x == ()
    assert effort_plot([], EFFORT_FIGURES[0]).x == ()


def test_effort_is_shown_with_what_is_usual() -> None:
    minutes = [10.0, None, 4.0, 6.0, 8.0, 2.0, 2.0]
    efforts = [annotation_effort(n, value, clicks=n) for n, value in enumerate(minutes, 1)]
    plot = effort_plot(efforts, "minutes per series")
    assert plot.x == (1, 2, 3, 4, 5, 6, 7)
    assert plot.columns == {
        "minutes per series": tuple(minutes),
        "median of the latest 5": (10, 10, 7, 6, 7, 5, 4),
    }
    assert plot.title == "Minutes per series"
    assert effort_plot(efforts, "minutes per slice").columns["minutes per slice"][0] == 1
    clicks = effort_plot(efforts, "clicks per series").columns["clicks per series"]
    assert clicks == (1, 2, 3, 4, 5, 6, 7)
