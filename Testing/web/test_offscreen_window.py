"""Window and level of the image: by the mouse, by presets, and in step with the slider."""

from __future__ import annotations

from typing import Any

import pytest
import slicer

from SAIMWeb.trame_host.views import SLICE_VIEWS
from SAIMWeb.window_presets import CT_PRESETS
from Testing.web.workbench import Workbench

START = (150, 120)


@pytest.fixture
def opened(shared_workbench: Workbench) -> Workbench:
    """As a series is opened, except for what was clicked before."""
    shared_workbench.state.mouse_tool = "clicks"
    shared_workbench.program.editor_page.views_page.fit()
    shared_workbench.settle()
    return shared_workbench


def window_and_level(workbench: Workbench) -> tuple[float, float]:
    display = workbench.program.editor.volume.GetDisplayNode()
    return display.GetWindow(), display.GetLevel()


def interactions(workbench: Workbench) -> list[Any]:
    session = workbench.series.session
    return [one for index in range(workbench.grid.shape[0]) for one in session.interactions(index)]


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_dragging_changes_window_and_level_and_clicks_nothing(opened: Workbench, view: str) -> None:
    opened.program.editor_page.press("w")
    opened.settle()
    assert opened.state.mouse_tool == "window"
    window, level = window_and_level(opened)
    before = interactions(opened)
    opened.drag(view, START, (START[0] + 40, START[1]))
    wider, same = window_and_level(opened)
    assert wider > window
    assert same == pytest.approx(level)
    opened.drag(view, START, (START[0], START[1] + 30))
    assert window_and_level(opened)[0] == pytest.approx(wider)
    assert window_and_level(opened)[1] > level
    assert interactions(opened) == before


def test_the_slider_follows_the_mouse_and_reaches_as_far(opened: Workbench) -> None:
    opened.program.editor_page.press("w")
    opened.settle()
    main = opened.state.main_view
    opened.drag(main, (20, 120), (280, 120))
    display = opened.program.editor.volume.GetDisplayNode()
    shown = [display.GetWindowLevelMin(), display.GetWindowLevelMax()]
    assert opened.state.window == shown
    low, high = opened.state.window_range
    assert low <= shown[0] < shown[1] <= high


def test_clicks_come_back_with_the_same_key(opened: Workbench) -> None:
    main = opened.state.main_view
    for _ in range(2):
        opened.program.editor_page.press("W")
        opened.settle()
    before, count = window_and_level(opened), len(interactions(opened))
    opened.click(main, opened.place(main, 2, 20, 26))
    assert window_and_level(opened) == before
    assert len(interactions(opened)) == count + 1


def test_auto_is_as_the_series_was_opened(opened: Workbench) -> None:
    window = opened.program.editor_page.views_page.window
    before = window_and_level(opened)
    window.choose(1, 5)
    opened.settle()
    assert opened.state.window == [1, 5]
    window.reset()
    assert window_and_level(opened) == before


def test_presets_of_a_ct_are_offered_and_taken(opened: Workbench) -> None:
    assert opened.state.window_presets == []
    volume = opened.program.editor.volume
    values = slicer.util.arrayFromVolume(volume).astype("int16")
    slicer.util.updateVolumeFromArray(volume, values * 8 - 1024)
    window = opened.program.editor_page.views_page.window
    window.open(volume)
    opened.settle()
    assert [one["name"] for one in opened.state.window_presets] == [one.name for one in CT_PRESETS]
    lung = opened.state.window_presets[1]
    window.choose(lung["low"], lung["high"])
    opened.settle()
    assert window_and_level(opened) == (1500, -600)
    # It begins below the image's own intensities.
    assert opened.state.window_range[0] == -1350


def test_the_slider_stays_where_it_was_dragged_to(opened: Workbench) -> None:
    low, high = opened.state.window_range
    for share in (0.37, 0.31, 0.23, 0.19, 0.13, 0.07):
        dragged = [low + share * (high - low), high - share * (high - low) / 3]
        opened.state.window = dragged
        opened.settle()
        assert opened.state.window == dragged
        window, level = window_and_level(opened)
        assert (level - window / 2, level + window / 2) == pytest.approx(tuple(dragged))


def test_the_ends_of_the_slider_stay_while_it_is_dragged(opened: Workbench) -> None:
    window = opened.program.editor_page.views_page.window
    low, high = opened.state.window_range
    beyond = high + (high - low)
    window.choose(low, beyond)
    opened.settle()
    assert opened.state.window_range == [low, beyond]
    opened.state.window = [low, high]
    opened.settle()
    assert opened.state.window_range == [low, beyond]
    window.reset()
    opened.settle()
    assert opened.state.window_range == [low, high]


def test_a_window_without_width_is_not_taken(opened: Workbench) -> None:
    before = window_and_level(opened)
    opened.program.editor_page.views_page.window.choose(5, 5)
    assert window_and_level(opened) == before


def test_the_tool_stays_when_another_series_is_opened(opened: Workbench) -> None:
    opened.program.editor_page.press("w")
    opened.settle()
    opened.open_next()
    opened.click(opened.state.main_view, START)
    assert opened.state.mouse_tool == "window"
    assert interactions(opened) == []
