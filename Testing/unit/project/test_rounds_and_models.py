"""Rounds, and the models that they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project

AddModel = Callable[..., Path]


@pytest.fixture
def add_model(project: Project) -> AddModel:
    """Writes the files of a model and records it."""

    def add(version: str, **details: object) -> Path:
        folder = project.models_folder / version
        folder.mkdir()
        for name in MODEL_FILES:
            (folder / name).write_text("{}")
        project.models.add(version, folder, **details)
        return folder

    return add


def test_rounds_are_numbered_and_end_with_a_sentence(project: Project) -> None:
    first = project.rounds.begin({"epochs": 5})
    assert (first.number, first.status, first.options) == (1, "running", {"epochs": 5})
    assert first.run_folder == project.folder / "runs" / "round-001"
    done = project.rounds.finish(1, "finished", "mIoU rose to 0.7", "round-001")
    assert (done.status, done.sentence, done.model_version) == (
        "finished", "mIoU rose to 0.7", "round-001",
    )  # fmt: skip
    assert done.finished is not None
    assert done.finished >= done.started
    assert project.rounds.begin().number == 2
    assert [record.number for record in project.rounds.all()] == [1, 2]


def test_a_round_that_was_interrupted_is_found_again(project: Project) -> None:
    assert project.rounds.running() is None
    project.rounds.begin()
    project.close()
    with Project.open(project.folder) as again:
        running = again.rounds.running()
        assert running is not None
        assert running.number == 1
        with pytest.raises(ProjectError, match="round 1 is still running"):
            again.rounds.begin()
        again.rounds.finish(1, "cancelled", "the computer was switched off")
        assert again.rounds.begin().number == 2


def test_a_round_ends_once_and_in_a_known_way(project: Project) -> None:
    project.rounds.begin()
    with pytest.raises(ProjectError, match="cannot end as 'running'"):
        project.rounds.finish(1, "running", "")
    with pytest.raises(ProjectError, match="no round 4"):
        project.rounds.finish(4, "finished", "")
    project.rounds.finish(1, "failed", "the disk is full")
    with pytest.raises(ProjectError, match=r"round 1 has already ended \(failed\)"):
        project.rounds.finish(1, "finished", "")


def test_a_model_is_used_when_it_is_published(project: Project, add_model: AddModel) -> None:
    project.rounds.begin()
    folder = add_model(
        "round-001", round_number=1, validation={"miou": 0.5}, test={"miou": 0.4}, parent="igniter"
    )
    assert project.models.current() is None
    published = project.models.publish("round-001")
    assert project.models.current() == published
    assert (published.version, published.folder, published.round) == ("round-001", folder, 1)
    assert (published.validation, published.test) == ({"miou": 0.5}, {"miou": 0.4})
    assert (published.parent, published.current) == ("igniter", True)
    assert published.published is not None


def test_earlier_models_stay_and_can_be_restored(project: Project, add_model: AddModel) -> None:
    for version in ("round-001", "round-002"):
        add_model(version)
        project.models.publish(version)
    assert [record.current for record in project.models.all()] == [False, True]
    project.models.restore("round-001")
    assert [record.current for record in project.models.all()] == [True, False]


def test_a_model_that_was_never_published_cannot_be_restored(
    project: Project, add_model: AddModel
) -> None:
    add_model("round-001")
    with pytest.raises(ProjectError, match="'round-001' was never published"):
        project.models.restore("round-001")


def test_an_unknown_model_is_named(project: Project, add_model: AddModel) -> None:
    with pytest.raises(ProjectError, match="no model 'best'; the models are none yet"):
        project.models.publish("best")
    add_model("round-001")
    with pytest.raises(ProjectError, match="no model 'best'; the models are round-001"):
        project.models.restore("best")


@pytest.mark.parametrize("missing", MODEL_FILES)
def test_an_incomplete_model_is_not_published(
    project: Project, add_model: AddModel, missing: str
) -> None:
    add_model("round-001")
    project.models.publish("round-001")
    folder = add_model("round-002")
    (folder / missing).write_bytes(b"")
    with pytest.raises(ProjectError, match=f"not complete: .*{missing} is missing or empty"):
        project.models.publish("round-002")
    current = project.models.current()
    assert current is not None
    assert current.version == "round-001"
    (folder / missing).unlink()
    with pytest.raises(ProjectError, match="not complete"):
        project.models.add("round-003", folder)


def test_a_model_outside_the_project_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="lies outside the project"):
        project.models.add("stray", tmp_path)


def test_a_version_is_given_once(project: Project, add_model: AddModel) -> None:
    folder = add_model("round-001")
    with pytest.raises(ProjectError, match="already has a model 'round-001'"):
        project.models.add("round-001", folder)


def test_a_model_of_a_round_that_does_not_exist_is_refused(
    project: Project, add_model: AddModel
) -> None:
    with pytest.raises(ProjectError, match=r"the database saim\.sqlite failed: FOREIGN KEY"):
        add_model("round-009", round_number=9)


def test_a_round_that_goes_on_can_say_what_stands_in_its_way(project: Project) -> None:
    project.rounds.begin({})
    project.rounds.note(1, "the loss became nan")
    running = project.rounds.running()
    assert running is not None
    assert running.sentence == "the loss became nan"
    with pytest.raises(ProjectError, match="no round 2"):
        project.rounds.note(2, "never begun")
