"""Dots and lines are as large on the screen whatever the zoom, so that they hide nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.interactions import Click, Interaction, Stroke
from SAIMCore.mrml.markers import InteractionMarkers
from Testing.web.pictures import extents, picture
from Testing.web.workbench import Workbench

SLICE, SIZE = 2, (700, 700)
# Near the middle, so that they are seen at every zoom.
CLICKS = [Click(SLICE, 20, 22, 1), Click(SLICE, 26, 20, 1), Click(SLICE, 24, 27, 2)]


class Drawn:
    """Interactions drawn in the view along the slices, on black."""

    def __init__(self, workbench: Workbench, interactions: list[Interaction]) -> None:
        self.workbench = workbench
        name = workbench.state.main_view
        self.view = workbench.program.views.slices[name]
        self.view.render_window().SetSize(*SIZE)
        self.view.interactor().UpdateSize(*SIZE)
        workbench.program.views.reset()
        workbench.place(name, SLICE, 24, 24)
        # Nothing else is to be seen.
        workbench.program.editor.volume.GetDisplayNode().SetWindowLevelMinMax(1e6, 2e6)
        workbench.program.editor.segmentation.GetDisplayNode().SetVisibility(False)
        self.markers = InteractionMarkers(workbench.program.views.scene, workbench.grid)
        self.markers.show(interactions)

    def zoom(self, factor: float) -> None:
        node = self.view.get_view_node()
        across, down, deep = node.GetFieldOfView()
        node.SetFieldOfView(across / factor, down / factor, deep)

    def seen(self, color: str) -> NDArray[np.bool_]:
        red, green, blue = np.moveaxis(picture(self.view), -1, 0)
        return (
            (green > 128)
            & ((red > 128) != (blue > 128))
            & ((red if color == "yellow" else blue) > 128)
        )


@pytest.fixture
def opened(shared_workbench: Workbench) -> Iterator[Workbench]:
    yield shared_workbench
    shared_workbench.state.pixel_ratio = 1
    shared_workbench.settle()


@pytest.mark.parametrize("zoom", [1, 3])
def test_dots_have_the_same_size_at_every_zoom(opened: Workbench, zoom: float) -> None:
    drawn = Drawn(opened, CLICKS)
    drawn.zoom(zoom)
    assert extents(drawn.seen("cyan")) == [(9, 9), (9, 9)]
    assert extents(drawn.seen("yellow")) == [(12, 12)]
    drawn.markers.remove()


@pytest.mark.parametrize("zoom", [1, 3])
def test_strokes_are_thin_lines(opened: Workbench, zoom: float) -> None:
    points = tuple((24, column) for column in range(20, 29))
    drawn = Drawn(opened, [Stroke(SLICE, points, 1), Click(SLICE, 20, 24, 1)])
    drawn.zoom(zoom)
    ((height, width),) = extents(drawn.seen("cyan"))
    high, wide = sorted((height, width))
    assert 1 <= high <= 4
    assert wide > 20 * zoom
    drawn.markers.remove()


def test_a_finer_screen_gets_larger_ones(opened: Workbench) -> None:
    drawn = Drawn(opened, CLICKS)
    opened.state.pixel_ratio = 2
    opened.settle()
    assert extents(drawn.seen("cyan")) == [(18, 18), (18, 18)]
    drawn.markers.remove()
