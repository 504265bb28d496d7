"""Making a project step by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from SAIMCore.campaign.creation import ProjectCreation
from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES
from SAIMCore.errors import InvalidImageError, ProjectError
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import Collection, ImportPlan
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project

CLASSES = ClassTable.from_names(["background", "organ", "lesion<organ"])


@pytest.fixture
def phantom(tmp_path: Path) -> Path:
    make_phantom(tmp_path / "phantom", 5, 0, size=(32, 32, 4))
    return tmp_path / "phantom"


@pytest.fixture
def creation(phantom: Path) -> Iterator[ProjectCreation]:
    with polite_executor("test") as executor:
        yield ProjectCreation(executor)


def plan(phantom: Path) -> ImportPlan:
    return plan_import(phantom / "images", phantom / "labels", splits=str(phantom / "splits.json"))


def finish(creation: ProjectCreation) -> None:
    while creation.poll(timeout=10):
        pass


def look(creation: ProjectCreation, phantom: Path) -> None:
    creation.look(lambda: plan(phantom))
    assert creation.busy
    finish(creation)


def test_from_images_to_a_project(creation: ProjectCreation, phantom: Path, tmp_path: Path) -> None:
    assert creation.findings == []
    look(creation, phantom)
    assert len(creation.findings) == 5
    assert {finding.problem for finding in creation.findings} == {None}
    creation.examine()
    finish(creation)
    assert {finding.problem for finding in creation.findings} == {""}
    assert creation.sentence == "All series can be used."
    creation.create(tmp_path / "made", "liver campaign")
    finish(creation)
    assert creation.made == tmp_path / "made"
    with Project.open(tmp_path / "made") as project:
        assert project.settings.name == "liver campaign"
        assert len(project.series()) == 5


def test_what_is_wrong_is_said_series_by_series(
    creation: ProjectCreation, phantom: Path, tmp_path: Path
) -> None:
    look(creation, phantom)
    name = creation.findings[0].series.name
    creation.findings[0].series.source.path.write_bytes(b"no image")
    creation.examine()
    finish(creation)
    problems = {finding.series.name: finding.problem for finding in creation.findings}
    assert problems[name]
    assert sum(bool(problem) for problem in problems.values()) == 1
    creation.create(tmp_path / "made")
    with pytest.raises(InvalidImageError):
        finish(creation)
    assert not (tmp_path / "made").exists()
    assert creation.made is None
    creation.leave_out(name)
    assert len(creation.findings) == 4


def test_statuses_are_the_users(creation: ProjectCreation, phantom: Path, tmp_path: Path) -> None:
    look(creation, phantom)
    names = [finding.series.name for finding in creation.findings]
    creation.assign(dict.fromkeys(names, "annotated"))
    creation.assign({names[0]: "validation", names[1]: "test", names[2]: "unannotated"})
    creation.create(tmp_path / "made")
    finish(creation)
    with Project.open(tmp_path / "made") as project:
        statuses = {record.name: record.status for record in project.series()}
    assert [statuses[name] for name in names] == [
        "validation",
        "test",
        "unannotated",
        "annotated",
        "annotated",
    ]


def test_a_patient_on_two_sides_is_a_problem_until_it_is_mended(
    creation: ProjectCreation, phantom: Path
) -> None:
    look(creation, phantom)
    assert creation.plan is not None
    first, second = (entry for entry in creation.plan.series[:2])
    # As if both were scans of one patient.
    for entry in (first, second):
        object.__setattr__(entry.source, "patient", "P1")
    creation.assign({first.name: "validation", second.name: "annotated"})
    (problem,) = creation.problems
    assert "P1" in problem
    creation.assign({second.name: "validation"})
    assert creation.problems == ()


def test_stopping_leaves_nothing(creation: ProjectCreation, phantom: Path, tmp_path: Path) -> None:
    look(creation, phantom)
    creation.create(tmp_path / "made")
    creation.cancel()
    finish(creation)
    assert creation.sentence == "Stopped; nothing was made."
    assert not (tmp_path / "made").exists()
    assert creation.made is None


def test_one_thing_at_a_time(creation: ProjectCreation, phantom: Path) -> None:
    with pytest.raises(ProjectError, match="choose the images"):
        creation.examine()
    with pytest.raises(ProjectError, match="no series were found"):
        creation.read_classes()
    creation.look(lambda: plan(phantom))
    with pytest.raises(ProjectError, match="Wait until that is done"):
        creation.look(lambda: plan(phantom))
    with pytest.raises(ProjectError, match="Wait until that is done"):
        creation.take(Collection(()))
    finish(creation)


def test_series_classes_and_plan_come_one_after_the_other(
    creation: ProjectCreation, phantom: Path
) -> None:
    creation.gather(lambda _: collect_folders(phantom / "images", phantom / "labels"))
    finish(creation)
    assert creation.sentence == "5 series found, 5 of them with labels."
    assert creation.plan is None
    creation.read_classes()
    finish(creation)
    assert creation.classes is not None
    assert creation.classes.names[1] == "class 1"
    creation.propose(creation.classes)
    finish(creation)
    assert {finding.series.status for finding in creation.findings} == {
        "annotated",
        "validation",
        "test",
    }
    creation.propose(PHANTOM_CLASSES, str(phantom / "splits.json"))
    finish(creation)
    assert "unannotated" in {finding.series.status for finding in creation.findings}
    # Other images, and all that followed from these is gone.
    creation.take(Collection(()))
    assert (creation.classes, creation.plan) == (None, None)


def test_searching_can_be_stopped(creation: ProjectCreation, phantom: Path) -> None:
    cancelled = threading.Event()

    def collect(_: object) -> Collection:
        assert cancelled.wait(60)
        return collect_folders(phantom / "images")

    creation.gather(collect)
    creation.cancel()
    cancelled.set()
    finish(creation)
    assert creation.collection is None
    assert creation.sentence == "Stopped; nothing was made."


def test_it_is_ready_when_nothing_is_in_the_way(creation: ProjectCreation, phantom: Path) -> None:
    look(creation, phantom)
    creation.findings[1].series.source.path.write_bytes(b"no image")
    assert not creation.ready
    creation.examine()
    finish(creation)
    assert creation.sentence.startswith("1 series cannot be used")
    assert not creation.ready
    creation.leave_out_unusable()
    assert creation.sentence == "All series can be used."
    assert len(creation.findings) == 4
    assert creation.ready


def test_something_must_be_left(creation: ProjectCreation, phantom: Path) -> None:
    look(creation, phantom)
    for finding in creation.findings:
        finding.series.source.path.write_bytes(b"no image")
    creation.examine()
    finish(creation)
    with pytest.raises(ProjectError, match="none of the series can be used"):
        creation.leave_out_unusable()
    assert len(creation.findings) == 5


def test_a_folder_without_images_is_an_error(creation: ProjectCreation, tmp_path: Path) -> None:
    creation.look(lambda: plan_import(tmp_path / "nowhere", classes=CLASSES))
    with pytest.raises(ProjectError, match="nowhere"):
        finish(creation)
    assert creation.plan is None
