"""From the events of a worker to where its training is."""

from __future__ import annotations

import math
from typing import Any

from SAIMCore.rounds.training_state import EVALUATING, PREPARING, TRAINING, EpochFigures

__all__ = ["TrainingProgress"]


class TrainingProgress:
    """Takes the worker's events, one call each; the figures are those of ``TrainingState``.

    failure: why the training ended and whether it can just go on. stopped: it ended as it was
    asked to. Both are forgotten when another worker goes on with it.
    """

    def __init__(self) -> None:
        self.phase = PREPARING
        self.epoch = self.epochs = self.step = self.steps = 0
        self.loss: float | None = None
        self.seconds_left: float | None = None
        self.curve: tuple[EpochFigures, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self._resumed_after = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """What follows is of another worker."""
        self.phase = PREPARING
        self.seconds_left = None
        self.warnings = ()
        self.failure: tuple[str, bool] | None = None
        self.stopped = False

    @property
    def ended(self) -> bool:
        """Whether the worker said that it ends."""
        return self.stopped or self.failure is not None

    def take(self, event: dict[str, Any]) -> None:
        """Go on by one event."""
        take = getattr(self, f"_take_{event['event']}", None)
        if take is not None:
            take(event)

    def _take_preparing(self, event: dict[str, Any]) -> None:
        self.begin_anew()
        self._resumed_after = 0

    def _take_warning(self, event: dict[str, Any]) -> None:
        self.warnings += (event["message"],)

    def _take_resumed(self, event: dict[str, Any]) -> None:
        self._resumed_after = event["epoch"]

    def _take_start(self, event: dict[str, Any]) -> None:
        self.phase = TRAINING
        self.epochs, self.steps = event["epochs"], event["steps_per_epoch"]
        # What a kill took back, or a training that began at its beginning again, is done anew.
        self.curve = tuple(entry for entry in self.curve if entry.epoch <= self._resumed_after)
        self.epoch, self.step = self._resumed_after, 0

    def _take_step(self, event: dict[str, Any]) -> None:
        self.epoch, self.step, self.steps = event["epoch"], event["step"], event["steps"]
        self.loss, self.seconds_left = event["loss"], event["seconds_left"]

    def _take_epoch(self, event: dict[str, Any]) -> None:
        miou = event.get("validation_miou")
        # The mean of no class at all is no number.
        miou = None if miou is None or math.isnan(miou) else miou
        self.curve += (EpochFigures(event["epoch"], event["loss"], miou),)
        self.epoch, self.loss = event["epoch"], event["loss"]
        self.seconds_left = event["seconds_left"]

    def _take_evaluating(self, event: dict[str, Any]) -> None:
        self.phase, self.seconds_left = EVALUATING, None
        self.step, self.steps = event["step"], event["steps"]

    def _take_stopped(self, event: dict[str, Any]) -> None:
        self.stopped, self.seconds_left = True, None

    def _take_error(self, event: dict[str, Any]) -> None:
        self.failure, self.seconds_left = (event["message"], event["resumable"]), None
