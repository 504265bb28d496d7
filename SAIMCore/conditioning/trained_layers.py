"""Which layers of a network are trained for one image: its last ones."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from SAIMCore.errors import ConfigurationError

__all__ = ["LAST_LAYERS", "trained_modules"]

# Of a U-Net the last two and a half blocks, and what makes logits of them. On hippocampus series
# 1, 2, 3, 6 layers come to a Dice of 74.5, 76.7, 78.9, 82.5 % after five rounds (RESULTS.md).
LAST_LAYERS = 6


def trained_modules(
    network: nn.Module, names: Sequence[str] = (), count: int = LAST_LAYERS
) -> list[nn.Module]:
    """The modules of ``network`` whose weights are trained, in the order of the network.

    names: of modules, as ``network.named_modules()`` has them; one that is named twice, or with a
    module that it is part of, counts once. Without names: the last ``count`` layers (convolutions,
    linear ones) in the order in which the network was put together, with what has weights between
    and after them (normalization, say).

    Raises ConfigurationError for a name that there is not, a count below 1, and a network or
    modules without weights (a frozen TorchScript file has none).
    """
    if count < 1:
        raise ConfigurationError(f"at least 1 layer must be trained, found {count}")
    known = dict(network.named_modules())
    if names:
        unknown = [name for name in names if not name or name not in known]
        if unknown:
            raise ConfigurationError(
                f"the network has no layer {unknown[0]!r}; it has {', '.join(_tops(network))} and "
                "what is in them"
            )
        chosen = [module for name, module in known.items() if name in names]
    else:
        chosen = _last(network, count)
    if not any(True for module in chosen for _ in module.parameters()):
        raise ConfigurationError(
            "the layers to be trained have no weights that can be changed; name other layers, or "
            "use a file that was not frozen"
        )
    return _outermost(chosen)


def _outermost(modules: Sequence[nn.Module]) -> list[nn.Module]:
    """``modules`` without those that are parts of others of them."""
    parts = {id(part) for module in modules for part in module.modules() if part is not module}
    return [module for module in modules if id(module) not in parts]


def _last(network: nn.Module, count: int) -> list[nn.Module]:
    weighted = [
        module
        for module in network.modules()
        if any(True for _ in module.parameters(recurse=False))
    ]
    # A matrix or a kernel makes a layer; what has vectors only goes with the layer before it.
    layers = [
        place
        for place, module in enumerate(weighted)
        if any(weight.ndim > 1 for weight in module.parameters(recurse=False))
    ]
    if not layers:
        return []
    return weighted[layers[-min(count, len(layers))] :]


def _tops(network: nn.Module) -> list[str]:
    return [name for name, _ in network.named_children()] or ["no parts"]
