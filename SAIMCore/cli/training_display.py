"""What a training shows while it runs: a progress bar, and a line for every epoch."""

from __future__ import annotations

from typing import Any

from SAIMCore.cli.console import Bar, Console
from SAIMCore.cli.measurements import percent

__all__ = ["TrainingDisplay"]


class TrainingDisplay:
    """Takes the worker's events, one call each."""

    def __init__(self, console: Console, bar: Bar) -> None:
        self._console = console
        self._bar = bar
        self._epochs = 0
        self._steps = 0
        self._best: float | None = None

    def __call__(self, event: dict[str, Any]) -> None:
        show = getattr(self, f"_show_{event['event']}", None)
        if show is not None:
            show(event)

    def _show_preparing(self, event: dict[str, Any]) -> None:
        counts = event["series"]
        self._console.say(
            f"training on {counts['training']} series, validation on {counts['validation']}, "
            f"test on {counts['test']}"
        )
        self._bar(0, label="preparing the series")

    def _show_start(self, event: dict[str, Any]) -> None:
        self._epochs, self._steps = event["epochs"], event["steps_per_epoch"]
        self._console.say(
            f"{event['slices']} slices on {event['device']}: {event['epochs']} epochs of "
            f"{event['steps_per_epoch']} steps, {event['batch_size']} slices each"
        )

    def _show_resumed(self, event: dict[str, Any]) -> None:
        self._console.say(f"going on after epoch {event['epoch']}, step {event['step']}")

    def _show_warning(self, event: dict[str, Any]) -> None:
        self._console.warn(event["message"])

    def _show_step(self, event: dict[str, Any]) -> None:
        self._steps = event["steps"]
        best = "" if self._best is None else f", best mIoU {percent(self._best)} %"
        label = f"epoch {event['epoch']} of {self._epochs}, loss {event['loss']:.4f}{best}"
        if event["step"] == self._steps:
            # Takes as long as some steps, of which the bar knows nothing.
            label = f"epoch {event['epoch']} of {self._epochs}: measuring on the validation series"
        self._bar(
            (event["epoch"] - 1) * self._steps + event["step"], self._epochs * self._steps, label
        )

    def _show_epoch(self, event: dict[str, Any]) -> None:
        line = f"epoch {event['epoch']} of {self._epochs}: loss {event['loss']:.4f}"
        if "validation" in event:
            self._best = max(self._best or 0.0, event["validation_miou"])
            by_clicks = ", ".join(
                f"{percent(entry['miou'])} at {clicks}"
                for clicks, entry in event["validation"].items()
            )
            line += f", validation mIoU {percent(event['validation_miou'])} % ({by_clicks} clicks)"
        self._console.say(f"{line}, about {_duration(event['seconds_left'])} left")

    def _show_evaluating(self, event: dict[str, Any]) -> None:
        self._bar(event["step"], event["steps"], f"evaluating on the {event['split']} series")

    def _show_stopped(self, event: dict[str, Any]) -> None:
        self._bar(0, label="stopped")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
