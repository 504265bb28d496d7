"""Folders of labelmaps that other programs wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.orientation import AxisOrder
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import find_series
from SAIMCore.igniter.opening import open_igniter
from Testing.unit.igniter.labelmaps import VALUES, Labels, proposed, without_image, write


def test_one_file_with_values_as_most_tools_write(
    folder: Path, labels: Labels, geometry: Geometry
) -> None:
    write(folder / "case.nii.gz", VALUES[labels], geometry)
    write(folder / "ward" / "other.nrrd", VALUES[labels], geometry)
    igniter = open_igniter(folder)
    assert igniter.name == "labels"
    assert igniter.class_names == ("background", "liver", "spleen")
    for name in ("case", "case_0000", "ward_other"):
        assert igniter.no_proposal(name) is None
        found = proposed(igniter, without_image(name, geometry))
        np.testing.assert_array_equal(found, to_slices(labels, geometry.acquisition_axis))


@pytest.mark.parametrize(
    "entry", [{"background": 0, "liver": 3, "spleen": 7}, {"0": "air", "3": "liver", "7": "spleen"}]
)
def test_the_names_may_be_those_of_nnunet_or_the_decathlon(
    tmp_path: Path, labels: Labels, geometry: Geometry, entry: dict
) -> None:
    write(tmp_path / "case.nii.gz", VALUES[labels], geometry)
    about = {"labels": entry, "channel_names": {"0": "CT"}}
    (tmp_path / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    igniter = open_igniter(tmp_path)
    assert igniter.class_names == ("background", "liver", "spleen")
    found = proposed(igniter, without_image("case", geometry))
    np.testing.assert_array_equal(found, to_slices(labels, geometry.acquisition_axis))


def test_one_folder_a_series_with_a_file_a_class_as_totalsegmentator_writes(
    tmp_path: Path, labels: Labels, geometry: Geometry
) -> None:
    write(tmp_path / "case" / "liver.nii.gz", (labels == 1).astype(np.uint8), geometry)
    write(tmp_path / "case" / "spleen.nii.gz", (labels == 2).astype(np.uint8), geometry)
    write(tmp_path / "next" / "aorta.nii.gz", (labels == 2).astype(np.uint8), geometry)
    igniter = open_igniter(tmp_path)
    assert igniter.class_names == ("background", "aorta", "liver", "spleen")
    found = proposed(igniter, without_image("case", geometry))
    expected = np.array([0, 2, 3])[to_slices(labels, geometry.acquisition_axis)]
    np.testing.assert_array_equal(found, expected)
    assert set(np.unique(proposed(igniter, without_image("next", geometry)))) == {0, 1}


@pytest.mark.parametrize("names", [("organ", "tumor"), ("tumor", "organ")])
def test_where_binary_files_overlap_the_smaller_structure_is_seen(
    tmp_path: Path, plain: Geometry, names: tuple[str, str]
) -> None:
    large = np.zeros(plain.array_shape, dtype=np.uint8)
    large[1:5, 4:16, 4:16] = 1
    small = np.zeros_like(large)
    small[2:4, 10:18, 6:9] = 1
    write(tmp_path / "case" / f"{names[0]}.nii.gz", large, plain)
    write(tmp_path / "case" / f"{names[1]}.nii.gz", small, plain)
    igniter = open_igniter(tmp_path)
    found = proposed(igniter, without_image("case", plain))
    first, second = (igniter.class_names.index(name) for name in names)
    np.testing.assert_array_equal(found == second, small == 1)
    np.testing.assert_array_equal(found == first, (large == 1) & (small == 0))


def test_the_same_voxels_in_another_order_are_the_same_labels(
    folder: Path, labels: Labels, geometry: Geometry
) -> None:
    order = AxisOrder((1, 2, 0), (True, False, True))
    write(
        folder / "case.nii.gz",
        order.apply(VALUES[labels]),
        order.apply_to_geometry(geometry),
    )
    found = proposed(open_igniter(folder), without_image("case", geometry))
    np.testing.assert_array_equal(found, to_slices(labels, geometry.acquisition_axis))


def test_labels_on_another_grid_come_to_the_nearest_voxel(
    folder: Path, labels: Labels, geometry: Geometry, turn: Callable[..., Geometry]
) -> None:
    # Twice as fine, turned, and with a margin: every voxel of the series lies in one of it.
    own = turn(geometry, 10)
    fine = Geometry(
        (150, 150, 150),
        (0.5, 0.5, 0.5),
        tuple(np.array(center(geometry)) - np.reshape(own.direction, (3, 3)) @ ([37.25] * 3)),
        own.direction,
    )
    image = sitk.GetImageFromArray(np.ascontiguousarray(labels))
    geometry.apply_to(image)
    resampled = sitk.Resample(
        image, fine.size, sitk.Transform(), sitk.sitkNearestNeighbor, fine.origin, fine.spacing,
        fine.direction, 0,
    )  # fmt: skip
    write(folder / "case.mha", VALUES[sitk.GetArrayFromImage(resampled)], fine)
    found = proposed(open_igniter(folder), without_image("case", geometry))
    expected = to_slices(labels, geometry.acquisition_axis)
    assert (found == expected).mean() > 0.97
    assert set(np.unique(found)) == {0, 1, 2}


def center(geometry: Geometry) -> list[float]:
    steps = (np.array(geometry.size) - 1) / 2 * geometry.spacing
    place = np.array(geometry.origin) + np.reshape(geometry.direction, (3, 3)) @ steps
    found: list[float] = place.tolist()
    return found


def test_what_a_smaller_labelmap_does_not_cover_is_background(
    folder: Path, plain: Geometry
) -> None:
    part = Geometry((24, 20, 3), plain.spacing, plain.origin, plain.direction)
    write(folder / "case.nii.gz", np.full(part.array_shape, 7, dtype=np.uint8), part)
    found = proposed(open_igniter(folder), without_image("case", plain))
    assert (found[:3] == 2).all()
    assert (found[3:] == 0).all()


def test_other_labels_or_other_names_are_another_version(folder: Path, plain: Geometry) -> None:
    path = write(folder / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    versions = [open_igniter(folder).version, open_igniter(folder).version]
    path.rename(folder / "renamed.nii.gz")
    versions.append(open_igniter(folder).version)
    write(folder / "renamed.nii.gz", np.full(plain.array_shape, 3, dtype=np.uint8), plain)
    versions.append(open_igniter(folder).version)
    (folder / "labels.toml").write_text("[labels]\nlung = 3\n", encoding="utf-8")
    versions.append(open_igniter(folder).version)
    assert versions[0] == versions[1]
    assert len(set(versions)) == 4


def test_it_can_be_stopped(folder: Path, plain: Geometry) -> None:
    write(folder / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    told: list[tuple[int, int]] = []
    answers = open_igniter(folder).propose(
        without_image("case", plain),
        lambda done, total: told.append((done, total)),
        lambda: len(told) == 2,
    )
    assert len(list(answers)) == 2
    assert told == [(1, 6), (2, 6)]


def test_the_labels_of_a_real_ct_lie_flipped_on_its_dicom_series(
    shared_data: Path, tmp_path: Path
) -> None:
    """A TotalSegmentator result whose y axis runs the other way."""
    images = shared_data / "io" / "ct_dicom_jpeg2000"
    file = shared_data / "io" / "ct_dicom_jpeg2000.labels.nii.gz"
    (source,) = find_series(images)
    geometry = read_series(source).geometry
    values = {int(value) for value in np.unique(sitk.GetArrayFromImage(sitk.ReadImage(str(file))))}
    names = "\n".join(f"class{value} = {value}" for value in sorted(values - {0}))
    (tmp_path / "labels.toml").write_text(f"[labels]\n{names}\n", encoding="utf-8")
    (tmp_path / f"{source.name}.nii.gz").write_bytes(file.read_bytes())
    found = proposed(open_igniter(tmp_path), without_image(source.name, geometry))
    classes = ClassTable.from_values(dict.fromkeys(values, "") | {v: f"class{v}" for v in values})
    expected = to_slices(read_labelmap(file, geometry, classes), geometry.acquisition_axis)
    np.testing.assert_array_equal(found, expected)


def test_a_labelmap_may_be_cropped_or_reach_beyond_the_series(
    folder: Path,
    block_volume: Callable[[Geometry], Labels],
    turn: Callable[..., Geometry],
    plain: Geometry,
) -> None:
    grid = turn(plain, 20)
    labels = block_volume(grid).astype(np.uint8)
    steps = np.reshape(grid.direction, (3, 3)) * grid.spacing
    for first, last in [((2, 1, 1), (9, 7, 3)), ((-20, -30, -4), (60, 50, 12))]:
        size = np.subtract(last, first)
        x, y, z = np.array(grid.origin) + steps @ first
        other = replace(grid, size=(int(size[0]), int(size[1]), int(size[2])), origin=(x, y, z))
        around = np.pad(labels, [(40, 80)] * 3)
        i, j, k = (slice(40 + a, 40 + b) for a, b in zip(first, last, strict=True))
        write(folder / "case.nii.gz", VALUES[around[k, j, i]], other)
        expected = np.zeros_like(around)
        expected[k, j, i] = around[k, j, i]
        inside = tuple(slice(40, 40 + side) for side in labels.shape)
        found = proposed(open_igniter(folder), without_image("case", grid))
        np.testing.assert_array_equal(found, to_slices(expected[inside], grid.acquisition_axis))
