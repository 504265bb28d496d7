"""Reading series and labelmaps: exact grids, one sentence for everything that cannot be used."""

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

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import AxisOrder
from SAIMCore.data.reading import read_labelmap, read_series, write_labelmap
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import (
    GeometryMismatchError,
    InvalidImageError,
    InvalidLabelmapError,
    ProjectError,
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


# DICOM


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


# Labelmaps


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd", ".mha"])
def test_a_labelmap_comes_back_as_it_was_written(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    write_labelmap(path, indices, geometry, classes)
    stored = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    assert sorted(np.unique(stored).tolist()) == [0, 3, 7]
    back = read_labelmap(path, geometry, classes)
    assert back.dtype == np.uint8
    assert np.array_equal(back, indices)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("axes", list(permutations((0, 1, 2))))
@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_a_labelmap_with_its_axes_in_any_order_is_put_on_its_series(
    tmp_path: Path,
    indices: NDArray,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    axes: Any,
    flips: Any,
) -> None:
    order = AxisOrder(axes, flips)
    stored = np.ascontiguousarray(order.apply(classes.to_values(indices)))
    path = write_volume(tmp_path / "a.nii.gz", stored, order.apply_to_geometry(geometry))
    assert np.array_equal(read_labelmap(path, geometry, classes), indices)


def test_oblique_grids_survive_nifti(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable
) -> None:
    rng = np.random.default_rng(5)
    for number in range(10):
        direction, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        oblique = replace(
            geometry,
            direction=tuple(direction.ravel().tolist()),
            origin=tuple(rng.uniform(-500, 500, 3).tolist()),
        )
        path = tmp_path / f"{number}.nii.gz"
        write_labelmap(path, indices, oblique, classes)
        assert np.array_equal(read_labelmap(path, oblique, classes), indices)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"origin": (-12.25, 40.6, 7.125)}, "origin"),
        ({"spacing": (0.7, 0.8, 3.4)}, "spacing"),
        ({"direction": (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)}, "direction"),
        ({"direction": (1.0, 0.0, 0.0, 0.0, 0.96, -0.28, 0.0, 0.28, 0.96)}, "direction"),
    ],
)
@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_a_labelmap_of_the_same_shape_on_another_grid_is_refused(
    tmp_path: Path,
    indices: NDArray,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    changed: dict,
    word: str,
    suffix: str,
) -> None:
    path = write_volume(
        tmp_path / f"a{suffix}", classes.to_values(indices), replace(geometry, **changed)
    )
    with pytest.raises(GeometryMismatchError, match=f"series: {word} .* instead of") as caught:
        read_labelmap(path, geometry, classes)
    assert str(path) in str(caught.value)


def test_a_labelmap_of_another_shape_is_refused(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable, write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii", classes.to_values(indices)[:4])
    with pytest.raises(GeometryMismatchError, match="size 6 x 8 x 4 instead of 6 x 8 x 5"):
        read_labelmap(path, geometry, classes)


def test_whole_numbers_stored_as_floats_are_labels(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable, write_volume: Write
) -> None:
    stored = classes.to_values(indices).astype(np.float32)
    path = write_volume(tmp_path / "a.nii.gz", stored)
    assert np.array_equal(read_labelmap(path, geometry, classes), indices)


@pytest.mark.parametrize("value", [0.5, -1.25, 1e-3])
def test_values_that_are_no_whole_numbers_are_refused(
    tmp_path: Path,
    indices: NDArray,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    value: float,
) -> None:
    stored = classes.to_values(indices).astype(np.float32)
    stored[1, 2, 3] = value
    path = write_volume(tmp_path / "a.nii.gz", stored)
    with pytest.raises(InvalidLabelmapError, match=f"no whole numbers .*such as {value}"):
        read_labelmap(path, geometry, classes)


@pytest.mark.parametrize(("suffix", "phrase"), [(".nii.gz", "NaN"), (".nrrd", "such as nan")])
def test_labels_that_are_not_finite_are_refused(
    tmp_path: Path,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    suffix: str,
    phrase: str,
) -> None:
    stored = np.full(geometry.array_shape, np.nan, np.float32)
    with pytest.raises(InvalidLabelmapError, match=phrase):
        read_labelmap(write_volume(tmp_path / f"a{suffix}", stored), geometry, classes)


@pytest.mark.parametrize("value", [5, -3, 300])
def test_values_outside_the_class_table_are_named(
    tmp_path: Path,
    indices: NDArray,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    value: int,
) -> None:
    stored = classes.to_values(indices).astype(np.int16)
    stored[0, 0, 0] = value
    path = write_volume(tmp_path / "a.nii.gz", stored)
    with pytest.raises(InvalidLabelmapError, match=f"label value {value} not in the class table"):
        read_labelmap(path, geometry, classes)


def test_truncated_empty_4d_and_vector_labelmaps_are_refused_as_labelmaps(
    tmp_path: Path, geometry: Geometry, classes: ClassTable, write_volume: Write
) -> None:
    cut = write_volume(tmp_path / "cut.nii", np.zeros((5, 8, 6), np.uint8))
    cut.write_bytes(cut.read_bytes()[:-9])
    empty = tmp_path / "empty.nrrd"
    empty.write_bytes(b"")
    film = tmp_path / "film.nii.gz"
    sitk.WriteImage(sitk.Image((6, 8, 5, 2), sitk.sitkUInt8), str(film))
    vectors = write_volume(tmp_path / "v.nrrd", np.zeros((5, 8, 6, 2), np.uint8), is_vector=True)
    for path, phrase in [
        (cut, "truncated"),
        (empty, "empty"),
        (film, "4 dimensions"),
        (vectors, "2 components"),
        (tmp_path / "absent.nii", "does not exist"),
    ]:
        with pytest.raises(InvalidLabelmapError, match=phrase):
            read_labelmap(path, geometry, classes)


def test_labels_that_do_not_fit_are_not_written(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable
) -> None:
    with pytest.raises(InvalidLabelmapError, match="do not fit a series of shape"):
        write_labelmap(tmp_path / "a.nii", indices[:3], geometry, classes)
    with pytest.raises(InvalidLabelmapError, match="class index 9"):
        write_labelmap(tmp_path / "a.nii", np.full_like(indices, 9), geometry, classes)
    with pytest.raises(ProjectError, match=r"must end with \.nii\.gz"):
        write_labelmap(tmp_path / "a.png", indices, geometry, classes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_a_labelmap_that_the_disk_cuts_short_is_reported_and_removed(
    tmp_path: Path, geometry: Geometry, suffix: str
) -> None:
    resource = pytest.importorskip("resource", reason="no limit on file sizes on Windows")
    classes = ClassTable.from_values({value: f"c{value}" for value in range(200)})
    noise = np.random.default_rng(0).integers(0, 200, (40, 64, 64)).astype(np.uint8)
    large = replace(geometry, size=(64, 64, 40))
    path = tmp_path / f"a{suffix}"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(ProjectError, match=f"cannot write {path}"):
            write_labelmap(path, noise, large, classes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
