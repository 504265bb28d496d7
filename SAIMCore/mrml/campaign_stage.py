"""What an annotation campaign has in the scene: the volume and the segments of a series.

Other nodes are never touched, whatever their names are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import GeometryMismatchError, InvalidLabelmapError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.labelmaps import LABELMAP, whole_segment
from SAIMCore.mrml.series_labels import fill_segments, labels_of_series
from SAIMCore.mrml.volume_nodes import add_volume

__all__ = ["CampaignStage", "StagedSeries", "Unassigned"]


@dataclass(frozen=True, eq=False)
class StagedSeries:
    """The series ``name`` in the scene. geometry: its grid when it was shown.

    displays: the nodes that say how the two look, which stay in a scene without application.
    """

    name: str
    volume: slicer.vtkMRMLScalarVolumeNode
    segmentation: slicer.vtkMRMLSegmentationNode
    geometry: Geometry
    displays: tuple[slicer.vtkMRMLDisplayNode, ...]


@dataclass(frozen=True)
class Unassigned:
    """Names of classes that have no segment, and of segments that hold something and no class."""

    classes: tuple[str, ...]
    segments: tuple[str, ...]


class CampaignStage:
    """Puts series of a project into ``scene``, reads what was made of them, takes them out."""

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene

    def show(self, prepared: PreparedSeries) -> StagedSeries:
        """Add the series, with a segment for each class, and its labels in them.

        Raises InvalidLabelmapError when the labels do not fit; then nothing was added.
        """
        with contextlib.ExitStack() as unless_complete:
            volume = add_volume(self._scene, prepared.volume, prepared.name, prepared.name)
            unless_complete.callback(self._remove, volume)
            node = self._scene.AddNewNodeByClass(
                "vtkMRMLSegmentationNode", f"{prepared.name} segmentation"
            )
            unless_complete.callback(self._remove, node)
            node.CreateDefaultDisplayNodes()
            node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
            ClassSegments(node, prepared.classes).ensure()
            staged = StagedSeries(
                prepared.name,
                volume,
                node,
                SliceGrid(volume).geometry,
                (node.GetDisplayNode(), volume.GetDisplayNode()),
            )
            if prepared.labels is not None:
                self.fill(staged, prepared.labels, prepared.classes)
            unless_complete.pop_all()
        return staged

    def labels(self, staged: StagedSeries, classes: ClassTable) -> NDArray[np.uint8]:
        """Class indices (K, J, I) of what the segments hold, on the grid of the series.

        Where classes lie within each other the inner one counts, where others overlap the later
        one. Raises InvalidLabelmapError when the volume or the segmentation is gone or a segment
        was made from a surface, GeometryMismatchError when the volume is on another grid now.
        """
        return labels_of_series(ClassSegments(staged.segmentation, classes), self._grid(staged))

    def fill(self, staged: StagedSeries, labels: NDArray[np.uint8], classes: ClassTable) -> None:
        """Write an earlier annotation (K, J, I; class indices) into segments that hold nothing.

        Raises InvalidLabelmapError when they hold something, when the labels do not fit, and like
        ``labels``.
        """
        fill_segments(ClassSegments(staged.segmentation, classes), self._grid(staged), labels)

    def unassigned(self, staged: StagedSeries, classes: ClassTable) -> Unassigned:
        """What of the segmentation would be missing in ``labels``. Raises what that raises."""
        segments, grid = ClassSegments(staged.segmentation, classes), self._grid(staged)
        ids, segmentation = segments.ids, staged.segmentation.GetSegmentation()
        return Unassigned(
            tuple(classes[index].name for index in classes.foreground if index not in ids),
            tuple(
                segmentation.GetSegment(segment_id).GetName()
                for segment_id in segmentation.GetSegmentIDs()
                if segment_id not in ids.values()
                and self._holds_something(staged, grid, segment_id)
            ),
        )

    def remove(self, staged: StagedSeries) -> None:
        """Take the series out of the scene; fine when all or some of it is gone already.

        A Segment Editor must not show it any more.
        """
        # Without the display of a segmentation that is still there, the application crashes.
        self._remove(staged.segmentation)
        self._remove(staged.volume)
        for display in staged.displays:
            self._remove(display)

    def _grid(self, staged: StagedSeries) -> SliceGrid:
        """The grid of a series that is as it was shown."""
        for node, what in ((staged.volume, "volume"), (staged.segmentation, "segmentation")):
            if not self._scene.IsNodePresent(node):
                raise InvalidLabelmapError(
                    f"the {what} of series {staged.name!r} is no longer in the scene; open the "
                    "series again"
                )
        grid = SliceGrid(staged.volume)
        difference = grid.geometry.difference(staged.geometry)
        if difference is not None:
            raise GeometryMismatchError(
                f"the volume of series {staged.name!r} was changed and has {difference}; undo "
                "that, or open the series again"
            )
        return grid

    def _holds_something(self, staged: StagedSeries, grid: SliceGrid, segment_id: str) -> bool:
        segment = staged.segmentation.GetSegmentation().GetSegment(segment_id)
        # Without voxels it was made from a surface.
        return segment.GetRepresentation(LABELMAP) is None or bool(
            whole_segment(staged.segmentation, grid, segment_id).any()
        )

    def _remove(self, node: slicer.vtkMRMLNode) -> None:
        """Take ``node`` out of the scene, and then what belongs to it alone."""
        if not self._scene.IsNodePresent(node):
            return
        own = list(_belongings(node))
        self._scene.RemoveNode(node)
        # They go by themselves in the application.
        for gone in own:
            if self._scene.IsNodePresent(gone):
                self._scene.RemoveNode(gone)


def _belongings(node: slicer.vtkMRMLNode) -> Iterator[slicer.vtkMRMLNode]:
    """Its display and storage nodes."""
    if node.IsA("vtkMRMLDisplayableNode"):
        for number in range(node.GetNumberOfDisplayNodes()):
            yield node.GetNthDisplayNode(number)
    if node.IsA("vtkMRMLStorableNode"):
        for number in range(node.GetNumberOfStorageNodes()):
            yield node.GetNthStorageNode(number)
