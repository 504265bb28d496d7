"""The Segment Editor of a scene as the place in which a campaign annotates."""

from __future__ import annotations

import contextlib
from typing import Protocol

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.mrml.campaign_stage import CampaignStage, StagedSeries
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.project.journal import ProjectJournal

__all__ = ["EditorPlace", "SegmentEditor"]


class SegmentEditor(Protocol):
    """The editor of the program; called in the thread that owns the scene."""

    @property
    def desk(self) -> ClickDesk | None:
        """The desk of the click effect, None as long as it was never used."""

    def show(
        self,
        volume: slicer.vtkMRMLScalarVolumeNode,
        segmentation: slicer.vtkMRMLSegmentationNode,
        *,
        click: bool,
    ) -> None:
        """Show both, in the views, too; ``click``: use the click effect, with the project's model.

        Or its igniter; without either the segments are drawn with the editor's other tools.
        """

    def offer_clicks(self) -> None:
        """Clicks on what was shown without the click effect can be answered from now on.

        So that effect is used now, or, where the user has another tool in hand, later with the
        project's model.
        """

    def leave(self) -> None:
        """Show neither any more, so that they can be removed."""


class EditorPlace:
    """The ``AnnotationPlace`` of a campaign with these ``classes``, in ``scene`` and ``editor``."""

    def __init__(
        self, scene: slicer.vtkMRMLScene, editor: SegmentEditor, classes: ClassTable
    ) -> None:
        self._stage = CampaignStage(scene)
        self._editor = editor
        self._classes = classes
        self._staged: StagedSeries | None = None
        # Whether something answers clicks on what is open.
        self._answered = False

    def open(self, series: PreparedSeries, model_version: str | None) -> None:
        self._staged = self._stage.show(series)
        self._answered = model_version is not None
        with contextlib.ExitStack() as unless_complete:
            unless_complete.callback(self.close)
            self._editor.show(self._staged.volume, self._staged.segmentation, click=self._answered)
            unless_complete.pop_all()
        desk = self._desk
        if desk is not None and self._answered:
            desk.begin_where_uncertain()

    @property
    def seconds_active(self) -> float | None:
        """The time of the open series: all sittings, of everybody; None: not known.

        Raises ProjectError when the project cannot be reached.
        """
        desk = self._desk
        return None if desk is None or desk.series is None else desk.series.seconds_active

    def settle(self) -> None:
        desk = self._desk
        if desk is not None:
            desk.settle()

    def unkept(self) -> NDArray[np.uint8] | None:
        if self._open_series().segmentation.GetScene() is None:
            # Whoever took it out of the scene did not want it; a desk has kept its session then.
            return None
        desk = self._desk
        series = None if desk is None else desk.series
        # The other kind of journal is in the scene, and goes with the segmentation.
        if series is not None and isinstance(series.journal, ProjectJournal):
            return None
        labels = self.labels()
        return labels if labels.any() else None

    def close(self) -> None:
        if self._staged is not None:
            staged, self._staged = self._staged, None
            self._editor.leave()
            self._stage.remove(staged)

    def labels(self) -> NDArray[np.uint8]:
        return self._stage.labels(self._open_series(), self._classes)

    def accepted_slices(self) -> tuple[int, int] | None:
        desk = self._desk
        return None if desk is None else desk.accepted

    def doubts(self) -> list[str]:
        found = self._stage.unassigned(self._open_series(), self._classes)
        doubts = []
        if found.classes:
            doubts.append(f"there is no segment for {', '.join(found.classes)}")
        if found.segments:
            doubts.append(f"the segments {', '.join(found.segments)} belong to no class")
        return doubts

    def renew_model(self) -> None:
        if self._staged is None:
            return
        if not self._answered:
            self._answered = True
            self._editor.offer_clicks()
            return
        desk = self._desk
        if desk is not None:
            desk.renew_model()

    @property
    def _desk(self) -> ClickDesk | None:
        """The desk, while it has this series."""
        desk = None if self._staged is None else self._editor.desk
        if self._staged is None or desk is None or not desk.shows(self._staged.segmentation):
            return None
        return desk

    def _open_series(self) -> StagedSeries:
        if self._staged is None:
            raise ProjectError("no series is open; choose Next, or a series of the queue")
        return self._staged
