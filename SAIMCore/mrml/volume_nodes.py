"""Series of a project as volume nodes, on the grid that the engine read."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import Volume
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE

__all__ = ["add_volume"]

# They differ in the signs of the first two axes.
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])
# Percentiles of the intensities between which the gray values of a display lie.
WINDOW = (1, 99)
# So many voxels show the percentiles as well as all of them do, in a tenth of the time.
SAMPLE = 1 << 20


def add_volume(
    scene: slicer.vtkMRMLScene, volume: Volume, name: str, series_name: str
) -> slicer.vtkMRMLScalarVolumeNode:
    """A new node ``name`` of the series ``series_name``, with its voxels and grid.

    The voxels are copied once, into the node's own memory: other tools may change them there, and
    ``volume`` is nobody's to change.
    """
    node = scene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
    node.UnRegister(None)
    node.SetName(name)
    node.SetAttribute(SERIES_ATTRIBUTE, series_name)
    _place(node, volume.geometry)
    scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    # Before there is an image: a display would look through all of it for a window of its own.
    display.SetAutoWindowLevel(False)
    display.SetWindowLevelMinMax(*_window(volume.array))
    node.SetAndObserveImageData(_image(volume.array))
    return node


def _place(node: slicer.vtkMRMLScalarVolumeNode, geometry: Geometry) -> None:
    directions = _LPS_TO_RAS @ np.reshape(geometry.direction, (3, 3))
    node.SetSpacing(*geometry.spacing)
    node.SetOrigin(*(_LPS_TO_RAS @ geometry.origin).tolist())
    node.SetIJKToRASDirections(*directions.ravel().tolist())


def _image(array: NDArray[np.float32]) -> vtk.vtkImageData:
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(array.shape))
    image.AllocateScalars(vtk.VTK_FLOAT, 1)
    scalars = vtk_to_numpy(image.GetPointData().GetScalars())
    scalars.reshape(array.shape)[...] = array
    return image


def _window(array: NDArray[np.float32]) -> tuple[float, float]:
    """The darkest and the brightest intensity to be told apart; never the same."""
    values = array.ravel()
    # An odd step goes through all columns of an image whose rows have an even length.
    low, high = np.percentile(values[:: values.size // SAMPLE | 1], WINDOW)
    if low == high:
        # Nearly all of it is background.
        low, high = values.min(), values.max()
    return (float(low), float(high)) if low < high else (float(low) - 0.5, float(low) + 0.5)
