"""What the bar says while a training runs."""

from __future__ import annotations

from SAIMCore.cli.console import Bar, Console
from SAIMCore.cli.training_display import TrainingDisplay


class SeenBar(Bar):
    """Keeps what it would show: how far, of how many, and its label."""

    def __init__(self) -> None:
        super().__init__(None, "starting")
        self.shown: list[tuple[float, float | None, str | None]] = []

    def __call__(self, done: float, total: float | None = None, label: str | None = None) -> None:
        self.shown.append((done, total, label))


def test_after_the_last_step_of_an_epoch_the_bar_says_what_takes_time() -> None:
    bar = SeenBar()
    display = TrainingDisplay(Console(as_json=True), bar)
    display(
        {
            "event": "start", "epochs": 3, "steps_per_epoch": 2, "slices": 8, "device": "cpu",
            "batch_size": 4,
        }
    )  # fmt: skip
    for step in (1, 2):
        display({"event": "step", "epoch": 2, "step": step, "steps": 2, "loss": 0.5})
    assert bar.shown == [
        (3, 6, "epoch 2 of 3, loss 0.5000"),
        (4, 6, "epoch 2 of 3: measuring on the validation series"),
    ]
