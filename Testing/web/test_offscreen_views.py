"""The mouse in each view: what moves, and what does not; the crosshair in all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.mrml.matrices import array_from_matrix
from SAIMWeb.trame_host.views import SLICE_VIEWS
from Testing.web.pictures import picture
from Testing.web.workbench import VIEW_SIZE, Workbench

MIDDLE = (150, 120)
SIDES = {"Axial": "ALPR", "Coronal": "SLIR", "Sagittal": "SPIA"}


@pytest.fixture
def opened(shared_workbench: Workbench) -> Iterator[Workbench]:
    """As a series is opened."""
    shared_workbench.program.editor_page.views_page.fit()
    shared_workbench.settle()
    yield shared_workbench
    shared_workbench.state.crosshair = False
    shared_workbench.settle()


def plane(workbench: Workbench, view: str) -> NDArray[np.float64]:
    """From pixels of a view to the world."""
    return array_from_matrix(workbench.program.views.node(view).GetXYToRAS())


def width(workbench: Workbench, view: str) -> float:
    """Of what a view shows, in mm."""
    return float(workbench.program.views.node(view).GetFieldOfView()[0])


def shown(workbench: Workbench, view: str, place: tuple[int, int]) -> NDArray[np.float64]:
    """The point of the world at a pixel of a view."""
    return (plane(workbench, view) @ [*place, 0, 1])[:3]


def pictures(workbench: Workbench) -> dict[str, NDArray[np.int_]]:
    return {name: picture(workbench.program.views.slices[name]) for name in SLICE_VIEWS}


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_the_right_button_zooms_one_view(opened: Workbench, view: str) -> None:
    before = {name: width(opened, name) for name in SLICE_VIEWS}
    opened.drag(view, MIDDLE, (MIDDLE[0], MIDDLE[1] + 40), "Right")
    after = {name: width(opened, name) for name in SLICE_VIEWS}
    assert [name for name in SLICE_VIEWS if after[name] != before[name]] == [view]
    opened.drag(view, MIDDLE, (MIDDLE[0], MIDDLE[1] - 40), "Right")
    assert (width(opened, view) - after[view]) * (before[view] - after[view]) > 0


@pytest.mark.parametrize("view", SLICE_VIEWS)
@pytest.mark.parametrize(("button", "shift"), [("Middle", False), ("Left", True)])
def test_what_is_dragged_stays_under_the_pointer(
    opened: Workbench, view: str, button: str, shift: bool
) -> None:
    end = (MIDDLE[0] + 30, MIDDLE[1] - 20)
    width_before = width(opened, view)
    if shift:
        # Before, the pointer's moves carry the crosshair.
        opened.move(view, MIDDLE)
    point = shown(opened, view, MIDDLE)
    opened.drag(view, MIDDLE, end, button, shift=shift)
    np.testing.assert_allclose(shown(opened, view, end), point, atol=0.01)
    assert width(opened, view) == width_before


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_the_wheel_goes_one_slice_on_and_fitting_stays_there(opened: Workbench, view: str) -> None:
    first = plane(opened, view)
    opened.state[f"slice_{view}"] = 3
    opened.settle()
    opened.move(view, MIDDLE)
    opened.wheel(view)
    number = opened.state[f"slice_{view}"]
    assert number in (2, 4)
    opened.drag(view, MIDDLE, (MIDDLE[0] + 30, MIDDLE[1] + 30), "Right")
    opened.drag(view, MIDDLE, (MIDDLE[0] + 30, MIDDLE[1] + 30), "Middle")
    assert not np.allclose(plane(opened, view)[:3, :3], first[:3, :3])
    opened.program.editor_page.press("r")
    opened.settle()
    assert opened.state[f"slice_{view}"] == number
    now = plane(opened, view)
    np.testing.assert_allclose(now[:3, :3], first[:3, :3])
    # All of the slice is seen again, from the same side.
    across = [axis for axis in range(3) if axis != np.abs(now[:3, 2]).argmax()]
    np.testing.assert_allclose(now[across, 3], first[across, 3], atol=0.01)


@pytest.mark.parametrize(("view", "name"), SLICE_VIEWS.items())
def test_each_view_says_which_side_of_the_patient_is_where(
    opened: Workbench, view: str, name: str
) -> None:
    sides = opened.state[f"view_{view}"]["sides"]
    found = [sides[side] for side in ("top", "right", "bottom", "left")]
    assert found == list(SIDES[name])
    # The letters are those of the picture: what lies to the right is further on in that direction.
    matrix = plane(opened, view)
    for letter, (column, sign) in zip(found, ((1, 1), (0, 1), (1, -1), (0, -1)), strict=True):
        axis, positive = {
            "R": (0, 1),
            "L": (0, -1),
            "A": (1, 1),
            "P": (1, -1),
            "S": (2, 1),
            "I": (2, -1),
        }[letter]
        assert sign * matrix[axis, column] * positive > 0


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_all_views_go_where_the_pointer_is_with_shift(opened: Workbench, view: str) -> None:
    place = (MIDDLE[0] - 20, MIDDLE[1] + 15)
    point = shown(opened, view, place)
    opened.move(view, MIDDLE)
    opened.move(view, place, shift=True)
    opened.settle()
    for other in SLICE_VIEWS:
        matrix = array_from_matrix(opened.program.views.node(other).GetSliceToRAS())
        assert abs(matrix[:3, 2] @ (point - matrix[:3, 3])) < 0.01


@pytest.mark.parametrize("view", SLICE_VIEWS)
def test_the_crosshair_is_drawn_in_all_views_and_follows(opened: Workbench, view: str) -> None:
    place = (MIDDLE[0] + 25, MIDDLE[1] - 35)
    opened.move(view, MIDDLE)
    opened.move(view, place, shift=True)
    opened.settle()
    without = pictures(opened)
    opened.program.editor_page.press("c")
    opened.settle()
    opened.move(view, MIDDLE)
    opened.move(view, place, shift=True)
    opened.settle()
    assert opened.state.crosshair
    lines = {name: (now != without[name]).any(axis=-1) for name, now in pictures(opened).items()}
    # But for the middle, where the structure is that one looks at.
    column, row = place[0], VIEW_SIZE[1] - 1 - place[1]
    assert lines[view][:, column - 1 : column + 2].any(axis=1).mean() > 0.8
    assert lines[view][row - 1 : row + 2].any(axis=0).mean() > 0.8
    assert all(drawn.sum() > 200 for drawn in lines.values())
    opened.program.editor_page.press("C")
    opened.settle()
    for name, now in pictures(opened).items():
        np.testing.assert_array_equal(now, without[name])


def test_the_crosshair_begins_where_the_slices_meet(opened: Workbench) -> None:
    opened.program.editor_page.views_page.toggle_crosshair()
    opened.settle()
    point = opened.program.views.scene.GetFirstNodeByClass("vtkMRMLCrosshairNode").GetCrosshairRAS()
    for name in SLICE_VIEWS:
        matrix = array_from_matrix(opened.program.views.node(name).GetSliceToRAS())
        assert abs(matrix[:3, 2] @ (np.array(point) - matrix[:3, 3])) < 0.01


def test_all_views_go_to_a_segment(opened: Workbench) -> None:
    main = opened.state.main_view
    opened.click(main, opened.place(main, 4, 12, 30))
    opened.place(main, 1, 40, 5)
    opened.settle()
    opened.program.editor_page.press("j")
    opened.settle()
    held = opened.voxels()[0]
    (ks, js, is_) = np.nonzero(held)
    middle = [(axis.min() + axis.max()) / 2 for axis in (is_, js, ks)]
    for name in SLICE_VIEWS:
        matrix = array_from_matrix(opened.program.views.node(name).GetSliceToRAS())
        ijk = np.linalg.inv(opened.grid.ijk_to_ras) @ matrix[:, 3]
        along = int(np.abs((np.linalg.inv(opened.grid.ijk_to_ras) @ matrix)[:3, 2]).argmax())
        assert abs(ijk[along] - middle[along]) <= 1


def test_an_empty_segment_is_no_place_to_go_to(opened: Workbench) -> None:
    before = [plane(opened, name) for name in SLICE_VIEWS]
    empty = np.nonzero(~opened.voxels().any(axis=(1, 2, 3)))[0]
    if empty.size:
        opened.program.editor_page.views_page.jump(opened.state.segments[int(empty[0])]["id"])
    opened.settle()
    np.testing.assert_array_equal([plane(opened, name) for name in SLICE_VIEWS], before)
