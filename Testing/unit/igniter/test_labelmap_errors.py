"""Folders of labelmaps that cannot be used, or not for every series."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import (
    ConfigurationError,
    GeometryMismatchError,
    InvalidLabelmapError,
)
from SAIMCore.igniter.opening import open_igniter
from Testing.unit.igniter.labelmaps import Labels, without_image, write


@pytest.mark.parametrize(
    ("moved", "share"), [((500.0, 0.0, 0.0), 0), ((22.6, 18.6, 0.0), 0), ((13.0, 0.0, 0.0), 46)]
)
def test_a_labelmap_beside_its_series_is_refused(
    folder: Path, plain: Geometry, moved: tuple[float, ...], share: int
) -> None:
    x, y, z = (start + way for start, way in zip(plain.origin, moved, strict=True))
    beside = replace(plain, origin=(x, y, z))
    write(folder / "case.nii.gz", np.zeros(beside.array_shape, dtype=np.uint8), beside)
    with pytest.raises(
        GeometryMismatchError,
        match=rf"lies beside its series: {share} % of it is in the series and {share} % of the s",
    ):
        list(open_igniter(folder).propose(without_image("case", plain)))


def test_a_labelmap_between_the_slices_of_its_series_is_refused(
    folder: Path, plain: Geometry
) -> None:
    x, y, z = plain.origin
    thin = replace(plain, size=(24, 20, 1), spacing=(1.0, 1.0, 0.5), origin=(x, y, z + 1.5))
    write(folder / "case.nii.gz", np.zeros(thin.array_shape, dtype=np.uint8), thin)
    with pytest.raises(GeometryMismatchError, match=r"lies between the voxels of its series"):
        list(open_igniter(folder).propose(without_image("case", plain)))


def test_a_series_without_a_labelmap_has_no_proposal(folder: Path, plain: Geometry) -> None:
    write(folder / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    igniter = open_igniter(folder)
    assert list(igniter.propose(without_image("another", plain))) == []
    sentence = igniter.no_proposal("another")
    assert sentence is not None
    assert "has no labelmap of the series 'another'" in sentence
    assert igniter.trainable(without_image("case", plain)) is None


def test_a_value_without_a_name_is_named(folder: Path, labels: Labels, geometry: Geometry) -> None:
    write(folder / "case.nii.gz", np.array([0, 3, 9], dtype=np.uint8)[labels], geometry)
    with pytest.raises(InvalidLabelmapError, match=r"case.nii.gz .*label value 9 not in .*3=liver"):
        list(open_igniter(folder).propose(without_image("case", geometry)))


def test_probabilities_are_no_labels(folder: Path, plain: Geometry) -> None:
    write(folder / "case.nii.gz", np.full(plain.array_shape, 0.25, dtype=np.float32), plain)
    with pytest.raises(InvalidLabelmapError, match="give label values, not probabilities"):
        list(open_igniter(folder).propose(without_image("case", plain)))


def test_values_without_any_names_are_refused(tmp_path: Path, plain: Geometry) -> None:
    write(tmp_path / "case.nii.gz", np.ones(plain.array_shape, dtype=np.uint8), plain)
    with pytest.raises(InvalidLabelmapError, match=r"has values without names; put dataset.json"):
        open_igniter(tmp_path)


def test_a_folder_without_labelmaps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidLabelmapError, match="no labelmaps found in"):
        open_igniter(tmp_path)


def test_two_files_of_one_series_or_class_are_refused(
    folder: Path, tmp_path: Path, plain: Geometry
) -> None:
    zeros = np.zeros(plain.array_shape, dtype=np.uint8)
    write(folder / "case.nii.gz", zeros, plain)
    write(folder / "case.nrrd", zeros, plain)
    with pytest.raises(InvalidLabelmapError, match=r"belong to the same series 'case'; remove one"):
        open_igniter(folder)
    for suffix in (".nii.gz", ".nrrd"):
        write(tmp_path / "organs" / "case" / f"liver{suffix}", zeros, plain)
    with pytest.raises(InvalidLabelmapError, match=r"are both the class 'liver' of the series 'ca"):
        open_igniter(tmp_path / "organs")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("labels.toml", "liver = 3", r"labels is None; give names and values"),
        ("labels.toml", "[labels]\nliver = -3", r"label 'liver' has the value -3; give a whole"),
        ("labels.toml", "[labels]\nliver = 3\nspleen = 3", r"'liver' and 'spleen' both have the"),
        ("labels.toml", "[labels]\nliver = 99999", r"labels.toml: class 'liver' with value 99999"),
        ("dataset.json", '{"labels": {"whole": [1, 2]}}', r"is a region of several values \[1, 2"),
        ("dataset.json", "[", r"is no JSON file"),
        ("dataset.json", "[]", r"holds a list; give a JSON object"),
    ],
)
def test_names_that_cannot_be_used_are_named(
    tmp_path: Path, plain: Geometry, name: str, content: str, sentence: str
) -> None:
    write(tmp_path / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        open_igniter(tmp_path)
    assert str(tmp_path / name) in str(caught.value)


def test_several_toml_files_are_refused(folder: Path, plain: Geometry) -> None:
    write(folder / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    (folder / "more.toml").touch()
    with pytest.raises(ConfigurationError, match=r"has 2 TOML files \(labels.toml, more.toml\)"):
        open_igniter(folder)


def test_a_description_is_not_asked_for(folder: Path, plain: Geometry) -> None:
    write(folder / "case.nii.gz", np.zeros(plain.array_shape, dtype=np.uint8), plain)
    with pytest.raises(ConfigurationError, match=r"need no description of a network; leave"):
        open_igniter(folder, description=folder / "labels.toml")
