"""A desktop without its toolkit: a campaign in a scene, a Segment Editor, and a virtual user."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import slicer

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.data.geometry import to_slices
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.editor_place import EditorPlace
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.open_series import OpenSeries
from SAIMCore.mrml.pointer_gesture import Gesture
from SAIMCore.project.settings import ProjectSettings
from SAIMCore.virtual_user import VirtualUser
from Testing.mrml.scenes import add_view
from Testing.unit.campaign.bench import DEADLINE
from Testing.unit.campaign.stand_ins import Window, publish_model


class Editor:
    """The ``SegmentEditor`` of a program with one view, which uses the model of ``project``."""

    def __init__(self, scene: slicer.vtkMRMLScene, project: Path) -> None:
        self.window = Window()
        self.view: slicer.vtkMRMLSliceNode | None = None
        self._scene = scene
        self._project = project
        self._parameters = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self._nodes: list[slicer.vtkMRMLNode] = []
        self._desk: ClickDesk | None = None
        self._content: EditorContent | None = None

    @property
    def desk(self) -> ClickDesk | None:
        return self._desk

    def show(
        self,
        volume: slicer.vtkMRMLScalarVolumeNode,
        segmentation: slicer.vtkMRMLSegmentationNode,
        *,
        click: bool,
    ) -> None:
        self.view, composite = add_view(self._scene, "Red", volume, SliceGrid(volume))
        self._nodes = [self.view, composite]
        self._content = EditorContent(volume, segmentation, self._parameters)
        if click:
            self.offer_clicks()
        elif self._desk is not None:
            self._desk.deactivate()

    def offer_clicks(self) -> None:
        if self._desk is None:
            self._desk = ClickDesk(self._scene, self.window, "ada")
        self._desk.show(self._content)
        self._desk.choose(self._project, "cpu")
        self._desk.activate()

    def leave(self) -> None:
        if self._desk is not None:
            self._desk.show(None)
        for node in self._nodes:
            self._scene.RemoveNode(node)
        self._nodes = []

    def close(self) -> None:
        if self._desk is not None:
            self._desk.close()
            self._desk = None
        self._scene.RemoveNode(self._parameters)

    def select(self, segment_id: str) -> None:
        self._parameters.SetSelectedSegmentID(segment_id)


class Desktop:
    """The campaign of the project in ``folder``, and what its user does."""

    def __init__(self, scene: slicer.vtkMRMLScene, folder: Path) -> None:
        self.window = Window()
        self.editor = Editor(scene, folder)
        self.place = EditorPlace(scene, self.editor, ProjectSettings.read(folder).classes)
        self.campaign = Campaign(folder, self.window, self.place, "ada", "cpu")
        self.models: list[str] = []

    def close(self) -> None:
        """End the program; twice does nothing."""
        self.campaign.close()
        self.editor.close()

    @property
    def desk(self) -> ClickDesk:
        assert self.editor.desk is not None
        return self.editor.desk

    @property
    def series(self) -> OpenSeries:
        assert self.desk.series is not None, self.desk.status
        return self.desk.series

    def until(self, reached: Callable[[], object]) -> None:
        """Let the program run until something is so."""
        deadline = time.monotonic() + DEADLINE
        while not reached():
            assert time.monotonic() < deadline, (self.campaign.training.state, self.window)
            self.campaign.poll()
            if self.editor.desk is not None:
                self.editor.desk.poll()
            # The interval of a host's timer, which leaves the processor to the others.
            time.sleep(0.005)

    def settle(self) -> None:
        """Let the program run until nothing is left to wait for, a training included."""
        self.until(lambda: not self.campaign.busy and not self.desk_busy)

    @property
    def desk_busy(self) -> bool:
        return self.editor.desk is not None and self.editor.desk.busy

    def open(self, name: str) -> None:
        """Open a series, and wait for it."""
        self.campaign.open(name)
        self.until_open()

    def until_open(self) -> None:
        """Wait for the series that is awaited, and for its desk."""
        self.until(lambda: self.campaign.annotating.awaited is None and not self.desk_busy)

    def answer(self) -> None:
        """Wait for the answer to a click."""
        self.until(lambda: not self.desk_busy)

    # -- the virtual user -----------------------------------------------------------------------

    def annotate(self, seed: int = 0, in_the_middle: Callable[[], None] | None = None) -> int:
        """Correct every slice with a click a class, and accept it; how many clicks there were.

        ``in_the_middle`` is called after the clicks on the third slice.
        """
        user = VirtualUser(np.random.default_rng(seed))
        name = self.campaign.annotating.current
        assert name is not None
        given = 0
        for index, wanted in enumerate(self.slices(self.campaign.project.load_reference(name))):
            self.go_to(index)
            given += self._correct(user, index, wanted)
            if index == 2 and in_the_middle is not None:
                in_the_middle()
            self.desk.toggle_accepted()
            self.answer()
        return given

    def slices(self, labels: np.ndarray) -> np.ndarray:
        """Labels (K, J, I) of the open series as slices."""
        staged = self.place._staged
        assert staged is not None
        return to_slices(labels, staged.geometry.acquisition_axis)

    def go_to(self, index: int) -> None:
        """Show a slice."""
        self.series.views.go_to(index)
        assert self.editor.view is not None
        self.desk.view_changed(self.editor.view)

    def _correct(self, user: VirtualUser, index: int, wanted: np.ndarray) -> int:
        """One round of clicks on a slice, in all classes that need one."""
        shown = self.series.session.result(index).labels
        corrections = user.corrections(shown, wanted, range(len(self.campaign.project.classes)))
        grid = self.series.effect.annotation.grid
        for click in corrections:
            self.click(grid.point(index, click.row, click.column), click.class_index)
        self.answer()
        return len(corrections)

    def click_on(self, index: int, class_index: int) -> None:
        """Click in the middle of a slice."""
        self.go_to(index)
        self.click(self.series.effect.annotation.grid.slice_center(index), class_index)

    def click(self, point: np.ndarray, class_index: int) -> None:
        if class_index:
            self.editor.select(self.series.segments.ids[class_index])
        self.models.append(self.series.session.predictor.version)
        self.desk.click(Gesture((point,), background=class_index == 0))

    def draw(self, *indices: int) -> np.ndarray:
        """Paint some of the first class on these slices, as with another tool; all labels."""
        labels = self.place.labels()
        for index in indices:
            self.slices(labels)[index, 5:15, 5 : 20 + index] = 1
        staged = self.place._staged
        assert staged is not None
        ids = ClassSegments(staged.segmentation, self.campaign.project.classes).ids
        slicer.util.updateSegmentBinaryLabelmapFromArray(
            (labels == 1).astype(np.uint8), staged.segmentation, ids[1], staged.volume
        )
        return self.place.labels()

    def publish_a_model(self, version: str = "by-hand", seed: int = 0) -> None:
        """Let the project have another model, which nobody trained."""
        before = self.campaign.project.models.current()
        publish_model(self.campaign.project, version, seed)
        if before is not None:
            # As it was, for ``Campaign.publish``.
            self.campaign.project.models.publish(before.version)
        self.campaign.publish(version)
