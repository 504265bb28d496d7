"""What a user chose in the scene, volumes with their segmentations, as series for a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.mrml.scene_import import VolumeCollector
from SAIMCore.mrml.segmentation_import import labels_from_segmentation
from SAIMCore.project.importers.plan import Collection, PlannedSeries

__all__ = ["ChosenVolume", "SceneCollection", "segmentation_of", "segmentations_in"]

IMAGES, LABELS = "images", "labels"


@dataclass(frozen=True)
class ChosenVolume:
    """A volume that is to be a series, with the segmentation that holds its labels, if one does."""

    volume: slicer.vtkMRMLScalarVolumeNode
    segmentation: slicer.vtkMRMLSegmentationNode | None = None


def segmentations_in(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLSegmentationNode]:
    """The segmentations that could hold labels: those that users see, with segments."""
    return [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode", scene)
        if not node.GetHideFromEditors() and node.GetSegmentation().GetNumberOfSegments()
    ]


def segmentation_of(
    volume: slicer.vtkMRMLScalarVolumeNode, scene: slicer.vtkMRMLScene
) -> slicer.vtkMRMLSegmentationNode | None:
    """The segmentation that was made on ``volume``, the first one of several."""
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    for node in segmentations_in(scene):
        if node.GetNodeReference(role) is volume:
            return node
    return None


class SceneCollection:
    """Collects ``chosen`` in steps, since only the thread of the window may read the scene.

    What has to be written goes to the folders ``images`` and ``labels`` in ``folder``; no file is
    replaced. Raises ProjectError when nothing is chosen.
    """

    def __init__(self, chosen: Sequence[ChosenVolume], classes: ClassTable, folder: Path) -> None:
        if not chosen:
            raise ProjectError("no volume is chosen; tick those that the project is to have")
        self._waiting = list(chosen)
        self._count = len(chosen)
        self._classes = classes
        self._folder = folder
        self._collector = VolumeCollector(folder / IMAGES)
        self._series: list[PlannedSeries] = []

    @property
    def progress(self) -> tuple[int, int, str]:
        """Volumes done, all of them, and the name of the next one."""
        done = self._count - len(self._waiting)
        name = self._waiting[0].volume.GetName() if self._waiting else ""
        return done, self._count, name

    def step(self) -> bool:
        """Collect the next volume with its labels; whether there are others left.

        Raises what ``VolumeCollector.add`` and ``labels_from_segmentation`` raise.
        """
        chosen = self._waiting[0]
        found = self._collector.add(chosen.volume)
        if found is not None and chosen.segmentation is not None:
            path = labels_from_segmentation(
                chosen.segmentation, chosen.volume, self._classes, self._folder / LABELS
            )
            found = replace(found, labels=path)
        if found is not None:
            self._series.append(found)
        del self._waiting[0]
        return bool(self._waiting)

    @property
    def collection(self) -> Collection:
        """What was collected so far."""
        return Collection(tuple(self._series), notes=self._collector.notes)
