"""Reading DICOM series, and the real ones."""

from __future__ import annotations

import struct
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


def test_slices_in_different_directions_are_refused(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    planes = ["1\\0\\0\\0\\1\\0", "0\\1\\0\\0\\0\\-1", "1\\0\\0\\0\\0\\-1"]
    positions = ["0\\0\\0"] * 3
    write_dicom(tmp_path, intensities[:3], elements={"0020|0037": planes, "0020|0032": positions})
    assert "slices in different directions (a localizer" in dicom_refusal(tmp_path)


def test_slices_without_positions_are_refused(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    for path in write_dicom(tmp_path, intensities)[1:4]:
        # Another element in the place of the position.
        path.write_bytes(path.read_bytes().replace(b"\x20\x00\x32\x00", b"\x20\x00\x33\x00"))
    assert "does not say where 3 of its 5 slices lie" in dicom_refusal(tmp_path)


def test_slices_with_pixels_of_different_sizes_are_refused(
    tmp_path: Path,
    intensities: NDArray,
    geometry: Geometry,
    write_dicom: Callable[..., list[Path]],
) -> None:
    write_dicom(tmp_path / "a", intensities)
    large = intensities[:1]
    wide = replace(geometry, spacing=(0.9, 0.9, 3.3), origin=(-12.25, 40.5, 23.625))
    write_dicom(tmp_path / "a", large, wide, suffix=".dcm")
    assert "pixels of different sizes" in dicom_refusal(tmp_path / "a")


def test_every_slice_keeps_its_own_scale(
    tmp_path: Path, intensities: NDArray, write_dicom: Callable[..., list[Path]]
) -> None:
    slopes = ["1 ", "0.25", "2 ", "1 ", "1 "]
    tag = b"\x28\x00\x53\x10"
    files = write_dicom(tmp_path, intensities, modality="CT")
    for path, slope in zip(files, slopes, strict=True):
        told = tag + struct.pack("<I", len(slope)) + slope.encode()
        path.write_bytes(path.read_bytes().replace(tag + b"\x02\x00\x00\x001 ", told))
    scaled = intensities * np.array([float(slope) for slope in slopes])[:, None, None]
    (found,) = find_series(tmp_path)
    assert np.array_equal(read_series(found).array, scaled.astype(np.float32))


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
