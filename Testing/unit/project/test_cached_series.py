"""Series of a project as memory-mapped stacks."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.data.geometry import to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project


def test_a_series_comes_preprocessed_from_the_cache(project: Project) -> None:
    cached = project.cached("pool_b")
    assert cached.slices.shape == (4, 6, 5)
    assert cached.geometry.difference(project.series_named("pool_b").geometry) is None
    assert list((project.folder / "cache").rglob("*.npy"))
    clipped = project.cached("pool_b", PreprocessingOptions(20.0, 80.0))
    assert clipped.slices.max() < cached.slices.max()


def test_labels_are_those_of_the_current_annotation(project: Project, labels: np.ndarray) -> None:
    axis = project.series_named("first").geometry.acquisition_axis
    assert np.array_equal(project.labeled("first").labels, to_slices(labels, axis))
    project.annotations.accept("first", np.zeros_like(labels), "ada")
    assert not np.asarray(project.labeled("first").labels).any()


def test_a_series_without_annotation_has_no_labels(project: Project) -> None:
    with pytest.raises(ProjectError, match="'pool_a' has no accepted annotation"):
        project.labeled("pool_a")
