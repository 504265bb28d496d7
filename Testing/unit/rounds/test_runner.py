"""Rounds: jobs, publishing, refusal, failure and what a kill leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from SAIMCore.errors import ConfigurationError, ProjectError, TrainingError
from SAIMCore.job import JOB_FILE, TrainingJob
from SAIMCore.networks.factory import NETWORKS
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import network_size, prepare_job
from SAIMCore.rounds.runner import TrainingRound
from SAIMCore.rounds.worker_process import TrainingInterruptedError, WorkerKilledError
from SAIMCore.training.run_lock import RunFolderBusyError, run_lock
from SAIMCore.worker import STOP_FILE

Worker = Callable[..., Any]


class Killed(BaseException):
    """The process ends here."""


def kill(*_: object, **__: object) -> None:
    raise Killed


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


def test_a_decoder_that_needs_no_rounds_stays_with_every_memory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NETWORKS, "third", NETWORKS["unet"])
    project.change_settings(network=replace(project.settings.network, decoder="third"))
    options = RoundOptions(memory="cumulative")
    assert prepare_job(project, "round-001", options).model.network.decoder == "third"


def test_an_excluded_series_does_not_make_the_network_larger(project: Project) -> None:
    series = project.series()
    large = replace(series[0].geometry, size=(300, 300, 6))
    assert network_size([replace(series[0], geometry=large), *series[1:]]) == 320
    excluded = replace(series[0], geometry=large, status="excluded")
    assert network_size([excluded, *series[1:]]) == 64


def test_validation_series_that_show_nothing_are_refused_before_a_round_begins(
    project: Project,
) -> None:
    for record in project.series("validation"):
        nothing = np.zeros(record.geometry.array_shape, np.uint8)
        project.annotations.accept(record.name, nothing, "someone")
    with pytest.raises(TrainingError, match="show nothing but background"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.all() == []


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


def test_fine_tuning_keeps_network_and_size_whatever_the_project_says_now(
    project: Project, worker: Worker
) -> None:
    worker()
    TrainingRound(project).run(RoundOptions(memory="cumulative", size=96))
    network = replace(project.settings.network, encoder="resnet34", size=128)
    project.change_settings(network=network)
    job = prepare_job(project, "round-002", RoundOptions(fine_tune=True))
    assert (job.model.network.encoder, job.model.size) == ("resnet18", 96)
    assert job.model.network.memory_variant == "cumulative"
    assert job.model.version == "round-002"


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"memory": "base"}, "whose memory is sequential, so the memory cannot become base"),
        ({"encoder": "resnet34"}, "whose encoder is resnet18"),
        ({"decoder": "convlstm"}, "whose decoder is unet"),
        ({"size": 96}, "whose size is 64, so the size cannot become 96"),
    ],
)
def test_options_that_contradict_the_model_to_fine_tune_are_refused(
    project: Project, worker: Worker, asked: dict[str, Any], complaint: str
) -> None:
    worker()
    TrainingRound(project).run(RoundOptions())
    with pytest.raises(ConfigurationError, match=complaint):
        TrainingRound(project).run(RoundOptions(fine_tune=True, **asked))
    assert len(project.rounds.all()) == 1


def test_the_parent_is_the_model_that_the_training_began_with(
    project: Project, worker: Worker
) -> None:
    worker()
    for _ in range(2):
        TrainingRound(project).run(RoundOptions())
    worker(failure=WorkerKilledError("the training process was killed"))
    with pytest.raises(TrainingError):
        TrainingRound(project).run(RoundOptions(fine_tune=True))
    project.models.restore("round-001")
    worker(failure=None)
    outcome = TrainingRound(project).run(RoundOptions())
    assert outcome.model is not None
    assert outcome.model.parent == "round-002"


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
    with monkeypatch.context() as patch:
        patch.setattr(project.models, "publish", kill)
        with pytest.raises(Killed):
            TrainingRound(project).run(RoundOptions())
    outcome = TrainingRound(project).run(RoundOptions())
    assert outcome.published
    assert len(used.started) == 1
    assert [record.version for record in project.models.all()] == ["round-001"]


def test_a_kill_before_the_job_was_written_loses_nothing(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = worker()
    with monkeypatch.context() as patch:
        patch.setattr(TrainingJob, "write", kill)
        with pytest.raises(Killed):
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


def test_a_kill_after_publishing_makes_no_false_claim(
    project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker(score=0.5)
    TrainingRound(project).run(RoundOptions())
    worker(score=0.6)
    with monkeypatch.context() as patch:
        patch.setattr(project.rounds, "finish", kill)
        with pytest.raises(Killed):
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


def test_an_unknown_way_of_publishing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="publish cannot be 'maybe'"):
        RoundOptions(publish="maybe")
