"""Kills, requests to stop and failures in the middle of a round lose nothing."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from SAIMCore.errors import TrainingError
from SAIMCore.job import JOB_FILE, TrainingJob
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.runner import TrainingRound
from SAIMCore.rounds.worker_process import TrainingInterruptedError, WorkerKilledError
from SAIMCore.training.run_lock import RunFolderBusyError, run_lock
from SAIMCore.worker import STOP_FILE

Worker = Callable[..., Any]


class Killed(BaseException):
    """The process ends here."""


@contextlib.contextmanager
def killed_at(owner: object, step: str) -> Iterator[None]:
    """The process ends in this block, where ``owner`` would take this step."""

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, kill)
        with pytest.raises(Killed):
            yield


def test_an_interrupted_round_goes_on_with_its_own_options(
    project: Project, worker: Worker
) -> None:
    used = worker(failure=WorkerKilledError("the training process was killed"))
    with pytest.raises(TrainingError, match="was killed"):
        TrainingRound(project).run(RoundOptions(epochs=7))
    assert project.rounds.running() is not None
    worker(failure=None)
    outcome = TrainingRound(project).run(RoundOptions(epochs=3))
    assert outcome.round.number == 1
    assert [job.training.epochs for job in used.started] == [7, 7]
    assert not (outcome.round.run_folder / "state.safetensors").exists()


def test_a_kill_between_training_and_publishing_loses_nothing(
    project: Project, worker: Worker
) -> None:
    used = worker(score=0.5)
    with killed_at(project.models, "publish"):
        TrainingRound(project).run(RoundOptions())
    outcome = TrainingRound(project).run(RoundOptions())
    assert outcome.published
    assert len(used.started) == 1
    assert [record.version for record in project.models.all()] == ["round-001"]


def test_a_kill_before_the_job_was_written_loses_nothing(project: Project, worker: Worker) -> None:
    used = worker()
    with killed_at(TrainingJob, "write"):
        TrainingRound(project).run(RoundOptions(epochs=7))
    assert project.rounds.running() is not None
    outcome = TrainingRound(project).run(RoundOptions(epochs=3))
    assert outcome.published
    assert [job.training.epochs for job in used.started] == [7]


def test_the_runs_may_be_deleted_while_a_round_is_interrupted(
    project: Project, worker: Worker
) -> None:
    worker(failure=WorkerKilledError("the training process was killed"))
    for _ in range(2):
        with pytest.raises(WorkerKilledError):
            TrainingRound(project).run(RoundOptions())
        shutil.rmtree(project.runs_folder)
    worker(failure=None)
    assert TrainingRound(project).run(RoundOptions()).published


def test_what_stands_in_the_way_of_writing_the_job_again_is_said(
    project: Project, worker: Worker
) -> None:
    worker(failure=WorkerKilledError("the training process was killed"))
    with pytest.raises(WorkerKilledError):
        TrainingRound(project).run(RoundOptions())
    (project.runs_folder / "round-001" / JOB_FILE).unlink()
    for record in project.series("validation"):
        project.set_status(record.name, "excluded", "test")
    with pytest.raises(TrainingError, match=r"set aside for validation.*--discard"):
        TrainingRound(project).run(RoundOptions())


def test_a_kill_after_publishing_makes_no_false_claim(project: Project, worker: Worker) -> None:
    worker(score=0.5)
    TrainingRound(project).run(RoundOptions())
    worker(score=0.6)
    with killed_at(project.rounds, "finish"):
        TrainingRound(project).run(RoundOptions())
    outcome = TrainingRound(project).run(RoundOptions())
    assert outcome.published
    assert outcome.sentence == "round-002 has a validation mIoU of 60.0 %: published"
    assert project.rounds.all()[-1].sentence == outcome.sentence


def test_a_failure_of_the_training_itself_says_how_to_leave_the_round(
    project: Project, worker: Worker
) -> None:
    worker(failure=TrainingError("the loss became nan"), keeps_state=True)
    way_out = f"loss became nan; .* or give this round up with 'saim train {project.folder}"
    with pytest.raises(TrainingError, match=f"{way_out} --discard'"):
        TrainingRound(project).run(RoundOptions())
    running = project.rounds.running()
    assert running is not None
    assert running.sentence is not None
    assert running.sentence.endswith("--discard'")


def test_a_full_disk_leaves_a_round_that_goes_on_even_without_a_state(
    project: Project, worker: Worker
) -> None:
    worker(failure=TrainingInterruptedError("the disk is full"))
    with pytest.raises(TrainingError, match=r"^the disk is full$"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.running() is not None


def test_a_request_to_stop_counts_from_the_start_of_a_run(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = worker()
    training = TrainingRound(project)
    stopped = []

    class Starting(used):  # type: ignore[misc, valid-type]
        def __init__(self, folder: Any) -> None:
            super().__init__(folder)
            # As if it came while the process was being started.
            training.stop()

        def events(self) -> Any:
            return iter(())

        def stop(self) -> None:
            stopped.append(self)

    monkeypatch.setattr("SAIMCore.rounds.runner.WorkerProcess", Starting)
    assert training.run(RoundOptions()).model is None
    assert len(stopped) == 1
    # An old request is not one for the next run.
    monkeypatch.setattr("SAIMCore.rounds.runner.WorkerProcess", used)
    assert training.run(RoundOptions()).published


def test_a_request_to_stop_before_the_worker_starts_starts_none(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = worker()
    training = TrainingRound(project)
    write = TrainingJob.write

    def asked(job: TrainingJob, folder: Any) -> None:
        write(job, folder)
        training.stop()

    monkeypatch.setattr(TrainingJob, "write", asked)
    assert training.run(RoundOptions()).model is None
    assert used.started == []


def test_a_round_is_not_given_up_under_a_worker_that_is_still_at_work(
    project: Project, worker: Worker
) -> None:
    worker(failure=WorkerKilledError("the training process was killed"))
    with pytest.raises(WorkerKilledError):
        TrainingRound(project).run(RoundOptions())
    folder = project.runs_folder / "round-001"
    with run_lock(folder, 0), pytest.raises(RunFolderBusyError, match=r"process .* still at work"):
        TrainingRound(project).cancel(patience=0)
    assert (folder / STOP_FILE).is_file()
    assert (folder / JOB_FILE).is_file()
    assert project.rounds.running() is not None
    assert TrainingRound(project).cancel(patience=0) is not None
    assert not folder.exists()


def test_an_interrupted_round_can_be_given_up(project: Project, worker: Worker) -> None:
    worker(failure=WorkerKilledError("the training process was killed"))
    with pytest.raises(TrainingError):
        TrainingRound(project).run(RoundOptions())
    cancelled = TrainingRound(project).cancel()
    assert cancelled is not None
    assert cancelled.status == "cancelled"
    assert not cancelled.run_folder.exists()
    assert TrainingRound(project).cancel() is None
    worker(failure=None)
    assert TrainingRound(project).run(RoundOptions()).round.number == 2
