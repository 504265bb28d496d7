"""What fails in a background training is told, and what can go on is resumable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMCore.rounds import lifecycle
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.training.trainer import STATE_FILE
from Testing.unit.rounds.following import Open, begin, rounds, settle


def test_a_failure_is_told_in_the_words_of_the_worker(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training)
    launched[0].fail("the loss became nan; train with a lower learning rate", resumable=False)
    settle(training)
    assert training.state.phase == "failed"
    assert not training.state.resumable
    assert training.state.sentence == "the loss became nan; train with a lower learning rate"
    assert rounds(project) == ["failed"]
    assert training.outcome is None
    begin(training)
    assert rounds(project) == ["failed", "running"]


def test_a_failure_with_a_state_can_be_resumed_or_given_up(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training)
    (launched[0].folder / STATE_FILE).write_bytes(b"state")
    launched[0].fail("the loss became nan", resumable=False)
    settle(training)
    assert training.state.phase == "failed"
    assert training.state.resumable
    assert training.state.sentence == (
        "the loss became nan; round 1 can go on with its own options only: start it again, or "
        "give it up"
    )
    assert project.rounds.all()[0].sentence == training.state.sentence


@pytest.mark.parametrize("way", ["a full disk", "a kill"])
def test_what_is_not_the_training_itself_leaves_a_round_to_resume(
    project: Project, training: BackgroundTraining, launched: list[Any], way: str
) -> None:
    begin(training)
    if way == "a kill":
        launched[0].at_work = False
        reason = "the training process was killed (SIGKILL)"
    else:
        reason = "cannot write: the disk is full"
        launched[0].fail(reason, resumable=True)
    settle(training)
    assert training.state.phase == "failed"
    assert training.state.resumable
    assert training.state.sentence == (
        f"round 1 was interrupted: {reason}; resume it, and it goes on from what was saved"
    )
    assert rounds(project) == ["running"]


def test_a_conclusion_that_fails_is_taken_up_again_without_another_training(
    training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training)
    launched[0].finish()
    with pytest.MonkeyPatch.context() as patch:

        def full(*_: object) -> None:
            raise ProjectError("the disk is full")

        patch.setattr(lifecycle, "add_model", full)
        settle(training)
    assert training.state.phase == "failed"
    assert training.state.sentence == "the disk is full"
    assert training.state.resumable
    begin(training)
    assert training.state.phase == "finished"
    assert len(launched) == 1


def test_a_worker_that_cannot_be_started_is_said(project: Project, follow: Open) -> None:
    training = follow(project)

    def missing(_: Path) -> Any:
        raise FileNotFoundError(2, "No such file or directory", "python")

    training._jobs._launch = missing
    begin(training)
    assert training.state.phase == "failed"
    assert training.state.resumable
    assert "python" in training.state.sentence
    assert training.state.sentence.endswith("and try again")


def test_a_project_that_is_away_for_a_while_is_waited_for(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training)
    launched[0].begin()
    settle(training)
    away = project.folder.with_name("away")
    project.folder.rename(away)
    launched[0].at_work = False
    settle(training)
    assert f"{project.folder} cannot be reached" in training.state.sentence
    away.rename(project.folder)
    launched[0].at_work = True
    launched[0].step(1, 1)
    settle(training)
    assert training.state.phase == "training"
    assert "step 1 of 3" in training.state.sentence
