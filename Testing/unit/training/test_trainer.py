"""The trainer learns, keeps its best epoch, resumes exactly and stops cleanly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, load_checkpoint
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.errors import TrainingError
from SAIMCore.networks.factory import create_network
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.trainer import STATE_FILE, Trainer

Maker = Callable[..., LabeledSeries]
Events = list[dict[str, Any]]

SHORT = TrainingConfig(epochs=2, batch_size=4, steps_per_epoch=3, validation_clicks=1)


class Fixture:
    """Makes trainers that differ only in what a test says."""

    def __init__(self, folder: Path, config: ModelConfig, make: Maker) -> None:
        self.folder, self.config = folder, config
        self.training = [make("a", 0), make("b", 1)]
        self.validation = [make("c", 2, slices=2)]
        self.events: Events = []

    def trainer(self, folder: str = "run", config: TrainingConfig = SHORT, **more: Any) -> Trainer:
        torch.manual_seed(0)
        return Trainer(
            self.folder / folder,
            create_network(self.config.network),
            self.config,
            config,
            self.training,
            self.validation,
            device="cpu",
            learning_rate=1e-3,
            report=self.events.append,
            **more,
        )

    def of_kind(self, kind: str) -> Events:
        return [event for event in self.events if event["event"] == kind]


@pytest.fixture
def fixture(
    tmp_path: Path, model_config: Callable[..., ModelConfig], labeled_series: Maker
) -> Fixture:
    return Fixture(tmp_path, model_config(), labeled_series)


def weights_of(checkpoint: Path | None) -> dict[str, torch.Tensor]:
    assert checkpoint is not None
    return load_checkpoint(checkpoint)[0].state_dict()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("memory", "decoder"), [("none", "unet"), ("cumulative", "unet"), ("sequential", "convlstm")]
)
def test_training_lowers_the_loss_and_learns_the_classes(
    tmp_path: Path,
    model_config: Callable[..., ModelConfig],
    labeled_series: Maker,
    memory: str,
    decoder: str,
) -> None:
    fixture = Fixture(tmp_path, model_config(memory, decoder), labeled_series)
    config = replace(SHORT, epochs=3, steps_per_epoch=20, augment=False)
    result = fixture.trainer(config=config).run()
    losses = [event["loss"] for event in fixture.of_kind("epoch")]
    assert losses[-1] < 0.5 * losses[0]
    assert result.best_score is not None
    assert result.best_score > 0.3


def test_a_finished_training_has_a_checkpoint_of_its_best_epoch(fixture: Fixture) -> None:
    result = fixture.trainer().run()
    scores = [event["validation_miou"] for event in fixture.of_kind("epoch")]
    assert result.finished
    assert result.best_epoch == int(np.argmax(scores)) + 1
    assert result.best_score == max(scores)
    assert result.checkpoint is not None
    facts = load_checkpoint(result.checkpoint)[1].training
    assert facts["epoch"] == result.best_epoch
    assert facts["series"] == ["a", "b"]
    assert [path.name for path in (fixture.folder / "run").glob("best-*")] == [
        result.checkpoint.name
    ]


def test_events_tell_the_progress_and_the_time_left(fixture: Fixture) -> None:
    fixture.trainer().run()
    start, steps = fixture.events[0], fixture.of_kind("step")
    assert start["event"] == "start"
    assert set(start["class_weights"]) == {"background", "organ", "lesion"}
    assert [(event["epoch"], event["step"]) for event in steps] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)
    ]  # fmt: skip
    assert steps[-1]["seconds_left"] == 0
    assert steps[0]["seconds_left"] > 0
    epoch = fixture.of_kind("epoch")[0]
    assert set(epoch["validation"]) == {"0", "1"}
    assert set(epoch["validation"]["1"]["iou"]) == {"organ", "lesion"}
    assert list((fixture.folder / "run" / "tensorboard").iterdir())


def test_the_same_seed_gives_the_same_weights_and_another_one_others(fixture: Fixture) -> None:
    one = weights_of(fixture.trainer("one").run().checkpoint)
    again = weights_of(fixture.trainer("again").run().checkpoint)
    other = weights_of(fixture.trainer("other", replace(SHORT, seed=1)).run().checkpoint)
    assert same(one, again)
    assert not same(one, other)


def test_a_schedule_changes_the_weights_but_not_the_rate_that_is_noted(fixture: Fixture) -> None:
    constant = fixture.trainer("constant").run().checkpoint
    cosine = fixture.trainer("cosine", replace(SHORT, schedule="cosine")).run().checkpoint
    assert not same(weights_of(constant), weights_of(cosine))
    assert cosine is not None
    assert load_checkpoint(cosine)[1].training["learning_rate"] == 1e-3


@pytest.mark.parametrize(("steps_before_the_stop", "schedule"), [(2, "constant"), (3, "cosine")])
def test_a_stopped_training_resumes_exactly(
    fixture: Fixture, steps_before_the_stop: int, schedule: str
) -> None:
    config = replace(SHORT, schedule=schedule)
    whole = weights_of(fixture.trainer("whole", config).run().checkpoint)
    fixture.events.clear()

    def stop() -> bool:
        return len(fixture.of_kind("step")) >= steps_before_the_stop

    stopped = fixture.trainer("parts", config, should_stop=stop).run()
    assert not stopped.finished
    resumed = fixture.trainer("parts", config)
    assert resumed.resume()
    result = resumed.run()
    assert result.finished
    assert same(whole, weights_of(result.checkpoint))


def test_there_is_nothing_to_resume_at_first(fixture: Fixture) -> None:
    assert not fixture.trainer().resume()


def test_a_damaged_state_is_refused_in_words(fixture: Fixture) -> None:
    fixture.trainer().run()
    state = fixture.folder / "run" / STATE_FILE
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(TrainingError, match="damaged or of another network"):
        fixture.trainer().resume()


def test_the_state_of_another_network_is_refused(
    fixture: Fixture, model_config: Callable[..., ModelConfig]
) -> None:
    fixture.trainer().run()
    fixture.config = model_config("cumulative")
    with pytest.raises(TrainingError, match="damaged or of another network"):
        fixture.trainer().resume()


def test_parts_of_a_batch_give_nearly_the_step_of_the_whole(fixture: Fixture) -> None:
    # Nearly: every part has its own statistics of the batch normalization.
    one_step = replace(SHORT, epochs=1, steps_per_epoch=1)
    fixture.trainer("whole", one_step).run()
    fixture.trainer("parts", replace(one_step, micro_batch=2)).run()
    whole, parts = (event["loss"] for event in fixture.of_kind("epoch"))
    assert parts == pytest.approx(whole, rel=0.1)


def test_a_short_memory_is_answered_with_smaller_parts_and_a_sentence(
    fixture: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A size of 64, since a single slice of 32 is too small for the batch normalization.
    fixture.config = replace(fixture.config, size=64)
    trainer = fixture.trainer()
    accumulate = trainer._step._accumulate

    def short_of_memory(part: Any, share: float) -> float:
        if len(part) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return accumulate(part, share)

    monkeypatch.setattr(trainer._step, "_accumulate", short_of_memory)
    assert trainer.run().finished
    sentences = [event["message"] for event in fixture.of_kind("warning")]
    assert [sentence.split("parts of ")[1].split()[0] for sentence in sentences] == ["2", "1"]


def test_when_not_even_one_slice_fits_the_reason_is_given(
    fixture: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = fixture.trainer()

    def no_memory(part: Any, share: float) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(trainer._step, "_accumulate", no_memory)
    with pytest.raises(TrainingError, match="too small for a single slice"):
        trainer.run()


def test_a_single_slice_of_the_smallest_size_is_refused(fixture: Fixture) -> None:
    with pytest.raises(TrainingError, match="at least 2 slices per step"):
        fixture.trainer(config=replace(SHORT, batch_size=1))


def test_a_loss_that_is_no_number_ends_the_training(fixture: Fixture) -> None:
    fixture.training[0].slices[:] = np.nan
    with pytest.raises(TrainingError, match="loss became nan; train with a lower learning rate"):
        fixture.trainer().run()


def test_a_class_without_a_voxel_is_refused_before_training(fixture: Fixture) -> None:
    for series in fixture.training:
        series.labels[series.labels == 2] = 1
    with pytest.raises(TrainingError, match="no voxel of class lesion"):
        fixture.trainer()


def test_filling_the_memory_leaves_the_running_statistics_alone(fixture: Fixture) -> None:
    trainer = fixture.trainer()
    network = trainer._network
    before = {name: value.clone() for name, value in network.named_buffers()}
    images = torch.randn(2, 1, 32, 32)
    memory = torch.zeros(2, fixture.config.network.memory.channels, 32, 32)
    trainer._step.answer(images, memory)
    assert same(before, dict(network.named_buffers()))
    assert network.training
