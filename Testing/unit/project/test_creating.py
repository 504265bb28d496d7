"""Making a project."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.errors import GeometryMismatchError, InvalidImageError, ProjectError
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.project import Project
from SAIMCore.project.settings import MemorySettings


def everything_below(folder: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_project_has_its_folders_and_files(project: Project) -> None:
    assert {path.name for path in project.folder.iterdir() if path.is_dir()} == {
        "annotations", "cache", "models", "runs",
    }  # fmt: skip
    assert (project.folder / "project.toml").is_file()
    assert (project.folder / "saim.sqlite").is_file()


def test_series_get_their_statuses(project: Project) -> None:
    assert [record.name for record in project.training_series()] == ["first"]
    assert [record.name for record in project.series("validation")] == ["val"]
    assert [record.name for record in project.series("test")] == ["exam"]
    assert [record.name for record in project.pool()] == ["pool_a", "pool_b", "pool_c"]


def test_given_labels_are_filed_in_the_geometry_of_the_image(
    project: Project, labels: np.ndarray
) -> None:
    for name in ("first", "val", "exam"):
        assert np.array_equal(project.annotations.load(name), labels)
        filed = sitk.ReadImage(str(project.annotations.path(name)))
        image = sitk.ReadImage(str(project.series_named(name).source.path))
        assert filed.GetOrigin() == pytest.approx(image.GetOrigin())
        assert filed.GetSpacing() == pytest.approx(image.GetSpacing())
        assert filed.GetDirection() == pytest.approx(image.GetDirection())


def test_labels_of_the_pool_are_only_remembered(project: Project, labels: np.ndarray) -> None:
    record = project.series_named("pool_a")
    assert record.annotation is None
    assert np.array_equal(project.load_reference("pool_a"), labels)
    with pytest.raises(ProjectError, match="'pool_a' has no accepted annotation"):
        project.annotations.path("pool_a")
    with pytest.raises(ProjectError, match="'pool_b' has no reference labels"):
        project.load_reference("pool_b")


def test_images_and_labels_stay_as_they_were(tmp_path: Path, plan: ImportPlan) -> None:
    before = everything_below(tmp_path)
    Project.create(tmp_path / "project", plan).close()
    after = everything_below(tmp_path)
    assert before.items() <= after.items()
    assert not list((tmp_path / "project").rglob("pool_*"))


def test_options_reach_the_settings(tmp_path: Path, plan: ImportPlan) -> None:
    memory = MemorySettings("cumulative", 1)
    with Project.create(tmp_path / "project", plan, name="pelvis", memory=memory) as project:
        assert project.settings.name == "pelvis"
    with Project.open(tmp_path / "project") as project:
        assert project.settings.memory == memory


def test_a_project_may_start_without_series(tmp_path: Path, classes: ClassTable) -> None:
    with Project.create(tmp_path / "project", ImportPlan(classes)) as project:
        assert project.series() == []


def test_an_empty_folder_may_become_a_project(tmp_path: Path, plan: ImportPlan) -> None:
    (tmp_path / "project").mkdir()
    with Project.create(tmp_path / "project", plan) as project:
        assert len(project.series()) == 6


def test_a_shell_that_stands_in_the_empty_folder_keeps_its_place(
    tmp_path: Path, plan: ImportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    with Project.create(Path(), plan) as project:
        assert project.settings.name == "project"
    assert Path("project.toml").is_file()
    assert not list(tmp_path.rglob(".saim-writing-*"))


def test_what_an_interrupted_creation_left_is_named(tmp_path: Path, plan: ImportPlan) -> None:
    (tmp_path / "project" / "annotations").mkdir(parents=True)
    with pytest.raises(
        ProjectError, match=r"init' left \(annotations\); remove that and try again"
    ):
        Project.create(tmp_path / "project", plan)
    (tmp_path / "project" / "thesis.txt").write_text("do not lose")
    with pytest.raises(ProjectError, match="already exists and is not empty"):
        Project.create(tmp_path / "project", plan)


def test_a_folder_with_content_is_refused(tmp_path: Path, plan: ImportPlan) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "thesis.txt").write_text("do not lose")
    with pytest.raises(ProjectError, match="already exists and is not empty"):
        Project.create(tmp_path / "project", plan)
    assert (tmp_path / "project" / "thesis.txt").read_text() == "do not lose"


def test_a_missing_parent_folder_is_named(tmp_path: Path, plan: ImportPlan) -> None:
    with pytest.raises(ProjectError, match="nowhere does not exist or cannot be written"):
        Project.create(tmp_path / "nowhere" / "project", plan)


def test_progress_counts_up_to_the_end(tmp_path: Path, plan: ImportPlan) -> None:
    seen: list[tuple[int, int]] = []
    Project.create(
        tmp_path / "project", plan, progress=lambda done, total, name: seen.append((done, total))
    ).close()
    assert seen == [(done, 12) for done in range(12)]


def test_all_problems_are_told_at_once_and_nothing_is_left(
    tmp_path: Path, plan: ImportPlan, write_series: Callable[..., Path], labels: np.ndarray
) -> None:
    write_series("labels", "first", labels, origin=(0.0, 5.0, 7.5))
    write_series("labels", "pool_a", labels + 3)
    (tmp_path / "images" / "pool_b.nii.gz").write_bytes(b"")
    before = everything_below(tmp_path)
    with pytest.raises(ProjectError) as caught:
        Project.create(tmp_path / "project", plan)
    told = str(caught.value)
    assert "3 problems" in told
    assert "labels/first.nii.gz does not lie on its series: origin" in told
    assert "label values 3, 4, 5 not in the class table" in told
    assert "pool_b.nii.gz is empty" in told
    assert everything_below(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} == {"images", "labels"}


def test_a_single_problem_keeps_its_kind(
    tmp_path: Path, plan: ImportPlan, write_series: Callable[..., Path], labels: np.ndarray
) -> None:
    write_series("labels", "val", labels, origin=(0.0, 5.0, 7.5))
    with pytest.raises(GeometryMismatchError):
        Project.create(tmp_path / "project", plan)
    assert not (tmp_path / "project").exists()


def test_a_disk_that_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, plan: ImportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(path: Path, *_: object) -> None:
        raise InvalidImageError(f"{path} vanished")

    monkeypatch.setattr("SAIMCore.project.filing.read_labelmap", vanish)
    with pytest.raises(InvalidImageError):
        Project.create(tmp_path / "project", plan)
    assert {path.name for path in tmp_path.iterdir()} == {"images", "labels"}


def test_tables_in_another_database_are_removed_when_making_fails(
    tmp_path: Path, plan: ImportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    with monkeypatch.context() as patch:
        patch.setattr(
            "SAIMCore.project.filing.read_labelmap",
            lambda *_: (_ for _ in ()).throw(InvalidImageError("vanished")),
        )
        with pytest.raises(InvalidImageError):
            Project.create(tmp_path / "project", plan, database=url)
    with Project.create(tmp_path / "project", plan, database=url) as project:
        assert len(project.series()) == 6
        assert not (project.folder / "saim.sqlite").exists()


def test_a_database_that_holds_a_project_is_refused(tmp_path: Path, plan: ImportPlan) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    Project.create(tmp_path / "project", plan, database=url).close()
    with pytest.raises(ProjectError, match="already holds a project; give an empty database"):
        Project.create(tmp_path / "second", plan, database=url)
    assert not (tmp_path / "second").exists()
    with Project.open(tmp_path / "project") as project:
        assert len(project.series()) == 6


@pytest.mark.parametrize("status", ["annotated", "validation", "test"])
def test_a_status_that_needs_labels_is_refused_without(
    tmp_path: Path, plan: ImportPlan, status: str
) -> None:
    series = (*plan.series[:-1], replace(plan.series[-1], status=status))
    with pytest.raises(ProjectError, match=f"'pool_c' is to become '{status}' but has no labels"):
        Project.create(tmp_path / "project", replace(plan, series=series))
