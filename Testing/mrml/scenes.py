"""Scenes, and volumes and transforms on every kind of grid, for the tests of SAIMCore/mrml."""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray

from SAIMCore.mrml.geometry import SliceGrid

# Columns: directions of I, J and K in RAS.
AXIAL = np.diag([-1.0, -1.0, 1.0])
SAGITTAL = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])
CORONAL = np.array([[-1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
LEFT_HANDED = np.diag([-1.0, -1.0, -1.0])


def _oblique() -> NDArray[np.float64]:
    turn = vtk.vtkTransform()
    turn.RotateWXYZ(23, 0.3, 0.8, -0.5)
    matrix = turn.GetMatrix()
    turned = [[matrix.GetElement(row, column) for column in range(3)] for row in range(3)]
    return np.array(turned) @ AXIAL


OBLIQUE = _oblique()
DIRECTIONS = {
    "axial": AXIAL,
    "sagittal": SAGITTAL,
    "coronal": CORONAL,
    "left-handed": LEFT_HANDED,
    "oblique": OBLIQUE,
}


@contextmanager
def new_scene() -> Iterator[slicer.vtkMRMLScene]:
    """A scene with the logics that segmentations need, where Slicer has it."""
    made = slicer.vtkMRMLScene()
    application = slicer.vtkMRMLApplicationLogic()
    application.SetMRMLScene(made)
    logic = slicer.vtkSlicerSegmentationsModuleLogic()
    logic.SetMRMLApplicationLogic(application)
    logic.SetMRMLScene(made)
    made.application = application
    slicer.mrmlScene = made
    volumes = slicer.vtkSlicerVolumesLogic()
    volumes.SetMRMLApplicationLogic(application)
    volumes.SetMRMLScene(made)
    slicer.modules = types.SimpleNamespace(
        segmentations=types.SimpleNamespace(logic=lambda: logic),
        volumes=types.SimpleNamespace(logic=lambda: volumes),
    )
    try:
        yield made
    finally:
        made.Clear()
        del slicer.mrmlScene, slicer.modules


def add_volume(
    scene: slicer.vtkMRMLScene,
    size: tuple[int, int, int] = (20, 16, 6),
    spacing: tuple[float, float, float] = (0.8, 0.9, 3.0),
    directions: NDArray[np.float64] = AXIAL,
    origin: tuple[float, float, float] = (11.0, -7.0, 30.0),
) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume whose intensities are its voxels' numbers."""
    image = vtk.vtkImageData()
    image.SetDimensions(*size)
    image.AllocateScalars(vtk.VTK_INT, 1)
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "series")
    volume.SetAndObserveImageData(image)
    volume.SetSpacing(*spacing)
    volume.SetOrigin(*origin)
    volume.SetIJKToRASDirections(*directions.ravel().tolist())
    values = slicer.util.arrayFromVolume(volume)
    values[:] = np.arange(values.size).reshape(values.shape)
    slicer.util.arrayFromVolumeModified(volume)
    return volume


def add_transform(
    scene: slicer.vtkMRMLScene, angle: float = 40.0, shift: tuple[float, float, float] = (5, -8, 3)
) -> slicer.vtkMRMLLinearTransformNode:
    """A rotation and a shift, to put volumes and segmentations under."""
    turn = vtk.vtkTransform()
    turn.Translate(*shift)
    turn.RotateWXYZ(angle, 0.2, -0.4, 0.9)
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    node.SetMatrixTransformToParent(turn.GetMatrix())
    return node


def add_segmentation(
    scene: slicer.vtkMRMLScene, volume: slicer.vtkMRMLScalarVolumeNode, *names: str
) -> slicer.vtkMRMLSegmentationNode:
    """A segmentation on the grid of ``volume`` with empty segments of these names."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "segmentation")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in names:
        node.GetSegmentation().AddEmptySegment(name, name)
    return node


def paint(
    node: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    mask: NDArray[np.bool_],
    volume: slicer.vtkMRMLScalarVolumeNode,
) -> None:
    """Set a segment to ``mask`` (K, J, I) with Slicer's own means, overlaps included."""
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        mask.astype(np.uint8), node, segment_id, volume
    )


def voxels(
    node: slicer.vtkMRMLSegmentationNode,
    segment_id: str,
    volume: slicer.vtkMRMLScalarVolumeNode,
) -> NDArray[np.bool_]:
    """All voxels (K, J, I) of a segment on the grid of ``volume``, as Slicer exports them."""
    found: NDArray[np.bool_] = (
        slicer.util.arrayFromSegmentBinaryLabelmap(node, segment_id, volume) > 0
    )
    return found


def add_view(
    scene: slicer.vtkMRMLScene,
    name: str,
    volume: slicer.vtkMRMLScalarVolumeNode,
    grid: SliceGrid,
) -> tuple[slicer.vtkMRMLSliceNode, slicer.vtkMRMLSliceCompositeNode]:
    """A slice view of ``volume`` along the slices of ``grid``, showing the first one."""
    view = slicer.vtkMRMLSliceNode()
    view.SetLayoutName(name)
    view.SetName(name)
    view = scene.AddNode(view)
    composite = slicer.vtkMRMLSliceCompositeNode()
    composite.SetLayoutName(name)
    composite = scene.AddNode(composite)
    composite.SetBackgroundVolumeID(volume.GetID())
    corner, below, beside = (grid.point(*place) for place in ((0, 0, 0), (0, 1, 0), (0, 0, 1)))
    right, up = beside - corner, corner - below
    matrix = np.eye(4)
    for column, vector in enumerate((right, up, np.cross(right, up))):
        matrix[:3, column] = vector / np.linalg.norm(vector)
    matrix[:3, 3] = grid.slice_center(0)
    view.GetSliceToRAS().DeepCopy(matrix.ravel().tolist())
    view.UpdateMatrices()
    return view, composite


def editor_logic(
    scene: slicer.vtkMRMLScene,
    editor: slicer.vtkMRMLSegmentEditorNode,
    node: slicer.vtkMRMLSegmentationNode,
    volume: slicer.vtkMRMLScalarVolumeNode,
) -> slicer.vtkSlicerSegmentEditorLogic:
    """The logic behind a Segment Editor, with its undo history."""
    logic = slicer.vtkSlicerSegmentEditorLogic()
    logic.SetMRMLApplicationLogic(scene.application)
    logic.SetMRMLScene(scene)
    logic.SetSegmentEditorNode(editor)
    logic.SetSegmentationNode(node)
    logic.SetSourceVolumeNode(volume)
    return logic
