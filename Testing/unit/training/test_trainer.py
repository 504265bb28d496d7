"""The trainer learns, keeps its best epoch, resumes exactly and stops cleanly."""

from __future__ import annotations

import itertools
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
from SAIMCore.training.state import save_state
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
            **{
                "device": "cpu",
                "learning_rate": 1e-3,
                "report": self.events.append,
                **more,
            },
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
    epoch, last = fixture.of_kind("epoch")
    assert steps[0]["seconds_left"] > 0
    assert last["seconds_left"] == 0
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


@pytest.mark.parametrize(
    ("steps_before_the_stop", "schedule", "workers"),
    [(2, "constant", 0), (3, "cosine", 0), (4, "constant", 1)],
)
def test_a_stopped_training_resumes_exactly(
    fixture: Fixture, steps_before_the_stop: int, schedule: str, workers: int
) -> None:
    config = replace(SHORT, schedule=schedule, workers=workers)
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


def test_an_encoder_that_drops_paths_resumes_exactly_too(fixture: Fixture) -> None:
    network = replace(fixture.config.network, memory_variant="none", encoder="efficientnet-b0")
    fixture.config = replace(fixture.config, network=network)
    config = replace(SHORT, epochs=1, steps_per_epoch=2, validation_clicks=0)
    whole = weights_of(fixture.trainer("whole", config).run().checkpoint)
    fixture.events.clear()
    fixture.trainer("parts", config, should_stop=lambda: bool(fixture.of_kind("step"))).run()
    resumed = fixture.trainer("parts", config)
    resumed.resume()
    # What other work drew in between.
    torch.rand(5)
    assert same(whole, weights_of(resumed.run().checkpoint))


def test_a_resumed_training_keeps_its_learning_rate(fixture: Fixture) -> None:
    config = replace(SHORT, epochs=1, steps_per_epoch=2)
    fixture.trainer(config=config, should_stop=lambda: bool(fixture.of_kind("step"))).run()
    resumed = fixture.trainer(config=config, learning_rate=5e-5)
    assert resumed.resume()
    checkpoint = resumed.run().checkpoint
    assert checkpoint is not None
    assert {group["lr"] for group in resumed._optimizer.param_groups} == {1e-3}
    assert load_checkpoint(checkpoint)[1].training["learning_rate"] == 1e-3


def test_a_state_of_another_version_is_refused_in_words(fixture: Fixture) -> None:
    trainer = fixture.trainer()
    (fixture.folder / "run").mkdir()
    facts = {"step": trainer._step.state(), "progress": {"wound": 7}, "learning_rate": 1e-3}
    save_state(fixture.folder / "run" / STATE_FILE, trainer._network, trainer._optimizer, facts)
    with pytest.raises(TrainingError, match="written by another version of SAIM"):
        trainer.resume()


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


@pytest.mark.parametrize(("batch", "part"), [(1, None), (4, 1), (3, 2), (5, 4)])
def test_a_single_slice_of_the_smallest_size_is_refused(
    fixture: Fixture, batch: int, part: int | None
) -> None:
    with pytest.raises(TrainingError, match="at least 2 slices per step"):
        fixture.trainer(config=replace(SHORT, batch_size=batch, micro_batch=part))


@pytest.mark.parametrize(("batch", "part"), [(4, 2), (5, 3), (3, 8)])
def test_parts_of_more_than_one_slice_of_the_smallest_size_are_taken(
    fixture: Fixture, batch: int, part: int
) -> None:
    fixture.trainer(config=replace(SHORT, batch_size=batch, micro_batch=part))


def test_the_log_has_the_loss_of_every_step_and_the_event_the_mean(
    fixture: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = fixture.trainer(config=replace(SHORT, epochs=1))
    losses = iter([3.0, 1.0, 2.0])
    monkeypatch.setattr(trainer._step, "run", lambda batch: next(losses))
    logged: list[float] = []

    class Log:
        def add_scalar(self, name: str, value: float, step: int) -> None:
            if name == "loss/step":
                logged.append(value)

        def close(self) -> None:
            return None

    monkeypatch.setattr(trainer, "_writer", Log)
    trainer.run()
    assert logged == [3.0, 1.0, 2.0]
    assert [event["loss"] for event in fixture.of_kind("step")] == [3.0, 2.0, 2.0]


def test_the_time_left_counts_the_validations_that_are_due(fixture: Fixture) -> None:
    config = replace(SHORT, epochs=5, steps_per_epoch=10, validate_every=2)
    trainer = fixture.trainer(config=config)
    trainer._remaining.seconds = lambda steps, validations: steps + 100 * validations  # type: ignore[method-assign]
    left = []
    for trainer._progress.epoch in range(6):
        left.append(trainer._seconds_left())
    # Epochs 2, 4 and 5 are validated.
    assert left == [350, 340, 230, 220, 110, 0]


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


def test_a_stop_in_the_validation_resumes_exactly_with_the_validation(fixture: Fixture) -> None:
    whole = weights_of(fixture.trainer("whole").run().checkpoint)
    expected = fixture.of_kind("epoch")
    fixture.events.clear()
    # Asked after each of the three steps and then by the validation.
    asked = itertools.count(1)
    stopped = fixture.trainer("parts", should_stop=lambda: next(asked) == 4).run()
    assert (stopped.finished, stopped.epoch, stopped.checkpoint) == (False, 0, None)
    assert len(fixture.of_kind("step")) == 3
    assert fixture.of_kind("epoch") == []

    resumed = fixture.trainer("parts")
    assert resumed.resume()
    result = resumed.run()
    assert len(fixture.of_kind("step")) == 6
    assert same(whole, weights_of(result.checkpoint))
    for one, other in zip(fixture.of_kind("epoch"), expected, strict=True):
        assert (one["loss"], one["validation"]) == (other["loss"], other["validation"])
