"""Reading and writing labelmaps: on the grid of their series, or not at all."""

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
from SAIMCore.data.reading import label_values, read_labelmap, write_labelmap
from SAIMCore.errors import (
    GeometryMismatchError,
    InvalidLabelmapError,
    ProjectError,
)

Write = Callable[..., Path]


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


def test_the_label_values_of_a_file_need_no_class_table(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable
) -> None:
    write_labelmap(tmp_path / "a.nii.gz", indices, geometry, classes)
    assert label_values(tmp_path / "a.nii.gz") == {0, 3, 7}
    with pytest.raises(InvalidLabelmapError, match="does not exist"):
        label_values(tmp_path / "b.nii.gz")


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
    tmp_path: Path, geometry: Geometry, suffix: str, largest_file: Any
) -> None:
    classes = ClassTable.from_values({value: f"c{value}" for value in range(200)})
    noise = np.random.default_rng(0).integers(0, 200, (40, 64, 64)).astype(np.uint8)
    large = replace(geometry, size=(64, 64, 40))
    path = tmp_path / f"a{suffix}"
    with largest_file(20_000), pytest.raises(ProjectError, match=f"cannot write {path}"):
        write_labelmap(path, noise, large, classes)
    assert list(tmp_path.iterdir()) == []
