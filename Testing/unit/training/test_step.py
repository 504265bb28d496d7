"""One training step: short memories, scaling, and randomness that depends on the visit alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.errors import TrainingError
from SAIMCore.networks.factory import create_network
from SAIMCore.training import step as step_module
from SAIMCore.training.augmentation import Augmentation
from SAIMCore.training.dataset import TrainingBatch, Visit
from SAIMCore.training.generation import NoInteractions
from SAIMCore.training.losses import FocalLoss
from SAIMCore.training.processes import Processes
from SAIMCore.training.step import TrainingStep, create_optimizer

CPU = torch.device("cpu")
SIDE, CLASSES = 8, 3


class Dropping(nn.Module):
    """Draws from torch's own generator in training, as encoders with drop path do."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Conv2d(1, 16, 1), nn.Dropout(0.5), nn.Conv2d(16, CLASSES, 1))

    def forward(self, image: Tensor, memory: Tensor) -> Tensor:
        logits: Tensor = self.layers(image)
        return logits


class SeveralProcesses(Processes):
    """Says that there are others, and needs none of them."""

    def wrap(self, network: nn.Module, device: torch.device) -> nn.Module:
        return network

    def mean(self, value: float) -> float:
        return value


def make_step(network: nn.Module, **options: Any) -> TrainingStep:
    optimizer = create_optimizer(network, 1e-2)
    loss = FocalLoss(np.ones(CLASSES))
    return TrainingStep(network, loss, optimizer, NoInteractions(), CPU, **options)


def make_batch(position: int = 0, slices: int = 4, side: int = SIDE) -> TrainingBatch:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, (slices, side, side), dtype=np.uint8)
    visits = [
        Visit(found, Augmentation(), (0, 2, position + place), (0, place))
        for place, found in enumerate(labels)
    ]
    images = torch.from_numpy(rng.normal(size=(slices, 1, side, side)).astype(np.float32))
    return TrainingBatch(images, torch.from_numpy(labels), visits)


def weights_after(batch: TrainingBatch, drawn_before: int = 0) -> Tensor:
    network = Dropping()
    step = make_step(network)
    torch.rand(drawn_before)
    step.run(batch)
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def out_of_memory(*_: Any) -> Tensor:
    raise torch.OutOfMemoryError("CUDA out of memory")


def fail_above(slices: int, monkeypatch: pytest.MonkeyPatch, step: TrainingStep) -> None:
    """Let the memory of ``step`` be too small for more than ``slices`` slices at once."""
    accumulate: Callable[..., float] = step._accumulate

    def limited(part: TrainingBatch, share: float) -> float:
        if len(part) > slices:
            # The network has been asked already when the memory runs out.
            step._network(part.images, part.images[:, :0])
            out_of_memory()
        return accumulate(part, share)

    monkeypatch.setattr(step, "_accumulate", limited)


def test_a_step_draws_the_same_whatever_was_drawn_before() -> None:
    batch = make_batch()
    assert torch.equal(weights_after(batch), weights_after(batch, drawn_before=7))


def test_every_step_draws_something_else() -> None:
    assert not torch.equal(weights_after(make_batch()), weights_after(make_batch(position=4)))


def test_a_repeated_attempt_draws_the_same_as_one_that_succeeds_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for micro_batch, limit in ((2, 4), (4, 2)):
        network = Dropping()
        step = make_step(network, micro_batch=micro_batch)
        fail_above(limit, monkeypatch, step)
        step.run(make_batch())
        found.append(torch.cat([value.detach().flatten() for value in network.parameters()]))
    assert torch.equal(*found)


def test_a_resnet_draws_nothing_in_a_step(model_config: Callable[..., ModelConfig]) -> None:
    step = make_step(create_network(model_config("none").network))
    step.run(make_batch(side=64))
    untouched = torch.Generator().manual_seed(torch.initial_seed())
    assert torch.equal(torch.get_rng_state(), untouched.get_state())


@pytest.mark.parametrize("slices", [4, 1])
def test_of_several_processes_none_answers_a_short_memory_alone(
    monkeypatch: pytest.MonkeyPatch, slices: int
) -> None:
    warnings: list[str] = []
    others = SeveralProcesses(rank=1, count=2)
    step = make_step(Dropping(), processes=others, warn=warnings.append)
    monkeypatch.setattr(step, "_accumulate", out_of_memory)
    sentence = f"process 2 of 2 is too small for {slices} slices.*smaller micro_batch or batch_size"
    with pytest.raises(TrainingError, match=sentence):
        step.run(make_batch(slices=slices))
    assert step.micro_batch is None
    assert warnings == []


def test_a_network_that_fails_to_answer_is_still_in_training() -> None:
    network = Dropping()
    step = make_step(network)
    hook = network.register_forward_hook(out_of_memory)
    images = make_batch().images
    with pytest.raises(torch.OutOfMemoryError):
        step.answer(images, images[:, :0])
    assert network.training
    hook.remove()
    step.answer(images, images[:, :0])
    assert network.training


@pytest.mark.parametrize(("saved_half", "resumed_half"), [(False, True), (True, False)])
def test_a_state_of_another_precision_is_taken_up(
    monkeypatch: pytest.MonkeyPatch, saved_half: bool, resumed_half: bool
) -> None:
    # GradScaler is enabled where half precision is float16.
    types: Sequence[torch.dtype | None] = (None, torch.float16)
    monkeypatch.setattr(step_module, "autocast_dtype", lambda device: types[saved_half])
    saved = make_step(Dropping(), micro_batch=2)
    monkeypatch.setattr(step_module, "autocast_dtype", lambda device: types[resumed_half])
    resumed = make_step(Dropping())
    scale = resumed._scaler.get_scale()
    resumed.restore(saved.state())
    assert resumed.micro_batch == 2
    assert resumed._scaler.get_scale() == scale


def test_the_scale_of_the_loss_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_module, "autocast_dtype", lambda device: torch.float16)
    saved, resumed = make_step(Dropping()), make_step(Dropping())
    saved.restore({"micro_batch": None, "scaler": saved.state()["scaler"] | {"scale": 128.0}})
    resumed.restore(saved.state())
    assert resumed._scaler.get_scale() == 128.0


def test_a_short_memory_on_other_devices_than_cuda_is_answered_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = make_step(Dropping())
    accumulate = step._accumulate

    def limited(part: TrainingBatch, share: float) -> float:
        if len(part) > 2:
            raise RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)")
        return accumulate(part, share)

    monkeypatch.setattr(step, "_accumulate", limited)
    step.run(make_batch())
    assert step.micro_batch == 2
