"""The live curve and the figures, from the events of one worker or of several in turn."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMCore.rounds.training_progress import TrainingProgress
from SAIMCore.rounds.training_state import TrainingState, progress_sentence

START = {"event": "start", "epochs": 4, "steps_per_epoch": 2}


def epoch(number: int, **facts: Any) -> dict[str, Any]:
    return {"event": "epoch", "epoch": number, "loss": 1 / number, "seconds_left": 1.0, **facts}


def progress_of(*events: dict[str, Any]) -> TrainingProgress:
    progress = TrainingProgress()
    for event in events:
        progress.take(event)
    return progress


def epochs(progress: TrainingProgress) -> list[int]:
    return [entry.epoch for entry in progress.curve]


def test_a_resumed_training_goes_on_with_its_curve() -> None:
    progress = progress_of(
        {"event": "preparing"}, START, epoch(1), epoch(2), {"event": "stopped", "epoch": 2}
    )
    assert progress.ended
    for event in ({"event": "preparing"}, {"event": "resumed", "epoch": 2, "step": 1}, START):
        progress.take(event)
    assert not progress.ended
    assert (progress.epoch, progress.phase) == (2, "training")
    progress.take(epoch(3))
    assert epochs(progress) == [1, 2, 3]


def test_epochs_that_are_trained_again_are_not_shown_twice() -> None:
    begun = ({"event": "preparing"}, START, epoch(1), epoch(2))
    resumed = ({"event": "preparing"}, {"event": "resumed", "epoch": 1, "step": 0}, START)
    assert epochs(progress_of(*begun, *resumed, epoch(2))) == [1, 2]
    # The state was lost, and the training began at its beginning.
    assert epochs(progress_of(*begun, *resumed, {"event": "preparing"}, START)) == []


def test_epochs_without_validation_or_without_a_value_have_no_miou() -> None:
    progress = progress_of(START, epoch(1), epoch(2, validation_miou=float("nan")))
    assert [entry.miou for entry in progress.curve] == [None, None]


def test_a_failure_is_forgotten_when_another_worker_begins() -> None:
    progress = progress_of({"event": "error", "message": "the disk is full", "resumable": True})
    assert progress.failure == ("the disk is full", True)
    progress.take({"event": "preparing"})
    assert progress.failure is None


def test_warnings_are_kept_and_unknown_events_passed_over() -> None:
    progress = progress_of({"event": "warning", "message": "no weights"}, {"event": "news"})
    assert progress.warnings == ("no weights",)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (59.0, "less than a minute left"),
        (61.0, "about 1 minute left"),
        (7100.0, "about 118 minutes left"),
        (8000.0, "about 2 hours left"),
    ],
)
def test_the_time_left_is_said_roughly(seconds: float, words: str) -> None:
    state = TrainingState("training", 3, 1, 4, 2, 5, 0.5, seconds)
    assert progress_sentence(state) == f"round 3: epoch 1 of 4, step 2 of 5, loss 0.5000, {words}"
