"""Checks before a training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ProjectError
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.project.checks import check_classes_present, measured_but_trained_on
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord


def test_classes_that_all_have_voxels_pass(project: Project) -> None:
    check_classes_present(project.training_series(), project.classes)


def test_a_class_without_a_voxel_is_named(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("first", np.minimum(labels, 1).astype(np.uint8), "ada")
    with pytest.raises(ProjectError, match="the class 'tumor' has no voxel in the 1 training ser"):
        check_classes_present(project.training_series(), project.classes)


def test_several_classes_without_a_voxel_are_all_named(
    project: Project, labels: np.ndarray
) -> None:
    project.annotations.accept("first", np.zeros_like(labels), "ada")
    with pytest.raises(ProjectError, match="the classes 'liver', 'tumor' have no voxel"):
        check_classes_present(project.training_series(), project.classes)


def test_one_series_that_shows_a_class_is_enough(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("first", np.zeros_like(labels), "ada")
    project.annotations.accept("pool_a", labels, "ada")
    check_classes_present(project.training_series(), project.classes)


def test_the_advice_is_something_that_can_be_done(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("first", np.minimum(labels, 1).astype(np.uint8), "ada")
    with pytest.raises(ProjectError, match="or make a new project without it"):
        check_classes_present(project.training_series(), project.classes)


def model(folder: Path, training: dict[str, object]) -> ModelRecord:
    config = ModelConfig(
        NetworkConfig(2, "none", 1, "unet", "resnet18"),
        ClassTable.from_names(["background", "liver"]),
        PreprocessingOptions(),
        64,
        "round-001",
        training,
    )
    (folder / "config.json").write_text(json.dumps(config.to_json()), encoding="utf-8")
    return ModelRecord("round-001", 1, folder, None, None, None, "", None, True)


def test_a_held_out_series_that_was_trained_on_is_named(tmp_path: Path) -> None:
    current = model(tmp_path, {"series": ["a", "b"]})
    (sentence,) = measured_but_trained_on({"a": "test", "b": "annotated", "c": "test"}, current)
    assert sentence.startswith("series 'a' is for test now, but model 'round-001' was trained on")
    assert measured_but_trained_on({"c": "validation", "b": "excluded"}, current) == []
    assert measured_but_trained_on({"a": "test"}, None) == []


def test_a_model_that_says_nothing_of_its_series_names_none(tmp_path: Path) -> None:
    assert measured_but_trained_on({"a": "test"}, model(tmp_path, {})) == []
    (tmp_path / "config.json").unlink()
    current = ModelRecord("round-001", 1, tmp_path, None, None, None, "", None, True)
    (sentence,) = measured_but_trained_on({"a": "test"}, current)
    assert "is unknown: " in sentence


def test_nothing_to_train_on_is_said(project: Project) -> None:
    project.set_status("first", "excluded", "motion")
    with pytest.raises(ProjectError, match="no series is annotated"):
        check_classes_present(project.training_series(), project.classes)
