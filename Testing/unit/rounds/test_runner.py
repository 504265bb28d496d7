"""Rounds that come to their end: publishing, refusal, failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from SAIMCore.errors import TrainingError
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.runner import TrainingRound
from SAIMCore.rounds.worker_process import WorkerKilledError

Worker = Callable[..., Any]


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
