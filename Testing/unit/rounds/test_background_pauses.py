"""A training in the background is paused, resumed and given up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.rounds.following import Later, Launch, Open, begin, rounds, settle


def test_a_paused_training_goes_on_with_its_own_options(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training, epochs=7)
    launched[0].begin()
    settle(training)
    training.pause()
    assert training.state.phase == "pausing"
    assert launched[0].asked_to_stop
    launched[0].step(1, 1)
    settle(training)
    assert training.state.phase == "pausing"
    launched[0].stop_as_asked()
    settle(training)
    assert training.state.phase == "paused"
    assert training.state.resumable
    assert training.state.sentence == "round 1 is paused; it can be resumed"
    begin(training)
    assert training.state.phase == "preparing"
    assert len(launched) == 2
    assert [record.options["epochs"] for record in project.rounds.all()] == [7]
    launched[1].finish()
    settle(training)
    assert training.state.phase == "finished"


def test_a_pause_while_the_training_is_prepared_starts_no_worker(
    project: Project, follow: Open, launched: list[Any]
) -> None:
    executor = Later()
    training = follow(project, executor)
    training.start(RoundOptions())
    training.pause()
    executor.work()
    settle(training)
    assert launched == []
    assert training.state.phase == "paused"
    training.start(RoundOptions())
    executor.work()
    settle(training)
    assert len(launched) == 1


def test_a_pause_while_the_worker_is_started_reaches_it(
    project: Project, follow: Open, launch: Launch, launched: list[Any]
) -> None:
    training = follow(project)

    def asked(folder: Path) -> Any:
        training.pause()
        return launch(folder)

    training._jobs._launch = asked
    begin(training)
    assert launched[0].asked_to_stop
    assert training.state.phase == "pausing"


def test_a_pause_that_comes_too_late_changes_nothing(
    training: BackgroundTraining, launched: list[Any]
) -> None:
    begin(training)
    training.pause()
    launched[0].finish()
    settle(training)
    assert training.state.phase == "finished"


def test_a_pause_that_cannot_be_asked_for_can_be_asked_for_again(
    training: BackgroundTraining, launched: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(training)
    launched[0].begin()
    settle(training)

    def refused() -> None:
        raise ProjectError("the training cannot be asked to stop; try again")

    with monkeypatch.context() as patch:
        patch.setattr(launched[0], "stop", refused)
        with pytest.raises(ProjectError, match="cannot be asked to stop"):
            training.pause()
    launched[0].step(1, 1)
    settle(training)
    assert training.state.phase == "training"
    training.pause()
    assert launched[0].asked_to_stop


@pytest.mark.parametrize("moment", ["preparing", "training", "paused", "killed"])
def test_a_round_is_given_up_at_any_moment(
    project: Project, follow: Open, launched: list[Any], moment: str
) -> None:
    executor = Later()
    training = follow(project, executor)
    training.start(RoundOptions())
    if moment != "preparing":
        executor.work()
        settle(training)
    if moment == "paused":
        training.pause()
        launched[0].stop_as_asked()
    elif moment == "killed":
        launched[0].at_work = False
    settle(training)
    training.cancel()
    assert training.state.phase == "pausing"
    assert training.state.sentence == "the round is being given up"
    for _ in range(2):
        executor.work()
        settle(training)
    assert training.state.phase == "idle"
    assert training.state.sentence == "round 1 was given up"
    assert rounds(project) == ["cancelled"]
    assert not (project.runs_folder / "round-001").exists()
    assert all(worker.killed for worker in launched)
    training.start(RoundOptions())
    executor.work()
    settle(training)
    assert training.state.round == 2
