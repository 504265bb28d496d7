"""What a host shows of a training in the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "EVALUATING",
    "FAILED",
    "FINISHED",
    "IDLE",
    "PAUSED",
    "PAUSING",
    "PREPARING",
    "TRAINING",
    "EpochFigures",
    "TrainingState",
    "progress_sentence",
]

IDLE, PREPARING, TRAINING, EVALUATING = "idle", "preparing", "training", "evaluating"
PAUSING, PAUSED, FINISHED, FAILED = "pausing", "paused", "finished", "failed"
ACTIVE = (PREPARING, TRAINING, EVALUATING, PAUSING)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class EpochFigures:
    """One point of the live curve: mean loss of an epoch and, where it was validated, mIoU.

    miou: over all numbers of clicks, 0 to 1.
    """

    epoch: int
    loss: float
    miou: float | None


@dataclass(frozen=True)
class TrainingState:
    """A training as it is now; ``sentence`` says it in words.

    phase: idle, preparing, training, evaluating, pausing, paused, finished or failed. Epochs and
    steps count from 1 and are 0 before the first; ``step`` and ``steps`` are those of the epoch,
    while evaluating those of the evaluation. loss: mean of the epoch so far. resumable: whether a
    round was interrupted, with which ``start`` goes on.
    """

    phase: str = IDLE
    round: int | None = None
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    seconds_left: float | None = None
    curve: tuple[EpochFigures, ...] = ()
    warnings: tuple[str, ...] = ()
    sentence: str = "no training is under way"
    log_file: Path | None = None
    resumable: bool = False

    @property
    def active(self) -> bool:
        """Whether something is under way that ends by itself."""
        return self.phase in ACTIVE


def progress_sentence(state: TrainingState) -> str:
    """What the active training ``state`` does, in words."""
    if state.phase == PREPARING:
        doing = "the series are being prepared"
    elif state.phase == EVALUATING:
        doing = f"the new model is being measured, {_share(state)}"
    elif state.phase == PAUSING:
        doing = "the training stops after its present step"
    else:
        doing = f"epoch {state.epoch} of {state.epochs}, step {state.step} of {state.steps}"
        if state.loss is not None:
            doing += f", loss {state.loss:.4f}"
        if state.seconds_left is not None:
            doing += f", {_duration(state.seconds_left)} left"
    return doing if state.round is None else f"round {state.round}: {doing}"


def _share(state: TrainingState) -> str:
    return f"{100 * state.step // max(1, state.steps)} %"


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < 2 * HOUR:
        minutes = round(seconds / MINUTE)
        return f"about {minutes} minute{'' if minutes == 1 else 's'}"
    return f"about {round(seconds / HOUR)} hours"
