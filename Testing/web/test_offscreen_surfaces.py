"""The 3D view: made when it is asked for, and never while somebody clicks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from trame_slicer.views.render_scheduler import ScheduledRenderStrategy

from Testing.web.pictures import picture
from Testing.web.workbench import Workbench


class Counted(ScheduledRenderStrategy):
    """How often a view wanted to be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def schedule_render(self) -> None:
        self.count += 1


@pytest.fixture
def opened(shared_workbench: Workbench) -> Iterator[Workbench]:
    """With segments on all slices, and without the 3D view."""
    shared_workbench.program.editor_page.do("segment_series")
    shared_workbench.settle()
    yield shared_workbench
    if shared_workbench.state.shows_3d:
        toggle(shared_workbench)


def toggle(workbench: Workbench) -> None:
    workbench.program.editor_page.press("m")
    workbench.settle()


def models(workbench: Workbench) -> dict[str, Any]:
    return workbench.program.views.solid.models


def held(workbench: Workbench) -> list[str]:
    """The segments that hold anything."""
    rows = workbench.state.segments
    return [row["id"] for row, mask in zip(rows, workbench.voxels(), strict=True) if mask.any()]


def click(workbench: Workbench, column: int) -> None:
    """Somewhere where nothing was clicked before."""
    main = workbench.state.main_view
    workbench.click(main, workbench.place(main, 3, 30, column))


def test_there_is_none_before_it_is_asked_for(workbench: Workbench) -> None:
    workbench.open_next()
    scene = workbench.program.views.scene
    assert scene.GetNumberOfNodesByClass("vtkMRMLViewNode") == 0
    assert not workbench.state.shows_3d


def test_it_shows_the_segments_in_their_colors(opened: Workbench) -> None:
    toggle(opened)
    assert opened.state.shows_3d
    assert not opened.state.surfaces_busy
    assert not opened.state.surfaces_old
    assert sorted(models(opened)) == sorted(held(opened)) != []
    for row in opened.state.segments:
        if row["id"] in models(opened):
            display = models(opened)[row["id"]].GetDisplayNode()
            color = "#" + "".join(f"{round(255 * part):02x}" for part in display.GetColor())
            assert color == row["color"]
            assert not display.GetVisibility2D()
    view = opened.program.views.solid.view
    assert view.render_window().GetMultiSamples() == 0
    empty = picture(view)
    opened.program.views.solid.place({}, 1)
    assert (picture(view) != empty).any()


def test_surfaces_are_not_saved_with_the_scene_nor_listed(opened: Workbench) -> None:
    toggle(opened)
    for model in models(opened).values():
        assert model.GetHideFromEditors()
        assert not model.GetSaveWithScene()


def test_clicks_neither_make_nor_draw_it_but_say_that_it_is_old(opened: Workbench) -> None:
    toggle(opened)
    drawn, voxels = Counted(), opened.voxels()
    opened.program.views.solid.view.set_scheduled_render(drawn)
    before = {name: model.GetPolyData() for name, model in models(opened).items()}
    click(opened, 9)
    assert opened.state.surfaces_old
    assert {name: model.GetPolyData() for name, model in models(opened).items()} == before
    opened.wheel(opened.state.main_view)
    opened.move(opened.state.main_view, (100, 100), shift=True)
    opened.settle()
    assert drawn.count == 0
    assert (opened.voxels() != voxels).any()


def test_update_makes_it_anew_from_the_same_side(opened: Workbench) -> None:
    toggle(opened)
    before = {name: model.GetPolyData() for name, model in models(opened).items()}
    camera = opened.program.views.solid.view.get_camera_node()
    camera.SetPosition(10, 20, 30)
    click(opened, 14)
    opened.program.editor_page.views_page.surfaces.update()
    assert opened.state.surfaces_busy
    opened.settle()
    assert not opened.state.surfaces_old
    assert not opened.state.surfaces_busy
    now = {name: model.GetPolyData() for name, model in models(opened).items()}
    assert all(now[name] is not surface for name, surface in before.items() if name in now)
    assert camera.GetPosition() == (10, 20, 30)


def test_it_is_old_when_something_was_written_while_it_was_made(opened: Workbench) -> None:
    toggle(opened)
    surfaces = opened.program.editor_page.views_page.surfaces
    surfaces.update()
    click(opened, 38)
    assert opened.state.surfaces_old


def test_a_hidden_segment_has_no_surface_to_be_seen(opened: Workbench) -> None:
    toggle(opened)
    first = held(opened)[0]
    for visible in (False, True):
        opened.program.editor_page.show_segment(first, visible)
        opened.settle()
        assert bool(models(opened)[first].GetDisplayNode().GetVisibility()) is visible
        assert not opened.state.surfaces_old


def test_surfaces_are_as_opaque_as_their_slider_says(opened: Workbench) -> None:
    toggle(opened)
    opened.state.surface_opacity = 0.4
    opened.settle()
    opened.program.editor_page.views_page.surfaces.update()
    opened.settle()
    assert {model.GetDisplayNode().GetOpacity() for model in models(opened).values()} == {0.4}


def test_without_it_nothing_is_left_of_it(opened: Workbench) -> None:
    toggle(opened)
    toggle(opened)
    assert models(opened) == {}
    assert opened.program.views.solid.view.is_render_blocked
    click(opened, 33)
    assert not opened.state.surfaces_old


def test_what_was_asked_for_before_it_was_switched_off_is_forgotten(opened: Workbench) -> None:
    opened.program.editor_page.press("m")
    opened.program.editor_page.press("m")
    opened.settle()
    assert models(opened) == {}
    assert not opened.state.surfaces_busy


def test_the_large_view_is_another_one_when_it_goes(opened: Workbench) -> None:
    main = opened.state.main_view
    toggle(opened)
    opened.state.main_view = "ThreeD"
    opened.settle()
    toggle(opened)
    assert opened.state.main_view == main


def test_the_next_series_has_surfaces_of_its_own(opened: Workbench) -> None:
    toggle(opened)
    before = models(opened)
    opened.open_next()
    assert sorted(models(opened)) == sorted(held(opened))
    assert not set(before) & set(models(opened))
    assert opened.state.surfaces_empty == (not models(opened))
    assert not opened.state.surfaces_old
