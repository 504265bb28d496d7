"""Small image files in every format that is read, made where a test needs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry

# Thick axial slices off the origin; 5 slices of 8 x 6 pixels.
GEOMETRY = Geometry(
    (6, 8, 5),
    (0.7, 0.8, 3.3),
    (-12.25, 40.5, 7.125),
    (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
)

WriteVolume = Callable[..., Path]


@pytest.fixture
def geometry() -> Geometry:
    return GEOMETRY


@pytest.fixture
def classes() -> ClassTable:
    """Label values that are not the class indices."""
    return ClassTable.from_values({0: "background", 3: "liver", 7: "spleen"})


@pytest.fixture
def intensities() -> NDArray[np.int16]:
    """Volume (K, J, I) on the grid of ``geometry`` in which every voxel is different."""
    return np.arange(5 * 8 * 6, dtype=np.int16).reshape(GEOMETRY.array_shape)


@pytest.fixture
def indices() -> NDArray[np.uint8]:
    """Class indices (K, J, I) on the grid of ``geometry``."""
    return np.random.default_rng(1).integers(0, 3, GEOMETRY.array_shape).astype(np.uint8)


@pytest.fixture
def write_volume() -> WriteVolume:
    def write(
        path: Path, array: NDArray, geometry: Geometry = GEOMETRY, is_vector: bool = False
    ) -> Path:
        image = sitk.GetImageFromArray(array, isVector=is_vector)
        if image.GetDimension() == 3:
            geometry.apply_to(image)
        path.parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(image, str(path))
        return path

    return write


@pytest.fixture
def write_dicom() -> Callable[..., list[Path]]:
    """Writes a volume as one DICOM file per slice, named so that names say nothing of the order.

    elements: further ones, or other values of those written; one text for all slices or one each.
    """

    def write(
        folder: Path,
        array: NDArray,
        geometry: Geometry = GEOMETRY,
        uid: str = "1.2.826.0.1.3680043.2.1125.1",
        description: str = "T2 tra",
        patient: str = "P07",
        modality: str = "MR",
        suffix: str = "",
        elements: Mapping[str, str | Sequence[str]] = MappingProxyType({}),
    ) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        directions = np.reshape(geometry.direction, (3, 3))
        files = []
        for number, pixels in enumerate(array):
            image = sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3)
            image.SetSpacing((*geometry.spacing[:2],))
            position = np.array(geometry.origin) + directions[:, 2] * geometry.spacing[2] * number
            cosines = [*directions[:, 0], *directions[:, 1]]
            for key, value in {
                "0008|0060": modality,
                "0008|103e": description,
                "0010|0020": patient,
                "0018|0050": f"{geometry.spacing[2]:.6f}",
                "0020|000d": "1.2.826.0.1.3680043.2.1125.9",
                "0020|000e": uid,
                "0020|0011": "4",
                "0020|0013": str(number),
                "0020|0032": "\\".join(f"{value:.9g}" for value in position),
                "0020|0037": "\\".join(f"{value:.9g}" for value in cosines),
                "0008|0018": f"{uid}.{number}",
            }.items():
                image.SetMetaData(key, value)
            for key, told in elements.items():
                image.SetMetaData(key, told if isinstance(told, str) else told[number])
            path = folder / f"{'zyxwvutsrq'[number % 10]}{number // 10}.dcm"
            writer = sitk.ImageFileWriter()
            writer.KeepOriginalImageUIDOn()
            writer.SetFileName(str(path))
            writer.Execute(image)
            files.append(path.rename(path.with_suffix(suffix)))
        return files

    return write
