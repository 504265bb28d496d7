"""What an emulated scenario shows while it runs: the round, the step, the training in it."""

from __future__ import annotations

from typing import Any

from SAIMCore.cli.console import Bar, Console
from SAIMCore.cli.measurements import percent

__all__ = ["EmulationDisplay"]

_STAGES = {
    "select": "scoring the pool",
    "annotate": "the virtual user annotates",
    "train": "training",
    "classical": "training on reference labels, for comparison",
}


class EmulationDisplay:
    """Takes the events of ``emulate``, one call each."""

    def __init__(self, console: Console, bar: Bar) -> None:
        self._console = console
        self._bar = bar
        self._label = ""
        self._epochs = self._steps = 0
        self._best: float | None = None
        self._warned: set[str] = set()

    def __call__(self, event: dict[str, Any]) -> None:
        show = getattr(self, f"_show_{event['event']}", None)
        if show is not None:
            show(event)

    def _show_stage(self, event: dict[str, Any]) -> None:
        number, rounds = event["round"], event["rounds"]
        place = "initial model" if number == 0 else f"round {number} of {rounds}"
        self._label, self._best = f"{place}: {_STAGES[event['stage']]}", None
        self._console.say(self._label)
        self._bar(0, label=self._label)

    def _show_progress(self, event: dict[str, Any]) -> None:
        self._bar(event["done"], event["total"], f"{self._label}, {event['name']}")

    def _show_start(self, event: dict[str, Any]) -> None:
        self._epochs, self._steps = event["epochs"], event["steps_per_epoch"]

    def _show_warning(self, event: dict[str, Any]) -> None:
        # Every training of the emulation would say the same again.
        if event["message"] not in self._warned:
            self._warned.add(event["message"])
            self._console.warn(event["message"])

    def _show_step(self, event: dict[str, Any]) -> None:
        best = "" if self._best is None else f", best mIoU {percent(self._best)} %"
        self._bar(
            (event["epoch"] - 1) * event["steps"] + event["step"],
            self._epochs * event["steps"],
            f"{self._label}, epoch {event['epoch']} of {self._epochs}, "
            f"loss {event['loss']:.4f}{best}",
        )

    def _show_epoch(self, event: dict[str, Any]) -> None:
        if "validation_miou" in event:
            self._best = max(self._best or 0.0, event["validation_miou"])

    def _show_evaluating(self, event: dict[str, Any]) -> None:
        label = f"{self._label}, evaluating on the {event['split']} series"
        self._bar(event["step"], event["steps"], label)

    def _show_round(self, event: dict[str, Any]) -> None:
        clicks = event["test"]["clicks"]
        by_clicks = ", ".join(
            f"{percent(entry['mean_iou'])} after {count}" for count, entry in clicks.items()
        )
        self._console.say(f"  {event['model']}: test mIoU in % by clicks: {by_clicks}")
