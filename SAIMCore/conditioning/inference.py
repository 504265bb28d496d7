"""A network's answer to one image, made to agree with what the user demands of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from SAIMCore.conditioning.frozen_part import frozen_part_kept
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.conditioning.trained_layers import LAST_LAYERS, trained_modules
from SAIMCore.device import is_out_of_memory
from SAIMCore.errors import CheckpointError, ConfigurationError, reason_of

__all__ = ["Conditioned", "ConditioningOptions", "conditioned_answer"]


@dataclass(frozen=True)
class ConditioningOptions:
    """How a network is made to agree with scribbles (Sambaturu et al., 2021, Algorithm 1).

    steps: at most (M in the paper). learning_rate: of the gradient descent. alpha: how much the
    weights are held near the trained ones. layers: names of the modules that are trained; empty:
    the last ``layer_count`` layers. With a rate of 0.01 the first marks cost more than they bring:
    59.4 % Dice against 66.8 at 0.003, and 61.7 without any (3 layers, hippocampus, RESULTS.md).

    Raises ConfigurationError for values that cannot be used.
    """

    steps: int = 10
    learning_rate: float = 0.003
    alpha: float = 0.01
    layers: tuple[str, ...] = ()
    layer_count: int = LAST_LAYERS

    def __post_init__(self) -> None:
        if not (_is_count(self.steps) and _is_count(self.layer_count)):
            raise ConfigurationError(
                f"conditioning needs whole numbers of at least 1 step and 1 layer, found "
                f"{self.steps} and {self.layer_count}"
            )
        rates = (self.learning_rate, self.alpha)
        if not (all(map(math.isfinite, rates)) and self.learning_rate > 0 and self.alpha >= 0):
            raise ConfigurationError(
                f"conditioning needs a finite learning rate above 0 and a finite alpha of at least "
                f"0, found {self.learning_rate} and {self.alpha}"
            )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 1


@dataclass(frozen=True, eq=False)
class Conditioned:
    """What came of it.

    logits: (N, h, w) float32. steps: that were taken before the network said so. unmet: pixels
    that have another class than was demanded all the same.
    """

    logits: Tensor
    steps: int
    unmet: int

    @property
    def satisfied(self) -> bool:
        """Whether every demand is met."""
        return self.unmet == 0


def conditioned_answer(
    network: nn.Module,
    inputs: Sequence[Tensor],
    targets: Tensor,
    options: ConditioningOptions,
    logits_of: Callable[..., Tensor] | None = None,
) -> Conditioned:
    """What ``network`` (in evaluation mode) says of ``inputs`` once it agrees with ``targets``.

    Sambaturu et al., 2021, Algorithm 1: as long as a pixel has another class than was demanded,
    at most ``options.steps`` times, the last layers take a step down the gradient of the
    cross-entropy at these pixels + alpha * |W - W_trained|. It begins with the trained weights,
    and leaves the network with them, whatever happens. Of the answers on the way the one that
    meets most demands is returned: a learning rate that is too high for a network does no harm.

    targets: (h, w) class indices, ``FREE`` where nothing is demanded, on the device of the inputs.
    logits_of: asks ``network`` for the inputs (in parts only where it is TorchScript, which keeps
    nothing), and takes its answer to logits (N, h, w) through which gradients pass; None: the
    answer to the first of a batch is that.

    Raises ConfigurationError as ``trained_modules``, and when the answer does not depend on what is
    to be trained, CheckpointError when the network answers with something that is no number, and
    when no gradient passes through it.
    """
    ask = logits_of or (lambda *given: network(*given)[0])
    modules = trained_modules(network, options.layers, options.layer_count)
    # Once each, also where modules share them.
    found = {id(weight): weight for module in modules for weight in module.parameters()}
    weights = list(found.values())
    places = targets != FREE
    wanted = targets[places]
    with _only_training(network, weights), frozen_part_kept(network, modules):
        trained = [weight.detach().clone() for weight in weights]
        best: Conditioned | None = None
        try:
            for step in range(options.steps + 1):
                with torch.set_grad_enabled(step < options.steps):
                    logits = ask(*inputs).float()
                    demanded = logits[:, places]
                # A single value that is no number makes the sum one too, wherever it is.
                if not torch.isfinite(logits.detach().sum()):
                    break
                unmet = int((demanded.argmax(dim=0) != wanted).sum())
                if best is None or unmet <= best.unmet:
                    best = Conditioned(logits.detach(), step, unmet)
                if unmet == 0 or step == options.steps:
                    break
                _descend(demanded, wanted, weights, trained, options)
        finally:
            with torch.no_grad():
                for weight, before in zip(weights, trained, strict=True):
                    weight.copy_(before)
    if best is None:
        raise CheckpointError(
            "the network answers with values that are no numbers (NaN or infinite); check the "
            "normalization of an igniter, restore an earlier model, or use another one"
        )
    return best


def _descend(
    demanded: Tensor,
    wanted: Tensor,
    weights: Sequence[Tensor],
    trained: Sequence[Tensor],
    options: ConditioningOptions,
) -> None:
    """One step of ``weights``; ``demanded`` (N, pixels): logits where classes are ``wanted``."""
    gradients = _gradients(demanded, wanted, weights)
    with torch.no_grad():
        moved = [weight - before for weight, before in zip(weights, trained, strict=True)]
        distance = torch.stack([part.square().sum() for part in moved]).sum().sqrt()
        # Where they have not moved yet, the distance has no gradient.
        pull = options.alpha / distance if distance > 0 else torch.zeros_like(distance)
        for weight, gradient, way in zip(weights, gradients, moved, strict=True):
            if gradient is not None:
                weight.sub_(options.learning_rate * (gradient + pull * way))


def _gradients(
    demanded: Tensor, wanted: Tensor, weights: Sequence[Tensor]
) -> tuple[Tensor | None, ...]:
    """Those of the cross-entropy, one for each of ``weights``; None where it does not depend."""
    if not demanded.requires_grad:
        raise ConfigurationError(
            "the answer of the network does not depend on the layers to be trained (its last ones "
            "may only matter in its own training); name others, with --layers or as trained_layers "
            "in the description of an igniter"
        )
    loss = functional.cross_entropy(demanded.T, wanted)
    try:
        return torch.autograd.grad(loss, list(weights), allow_unused=True)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        raise CheckpointError(
            f"no gradient passes through the layers to be trained ({reason_of(error)}); export the "
            "network without operations that overwrite their input or have no derivative"
        ) from error


@contextmanager
def _only_training(network: nn.Module, weights: Sequence[Tensor]) -> Iterator[None]:
    """Gradients for ``weights`` alone."""
    chosen = {id(weight) for weight in weights}
    before = [(weight, weight.requires_grad) for weight in network.parameters()]
    for weight, _ in before:
        weight.requires_grad_(id(weight) in chosen)
    try:
        yield
    finally:
        for weight, required in before:
            weight.requires_grad_(required)
