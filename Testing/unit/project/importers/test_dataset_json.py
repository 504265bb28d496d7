"""Data sets with a dataset.json, in both dialects."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.errors import ConfigurationError, ProjectError, SaimError
from SAIMCore.project.importers.dataset_json import collect_dataset

WriteSeries = Callable[..., Path]


@pytest.fixture
def decathlon(tmp_path: Path, write_series: WriteSeries, labels: np.ndarray) -> dict[str, Any]:
    """The description of a Decathlon task whose files are on disk."""
    for name in ("a", "b"):
        write_series("imagesTr", name)
        write_series("labelsTr", name, labels)
    write_series("imagesTs", "c")
    return {
        "name": "Pelvis",
        "modality": {"0": "MRI"},
        "labels": {"0": "background", "1": "liver", "2": "tumor"},
        "training": [
            {"image": f"./imagesTr/{name}.nii.gz", "label": f"./labelsTr/{name}.nii.gz"}
            for name in ("a", "b")
        ],
        "test": ["./imagesTs/c.nii.gz"],
    }


@pytest.fixture
def nnunet(tmp_path: Path, write_series: WriteSeries, labels: np.ndarray) -> dict[str, Any]:
    """The description of an nnU-Net (version 2) data set whose files are on disk."""
    for name in ("a", "b"):
        write_series("imagesTr", f"{name}_0000")
        write_series("labelsTr", name, labels)
    write_series("imagesTs", "c_0000")
    return {
        "channel_names": {"0": "MRI"},
        "labels": {"background": 0, "liver": 1, "tumor": 2},
        "numTraining": 2,
        "file_ending": ".nii.gz",
    }


def write(folder: Path, content: object) -> Path:
    path = folder / "dataset.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("dialect", ["decathlon", "nnunet"])
def test_both_dialects_give_the_same_series_and_classes(
    tmp_path: Path, request: pytest.FixtureRequest, dialect: str
) -> None:
    collection = collect_dataset(write(tmp_path, request.getfixturevalue(dialect)))
    assert collection.classes is not None
    assert [(entry.value, entry.name) for entry in collection.classes] == [
        (0, "background"), (1, "liver"), (2, "tumor"),
    ]  # fmt: skip
    assert [(entry.name, entry.status) for entry in collection.series] == [
        ("a", "unannotated"), ("b", "unannotated"), ("c", "unannotated"),
    ]  # fmt: skip
    assert [entry.labels for entry in collection.series] == [
        tmp_path / "labelsTr" / "a.nii.gz",
        tmp_path / "labelsTr" / "b.nii.gz",
        None,
    ]


def test_labeled_test_series_stay_test_series(
    tmp_path: Path, nnunet: dict[str, Any], write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("labelsTs", "c", labels)
    last = collect_dataset(write(tmp_path, nnunet)).series[-1]
    assert (last.name, last.status) == ("c", "test")


def test_a_labeled_test_list_stays_a_test_set(
    tmp_path: Path, decathlon: dict[str, Any], write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("labelsTs", "c", labels)
    decathlon["test"] = [{"image": "imagesTs/c.nii.gz", "label": "labelsTs/c.nii.gz"}]
    last = collect_dataset(write(tmp_path, decathlon)).series[-1]
    assert (last.name, last.status) == ("c", "test")


def test_images_may_be_listed_without_their_channel(
    tmp_path: Path, decathlon: dict[str, Any]
) -> None:
    for name in ("imagesTr/a", "imagesTr/b", "imagesTs/c"):
        (tmp_path / f"{name}.nii.gz").rename(tmp_path / f"{name}_0000.nii.gz")
    series = collect_dataset(write(tmp_path, decathlon)).series
    assert [entry.name for entry in series] == ["a", "b", "c"]
    assert series[0].source.path == tmp_path / "imagesTr" / "a_0000.nii.gz"


def test_a_background_that_is_not_listed_is_added(
    tmp_path: Path, decathlon: dict[str, Any]
) -> None:
    del decathlon["labels"]["0"]
    classes = collect_dataset(write(tmp_path, decathlon)).classes
    assert classes is not None
    assert classes.names == ("background", "liver", "tumor")


@pytest.mark.parametrize("key", ["modality", "channel_names"])
def test_several_channels_are_refused(tmp_path: Path, decathlon: dict[str, Any], key: str) -> None:
    del decathlon["modality"]
    decathlon[key] = {"0": "T2", "1": "ADC"}
    with pytest.raises(ProjectError, match=r"2 channels \(T2, ADC\); SAIM reads one channel"):
        collect_dataset(write(tmp_path, decathlon))


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        (None, "labels is None; give names and values"),
        ({}, "labels is {}; give names and values"),
        ({"background": 0, "whole": [1, 2]}, "'whole' is a region of several values"),
        ({"background": 0, "liver": 1, "ignore": 2}, "'ignore' .2. marks voxels to ignore"),
        ({"background": 0, "liver": "one"}, "'liver' has the value 'one'"),
        ({"background": 0, "liver": 1, "tumor": 1}, "'liver' and 'tumor' both have the value 1"),
    ],
)
def test_labels_that_are_no_classes_are_refused(
    tmp_path: Path, nnunet: dict[str, Any], named: object, sentence: str
) -> None:
    nnunet["labels"] = named
    with pytest.raises(SaimError, match=sentence):
        collect_dataset(write(tmp_path, nnunet))


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ("all", "training and test must be lists"),
        ([7], "the entry 7 is no series"),
        ([{"label": "x.nii.gz"}], "is no series; write an image and its label"),
        ([{"image": "gone.nii.gz"}], "lists 'gone.nii.gz', but .* does not exist"),
        ([{"image": "dataset.json"}], "lists 'dataset.json', which is no image file"),
    ],
)
def test_lists_that_do_not_fit_the_disk_are_refused(
    tmp_path: Path, decathlon: dict[str, Any], training: object, sentence: str
) -> None:
    decathlon["training"] = training
    with pytest.raises(ProjectError, match=sentence):
        collect_dataset(write(tmp_path, decathlon))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("{", "is no JSON file"), ("[1]", "holds a list; give a JSON object")],
)
def test_a_damaged_file_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "dataset.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=sentence):
        collect_dataset(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"dataset\.json cannot be read"):
        collect_dataset(tmp_path / "dataset.json")


def test_listed_images_bring_the_files_of_their_voxels(tmp_path: Path) -> None:
    sitk.WriteImage(sitk.Image((4, 4, 4), sitk.sitkInt16), str(tmp_path / "a.mhd"))
    content = {"labels": {"0": "background", "1": "liver"}, "training": ["a.mhd"]}
    (tmp_path / "dataset.json").write_text(json.dumps(content), encoding="utf-8")
    (series,) = collect_dataset(tmp_path / "dataset.json").series
    assert [file.name for file in series.source.files] == ["a.mhd", "a.raw"]
