"""``click``: from an interaction to labels, against the bare network on the same input."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.subjects import (
    clicks_on,
    conditions,
    model_config,
    phantom_stack,
    settled_network,
)
from SAIMCore.benchmarks.timing import Comparison, Work, compare, quartiles
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.preprocessing import preprocess
from SAIMCore.device import autocast, choose_device
from SAIMCore.interactions import Click
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession

__all__ = ["measure", "ready_session"]

SIZE = 512
DECODERS = ("unet", "convlstm")
TARGET = 1.10
# The paper's 47.2 ms were measured on an Nvidia P40 (DDG-SIM, section 5.3).
CUDA_TARGET_MS = 10.0


def measure(options: BenchmarkOptions) -> Iterator[Figure]:
    """One ratio per decoder; on CUDA the milliseconds as well."""
    device = choose_device(options.device)
    for decoder in options.decoders or DECODERS:
        config = model_config(options.size or SIZE, options.encoder, decoder)
        comparison = _compare(config, device, options.repeats)
        ratio = Figure.of_ratios(
            "click",
            f"click to labels / bare forward, {decoder}",
            comparison,
            TARGET,
            conditions(config),
        )
        yield ratio
        if device.type == "cuda":
            milliseconds = [1000 * seconds for seconds in comparison.measured]
            yield Figure(
                "click",
                f"click to labels, {decoder}",
                float(np.median(milliseconds)),
                "ms",
                CUDA_TARGET_MS,
                spread=quartiles(milliseconds),
                details=ratio.details,
            )


def _compare(config: ModelConfig, device: torch.device, repeats: int) -> Comparison:
    network = settled_network(config.network)
    session, last = ready_session(Predictor(network, config, device))
    image, memory = _heard(network, lambda: session.add(last))

    def forward() -> None:
        with torch.inference_mode(), autocast(device):
            network(image, memory)

    # Undone each time, so that every click is the same one, on a full memory.
    whole = Work(lambda: session.add(last), before=session.undo)
    return compare(whole, Work(forward), device, repeats)


def ready_session(predictor: Predictor) -> tuple[InteractiveSession, Click]:
    """A session on a phantom's slice whose memory is full, and the click to give next."""
    config = predictor.config
    stack = phantom_stack(1, config.size, seed=0)
    slices = preprocess(stack.intensities.astype(np.float32), config.preprocessing)
    session = InteractiveSession(predictor, slices.astype(np.float16), "phantom", undo_limit=1)
    *earlier, last = clicks_on(stack.labels[0], 0, config.network.memory_depth + 1)
    for click in earlier:
        session.add(click)
    return session, last


def _heard(network: nn.Module, act: Callable[[], object]) -> tuple[Tensor, Tensor]:
    """Copies of what the network is given while ``act`` runs."""
    given: list[tuple[Tensor, ...]] = []
    hook = network.register_forward_pre_hook(
        lambda module, inputs: given.append(tuple(tensor.clone() for tensor in inputs))
    )
    act()
    hook.remove()
    image, memory = given[-1]
    return image, memory
