"""Reading series from single files: exact grids, one sentence for all that cannot be used."""

from __future__ import annotations

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
