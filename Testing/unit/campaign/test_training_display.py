"""How far a training is, its curve, and the end of its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.campaign.training_display import (
    LOG_LINES,
    LOSS,
    MIOU,
    end_of_log,
    live_curve,
    share_trained,
)
from SAIMCore.rounds.training_state import (
    EVALUATING,
    FAILED,
    IDLE,
    PAUSED,
    PAUSING,
    PREPARING,
    TRAINING,
    EpochFigures,
    TrainingState,
)


@pytest.mark.parametrize(
    ("epoch", "step", "share"),
    [(0, 0, 0.0), (1, 1, 0.025), (1, 10, 0.25), (2, 5, 0.375), (4, 10, 1.0), (3, 0, 0.75)],
)
def test_the_share_of_a_training_grows_with_every_step(epoch: int, step: int, share: float) -> None:
    state = TrainingState(TRAINING, 1, epoch, 4, step, 10)
    assert share_trained(state) == pytest.approx(share)


def test_an_evaluation_has_a_share_of_its_own() -> None:
    assert share_trained(TrainingState(EVALUATING, 1, 4, 4, 3, 12)) == 0.25


@pytest.mark.parametrize("phase", [IDLE, PREPARING, PAUSING, PAUSED, FAILED])
def test_otherwise_nobody_knows(phase: str) -> None:
    assert share_trained(TrainingState(phase, 1, 2, 4, 5, 10)) is None


@pytest.mark.parametrize("phase", [TRAINING, EVALUATING])
def test_nobody_knows_before_the_first_event_either(phase: str) -> None:
    assert share_trained(TrainingState(phase)) is None


def test_losses_are_shown_relative_to_the_first() -> None:
    curve = (EpochFigures(1, 0.4, None), EpochFigures(2, 0.1, 0.6))
    epochs, columns = live_curve(TrainingState(TRAINING, curve=curve))
    assert epochs == [1, 2]
    assert columns == {LOSS: [1, 0.25], MIOU: [None, 0.6]}


def test_a_first_loss_of_zero_gives_no_curve() -> None:
    curve = (EpochFigures(1, 0.0, 0.5),)
    assert live_curve(TrainingState(TRAINING, curve=curve))[1] == {LOSS: [None], MIOU: [0.5]}


def test_without_an_epoch_the_curve_is_empty() -> None:
    assert live_curve(TrainingState()) == ([], {LOSS: [], MIOU: []})


def test_of_a_log_the_end_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(50_000)) + b"caf\xe9\n")
    lines = end_of_log(log).splitlines()
    assert len(lines) == LOG_LINES
    assert lines[-2:] == ["line 49999", "caf�"]


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert end_of_log(None) == ""
    assert end_of_log(tmp_path / "worker.log") == ""
