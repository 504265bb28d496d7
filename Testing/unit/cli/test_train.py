"""``saim train``: progress, result, interruption, and what cannot be trained."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from SAIMCore.cli.training_display import TrainingDisplay
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project

Happen = Callable[[], None]


@pytest.fixture
def when(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[dict[str, Any]], bool], Happen], None]:
    """Makes something happen once, when the display sees an event of a certain kind."""
    show = TrainingDisplay.__call__

    def arrange(matches: Callable[[dict[str, Any]], bool], happen: Happen) -> None:
        waiting = [happen]

        def watched(display: TrainingDisplay, event: dict[str, Any]) -> None:
            show(display, event)
            if waiting and matches(event):
                waiting.pop()()

        monkeypatch.setattr(TrainingDisplay, "__call__", watched)

    return arrange


def kill_worker() -> None:
    (worker,) = (
        child for child in psutil.Process().children() if "SAIMCore.worker" in child.cmdline()
    )
    os.kill(worker.pid, signal.SIGKILL)


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_first_training_shows_epochs_measurements_decision_and_advice(trained_once) -> None:
    printed = trained_once[1].out
    assert "training on 1 series, validation on 1, test on 1" in printed
    assert "4 slices on cpu: 1 epochs of 2 steps, 4 slices each" in printed
    assert "epoch 1 of 1: loss " in printed
    assert "round-001 on validation, IoU in %" in printed
    assert "round-001 on test, IoU in %" in printed
    assert "it is the first shared model" in printed
    assert "annotate about 1 more series before you start: with 1 the mIoU is" in printed


def test_a_training_that_was_stopped_can_be_given_up_and_another_one_done(
    saim, trained: Path, when, short_training
) -> None:
    when(lambda event: event["event"] == "epoch", press_ctrl_c)
    stopped = saim("train", trained, *short_training, "--epochs", "50")
    assert stopped.code == 130
    assert f"'saim train {trained}' goes on with it" in stopped.err
    assert saim("status", trained, "--json").document["round"]["status"] == "interrupted"

    answer = saim(
        "train", trained, *short_training, "--epochs", "1", "--discard", "--fine-tune",
        "--publish", "never", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    document = answer.document
    assert (document["round"], document["model"]) == (3, "round-003")
    assert document["published"] is False
    assert "it was not published, as asked" in document["sentence"]
    assert set(document["test"]["clicks"]) == {"0", "1", "2", "3"}
    listed = saim("models", trained, "--json").document
    assert [entry["version"] for entry in listed] == ["round-001", "round-003"]
    assert listed[1]["parent"] == "round-001"

    refused = saim("models", trained, "restore", "round-003")
    assert refused.code == 2
    assert "--even-if-worse" in refused.err
    assert saim("models", trained, "restore", "round-003", "--even-if-worse").code == 0
    assert saim("status", trained, "--json").document["model"]["version"] == "round-003"


def test_a_training_whose_worker_was_killed_goes_on(saim, made: Path, when, short_training) -> None:
    when(lambda event: event["event"] == "step" and event["epoch"] == 2, kill_worker)
    killed = saim("train", made, *short_training, "--epochs", "2")
    assert killed.code == 2
    assert "was killed (SIGKILL); start the training again" in killed.err
    with Project.open(made, read_only=True) as project:
        assert project.models.all() == []
        assert project.rounds.running() is not None

    # Its own options count, not those of the second call.
    answer = saim("train", made, "--epochs", "7")
    assert answer.code == 0, answer.err
    assert "going on with round 1, which was interrupted" in answer.out
    assert "going on after epoch 1" in answer.out
    assert "epoch 2 of 2" in answer.out
    with Project.open(made, read_only=True) as project:
        current = project.models.current()
        assert current is not None
        assert current.version == "round-001"
        assert project.rounds.running() is None


def test_there_may_be_no_round_to_give_up(saim, made: Path, tmp_path: Path) -> None:
    missing = tmp_path / "weights.safetensors"
    answer = saim("train", made, "--discard", "--encoder-weights", missing, "--device", "cpu")
    assert "there is no interrupted round to give up" in answer.out
    # The worker's own sentence.
    assert answer.code == 2
    assert str(missing) in answer.err
    with Project.open(made, read_only=True) as project:
        assert [record.status for record in project.rounds.all()] == ["failed"]


# -- refused before anything begins ---------------------------------------------------------------


def assert_refused(saim, project: Path, complaint: str, *options: object) -> None:
    answer = saim("train", project, *options)
    assert answer.code == 2
    assert complaint in answer.err
    with Project.open(project, read_only=True) as opened:
        assert opened.rounds.running() is None
    assert not any((project / "runs").glob("round-*/state.safetensors"))


def test_without_an_annotated_series_there_is_nothing_to_train_on(
    saim, made: Path, phantom: Phantom
) -> None:
    saim("status", made, "--set", phantom.splits["train_initial"][0], "excluded")
    assert_refused(saim, made, "no series is annotated, so there is nothing to train on")


def test_without_a_validation_series_no_epoch_can_be_chosen(
    saim, made: Path, phantom: Phantom
) -> None:
    saim("status", made, "--set", phantom.splits["validation"][0], "annotated")
    assert_refused(saim, made, "no series is set aside for validation")


def test_a_class_without_a_voxel_in_the_training_set_is_named(
    saim, made: Path, phantom: Phantom
) -> None:
    (name,) = phantom.splits["train_initial"]
    with Project.open(made) as project:
        labels = project.annotations.load(name)
        labels[labels == project.classes.index("gland")] = 0
        project.annotations.accept(name, np.ascontiguousarray(labels), "someone")
    assert_refused(saim, made, "the class 'gland' has no voxel in the 1 training series")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--fine-tune",), "there is no model to fine-tune yet"),
        (("--encoder", "resnet35"), "unknown encoder 'resnet35'; did you mean"),
        (("--size", "100"), "size must be a multiple of 32, found 100"),
        (("--learning-rate", "-1"), "the learning rate must be above 0, found -1.0"),
        (("--memory", "base", "--decoder", "convlstm"), "choose the sequential memory or the unet"),
    ],
)
def test_options_that_cannot_work_are_refused(
    saim, made: Path, options: tuple[str, ...], complaint: str
) -> None:
    assert_refused(saim, made, complaint, *options)
    with Project.open(made, read_only=True) as project:
        assert project.rounds.all() == []


def test_a_project_that_somebody_writes_to_is_not_trained(saim, made: Path) -> None:
    with Project.open(made):
        answer = saim("train", made)
    assert answer.code == 2
    assert "is open for writing by process" in answer.err
