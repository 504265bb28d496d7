"""What a panel shows of a training beside its sentence: how far it is, its curve, its log."""

from __future__ import annotations

import os
from pathlib import Path

from SAIMCore.rounds.training_state import EVALUATING, TRAINING, TrainingState

__all__ = ["LOSS", "MIOU", "end_of_log", "live_curve", "share_trained"]

LOSS, MIOU = "loss, of the first epoch's", "validation mIoU"

# A traceback and what came before it.
LOG_LINES = 200
LOG_BYTES = 100_000


def share_trained(state: TrainingState) -> float | None:
    """How much of the training, or of the evaluation after it, is done (0 to 1).

    None where nothing says how long it takes: while it is prepared, stops or stands.
    """
    if state.phase == EVALUATING:
        return state.step / state.steps if state.steps else None
    if state.phase != TRAINING or not state.epochs:
        return None
    # Before its first step an epoch is the last one that was finished.
    begun = state.step / state.steps - 1 if state.step and state.steps else 0
    return (state.epoch + begun) / state.epochs


def live_curve(state: TrainingState) -> tuple[list[float], dict[str, list[float | None]]]:
    """Epochs, and over them the curves LOSS and MIOU, both of about 0 to 1.

    Losses are given relative to the first one: their size means nothing, their fall does.
    """
    first = state.curve[0].loss if state.curve else 0.0
    return [float(entry.epoch) for entry in state.curve], {
        LOSS: [entry.loss / first if first else None for entry in state.curve],
        MIOU: [entry.miou for entry in state.curve],
    }


def end_of_log(file: Path | None) -> str:
    """The last lines of a training's log; "" where there is none, or it cannot be read."""
    if file is None:
        return ""
    try:
        with file.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - LOG_BYTES))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LOG_LINES:])
