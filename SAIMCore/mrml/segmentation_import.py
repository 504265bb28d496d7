"""Segmentations of the scene as the classes and the first annotations of a new project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SAIMCore.classes import BACKGROUND, ClassDefinition, ClassTable
from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap, write_labelmap
from SAIMCore.errors import InvalidLabelmapError, SaimError
from SAIMCore.mrml.class_segments import CLASS_TAG, NO_CLASS, ClassSegments
from SAIMCore.mrml.file_names import fitting_names
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.series_labels import labels_of_series

__all__ = ["classes_from_segmentation", "labels_from_segmentation"]

SUFFIX = ".labels.nrrd"


def classes_from_segmentation(node: slicer.vtkMRMLSegmentationNode) -> ClassTable:
    """A class for each segment of ``node``, in their order, with its name and color.

    A segment that belongs to a class of another project (``ClassSegments``) gives that one's name;
    one that was taken out there gives none. Label values count from 1.

    Raises ClassTableError when there are no segments, too many, or two of one name.
    """
    classes = [ClassDefinition(BACKGROUND, 0, (0, 0, 0))]
    for segment_id in node.GetSegmentation().GetSegmentIDs():
        segment = node.GetSegmentation().GetSegment(segment_id)
        tag = vtk.reference("")
        name = str(tag) if segment.GetTag(CLASS_TAG, tag) else segment.GetName().strip()
        if name != NO_CLASS:
            red, green, blue = (round(255 * part) for part in segment.GetColor())
            classes.append(ClassDefinition(name, len(classes), (red, green, blue)))
    return ClassTable(classes)


def labels_from_segmentation(
    node: slicer.vtkMRMLSegmentationNode,
    volume: slicer.vtkMRMLScalarVolumeNode,
    classes: ClassTable,
    folder: Path,
) -> Path:
    """The file of a labelmap, in ``folder``, of what the segments of ``classes`` hold.

    It lies on the grid of ``volume`` and has its name; no other file is replaced. Segments of no
    class are left out. Where classes lie within each other the inner one counts, where others
    overlap the later one.

    Raises InvalidLabelmapError when no class has a segment, or a segment was made from a surface,
    GeometryMismatchError where volume and segmentation are bent against each other, and
    ProjectError when the file cannot be written.
    """
    segments, grid = ClassSegments(node, classes), SliceGrid(volume)
    if not segments.ids:
        raise InvalidLabelmapError(
            f"the segmentation {node.GetName()!r} has no segment of the classes "
            f"{', '.join(classes.names[1:])}; name its segments like the classes"
        )
    labels = labels_of_series(segments, grid)
    paths = (folder / f"{name}{SUFFIX}" for name in fitting_names(volume.GetName()))
    path = next(
        each for each in paths if not each.exists() or _holds(each, labels, grid.geometry, classes)
    )
    if not path.exists():
        with disk_errors_named(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_labelmap(path, labels, grid.geometry, classes)
    return path


def _holds(path: Path, labels: NDArray[np.uint8], geometry: Geometry, classes: ClassTable) -> bool:
    try:
        return np.array_equal(read_labelmap(path, geometry, classes), labels)
    except SaimError:
        return False
