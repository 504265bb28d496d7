"""Training on the page: how it goes, what came of it, and when it begins by itself."""

from __future__ import annotations

from typing import Any

from trame_server.state import State

from SAIMCore.campaign.automatic_training import (
    choose_automatic_training,
    round_size,
)
from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.plots import Plot
from SAIMCore.campaign.training_display import end_of_log, live_curve, share_trained
from SAIMCore.errors import ConfigurationError
from SAIMCore.rounds.training_state import EVALUATING, FAILED, PAUSING, TrainingState
from SAIMWeb.curve_drawing import draw
from SAIMWeb.sentences import as_sentence
from SAIMWeb.trame_host.messages import Messages

__all__ = ["TrainingPage"]


class TrainingPage:
    """The training of ``campaign`` in the page's state."""

    def __init__(self, state: State, campaign: Campaign, messages: Messages) -> None:
        self._state = state
        self._campaign = campaign
        self._messages = messages
        self._was_active = False
        state.update({"log_open": False, "training_log": ""})
        state.update({"accepted_since": 0, "accepted_needed": 0})
        state.change("log_open")(lambda **_: self._show_log(campaign.training.state))
        self.show()

    # -- what the user asks for -----------------------------------------------------------------

    def train(self) -> None:
        """Begin a training, or go on with the one that was paused."""
        self._messages.do(self._campaign.train)

    def pause(self) -> None:
        """Stop the training with its state saved."""
        self._messages.do(self._campaign.pause_training)

    def give_up(self) -> None:
        """Give the training up, and what it has trained."""

        def give_up() -> None:
            number = self._campaign.training.state.round
            which = "this training" if number is None else f"the training of round {number}"
            if self._messages.agrees(f"Give up {which}? What it has learned is lost."):
                self._campaign.cancel_training()

        self._messages.do(give_up)

    def train_by_itself(
        self,
        enabled: bool | None = None,
        accepted: str | int | None = None,
        growth: str | float | None = None,
    ) -> None:
        """Let trainings begin by themselves or not, after so many accepted series.

        growth: how many times the series of the round before each further one takes. What is None
        stays as it is.
        """

        def choose() -> None:
            project = self._campaign.project
            present = project.settings.automatic_training
            choose_automatic_training(
                project,
                present.enabled if enabled is None else bool(enabled),
                present.accepted if accepted is None else _whole_number(accepted),
                None if growth is None else _number(growth),
            )

        self._messages.do(choose)
        # What was typed may be no number.
        self.show()

    # -- what the user sees ---------------------------------------------------------------------

    def show(self) -> None:
        """Progress, curve, log and settings."""
        training = self._campaign.training.state
        share = share_trained(training)
        self._state.training = {
            "active": training.active,
            "pausing": training.phase == PAUSING,
            "failed": training.phase == FAILED,
            "resumable": training.resumable,
            "round": training.round,
            "sentence": as_sentence(training.sentence),
            "warnings": [as_sentence(warning) for warning in training.warnings],
            "percent": None if share is None else round(100 * share),
            "figures": _figures(training),
            "curve": _drawn(training),
            "log": training.log_file is not None,
        }
        # Who trains looks at something else meanwhile.
        if self._was_active and training.phase == FAILED:
            self._messages.complain(f"The training failed: {training.sentence}")
        self._was_active = training.active
        automatic = self._campaign.project.settings.automatic_training
        self._state.automatic = {
            "enabled": automatic.enabled,
            "accepted": automatic.accepted,
            "growth": f"{automatic.growth:g}",
        }
        self._show_log(training)
        overview = self._campaign.queue.overview
        if overview is not None:
            first, growth, number = automatic.accepted, automatic.growth, overview.round_number
            self._state.accepted_since = overview.round_accepted
            self._state.accepted_needed = round_size(first, growth, number)

    def _show_log(self, training: TrainingState) -> None:
        # It is long, and seldom looked at.
        self._state.training_log = end_of_log(training.log_file) if self._state.log_open else ""


def _figures(training: TrainingState) -> list[dict[str, Any]]:
    """Where an active training is: names and values."""
    if not training.active or not training.epochs or training.phase == EVALUATING:
        return []
    figures = {
        "epoch": f"{training.epoch} of {training.epochs}",
        "step": f"{training.step} of {training.steps}" if training.steps else "",
        "loss": "" if training.loss is None else f"{training.loss:.4f}",
        "left": "" if training.seconds_left is None else _duration(training.seconds_left),
    }
    return [{"name": name, "value": value or "–"} for name, value in figures.items()]


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _drawn(training: TrainingState) -> str:
    if not training.curve:
        return ""
    epochs, columns = live_curve(training)
    title = f"Training of round {training.round}"
    shown = {name: tuple(column) for name, column in columns.items()}
    return draw(Plot(title, "epoch", "", tuple(epochs), shown))


def _whole_number(text: str | int) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no number of series") from error


def _number(text: str | float) -> float:
    try:
        return float(text.replace(",", ".") if isinstance(text, str) else text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is no number") from error
