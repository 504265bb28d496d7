"""A training in the background as its panel meets it, with a worker that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.errors import ProjectError, SaimError, TrainingError
from SAIMCore.project.project import Project
from SAIMCore.rounds import lifecycle
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.worker_process import LOG_FILE
from SAIMCore.training.run_lock import run_lock
from SAIMCore.training.trainer import STATE_FILE

Launch = Callable[[Path], Any]
Open = Callable[..., BackgroundTraining]


class AtOnce(Executor):
    """Does what it is given before it says that it will."""

    def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **more))
        except (SaimError, OSError) as error:
            future.set_exception(error)
        return future


class Later(Executor):
    """Does nothing before it is told to."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def submit(self, function: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting.append(lambda: future.set_result(function(*arguments, **more)))
        return future

    def work(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()


@pytest.fixture
def follow(launch: Launch) -> Iterator[Open]:
    """Makes the training of a project; it is closed after the test."""
    made = []

    def make(project: Project, executor: Executor | None = None) -> BackgroundTraining:
        training = BackgroundTraining(
            project, launch, executor or AtOnce(), seconds_between_looks=0
        )
        made.append(training)
        return training

    yield make
    for training in made:
        training.close()


@pytest.fixture
def training(project: Project, follow: Open) -> BackgroundTraining:
    return follow(project)


def settle(training: BackgroundTraining) -> None:
    """Poll until nothing changes any more, also by a job that the last poll began."""
    while any([training.poll(), training.poll()]):
        pass


def begin(training: BackgroundTraining, **options: Any) -> None:
    training.start(RoundOptions(**options))
    settle(training)


def rounds(project: Project) -> list[str]:
    return [record.status for record in project.rounds.all()]


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
    assert training.state.curve[0].miou_by_clicks == pytest.approx({0: 0.2, 1: 0.4})
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
    training.resume()
    settle(training)
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
    training.resume()
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
    with pytest.raises(TrainingError, match="there is no interrupted training"):
        training.resume()
    with pytest.raises(TrainingError, match="that could be given up"):
        training.cancel()
    with pytest.raises(TrainingError, match="whose model could be published"):
        training.publish_anyway()
    begin(training)
    with pytest.raises(TrainingError, match="a training is under way"):
        training.start(RoundOptions())


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
    training.resume()
    settle(training)
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


# -- another process goes on ----------------------------------------------------------------------


def test_without_a_round_there_is_nothing_to_attach_to(training: BackgroundTraining) -> None:
    assert not training.attach()
    assert training.state.phase == "idle"


def test_a_worker_that_is_still_at_work_is_followed_with_its_whole_curve(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    launched[0].begin()
    launched[0].end_epoch(1)
    training.close()
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


def test_an_interrupted_round_is_shown_as_paused_and_goes_on(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    launched[0].begin()
    launched[0].end_epoch(1)
    training.close()
    after = follow(project)
    assert not after.attach()
    assert after.state.phase == "paused"
    assert after.state.resumable
    assert "ended without a word, as after a restart of the computer" in after.state.sentence
    assert len(after.state.curve) == 1
    after.resume()
    settle(after)
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
        after.resume()
        settle(after)
        assert len(launched) == 1
        launched[0].begin()
        settle(after)
        assert after.state.phase == "training"


# -- read-only ------------------------------------------------------------------------------------


def test_who_may_only_read_follows_and_changes_nothing(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    launched[0].begin()
    settle(training)
    with Project.open(project.folder, read_only=True) as other:
        reader = follow(other)
        with run_lock(launched[0].folder, 0):
            assert reader.attach()
            assert reader.state.phase == "training"
            for refused in (
                lambda: reader.start(RoundOptions()), reader.pause, reader.resume, reader.cancel,
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
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    launched[0].fail("the loss became nan", resumable=False)
    with Project.open(project.folder, read_only=True) as other:
        reader = follow(other)
        assert not reader.attach()
        assert reader.state.phase == "failed"
        assert not reader.state.resumable
        assert "the loss became nan" in reader.state.sentence
        settle(training)
        settle(reader)
        assert reader.state.sentence == "the loss became nan"


def test_who_may_only_read_sees_a_round_that_was_interrupted_and_given_up(
    project: Project, training: BackgroundTraining, follow: Open, launched: list[Any]
) -> None:
    begin(training)
    launched[0].at_work = False
    with Project.open(project.folder, read_only=True) as other:
        reader = follow(other)
        assert not reader.attach()
        assert reader.state.phase == "paused"
        settle(reader)
        assert (reader.state.phase, reader.state.resumable) == ("paused", False)
        settle(training)
        training.cancel()
        settle(training)
        settle(reader)
        assert reader.state.phase == "idle"
