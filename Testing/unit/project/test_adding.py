"""Adding series to a project: all of them or none."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import GeometryMismatchError, InvalidImageError, ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project

WriteSeries = Callable[..., Path]

ADD_AND_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.orm import Session
from SAIMCore.project.importers.addition import plan_addition
from SAIMCore.project.project import Project

folder = Path(sys.argv[1])
project = Project.open(folder)
new = folder.parent / "new"
plan = plan_addition(project.series(), project.classes, new / "images", new / "labels")
event.listen(Session, "before_commit", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
project.add_series(plan)
"""
KILLED = -9


@pytest.fixture
def new(write_series: WriteSeries, labels: np.ndarray, classes: ClassTable) -> ImportPlan:
    """Two labeled series and one for the pool."""
    series = []
    for name, labeled in (("n1", True), ("n2", True), ("n3", False)):
        path = write_series("new/images", name)
        found = write_series("new/labels", name, labels) if labeled else None
        status = "annotated" if labeled else "unannotated"
        series.append(PlannedSeries(SeriesSource(name, path, (path,)), found, status))
    return ImportPlan(classes, tuple(series))


def names(project: Project) -> set[str]:
    return {record.name for record in project.series()}


def test_new_series_are_there_with_their_annotations(
    project: Project, new: ImportPlan, labels: np.ndarray
) -> None:
    seen: list[tuple[int, int]] = []
    project.add_series(new, lambda done, total, name: seen.append((done, total)))
    assert seen == [(done, 6) for done in range(6)]
    assert {record.name for record in project.training_series()} == {"first", "n1", "n2"}
    assert "n3" in {record.name for record in project.pool()}
    annotation = project.series_named("n1").annotation
    assert annotation is not None
    assert (annotation.number, annotation.annotator) == (1, "imported")
    assert np.array_equal(project.annotations.load("n1"), labels)
    project.close()
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert names(again) >= {"n1", "n2", "n3", "first"}


def test_one_bad_series_and_none_is_added(
    project: Project, new: ImportPlan, write_series: WriteSeries, labels: np.ndarray
) -> None:
    before = names(project)
    write_series("new/labels", "n2", labels, origin=(0.0, 5.0, 7.5))
    with pytest.raises(GeometryMismatchError):
        project.add_series(new)
    assert names(project) == before


def test_the_same_image_under_another_name_is_refused(
    project: Project, new: ImportPlan, tmp_path: Path
) -> None:
    old = project.series_named("pool_b").source.path
    copy = tmp_path / "new" / "images" / "other.nrrd"
    sitk.WriteImage(sitk.ReadImage(str(old)), str(copy))
    series = (*new.series, PlannedSeries(SeriesSource("other", copy, (copy,))))
    with pytest.raises(ProjectError, match=r"pool_b\.nii\.gz and .*other\.nrrd are the same image"):
        project.add_series(replace(new, series=series))


def test_images_of_the_project_that_are_gone_are_in_nobodys_way(
    project: Project, new: ImportPlan
) -> None:
    project.series_named("pool_b").source.path.unlink()
    project.add_series(new)
    assert "n1" in names(project)


def test_a_failure_in_the_middle_leaves_no_series_and_no_file(
    project: Project, new: ImportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from SAIMCore.project import filing

    read = filing.read_labelmap

    def vanish(path: Path, *rest: object) -> np.ndarray:
        if path.name.startswith("n2"):
            raise InvalidImageError(f"{path} vanished")
        return read(path, *rest)

    before, files = names(project), sorted((project.folder / "annotations").iterdir())
    monkeypatch.setattr(filing, "read_labelmap", vanish)
    with pytest.raises(InvalidImageError):
        project.add_series(new)
    assert names(project) == before
    assert sorted((project.folder / "annotations").iterdir()) == files


def test_a_kill_while_adding_leaves_the_project_as_it_was(
    project: Project,
    new: ImportPlan,
    run_script: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    before = names(project)
    project.close()
    assert run_script(ADD_AND_DIE, project.folder).returncode == KILLED
    with Project.open(project.folder) as again:
        assert names(again) == before
        assert all("its acceptance was interrupted" in sentence for sentence in again.warnings)
        again.add_series(new)
        assert "n1" in names(again)


def test_nothing_is_added_read_only(project: Project, new: ImportPlan) -> None:
    project.close()
    with (
        Project.open(project.folder, read_only=True) as reader,
        pytest.raises(ProjectError, match="open read-only"),
    ):
        reader.add_series(new)
