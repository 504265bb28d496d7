"""Finding all problems before anything is created."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import (
    GeometryMismatchError,
    InvalidImageError,
    InvalidLabelmapError,
    ProjectError,
)
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.importers.preflight import preflight, without_unusable

WriteSeries = Callable[..., Path]


def test_a_sound_plan_has_no_problems(plan: ImportPlan) -> None:
    report = preflight(plan)
    assert report.problems == ()
    assert set(report.geometries) == {entry.name for entry in plan.series}
    report.raise_problems()


def test_problems_come_series_by_series(
    plan: ImportPlan, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("labels", "val", labels[:-1])
    write_series("labels", "exam", labels + 0.5)
    path = write_series("images", "pool_c")
    path.write_bytes(path.read_bytes()[:100])
    report = preflight(plan)
    assert [(problem.series, type(problem.error)) for problem in report.problems] == [
        ("val", GeometryMismatchError),
        ("exam", InvalidLabelmapError),
        ("pool_c", InvalidImageError),
    ]
    with pytest.raises(ProjectError, match="3 problems, so nothing was imported"):
        report.raise_problems()


def test_problems_of_the_plan_come_first(plan: ImportPlan) -> None:
    report = preflight(replace(plan, problems=("series 'x' does not exist",)))
    (problem,) = report.problems
    assert (problem.series, str(problem)) == (None, "series 'x' does not exist")


def test_the_same_voxels_under_another_name_are_found(
    tmp_path: Path, plan: ImportPlan, write_series: WriteSeries
) -> None:
    image = sitk.ReadImage(str(plan.series[0].source.path))
    copy = tmp_path / "images" / "copy.nrrd"
    sitk.WriteImage(image, str(copy))
    series = (*plan.series, PlannedSeries(SeriesSource("copy", copy, (copy,))))
    (problem,) = preflight(replace(plan, series=series)).problems
    assert problem.series == "copy"
    assert "first.nii.gz and" in str(problem)
    assert "are the same image; remove one" in str(problem)


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "a:b"])
def test_a_name_that_cannot_be_a_file_is_refused(plan: ImportPlan, name: str) -> None:
    first = replace(plan.series[0], source=replace(plan.series[0].source, name=name))
    (problem,) = preflight(replace(plan, series=(first,))).problems
    assert "cannot be a file name" in str(problem)


def test_an_unknown_status_is_refused(plan: ImportPlan) -> None:
    first = replace(plan.series[0], status="done")
    (problem,) = preflight(replace(plan, series=(first,))).problems
    assert "unknown status 'done'" in str(problem)


def test_a_sentence_on_several_series_is_listed_once(plan: ImportPlan) -> None:
    def damaged(entry: PlannedSeries) -> PlannedSeries:
        return replace(entry, source=replace(entry.source, problem="the file x cannot be read"))

    report = preflight(replace(plan, series=tuple(damaged(entry) for entry in plan.series)))
    assert len(report.problems) == len(plan.series)
    with pytest.raises(InvalidImageError, match=r"^the file x cannot be read$"):
        report.raise_problems()


def test_series_that_cannot_be_used_are_left_out_with_a_note_each(
    plan: ImportPlan, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("labels", "exam", labels + 0.5)
    write_series("images", "pool_c").write_bytes(b"")
    plan = replace(plan, notes=("a choice",), problems=("series 'x' does not exist",))
    rest = without_unusable(plan)
    assert [entry.name for entry in rest.series] == ["first", "val", "pool_a", "pool_b"]
    assert rest.notes[0] == "a choice"
    assert rest.notes[1].startswith("series 'exam' was left out: ")
    assert "no whole numbers" in rest.notes[1]
    assert "pool_c.nii.gz is empty" in rest.notes[2]
    assert rest.problems == plan.problems


def test_a_plan_of_unusable_series_only_is_refused(plan: ImportPlan) -> None:
    for entry in plan.series:
        entry.source.path.write_bytes(b"")
    with pytest.raises(ProjectError, match=r"none of the 6 series can be used:\n- .*is empty"):
        without_unusable(plan)
