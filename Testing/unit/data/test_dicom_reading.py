"""Reading DICOM series, and the real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import AxisOrder
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import find_series
from SAIMCore.errors import (
    InvalidImageError,
)

Write = Callable[..., Path]


@pytest.mark.parametrize("compiled", [(0, 1, 2), (2, 0, 1)])
def test_a_dicom_series_keeps_its_voxels_and_its_grid(
    tmp_path: Path,
    intensities: NDArray,
    geometry: Geometry,
    write_dicom: Callable[..., list[Path]],
    compiled: tuple[int, int, int],
) -> None:
    cosines = np.eye(3)[:, list(compiled)]
    turned = replace(geometry, direction=tuple(cosines.ravel().tolist()))
    write_dicom(tmp_path / "scan", intensities, turned)
    volume = read_series(find_series(tmp_path)[0])
    assert np.array_equal(volume.array, intensities)
    assert volume.geometry.difference(turned, tolerance=1e-4) is None


def test_slices_in_the_other_direction_stay_at_their_places(
    tmp_path: Path,
    intensities: NDArray,
    geometry: Geometry,
    write_dicom: Callable[..., list[Path]],
) -> None:
    mirrored = AxisOrder((0, 1, 2), (False, False, True)).apply_to_geometry(geometry)
    write_dicom(tmp_path / "scan", intensities[::-1], mirrored)
    volume = read_series(find_series(tmp_path)[0])
    assert volume.geometry.difference(geometry, tolerance=1e-4) is None
    assert np.array_equal(volume.array, intensities)


def dicom_refusal(folder: Path) -> str:
    (found,) = find_series(folder)
    with pytest.raises(InvalidImageError) as caught:
        read_series(found)
    assert str(folder) in str(caught.value)
    return str(caught.value)


def test_a_missing_dicom_slice_is_named(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path, intensities)[2].unlink()
    assert "no even pile of slices" in dicom_refusal(tmp_path)


def test_a_tilted_gantry_is_refused(
    tmp_path: Path,
    intensities: NDArray,
    geometry: Geometry,
    write_dicom: Callable[..., list[Path]],
) -> None:
    tilt = np.sin(0.3)
    sheared = (1.0, 0.0, 0.0, 0.0, 1.0, tilt, 0.0, 0.0, np.sqrt(1 - tilt**2))
    write_dicom(tmp_path, intensities, replace(geometry, direction=sheared))
    assert "gantry" in dicom_refusal(tmp_path)


def test_several_volumes_under_one_dicom_series_are_refused(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path, intensities)
    write_dicom(tmp_path, intensities + 1, suffix=".second")
    assert "several volumes (4D)" in dicom_refusal(tmp_path)


def test_a_dicom_slice_of_another_size_is_named(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path, intensities)
    write_dicom(tmp_path, np.ones((1, 4, 4), np.int16), suffix=".scout")
    sentence = dicom_refusal(tmp_path)
    assert "6 x 8" in sentence
    assert "4 x 4" in sentence


def test_a_truncated_dicom_slice_is_refused(
    tmp_path: Path,
    write_dicom: Callable[..., list[Path]],
    capfd: pytest.CaptureFixture,
) -> None:
    files = write_dicom(tmp_path, np.ones((4, 64, 64), np.int16))
    files[1].write_bytes(files[1].read_bytes()[:5000])
    assert "truncated" in dicom_refusal(tmp_path) or "cannot be read" in dicom_refusal(tmp_path)
    assert capfd.readouterr().err == ""


def test_color_and_single_slice_dicom_are_refused(
    tmp_path: Path, write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path / "color", np.ones((3, 8, 8, 3), np.uint8))
    assert "RGB" in dicom_refusal(tmp_path / "color")
    write_dicom(tmp_path / "scout", np.ones((1, 8, 8), np.int16))
    assert "only 1 slice" in dicom_refusal(tmp_path / "scout")


def test_the_real_jpeg2000_series_is_read(shared_data: Path) -> None:
    volume = read_series(find_series(shared_data / "io" / "ct_dicom_jpeg2000")[0])
    assert volume.geometry.size == (512, 512, 20)
    assert volume.geometry.spacing == pytest.approx((0.9765625, 0.9765625, 2.0))
    assert volume.array.min() == -1024
    assert volume.array.max() == 1839


def test_the_real_labelmap_with_a_flipped_axis_is_put_in_order_exactly(shared_data: Path) -> None:
    io = shared_data / "io"
    path = io / "ct_dicom_jpeg2000.labels.nii.gz"
    stored = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    classes = ClassTable.from_values({int(value): f"c{value}" for value in np.unique(stored)})
    volume = read_series(find_series(io / "ct_dicom_jpeg2000")[0])
    labels = read_labelmap(path, volume.geometry, classes)
    assert np.array_equal(classes.to_values(labels), stored[:, ::-1])
    # The liver (5) and the spleen (1) have the density of soft tissue, ribs and spine of bone.
    assert 60 < volume.array[labels == classes.index("c5")].mean() < 120
    assert 60 < volume.array[labels == classes.index("c1")].mean() < 120
    assert volume.array[labels == classes.index("c32")].mean() > 200


def test_the_real_labelmap_of_the_other_dicom_series_lies_on_it(shared_data: Path) -> None:
    io = shared_data / "io"
    classes = ClassTable.from_names(["background", "liver"])
    volume = read_series(find_series(io / "ct_dicom_3slice")[0])
    labels = read_labelmap(io / "ct_dicom_3slice.liver.nrrd", volume.geometry, classes)
    assert np.count_nonzero(labels) == 107098
