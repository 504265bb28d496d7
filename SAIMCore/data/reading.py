"""Reading series and labelmaps, and writing labelmaps, with the grid kept exactly."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.dicom import read_dicom
from SAIMCore.data.formats import IMAGE_SUFFIXES, defect, image_suffix
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import axis_order
from SAIMCore.data.sources import SeriesSource
from SAIMCore.data.writing import write_image
from SAIMCore.errors import (
    ClassTableError,
    GeometryMismatchError,
    InvalidImageError,
    InvalidLabelmapError,
    ProjectError,
    SaimError,
)

__all__ = [
    "Volume",
    "check_labelmap_name",
    "label_values",
    "read_labelmap",
    "read_series",
    "write_labelmap",
]

# ITK reports on the terminal what the errors here say in a sentence.
sitk.ProcessObject.SetGlobalWarningDisplay(False)

# Cosine between axes that rounding to four digits leaves: 0.1 mm in a volume of 20 cm.
_LARGEST_SHEAR = 5e-4
_SCALARS = (
    sitk.sitkUInt8, sitk.sitkInt8, sitk.sitkUInt16, sitk.sitkInt16, sitk.sitkUInt32,
    sitk.sitkInt32, sitk.sitkUInt64, sitk.sitkInt64, sitk.sitkFloat32, sitk.sitkFloat64,
)  # fmt: skip


@dataclass(frozen=True)
class Volume:
    """A series in memory: float32 intensities (K, J, I) and their grid."""

    array: NDArray[np.float32]
    geometry: Geometry


def read_series(source: SeriesSource) -> Volume:
    """Decode the series at ``source``.

    Raises InvalidImageError when it is missing, empty, truncated or no image, is not a 3D scalar
    image of at least 2 slices with axes at right angles, or has a voxel that is not finite.
    """
    kind = InvalidImageError
    if source.problem is not None:
        raise kind(source.problem)
    image = read_dicom(source.files) if source.is_dicom else _read_file(source.path, kind)
    name = f"the series {source.name} in {source.path}" if source.is_dicom else str(source.path)
    image = _three_dimensional(image, name, kind)
    geometry = _grid(image, name, kind)
    if min(geometry.size) < 2 or geometry.size[geometry.acquisition_axis] < 2:
        raise InvalidImageError(
            f"{name} has only 1 slice (size {' x '.join(str(size) for size in geometry.size)}); "
            "a series needs at least 2"
        )
    with np.errstate(over="ignore"):
        array = sitk.GetArrayViewFromImage(image).astype(np.float32)
    broken = array.size - int(np.count_nonzero(np.isfinite(array)))
    if broken:
        raise InvalidImageError(
            f"{name} has {broken} voxel{'s' if broken > 1 else ''} with a NaN or infinite value; "
            "correct or replace the file"
        )
    array.flags.writeable = False
    return Volume(array, geometry)


def read_labelmap(
    path: str | os.PathLike[str], geometry: Geometry, classes: ClassTable
) -> NDArray[np.uint8]:
    """Class indices (K, J, I) on the grid ``geometry`` from a file of label values.

    A file whose grid is the same with its axes in another order or direction is put in order
    voxel by voxel; nothing is ever resampled.

    Raises GeometryMismatchError for another size, spacing, origin or direction, and
    InvalidLabelmapError when the file is missing, empty, truncated, no 3D scalar image, or has
    values that are no whole numbers or not in the class table.
    """
    file = Path(path)
    image = _three_dimensional(
        _read_file(file, InvalidLabelmapError), str(file), InvalidLabelmapError
    )
    found = _grid(image, str(file), InvalidLabelmapError)
    order = axis_order(found, geometry)
    if order is None:
        raise GeometryMismatchError(
            f"the labelmap {file} does not lie on its series: {found.difference(geometry)}; "
            "resample it onto the series first"
        )
    values = order.apply(_whole_numbers(sitk.GetArrayViewFromImage(image), file))
    try:
        return np.ascontiguousarray(classes.to_indices(values))
    except ClassTableError as error:
        raise InvalidLabelmapError(
            f"the labelmap {file} does not fit: {error}; correct the labelmap or the classes"
        ) from error


def label_values(path: str | os.PathLike[str]) -> set[int]:
    """The label values that a file shows, whatever series and class table it belongs to.

    Raises InvalidLabelmapError like ``read_labelmap``.
    """
    file = Path(path)
    image = _three_dimensional(
        _read_file(file, InvalidLabelmapError), str(file), InvalidLabelmapError
    )
    values = _whole_numbers(sitk.GetArrayViewFromImage(image), file)
    return {int(value) for value in np.unique(values)}


def write_labelmap(
    path: str | os.PathLike[str],
    labels: NDArray[np.uint8],
    geometry: Geometry,
    classes: ClassTable,
) -> None:
    """Write class indices (K, J, I) as label values on the grid ``geometry``, atomically.

    The format goes by the suffix of ``path``. Raises InvalidLabelmapError when the array does
    not fit the grid or the classes, ProjectError when the file cannot be written.
    """
    file = Path(path)
    check_labelmap_name(file)
    if labels.shape != geometry.array_shape:
        raise InvalidLabelmapError(
            f"labels of shape {labels.shape} do not fit a series of shape {geometry.array_shape}"
        )
    if labels.size and int(labels.max()) >= len(classes):
        raise InvalidLabelmapError(
            f"class index {int(labels.max())} in labels of {len(classes)} classes; "
            f"use 0 to {len(classes) - 1}"
        )
    image = sitk.GetImageFromArray(np.ascontiguousarray(classes.to_values(labels)))
    geometry.apply_to(image)
    write_image(image, file)


def check_labelmap_name(file: Path) -> None:
    """Raise ProjectError when ``write_labelmap`` cannot write a file of that name."""
    # Formats that keep header and voxels apart are left out: two files cannot appear at once.
    if image_suffix(file) is None or image_suffix(file) in (".nhdr", ".mhd"):
        raise ProjectError(
            f"cannot write the labelmap {file}: its name must end with .nii.gz, .nii, .nrrd or .mha"
        )


def _read_file(path: Path, kind: type[SaimError]) -> sitk.Image:
    if path.is_file() and image_suffix(path) is None:
        raise kind(f"{path} is no image file; give one of {', '.join(IMAGE_SUFFIXES)}")
    found = defect(path)
    if found:
        raise kind(f"{path} {found}; correct or replace the file")
    try:
        return sitk.ReadImage(os.fspath(path))
    except RuntimeError as error:
        if "orthonormal" in str(error):
            raise _sheared(str(path), kind) from error
        raise kind(
            f"{path} is truncated, damaged or not an image; give a complete image file"
        ) from error


def _grid(image: sitk.Image, name: str, kind: type[SaimError]) -> Geometry:
    """The grid of the image at right angles, which is what NIfTI can hold."""
    geometry = Geometry.from_image(image)
    if geometry.shear > _LARGEST_SHEAR:
        raise _sheared(name, kind)
    return geometry.straightened()


def _sheared(name: str, kind: type[SaimError]) -> SaimError:
    return kind(
        f"{name} has direction cosines that are not at right angles (a sheared grid, such as a "
        "tilted gantry leaves); resample it onto a rectangular grid"
    )


def _three_dimensional(image: sitk.Image, name: str, kind: type[SaimError]) -> sitk.Image:
    size = image.GetSize()
    if image.GetNumberOfComponentsPerPixel() > 1 or image.GetPixelID() not in _SCALARS:
        raise kind(
            f"{name} has {image.GetPixelIDTypeAsString()} voxels with "
            f"{image.GetNumberOfComponentsPerPixel()} components (RGB or vectors); "
            "give an image with one intensity per voxel"
        )
    if len(size) == 4 and size[3] == 1:
        volume: sitk.Image = image[:, :, :, 0]
        return volume
    if len(size) != 3:
        raise kind(
            f"{name} has {len(size)} dimensions ({' x '.join(str(part) for part in size)}); "
            "give one 3D volume"
        )
    return image


def _whole_numbers(values: NDArray[Any], path: Path) -> NDArray[Any]:
    if values.dtype.kind != "f":
        return values
    with np.errstate(invalid="ignore"):
        rounded = np.rint(values)
        broken = np.flatnonzero(~(rounded == values) | ~np.isfinite(values))
    if broken.size:
        raise InvalidLabelmapError(
            f"the labelmap {path} has values that are no whole numbers ({broken.size} of them, "
            f"such as {values.flat[broken[0]]:.6g}); give label values, not probabilities"
        )
    whole: NDArray[Any] = rounded.astype(np.int64)
    return whole
