"""How segments are drawn: which of them, filled or outlined."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from Testing.web.workbench import Workbench


@pytest.fixture
def opened(shared_workbench: Workbench) -> Iterator[Workbench]:
    yield shared_workbench
    shared_workbench.state.outlined = False
    for row in shared_workbench.state.segments:
        shared_workbench.program.editor_page.show_segment(row["id"], True)
    shared_workbench.settle()


def visible(workbench: Workbench) -> list[bool]:
    display = workbench.program.editor.segmentation.GetDisplayNode()
    found = [bool(display.GetSegmentVisibility(row["id"])) for row in workbench.state.segments]
    assert [row["visible"] for row in workbench.state.segments] == found
    return found


def test_the_eye_hides_and_shows_one(opened: Workbench) -> None:
    second = opened.state.segments[1]["id"]
    for expected in ([True, False, True, True], [True] * 4):
        opened.program.editor_page.toggle_segment(second)
        opened.settle()
        assert visible(opened) == expected


def test_only_one_and_all_again(opened: Workbench) -> None:
    second, third = (opened.state.segments[number]["id"] for number in (1, 2))
    for segment_id, expected in (
        (second, [False, True, False, False]),
        (third, [False, False, True, False]),
        (third, [True] * 4),
    ):
        opened.program.editor_page.toggle_segment(segment_id, True)
        opened.settle()
        assert visible(opened) == expected


def test_x_is_only_the_selected_one(opened: Workbench) -> None:
    opened.program.editor_page.press("2")
    opened.program.editor_page.press("x")
    opened.settle()
    assert visible(opened) == [False, True, False, False]


def test_outlines_alone_and_filled_again(opened: Workbench) -> None:
    display = opened.program.editor.segmentation.GetDisplayNode()
    for outlined in (True, False):
        opened.state.outlined = outlined
        opened.settle()
        assert bool(display.GetVisibility2DFill()) is not outlined
        assert display.GetVisibility2DOutline()


def test_the_next_series_is_drawn_the_same_way(opened: Workbench) -> None:
    opened.state.outlined = True
    opened.state.opacity = 0.7
    opened.settle()
    opened.open_next()
    display = opened.program.editor.segmentation.GetDisplayNode()
    assert not display.GetVisibility2DFill()
    assert display.GetOpacity2DFill() == 0.7


def test_colors_are_told_apart_by_everyone(opened: Workbench) -> None:
    # Of Okabe and Ito.
    assert [row["color"] for row in opened.state.segments] == [
        "#e69f00",
        "#56b4e9",
        "#009e73",
        "#f0e442",
    ]
