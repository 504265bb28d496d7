"""A small initial set, and the pool of the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.initial import with_initial_set
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries

WriteSeries = Callable[..., Path]


@pytest.fixture
def labeled(write_series: WriteSeries, labels: np.ndarray, classes: ClassTable) -> ImportPlan:
    """Eight training series that show every class, and a test series."""
    path = write_series("labels", "all", labels)
    series = [
        PlannedSeries(SeriesSource(name, Path(name), (Path(name),)), path, "annotated")
        for name in "abcdefgh"
    ]
    return ImportPlan(classes, (*series, replace(series[0], status="test")))


def initial(plan: ImportPlan) -> list[str]:
    return [entry.name for entry in plan.series if entry.status == "annotated"]


@pytest.mark.parametrize(("asked", "count"), [(3, 3), (8, 8), (0.5, 4), (0.01, 1)])
def test_a_number_or_a_share_stays_annotated(labeled: ImportPlan, asked: float, count: int) -> None:
    plan = with_initial_set(labeled, asked, 0)
    assert len(initial(plan)) == count
    pool = [entry for entry in plan.series if entry.status == "unannotated"]
    assert len(pool) == 8 - count
    assert all(entry.labels is not None for entry in pool)
    assert plan.series[-1].status == "test"
    assert plan.notes[-1].startswith(f"{count} of the 8 training series are annotated")


def test_the_seed_decides(labeled: ImportPlan) -> None:
    drawn = {tuple(initial(with_initial_set(labeled, 2, seed))) for seed in range(5)}
    assert len(drawn) > 1
    assert with_initial_set(labeled, 2, 3) == with_initial_set(labeled, 2, 3)


def test_the_set_grows_by_a_series_that_shows_a_missing_class(
    labeled: ImportPlan, write_series: WriteSeries, labels: np.ndarray
) -> None:
    poor = write_series("labels", "poor", np.minimum(labels, 1).astype(np.uint8))
    series = tuple(
        entry if entry.name == "e" else replace(entry, labels=poor) for entry in labeled.series
    )
    for seed in range(4):
        names = initial(with_initial_set(replace(labeled, series=series), 1, seed))
        assert "e" in names
        assert len(names) <= 2


def test_a_damaged_labelmap_is_left_to_the_preflight(labeled: ImportPlan) -> None:
    series = tuple(replace(entry, labels=Path("gone.nii")) for entry in labeled.series)
    assert len(initial(with_initial_set(replace(labeled, series=series), 2, 0))) == 2


def test_more_than_there_are_is_refused(labeled: ImportPlan) -> None:
    with pytest.raises(ProjectError, match="9 series are to be annotated at the start, but only 8"):
        with_initial_set(labeled, 9, 0)
