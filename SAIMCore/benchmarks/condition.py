"""``condition``: a stroke that the network is made to agree with, against the passes it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from SAIMCore.benchmarks.click import ready_session
from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import conditions, model_config, settled_network
from SAIMCore.benchmarks.timing import Comparison, Work, compare
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.device import choose_device
from SAIMCore.interactions import Stroke
from SAIMCore.networks.unet import Unet
from SAIMCore.predictor import Predictor
from SAIMCore.session.conditioning import SliceConditioning

__all__ = ["measure"]

SIZE = 512
TARGET = 1.20
# So small that the stroke is never obeyed, and every step is taken.
RATE = 1e-12
# Rows of a stroke across the slice, in parts of its height: two classes cannot both be there.
ROWS = (0.4, 0.6)


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """One ratio, for the U-Net."""
    device = choose_device(options.device)
    config = model_config(options.size or SIZE, options.encoder, "unet")
    conditioning = ConditioningOptions(learning_rate=RATE)
    yield Figure.of_ratios(
        "condition",
        "conditioned stroke / encoder and passes of the trained layers, unet",
        _compare(config, device, options.repeats, conditioning),
        TARGET,
        conditions(config, steps=conditioning.steps),
    )


def _compare(
    config: ModelConfig, device: torch.device, repeats: int, options: ConditioningOptions
) -> Comparison:
    network = settled_network(config.network)
    assert isinstance(network, Unet)
    session, _ = ready_session(Predictor(network, config, device))
    session.conditioning = SliceConditioning(options)
    strokes = [_across(config.size, share, number) for number, share in enumerate(ROWS)]
    passes = _Passes(network, lambda: session.add(*strokes), options.steps)
    session.undo()
    whole = Work(lambda: session.add(*strokes), before=session.undo)
    session.add(*strokes)
    return compare(whole, Work(passes.run), device, repeats)


def _across(size: int, share: float, class_index: int) -> Stroke:
    row = int(share * size)
    return Stroke(0, ((row, size // 4), (row, 3 * size // 4)), class_index, 1)


class _Passes:
    """One forward of the encoder, and forward and backward of the layers that are trained."""

    def __init__(self, network: Unet, act: Callable[[], object], steps: int) -> None:
        self._encoder = network.encoder
        # Six layers: the last one of a block, two blocks of two, and the head.
        before, *blocks = network.unet.decoder.blocks[-3:]
        self._parts: list[nn.Module] = [before.conv2, *blocks, network.unet.segmentation_head]
        self._weights = [weight for part in self._parts for weight in part.parameters()]
        self._steps = steps
        self._image = _heard(self._encoder, act)
        self._inputs = [_heard(part, act) for part in self._parts]

    def run(self) -> None:
        arguments, options = self._image
        with torch.no_grad():
            self._encoder(*arguments, **options)
        for _ in range(self._steps):
            answer = self._inputs[0][0][0]
            for part, ((_, *others), options) in zip(self._parts, self._inputs, strict=True):
                answer = part(answer, *others, **options)
            logits: Tensor = answer[0, :, ::16].float()
            wanted = torch.zeros(logits.shape[1:], dtype=torch.long, device=logits.device)
            loss = functional.cross_entropy(logits[None], wanted[None])
            torch.autograd.grad(loss, self._weights)


def _heard(module: nn.Module, act: Callable[[], object]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What ``module`` is given first while ``act`` runs."""
    given: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def hear(_: nn.Module, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        given.append((arguments, options))

    hook = module.register_forward_pre_hook(hear, with_kwargs=True)
    act()
    hook.remove()
    return given[0]
