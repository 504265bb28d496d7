"""A training in the background, followed by who has its project open read-only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.training.run_lock import run_lock
from Testing.unit.rounds.following import Open, begin, rounds, settle

Reader = Callable[[], BackgroundTraining]


@pytest.fixture
def read_only(project: Project, follow: Open) -> Iterator[Reader]:
    """Follows the training from the project, opened a second time, until the test ends."""
    with contextlib.ExitStack() as opened:
        yield lambda: follow(opened.enter_context(Project.open(project.folder, read_only=True)))


def test_who_may_only_read_follows_and_changes_nothing(
    project: Project, training: BackgroundTraining, read_only: Reader, launched: list[Any]
) -> None:
    begin(training)
    launched[0].begin()
    settle(training)
    reader = read_only()
    with run_lock(launched[0].folder, 0):
        assert reader.attach()
        assert reader.state.phase == "training"
        for refused in (
            lambda: reader.start(RoundOptions()), reader.pause, reader.cancel,
            reader.publish_anyway,
        ):  # fmt: skip
            with pytest.raises(ProjectError, match="open read-only"):
                refused()
    launched[0].finish()
    settle(reader)
    assert reader.state.phase == "evaluating"
    assert "taken over by whoever has the project open" in reader.state.sentence
    assert rounds(project) == ["running"]
    settle(training)
    settle(reader)
    assert reader.state.phase == "finished"
    assert reader.state.sentence == training.state.sentence
    assert reader.outcome is None


def test_who_may_only_read_learns_of_a_failure_from_the_log(
    training: BackgroundTraining, read_only: Reader, launched: list[Any]
) -> None:
    begin(training)
    launched[0].fail("the loss became nan", resumable=False)
    reader = read_only()
    assert not reader.attach()
    assert reader.state.phase == "failed"
    assert not reader.state.resumable
    assert "the loss became nan" in reader.state.sentence
    settle(training)
    settle(reader)
    assert reader.state.sentence == "the loss became nan"


def test_who_may_only_read_sees_a_round_that_was_interrupted_and_given_up(
    training: BackgroundTraining, read_only: Reader, launched: list[Any]
) -> None:
    begin(training)
    launched[0].at_work = False
    reader = read_only()
    assert not reader.attach()
    assert reader.state.phase == "paused"
    settle(reader)
    assert (reader.state.phase, reader.state.resumable) == ("paused", False)
    settle(training)
    training.cancel()
    settle(training)
    settle(reader)
    assert reader.state.phase == "idle"
