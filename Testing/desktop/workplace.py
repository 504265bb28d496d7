"""A user at the Segment Editor, with a series in front of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SAIMCore.mrml.geometry import SliceGrid
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.stand_in.segment_editor import SegmentEditor
from Testing.desktop.stand_in.slice_widget import ALT, CONTROL, SHIFT, qMRMLSliceWidget
from Testing.mrml.scenes import add_segmentation, add_view, add_volume, voxels

if TYPE_CHECKING:
    # Also used where torch is not installed.
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["EFFECT", "MODULE", "Workplace", "in_bare_slicer"]

EFFECT = "SAIM"
MODULE = Path(__file__).parents[2] / "SAIMSegmentEditor" / "SAIMSegmentEditor.py"
SIZE = (32, 32, 5)
# Of a slice view, in pixels: 20 for each of the volume's.
VIEW = 640
NEVER_MS = 3_600_000

Event = vtk.vtkCommand


def in_bare_slicer(subject: str) -> dict[str, Any]:
    """What ``bare_slicer`` finds of "effect" or "panel"."""
    repository = MODULE.parents[1]
    result = subprocess.run(
        [sys.executable, "-m", "Testing.desktop.bare_slicer", subject],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


class Workplace:
    """The module is loaded, and an editor shows ``volume`` and ``segmentation``; no effect yet."""

    def __init__(self, host: SlicerStandIn) -> None:
        self.host = host
        self.module = load_module(MODULE)
        host.application.startupCompleted.emit()
        self.editor = self.new_editor()
        self.volume = add_volume(host.scene, SIZE)
        self.segmentation = add_segmentation(host.scene, self.volume)
        self.grid = SliceGrid(self.volume)
        self.node, self.composite = add_view(host.scene, "Red", self.volume, self.grid)
        extent = SIZE[0] * self.volume.GetSpacing()[0]
        self.node.SetFieldOfView(extent, extent, 1)
        self.node.SetDimensions(VIEW, VIEW, 1)
        self.view = qMRMLSliceWidget(self.node)
        self.node.AddObserver(Event.ModifiedEvent, self._view_changed)
        self.show()

    # -- the editor and the effect ----------------------------------------------------------------

    def new_editor(self) -> SegmentEditor:
        """An editor with clones of the registered effects."""
        return SegmentEditor(self.host.scene, self.host.factory, self.host.window)

    def show(self) -> None:
        """Choose volume and segmentation in the editor."""
        self.editor.set_segmentation(self.segmentation)
        self.editor.set_source_volume(self.volume)

    @property
    def effect(self) -> Any:
        return self.editor.effect(EFFECT)

    @property
    def ui(self) -> Any:
        return self.effect.panel.ui

    @property
    def session(self) -> InteractiveSession:
        return self.effect.desk.series.session

    def open(self, model: Path) -> None:
        """Use the effect, choose the model and select its first class.

        The session is kept when the test says so, not by a timer.
        """
        self.editor.activate(EFFECT)
        self.effect._keepTimer.setInterval(NEVER_MS)
        self.choose(model)
        self.select("liver")

    def choose(self, model: Path) -> None:
        """Choose a model as with the browse button, and wait for the series."""
        self.ui.modelPath.currentPath = str(model)
        self.host.until(lambda: self.effect.desk.series is not None)

    def settle(self) -> None:
        """Wait until the effect has nothing left to do."""
        self.host.until(lambda: not self.effect.desk.busy and not self.effect._pollTimer.active)

    def look(self) -> None:
        """Wait until the effect has looked at what was done to the segments."""
        self.host.until(lambda: not self.effect._lookTimer.active)

    # -- the mouse --------------------------------------------------------------------------------

    def send(self, event: int, at: tuple[int, int] = (0, 0), keys: int = 0) -> bool:
        """An event over a pixel (row, column) of the shown slice; whether Slicer gets it not."""
        x, y = self.view.place_of(self.grid.point(self.shown, *at))
        interactor = self.view.interactor
        interactor.SetEventInformation(x, y, keys & CONTROL, keys & SHIFT, chr(0), 0, None)
        interactor.SetAltKey(keys & ALT)
        return self.editor.send(self.view, event)

    def click(self, row: int, column: int, keys: int = 0) -> None:
        """A click that the effect takes."""
        assert self.send(Event.LeftButtonPressEvent, (row, column), keys)
        assert self.send(Event.LeftButtonReleaseEvent, (row, column), keys)

    def drag(self, *places: tuple[int, int]) -> None:
        """Press at the first place, move over all, release at the last."""
        assert self.send(Event.LeftButtonPressEvent, places[0])
        assert all(self.send(Event.MouseMoveEvent, place) for place in places)
        assert self.send(Event.LeftButtonReleaseEvent, places[-1])

    # -- what is seen -----------------------------------------------------------------------------

    @property
    def shown(self) -> int:
        """The slice in the view."""
        found = self.grid.slice_at([self.node.GetSliceToRAS().GetElement(i, 3) for i in range(3)])
        assert found is not None
        return found

    def names(self) -> list[str]:
        segmentation = self.segmentation.GetSegmentation()
        return [segmentation.GetSegment(i).GetName() for i in segmentation.GetSegmentIDs()]

    def select(self, name: str) -> None:
        """Select a segment in the editor's list."""
        self.editor.node.SetSelectedSegmentID(self.segment_id(name))

    def segment_id(self, name: str) -> str:
        return self.segmentation.GetSegmentation().GetSegmentIdBySegmentName(name)

    def voxels(self, name: str) -> NDArray[np.bool_]:
        return voxels(self.segmentation, self.segment_id(name), self.volume)

    def nodes(self, kind: str) -> list[slicer.vtkMRMLNode]:
        return slicer.util.getNodesByClass(kind, self.host.scene)

    def _view_changed(self, *_: object) -> None:
        self.editor.send_view_change(self.view)
