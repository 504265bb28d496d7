"""Clicks and strokes in the views become interactions of the slice, and voxels of the segments."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Box, Click, Stroke
from SAIMWeb.trame_host.views import SLICE_VIEWS
from Testing.web.workbench import Workbench

SLICE, ROW, COLUMN = 2, 20, 26


@pytest.fixture
def opened(workbench: Workbench) -> Workbench:
    workbench.open_next()
    return workbench


@pytest.fixture
def main(opened: Workbench) -> str:
    """The view in which the slices lie."""
    name: str = opened.state.main_view
    return name


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_a_click_in_any_view_is_understood_where_it_lies(opened: Workbench, view: str) -> None:
    opened.click(view, opened.place(view, SLICE, ROW, COLUMN))
    (made,) = opened.series.session.interactions(SLICE)
    assert isinstance(made, Click)
    assert (made.slice_index, made.class_index) == (SLICE, 1)
    # A pixel of the view is smaller than one of the slice, but not by much.
    assert abs(made.row - ROW) <= 1
    assert abs(made.column - COLUMN) <= 1
    assert opened.series.effect.slice_index == SLICE


def test_the_clicked_pixel_belongs_to_the_selected_class(opened: Workbench, main: str) -> None:
    second = opened.state.segments[1]["id"]
    opened.program.editor_page.select_segment(second)
    opened.click(main, opened.place(main, SLICE, ROW, COLUMN))
    (made,) = opened.series.session.interactions(SLICE)
    assert made.class_index == 2
    assert opened.voxels()[1].any()
    assert opened.state.segment == second


def test_ctrl_and_click_is_background(opened: Workbench, main: str) -> None:
    place = opened.place(main, SLICE, ROW, COLUMN)
    opened.click(main, place)
    before = opened.voxels()
    opened.click(main, place, ctrl=True)
    first, second = opened.series.session.interactions(SLICE)
    assert (first.class_index, second.class_index) == (1, 0)
    assert not np.array_equal(opened.voxels(), before)


def test_a_drag_is_a_stroke(opened: Workbench, main: str) -> None:
    opened.press(main, opened.place(main, SLICE, ROW, COLUMN))
    for column in range(COLUMN, COLUMN + 6):
        opened.move(main, opened.place(main, SLICE, ROW, column))
    opened.release(main)
    opened.settle()
    (made,) = opened.series.session.interactions(SLICE)
    assert isinstance(made, Stroke)
    assert made.points[0] == (ROW, COLUMN)
    assert made.points[-1] == (ROW, COLUMN + 5)


def test_a_drag_is_a_box_that_is_seen_while_it_is_drawn(opened: Workbench, main: str) -> None:
    def seen() -> bool:
        return opened.program.views.scene.GetFirstNodeByName("SAIM preview") is not None

    opened.state.draws_boxes = True
    opened.settle()
    opened.press(main, opened.place(main, SLICE, ROW, COLUMN))
    assert not seen()
    opened.move(main, opened.place(main, SLICE, ROW - 5, COLUMN + 6))
    assert seen()
    opened.release(main)
    assert not seen()
    opened.settle()
    (made,) = opened.series.session.interactions(SLICE)
    assert isinstance(made, Box)
    for found, meant in (
        (made.top, ROW - 5),
        (made.left, COLUMN),
        (made.bottom, ROW),
        (made.right, COLUMN + 6),
    ):
        assert abs(found - meant) <= 1
    labels = opened.series.session.result(SLICE).labels
    assert (labels[made.top : made.bottom + 1, made.left : made.right + 1] == 1).all()


def test_a_box_that_is_given_up_is_gone(opened: Workbench, main: str) -> None:
    opened.state.draws_boxes = True
    opened.settle()
    opened.press(main, opened.place(main, SLICE, ROW, COLUMN))
    opened.move(main, opened.place(main, SLICE, ROW + 5, COLUMN + 6))
    # The mouse has another tool.
    opened.program.editor_page.press("w")
    opened.settle()
    assert opened.program.views.scene.GetFirstNodeByName("SAIM preview") is None
    opened.release(main)
    opened.settle()
    assert not opened.series.session.interactions(SLICE)


def test_marks_that_contradict_each_other_are_named(opened: Workbench, main: str) -> None:
    place = opened.place(main, SLICE, ROW, COLUMN)
    opened.click(main, place)
    assert opened.state.remark == ""
    opened.click(main, place, ctrl=True)
    assert opened.state.remark == (
        "5 pixels got different classes one after the other; the later one counts."
    )
    assert opened.state.problem == ""
    opened.program.editor_page.press("z")
    opened.settle()
    assert opened.state.remark == ""


def test_clicks_while_the_network_is_asked_are_all_answered(opened: Workbench, main: str) -> None:
    for column in (10, 20, 30):
        place = opened.place(main, SLICE, ROW, column)
        opened.press(main, place)
        opened.release(main)
    opened.settle()
    assert len(opened.series.session.interactions(SLICE)) == 3


def test_the_wheel_shows_another_slice_and_clicks_nothing(opened: Workbench, main: str) -> None:
    opened.place(main, SLICE, ROW, COLUMN)
    opened.settle()
    number = opened.state[f"slice_{main}"]
    opened.wheel(main)
    assert opened.series.effect.slice_index in (SLICE - 1, SLICE + 1)
    assert not opened.series.session.interactions(SLICE)
    assert abs(opened.state[f"slice_{main}"] - number) == 1


def test_the_slider_shows_a_slice(opened: Workbench, main: str) -> None:
    opened.state[f"slice_{main}"] = 5
    opened.settle()
    assert opened.state[f"view_{main}"]["slices"] == opened.grid.shape[0]
    opened.state[f"slice_{main}"] = 4
    opened.settle()
    shown = opened.series.effect.slice_index
    assert opened.state[f"slice_{main}"] == 4
    opened.state[f"slice_{main}"] = 5
    opened.settle()
    assert abs(opened.series.effect.slice_index - shown) == 1


def test_undo_and_redo_are_exact(opened: Workbench, main: str) -> None:
    place = opened.place(main, SLICE, ROW, COLUMN)
    states = [opened.voxels()]
    for ctrl in (False, True, False):
        opened.click(main, place, ctrl=ctrl)
        states.append(opened.voxels())
    for expected in reversed(states[:-1]):
        opened.program.editor_page.press("z")
        opened.settle()
        np.testing.assert_array_equal(opened.voxels(), expected)
    for expected in states[1:]:
        opened.program.editor_page.press("y")
        opened.settle()
        np.testing.assert_array_equal(opened.voxels(), expected)


def test_a_locked_segment_keeps_its_voxels(opened: Workbench, main: str) -> None:
    opened.click(main, opened.place(main, SLICE, ROW, COLUMN))
    before = opened.voxels()[0]
    assert before.any()
    opened.program.editor_page.lock_segment(opened.state.segments[0]["id"], True)
    opened.click(main, opened.place(main, SLICE, ROW, COLUMN), ctrl=True)
    np.testing.assert_array_equal(opened.voxels()[0], before)
    assert opened.state.segments[0]["locked"]


def test_shift_sends_the_other_views_to_the_pointer(opened: Workbench, main: str) -> None:
    others = [name for name in SLICE_VIEWS if name != main]
    before = [opened.state[f"slice_{name}"] for name in others]
    opened.move(main, opened.place(main, SLICE, 8, 40), shift=True)
    opened.settle()
    after = [opened.state[f"slice_{name}"] for name in others]
    assert all(was != now for was, now in zip(before, after, strict=True))
    assert not opened.series.session.interactions(SLICE)


def test_the_window_of_the_image_follows_its_slider(opened: Workbench) -> None:
    display = opened.program.editor.volume.GetDisplayNode()
    first = opened.state.window
    assert first == [display.GetWindowLevelMin(), display.GetWindowLevelMax()]
    opened.state.window = [first[0] + 1, first[1] - 1]
    opened.settle()
    assert opened.state.window == [display.GetWindowLevelMin(), display.GetWindowLevelMax()]
    opened.program.editor_page.views_page.fit()
    opened.settle()
    assert [display.GetWindowLevelMin(), display.GetWindowLevelMax()] == first


def test_opacity_and_visibility_are_those_of_the_segments(opened: Workbench) -> None:
    display = opened.program.editor.segmentation.GetDisplayNode()
    opened.state.opacity = 0.9
    opened.settle()
    assert display.GetOpacity2DFill() == 0.9
    first = opened.state.segments[0]["id"]
    opened.program.editor_page.show_segment(first, False)
    opened.settle()
    assert not display.GetSegmentVisibility(first)
    assert not opened.state.segments[0]["visible"]


def test_the_uncertainty_lies_over_the_slice_in_its_colors(opened: Workbench, main: str) -> None:
    opened.program.editor_page.press("o")
    opened.settle()
    assert opened.state.shows_uncertainty
    view = opened.program.views.slices[main]
    overlay = slicer.mrmlScene.GetNodeByID(view.get_foreground_volume_id())
    assert overlay.GetName() == "SAIM uncertainty"
    table = overlay.GetDisplayNode().GetColorNode()
    # From black over red to nearly white.
    assert table.GetNumberOfColors() == 256
    assert [round(part) for part in table.GetLookupTable().GetTableValue(255)[:2]] == [1, 1]
    opened.program.editor_page.press("o")
    opened.settle()
    assert view.get_foreground_volume_id() is None
