"""Checks before a training."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.checks import check_classes_present
from SAIMCore.project.project import Project


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


def test_nothing_to_train_on_is_said(project: Project) -> None:
    project.set_status("first", "excluded", "motion")
    with pytest.raises(ProjectError, match="no series is annotated"):
        check_classes_present(project.training_series(), project.classes)
