"""Another process goes on with a training in the background."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.training.run_lock import run_lock
from Testing.unit.rounds.following import Open, begin, rounds, settle


@pytest.fixture
def left_alone(training: BackgroundTraining, launched: list[Any]) -> None:
    """A worker whose host ended after the first epoch."""
    begin(training)
    launched[0].begin()
    launched[0].end_epoch(1)
    training.close()


def test_without_a_round_there_is_nothing_to_attach_to(training: BackgroundTraining) -> None:
    assert not training.attach()
    assert training.state.phase == "idle"


@pytest.mark.usefixtures("left_alone")
def test_a_worker_that_is_still_at_work_is_followed_with_its_whole_curve(
    project: Project, follow: Open, launched: list[Any]
) -> None:
    after = follow(project)
    with run_lock(launched[0].folder, 0):
        assert after.attach()
        assert after.state.phase == "training"
        assert [entry.epoch for entry in after.state.curve] == [1]
        launched[0].end_epoch(2)
        assert after.poll()
        assert [entry.epoch for entry in after.state.curve] == [1, 2]
        launched[0].finish()
        settle(after)
        assert after.state.phase == "training"
    settle(after)
    assert after.state.phase == "finished"
    assert after.outcome is not None
    assert after.outcome.published


def test_what_ended_while_nobody_looked_is_taken_over(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    training.close()
    launched[0].finish()
    after = follow(project)
    assert after.attach()
    settle(after)
    assert after.state.phase == "finished"
    assert project.models.current() is not None


def test_a_failure_while_nobody_looked_is_told(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    training.close()
    launched[0].fail("the loss became nan", resumable=False)
    after = follow(project)
    after.attach()
    settle(after)
    assert (after.state.phase, after.state.sentence) == ("failed", "the loss became nan")
    assert rounds(project) == ["failed"]


@pytest.mark.usefixtures("left_alone")
def test_an_interrupted_round_is_shown_as_paused_and_goes_on(
    project: Project, follow: Open, launched: list[Any]
) -> None:
    after = follow(project)
    assert not after.attach()
    assert after.state.phase == "paused"
    assert after.state.resumable
    assert "ended without a word, as after a restart of the computer" in after.state.sentence
    assert len(after.state.curve) == 1
    begin(after)
    assert len(launched) == 2
    assert after.state.phase == "preparing"


def test_a_worker_that_came_late_is_followed_and_no_second_one_is_started(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    training.close()
    # Its process was only being started when its parent was killed.
    after = follow(project)
    assert not after.attach()
    with run_lock(launched[0].folder, 0):
        begin(after)
        assert len(launched) == 1
        launched[0].begin()
        settle(after)
        assert after.state.phase == "training"
