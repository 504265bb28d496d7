"""Rounds: jobs, publishing, refusal, failure and what a kill leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from SAIMCore.errors import ConfigurationError, ProjectError, TrainingError
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import prepare_job
from SAIMCore.rounds.publishing import decide
from SAIMCore.rounds.runner import TrainingRound
from SAIMCore.rounds.worker_process import WorkerKilledError

Worker = Callable[..., Any]


def names(job: Any, split: str) -> list[str]:
    return [entry.source.name for entry in job.series[split]]


def test_a_job_trains_on_what_is_accepted_and_on_nothing_else(project: Project) -> None:
    job = prepare_job(project, "round-001", RoundOptions())
    assert names(job, "training") == [record.name for record in project.series("annotated")]
    assert names(job, "validation") == [record.name for record in project.series("validation")]
    assert names(job, "test") == [record.name for record in project.series("test")]
    used = {name for split in job.series for name in names(job, split)}
    assert not used & {record.name for record in project.pool()}
    assert job.model.size == 64
    assert job.model.version == "round-001"


def test_options_of_a_round_change_its_job_and_not_the_project(project: Project) -> None:
    before = project.settings
    options = RoundOptions(
        memory="cumulative", epochs=2, size=96, generation="static", learning_rate=0.01
    )
    job = prepare_job(project, "round-001", options)
    assert job.model.network.memory_variant == "cumulative"
    assert job.model.size == 96
    assert (job.training.epochs, job.training.learning_rate) == (2, 0.01)
    assert job.training.generation.kind == "static"
    assert project.settings == before
    assert RoundOptions.from_json(options.to_json()) == options


def test_memories_without_rounds_get_the_plain_decoder(project: Project) -> None:
    options = RoundOptions(memory="none")
    assert prepare_job(project, "round-001", options).model.network.decoder == "unet"


def test_nothing_to_validate_on_is_said_before_a_round_begins(project: Project) -> None:
    for record in project.series("validation"):
        project.set_status(record.name, "excluded", "test")
    with pytest.raises(TrainingError, match="no series is set aside for validation"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.all() == []


def test_nothing_to_train_on_and_nothing_to_fine_tune_are_said(project: Project) -> None:
    with pytest.raises(TrainingError, match="no model to fine-tune yet"):
        prepare_job(project, "round-001", RoundOptions(fine_tune=True))
    for record in project.series("annotated"):
        project.set_status(record.name, "excluded", "test")
    with pytest.raises(ProjectError, match="nothing to train on"):
        prepare_job(project, "round-001", RoundOptions())


def test_the_first_model_is_published(project: Project, worker: Worker) -> None:
    worker(score=0.1)
    outcome = TrainingRound(project).run(RoundOptions())
    current = project.models.current()
    assert current is not None
    assert outcome.published
    assert current.version == "round-001"
    assert current.folder == project.models_folder / "round-001"
    assert [record.status for record in project.rounds.all()] == ["finished"]


def test_a_better_model_replaces_the_current_one_and_can_be_undone(
    project: Project, worker: Worker
) -> None:
    for score in (0.5, 0.6):
        worker(score=score)
        TrainingRound(project).run(RoundOptions())
    assert [record.version for record in project.models.all()] == ["round-001", "round-002"]
    assert project.models.current().version == "round-002"  # type: ignore[union-attr]
    project.models.restore("round-001")
    assert project.models.current().version == "round-001"  # type: ignore[union-attr]


def test_a_worse_model_is_kept_but_not_published(project: Project, worker: Worker) -> None:
    worker(score=0.5)
    TrainingRound(project).run(RoundOptions())
    worker(score=0.4)
    outcome = TrainingRound(project).run(RoundOptions())
    assert not outcome.published
    assert "worse by more than 2.0 points" in outcome.sentence
    assert project.models.current().version == "round-001"  # type: ignore[union-attr]
    assert (project.models_folder / "round-002" / "model.safetensors").is_file()


def test_a_worse_model_is_published_when_told_to(project: Project, worker: Worker) -> None:
    for score in (0.5, 0.4):
        worker(score=score)
        outcome = TrainingRound(project).run(RoundOptions(publish="always"))
    assert outcome.published
    assert "although it is worse, as asked" in outcome.sentence


def test_fine_tuning_starts_from_the_current_model_and_remembers_it(
    project: Project, worker: Worker
) -> None:
    used = worker()
    TrainingRound(project).run(RoundOptions())
    outcome = TrainingRound(project).run(RoundOptions(fine_tune=True))
    assert used.started[1].start_from == project.models_folder / "round-001"
    assert outcome.model is not None
    assert outcome.model.parent == "round-001"


def test_a_failed_training_is_recorded_with_its_reason(project: Project, worker: Worker) -> None:
    worker(failure=TrainingError("the loss became nan; train with a lower learning rate"))
    with pytest.raises(TrainingError, match="loss became nan"):
        TrainingRound(project).run(RoundOptions())
    (record,) = project.rounds.all()
    assert record.status == "failed"
    assert record.sentence is not None
    assert "loss became nan" in record.sentence
    assert project.models.all() == []


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
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = worker(score=0.5)

    class Killed(BaseException):
        pass

    def killed(version: str) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(project.models, "publish", killed)
        with pytest.raises(Killed):
            TrainingRound(project).run(RoundOptions())
    outcome = TrainingRound(project).run(RoundOptions())
    assert outcome.published
    assert len(used.started) == 1
    assert [record.version for record in project.models.all()] == ["round-001"]


def test_a_failure_after_a_saved_state_can_be_resumed(project: Project, worker: Worker) -> None:
    worker(failure=TrainingError("the disk is full"), keeps_state=True)
    with pytest.raises(TrainingError, match="disk is full"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.running() is not None


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


def test_the_margin_decides_between_equal_and_worse() -> None:
    class Current:
        version, validation = "round-001", {"overall": 0.5}

    def published(score: float, publish: str = "if not worse") -> bool:
        return decide("round-002", score, Current(), 0.02, publish).publish  # type: ignore[arg-type]

    assert published(0.481)
    assert not published(0.479)
    assert published(0.479, "always")
    assert not published(0.9, "never")
    assert decide("round-001", 0.0, None, 0.02).publish


def test_an_unknown_way_of_publishing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="publish cannot be 'maybe'"):
        RoundOptions(publish="maybe")
