"""Labels made elsewhere, on the grid of a series: the same grid exactly, another one resampled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.classes import BACKGROUND, ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap
from SAIMCore.errors import GeometryMismatchError

__all__ = ["labels_of_classes", "labels_of_values"]

Labels = NDArray[np.uint8]

# Above every class index.
_OUTSIDE = 255
# Of the smaller one of series and labelmap, how much must lie in the other: labelmaps are cropped
# to an organ, and series are cut out of what was labeled.
_LEAST_PERCENT = 50
# Places along each axis at which it is looked at.
_PLACES = 32


def labels_of_values(path: Path, geometry: Geometry, classes: ClassTable) -> Labels:
    """Class indices (K, J, I) on ``geometry`` from a file of values, to the nearest voxel.

    What lies outside of the file is background. Raises InvalidLabelmapError as ``read_labelmap``
    does for a file that cannot be used or has a value without a class, GeometryMismatchError when
    less than half of the smaller one of file and series lies in the other.
    """
    try:
        return read_labelmap(path, geometry, classes)
    except GeometryMismatchError:
        own = _own_grid(path)
    _refuse_beside(path, own, geometry)
    return _nearest(read_labelmap(path, own, classes), own, geometry, path)


def labels_of_classes(files: Mapping[str, Path], geometry: Geometry, classes: ClassTable) -> Labels:
    """The same from binary files (0 and 1) by class name.

    Where two overlap, the smaller structure has the voxel: a tumor lies in its organ.
    """
    labels = np.zeros(geometry.array_shape, dtype=np.uint8)
    sizes = np.full(len(classes), np.iinfo(np.int64).max)
    for name, path in sorted(files.items()):
        if name == BACKGROUND:
            continue
        index = classes.index(name)
        inside = labels_of_values(path, geometry, ClassTable.from_names([BACKGROUND, name])) > 0
        sizes[index] = np.count_nonzero(inside)
        labels[inside & (sizes[labels] > sizes[index])] = index
    return labels


def _own_grid(path: Path) -> Geometry:
    """The grid of a file that ``read_labelmap`` could read."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    i, j, k = reader.GetSize()[:3]
    spacing, origin = reader.GetSpacing()[:3], reader.GetOrigin()[:3]
    count = reader.GetDimension()
    direction = np.reshape(reader.GetDirection(), (count, count))[:3, :3]
    return Geometry(
        (i, j, k),
        (spacing[0], spacing[1], spacing[2]),
        (origin[0], origin[1], origin[2]),
        tuple(direction.ravel().tolist()),
    ).straightened()


def _refuse_beside(path: Path, own: Geometry, series: Geometry) -> None:
    inside, covered = 100 * _share(own, series), 100 * _share(series, own)
    if max(inside, covered) < _LEAST_PERCENT:
        raise GeometryMismatchError(
            f"the labelmap {path} lies beside its series: {inside:.0f} % of it is in the series "
            f"and {covered:.0f} % of the series is in it ({own.difference(series)}); check that it "
            "belongs to this series"
        )


def _share(of: Geometry, within: Geometry) -> float:
    """How much of the grid ``of`` lies within the other one, from 0 to 1."""
    places = [np.linspace(0, count - 1, min(count, _PLACES)) for count in of.size]
    indices = np.stack(np.meshgrid(*places, indexing="ij"), axis=-1).reshape(-1, 3)
    steps = np.reshape(of.direction, (3, 3)) * of.spacing
    positions = indices @ steps.T + of.origin
    other_steps = np.reshape(within.direction, (3, 3)) * within.spacing
    found = (positions - within.origin) @ np.linalg.inv(other_steps).T
    # A voxel reaches half of a step to each side of its middle.
    return float(((found >= -0.5) & (found <= np.array(within.size) - 0.5)).all(axis=1).mean())


def _nearest(labels: Labels, own: Geometry, wanted: Geometry, path: Path) -> Labels:
    image = sitk.GetImageFromArray(labels)
    own.apply_to(image)
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize(wanted.size)
    resampler.SetOutputSpacing(wanted.spacing)
    resampler.SetOutputOrigin(wanted.origin)
    resampler.SetOutputDirection(wanted.direction)
    resampler.SetInterpolator(sitk.sitkNearestNeighbor)
    resampler.SetDefaultPixelValue(_OUTSIDE)
    found: Labels = sitk.GetArrayFromImage(resampler.Execute(image))
    outside = found == _OUTSIDE
    if outside.all():
        raise GeometryMismatchError(
            f"the labelmap {path} lies between the voxels of its series, none of which is in it "
            f"({own.difference(wanted)}); check that it belongs to this series"
        )
    found[outside] = 0
    return found
