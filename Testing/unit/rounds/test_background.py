"""A training in the background as its panel meets it, with a worker that does as it is told."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMCore.errors import TrainingError
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.worker_process import LOG_FILE
from Testing.unit.rounds.following import Later, Open, begin, rounds, settle


def test_a_training_is_shown_from_its_start_to_the_published_model(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    assert training.state.phase == "idle"
    begin(training)
    (worker,) = launched
    assert training.state.phase == "preparing"
    assert training.state.log_file == worker.folder / LOG_FILE
    worker.begin()
    worker.step(1, 1)
    worker.step(1, 2)
    assert training.poll()
    state = training.state
    assert (state.phase, state.round) == ("training", 1)
    assert (state.epoch, state.epochs, state.step, state.steps) == (1, 2, 2, 3)
    assert (state.loss, state.seconds_left) == (0.25, 200.0)
    assert state.sentence == (
        "round 1: epoch 1 of 2, step 2 of 3, loss 0.2500, about 3 minutes left"
    )
    assert not training.poll()
    for epoch in (1, 2):
        worker.end_epoch(epoch, 0.3 * epoch)
    worker.say("evaluating", split="validation", step=1, steps=4)
    assert training.poll()
    assert training.state.phase == "evaluating"
    assert training.state.sentence == "round 1: the new model is being measured, 25 %"
    assert [entry.miou for entry in training.state.curve] == [0.3, 0.6]
    worker.finish()
    settle(training)
    assert training.state.phase == "finished"
    assert not training.state.resumable
    assert training.outcome is not None
    assert training.outcome.published
    assert training.state.sentence == training.outcome.sentence
    assert len(training.state.curve) == 2
    assert project.models.current().version == "round-001"  # type: ignore[union-attr]
    assert rounds(project) == ["finished"]


def test_the_host_is_not_held_up_by_what_takes_long(
    project: Project, follow: Open, launched: list[Any]
) -> None:
    executor = Later()
    training = follow(project, executor)
    training.start(RoundOptions())
    assert not training.poll()
    assert training.state.sentence == "the training is being prepared"
    assert rounds(project) == []
    executor.work()
    settle(training)
    launched[0].finish()
    assert training.poll()
    assert training.state.sentence == "round 1: its model is being taken over"
    assert project.models.current() is None
    executor.work()
    settle(training)
    assert training.state.phase == "finished"


def test_a_worse_model_is_kept_until_the_user_publishes_it(
    project: Project, training: BackgroundTraining, launched: list[Any]
) -> None:
    for score in (0.5, 0.3):
        begin(training)
        launched[-1].finish(score)
        settle(training)
    assert training.outcome is not None
    assert not training.outcome.published
    assert training.state.phase == "finished"
    assert "not published, because it is worse by more than 2.0 points" in training.state.sentence
    assert training.state.sentence.endswith("round-002 can be published all the same")
    assert project.models.current().version == "round-001"  # type: ignore[union-attr]
    assert training.publish_anyway().published
    assert project.models.current().version == "round-002"  # type: ignore[union-attr]
    assert training.state.sentence == "round-002 was published, as asked"


def test_what_stands_in_the_way_is_said_and_no_round_begins(
    project: Project, training: BackgroundTraining
) -> None:
    for record in project.series("validation"):
        project.set_status(record.name, "excluded", "test")
    begin(training)
    assert training.state.phase == "failed"
    assert not training.state.resumable
    assert "no series is set aside for validation" in training.state.sentence
    assert rounds(project) == []


def test_what_cannot_be_done_now_is_refused(training: BackgroundTraining) -> None:
    with pytest.raises(TrainingError, match="no training is under way that could be paused"):
        training.pause()
    with pytest.raises(TrainingError, match="that could be given up"):
        training.cancel()
    with pytest.raises(TrainingError, match="whose model could be published"):
        training.publish_anyway()
    begin(training)
    with pytest.raises(TrainingError, match="a training is under way"):
        training.start(RoundOptions())
