"""Reading series from single files: exact grids, one sentence for all that cannot be used."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import AxisOrder
from SAIMCore.data.reading import read_series
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import (
    InvalidImageError,
)

Write = Callable[..., Path]
SUFFIXES = [".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd"]


def source(path: Path) -> SeriesSource:
    return SeriesSource("case", path, (path,))


def refusal(path: Path) -> str:
    """The sentence with which the series at ``path`` is refused."""
    with pytest.raises(InvalidImageError) as caught:
        read_series(source(path))
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_series_keeps_its_voxels_and_its_grid(
    tmp_path: Path, intensities: NDArray, geometry: Geometry, write_volume: Write, suffix: str
) -> None:
    volume = read_series(source(write_volume(tmp_path / f"a{suffix}", intensities)))
    assert volume.array.dtype == np.float32
    assert np.array_equal(volume.array, intensities)
    assert volume.geometry.difference(geometry, tolerance=1e-5) is None


@pytest.mark.parametrize("axes", list(permutations((0, 1, 2))))
@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_a_series_of_any_orientation_is_read_as_it_is_stored(
    tmp_path: Path,
    intensities: NDArray,
    geometry: Geometry,
    write_volume: Write,
    axes: Any,
    flips: Any,
) -> None:
    order = AxisOrder(axes, flips)
    turned = order.apply_to_geometry(geometry)
    stored = np.ascontiguousarray(order.apply(intensities))
    volume = read_series(source(write_volume(tmp_path / "a.nii", stored, turned)))
    assert np.array_equal(volume.array, stored)
    assert volume.geometry.difference(turned, tolerance=1e-5) is None
    assert axes[volume.geometry.acquisition_axis] == 2


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_every_scalar_type_becomes_float32(
    tmp_path: Path, intensities: NDArray, write_volume: Write, kind: str
) -> None:
    stored = (intensities % 200).astype(kind)
    volume = read_series(source(write_volume(tmp_path / "a.nrrd", stored)))
    assert volume.array.dtype == np.float32
    assert np.array_equal(volume.array, stored)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kept", [0.03, 0.5, 0.995])
def test_a_truncated_image_is_refused_without_noise_on_the_terminal(
    tmp_path: Path, write_volume: Write, capfd: pytest.CaptureFixture, suffix: str, kept: float
) -> None:
    noise = np.random.default_rng(0).normal(size=(5, 8, 6)).astype(np.float32)
    path = write_volume(tmp_path / f"a{suffix}", noise)
    voxels = next((file for file in tmp_path.iterdir() if ".raw" in file.name), path)
    content = voxels.read_bytes()
    voxels.write_bytes(content[: int(len(content) * kept)])
    sentence = refusal(path)
    assert any(word in sentence for word in ("truncated", "damaged", "not a", "not complete"))
    assert capfd.readouterr().err == ""


def test_a_truncated_header_is_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write, capfd: pytest.CaptureFixture
) -> None:
    for suffix in (".nhdr", ".mhd"):
        path = write_volume(tmp_path / f"a{suffix}", intensities)
        path.write_bytes(path.read_bytes()[:60])
        refusal(path)
    assert capfd.readouterr().err == ""


def test_damaged_compression_is_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii.gz", intensities)
    content = bytearray(path.read_bytes())
    content[-8] ^= 0xFF  # the checksum
    path.write_bytes(content)
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"")
    assert "is empty" in refusal(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_is_no_image_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("Dear colleagues, the images are on the other disk.\n" * 20)
    assert "not a" in refusal(path)
    assert capfd.readouterr().err == ""


def test_a_missing_file_and_an_unknown_suffix_are_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "a.nii")
    (tmp_path / "a.docx").write_text("x")
    assert ".nii.gz" in refusal(tmp_path / "a.docx")


def test_missing_voxels_beside_a_header_are_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    for suffix in (".mhd", ".nhdr"):
        path = write_volume(tmp_path / f"a{suffix}", intensities)
        (tmp_path / "a.raw").unlink()
        assert "names no file of its voxels that exists" in refusal(path)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_2d_4d_and_rgb_are_refused(tmp_path: Path, write_volume: Write, suffix: str) -> None:
    flat = write_volume(tmp_path / f"flat{suffix}", np.ones((8, 6), np.int16))
    assert any(word in refusal(flat) for word in ("2 dimensions", "only 1 slice"))
    films = tmp_path / f"film{suffix}"
    sitk.WriteImage(sitk.Image((6, 8, 5, 3), sitk.sitkInt16), str(films))
    assert "4 dimensions (6 x 8 x 5 x 3)" in refusal(films)
    color = write_volume(tmp_path / f"rgb{suffix}", np.ones((5, 8, 6, 3), np.uint8), is_vector=True)
    assert "3 components (RGB or vectors)" in refusal(color)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_a_fourth_dimension_of_one_volume_is_dropped(
    tmp_path: Path, intensities: NDArray, geometry: Geometry, suffix: str
) -> None:
    image = sitk.GetImageFromArray(intensities)
    geometry.apply_to(image)
    sitk.WriteImage(sitk.JoinSeries([image]), str(tmp_path / f"a{suffix}"))
    volume = read_series(source(tmp_path / f"a{suffix}"))
    assert np.array_equal(volume.array, intensities)
    assert volume.geometry.difference(geometry) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_not_finite_are_counted_and_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write, value: float
) -> None:
    for suffix, kind in [(".nii.gz", "f4"), (".nii", "f8"), (".nrrd", "f4"), (".mha", "f8")]:
        broken = intensities.astype(kind)
        broken[2, 3, 4] = value
        path = write_volume(tmp_path / f"a{suffix}", broken)
        assert "1 voxel with a NaN or infinite value" in refusal(path)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_slice_is_no_series(
    tmp_path: Path, geometry: Geometry, write_volume: Write, suffix: str, axis: int
) -> None:
    shape, spacing = [8, 8, 8], [1.0, 1.0, 1.0]
    shape[2 - axis], spacing[axis] = 1, 5.0
    thin = replace(geometry, spacing=(spacing[0], spacing[1], spacing[2]))
    path = write_volume(tmp_path / f"a{suffix}", np.ones(shape, np.int16), thin)
    assert "only 1 slice" in refusal(path) or "2 dimensions" in refusal(path)


def test_a_sheared_nifti_grid_is_refused_in_plain_words(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii", intensities)
    header = bytearray(path.read_bytes())
    header[252:254] = b"\0\0"  # no qform, so that the sform counts
    shear = [-0.7, 0.05, 0, 0, 0, -0.8, 0, 0, 0, 0.1, 3.3, 0]
    header[280:328] = np.array(shear, "<f4").tobytes()
    path.write_bytes(header)
    assert "not at right angles" in refusal(path)


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
def test_a_sheared_grid_is_refused_in_every_format(
    tmp_path: Path, intensities: NDArray, geometry: Geometry, write_volume: Write, suffix: str
) -> None:
    sheared = replace(geometry, direction=(1.0, 0, 0, 0, 1.0, 0.3, 0, 0, math.sqrt(0.91)))
    assert "not at right angles" in refusal(
        write_volume(tmp_path / f"a{suffix}", intensities, sheared)
    )


def test_rounded_cosines_are_put_at_right_angles(
    tmp_path: Path, intensities: NDArray, geometry: Geometry, write_volume: Write
) -> None:
    rounded = (0.7071, -0.7071, 0, 0.7071, 0.7071, 0, 0, 0, 1)
    path = write_volume(tmp_path / "a.nrrd", intensities, replace(geometry, direction=rounded))
    found = read_series(source(path)).geometry
    assert found.shear < 1e-9
    assert np.allclose(found.direction, rounded, atol=1e-4)


def test_an_ascii_metaimage_is_read(tmp_path: Path, intensities: NDArray) -> None:
    header = "NDims = 3\nBinaryData = False\nDimSize = 6 8 5\nElementType = MET_FLOAT\n"
    values = " ".join(str(value % 10) for value in intensities.ravel())
    path = tmp_path / "a.mha"
    content = f"ObjectType = Image\n{header}ElementDataFile = LOCAL\n{values}\n"
    path.write_text(content, encoding="utf-8", newline="\n")
    assert np.array_equal(read_series(source(path)).array, intensities % 10)


def test_scaled_nifti_voxels_are_read_with_their_scale(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii", intensities)
    content = bytearray(path.read_bytes())
    content[112:120] = np.array([0.5, -3], "<f4").tobytes()
    path.write_bytes(content)
    assert np.array_equal(read_series(source(path)).array, intensities * np.float32(0.5) - 3)


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_big_endian_nrrd_is_read(tmp_path: Path, intensities: NDArray, encoding: str) -> None:
    header = (
        "NRRD0004\ntype: int16\ndimension: 3\nsizes: 6 8 5\nspace: left-posterior-superior\n"
        f"endian: big\nencoding: {encoding}\nspace directions: (1,0,0) (0,1,0) (0,0,3)\n\n"
    )
    voxels = intensities.astype(">i2").tobytes()
    path = tmp_path / "a.nrrd"
    path.write_bytes(header.encode() + (gzip.compress(voxels) if encoding == "gzip" else voxels))
    assert np.array_equal(read_series(source(path)).array, intensities)


def test_garbage_after_a_compressed_nifti_image_is_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii.gz", intensities)
    path.write_bytes(path.read_bytes() + b"garbage")
    assert "is damaged" in refusal(path)


def edited(path: Path, *fields: tuple[int, str, list[float]]) -> Path:
    """The NIfTI file with other values at these offsets of its header."""
    content = bytearray(path.read_bytes())
    for offset, kind, values in fields:
        told = np.array(values, kind).tobytes()
        content[offset : offset + len(told)] = told
    path.write_bytes(content)
    return path


PIXDIM, CODES, SFORM = 80, 252, 280
ROWS = [-0.7, 0, 0, 12.25, 0, -0.8, 0, -40.5, 0, 0, 3.3, 7.125]


@pytest.mark.parametrize("codes", [[0, 1], [1, 1], [0, 4]])
def test_a_nifti_header_with_two_voxel_sizes_is_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write, codes: list[float]
) -> None:
    path = write_volume(tmp_path / "a.nii", intensities)
    doubled = [value * (2 if place % 4 < 3 else 1) for place, value in enumerate(ROWS)]
    edited(path, (CODES, "<i2", codes), (SFORM, "<f4", doubled))
    sentence = refusal(path)
    assert "0.7 x 0.8 x 3.3 mm in its pixdim, of 1.4 x 1.6 x 6.6 mm in its sform" in sentence


@pytest.mark.parametrize("size", [0.0, np.nan, np.inf])
def test_a_nifti_header_without_a_voxel_size_is_refused(
    tmp_path: Path, intensities: NDArray, write_volume: Write, size: float
) -> None:
    path = edited(write_volume(tmp_path / "a.nii", intensities), (PIXDIM, "<f4", [size]))
    assert "does not say how large its voxels are" in refusal(path)


def test_a_scanner_sform_counts_where_it_differs_from_the_qform(
    tmp_path: Path, intensities: NDArray, geometry: Geometry, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii", intensities)
    moved = [60.0 if place == 3 else value for place, value in enumerate(ROWS)]
    edited(path, (CODES, "<i2", [1, 1]), (SFORM, "<f4", moved))
    found = read_series(source(path)).geometry
    wanted = replace(geometry, origin=(-60.0, 40.5, 7.125))
    assert found.difference(wanted) is None


def test_a_nifti_file_of_version_2_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.nii"
    path.write_bytes(np.array([540], "<i4").tobytes() + b"n+2\0\r\n\x1a\n" + bytes(1000))
    assert "is a NIfTI-2 image" in refusal(path)


def test_a_compressed_file_named_as_if_it_were_not_is_named(
    tmp_path: Path, intensities: NDArray, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii.gz", intensities).rename(tmp_path / "a.nii")
    assert "is compressed" in refusal(path)
