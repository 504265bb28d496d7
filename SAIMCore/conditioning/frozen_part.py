"""A network run again and again while only its last layers change: the rest is computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["frozen_part_kept"]


@contextmanager
def frozen_part_kept(network: nn.Module, trained: Sequence[nn.Module]) -> Iterator[None]:
    """Within it, calls of ``network`` with the same inputs compute what does not change only once.

    What does not change are the modules that run before the first of ``trained``; they keep what
    they answered to the first call. (Modules that run later get gradients passed through them.)
    The answers are exactly those of the network as it is. The modules of TorchScript cannot keep
    anything: such a network is computed anew in each call.

    Nothing but these calls may use the network meanwhile.
    """
    if isinstance(network, torch.jit.ScriptModule):
        yield
        return
    parts = _Parts(network, trained)
    try:
        yield
    finally:
        parts.remove()


class _Parts:
    """The largest modules without anything trained in them, each with what it answered."""

    def __init__(self, network: nn.Module, trained: Sequence[nn.Module]) -> None:
        self._reached = False
        self._hooks = [module.register_forward_pre_hook(self._reach) for module in trained]
        self._hooks.append(network.register_forward_pre_hook(self._begin))
        inside = {id(part) for module in trained for part in module.modules()}
        self._kept = [
            _KeptAnswers(module, lambda: self._reached) for module in _frozen(network, inside)
        ]

    def remove(self) -> None:
        for hook in self._hooks:
            hook.remove()
        for part in self._kept:
            part.remove()

    def _begin(self, *_: Any) -> None:
        self._reached = False
        for part in self._kept:
            part.begin()

    def _reach(self, *_: Any) -> None:
        self._reached = True


def _frozen(module: nn.Module, trained: set[int]) -> Iterator[nn.Module]:
    for child in module.children():
        if id(child) in trained:
            continue
        if any(id(part) in trained for part in child.modules()):
            yield from _frozen(child, trained)
        else:
            yield child


class _KeptAnswers:
    """Stands in for the ``forward`` of a module: the n-th call of each run has one answer."""

    def __init__(self, module: nn.Module, reached: Callable[[], bool]) -> None:
        self._module = module
        self._own = module.__dict__.get("forward")
        self._forward = module.forward
        self._reached = reached
        self._answers: list[_Answer] = []
        self._calls = 0
        module.forward = self._answer

    def begin(self) -> None:
        """The network is called."""
        self._calls = 0

    def remove(self) -> None:
        if self._own is None:
            del self._module.forward
        else:
            self._module.forward = self._own

    def _answer(self, *arguments: Any, **options: Any) -> Any:
        if self._reached():
            return self._forward(*arguments, **options)
        self._calls += 1
        if self._calls > len(self._answers):
            with torch.no_grad():
                answer = self._forward(*arguments, **options)
            self._answers.append(_Answer(answer))
            return answer
        return self._answers[self._calls - 1].again()


class _Answer:
    """What a module answered. A layer after it may write into it (an activation in place, say)."""

    def __init__(self, values: Any) -> None:
        self._values = values
        self._copy = _each(values, torch.clone)
        self._versions = _versions(values)

    def again(self) -> Any:
        """The same once more."""
        if self._copy is not None and _versions(self._values) == self._versions:
            # Nobody did, nor will: to copy 30 channels of 512 x 512 takes as long as a layer.
            self._copy = None
        return self._values if self._copy is None else _each(self._copy, torch.clone)


def _versions(values: Any) -> list[int]:
    """How often each of the tensors in ``values`` was written to."""
    found: list[int] = []

    def note(tensor: Tensor) -> Tensor:
        found.append(tensor._version)
        return tensor

    _each(values, note)
    return found


def _each(values: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """``values`` with ``change`` done to every tensor in its lists, tuples and dictionaries."""
    if isinstance(values, Tensor):
        return change(values)
    if isinstance(values, list | tuple):
        return type(values)(_each(value, change) for value in values)
    if isinstance(values, dict):
        return {key: _each(value, change) for key, value in values.items()}
    return values
