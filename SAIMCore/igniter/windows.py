"""An image of any size for a network of one size: overlapping windows, averaged, and padding."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["Windows"]

# Neighbors share half of their length.
_STEP = 0.5


@dataclass(frozen=True)
class Windows:
    """How an image of ``shape`` is covered by windows of the size ``window``.

    Where one is enough, the image is padded to it at the end of each axis and the answer is
    exactly that of the network. Where several answer, the ones that see more of the surroundings
    count more: the weight falls from the middle of a window to its borders.
    """

    shape: tuple[int, ...]
    window: tuple[int, ...]

    @classmethod
    def covering(
        cls, shape: Sequence[int], input_size: Sequence[int] | None, multiple: int | None
    ) -> Windows:
        """For a network of ``input_size``, or of any whose sides are multiples of ``multiple``."""
        if input_size is None:
            divisor = multiple or 1
            input_size = [-(-side // divisor) * divisor for side in shape]
        return cls(tuple(shape), tuple(input_size))

    @property
    def starts(self) -> tuple[tuple[int, ...], ...]:
        """Along each axis, where windows begin."""
        return tuple(_starts(*axis) for axis in zip(self.shape, self.window, strict=True))

    @property
    def count(self) -> int:
        return math.prod(len(axis) for axis in self.starts)

    def cut(self, image: Tensor, padding: float) -> Tensor:
        """All windows (count, *window) of ``image`` (*shape), with ``padding`` beside it."""
        return torch.stack([self._cut_at(image, start, padding) for start in product(*self.starts)])

    def joined(self, answers: Tensor) -> Tensor:
        """Probabilities (N, *shape) from those of all windows (count, N, *window).

        Gradients pass.
        """
        if self.count == 1:
            _, seen = self._places((0,) * len(self.shape))
            return answers[0][(slice(None), *seen)]
        weight = self._weight().to(answers)
        total = answers.new_zeros(answers.shape[1], *self.shape)
        weights = answers.new_zeros(self.shape)
        for answer, start in zip(answers, product(*self.starts), strict=True):
            inside, seen = self._places(start)
            total[(slice(None), *inside)] += (answer * weight)[(slice(None), *seen)]
            weights[inside] += weight[seen]
        return total / weights

    def slices(
        self, image: Tensor, padding: float, run: Callable[[Tensor], Tensor]
    ) -> Iterator[Tensor]:
        """Probabilities (N, rows, columns) of a 3D ``image``, slice by slice.

        run: takes one window (1, *window) to (1, N, *window). No more than the depth of a window is
        held. What ``run`` raises ends it.
        """
        depths, *across = self.starts
        layer = Windows((min(self.window[0], self.shape[0]), *self.shape[1:]), self.window)
        total: Tensor | None = None
        weights = torch.zeros(layer.shape)
        weight = self._weight()
        for number, depth in enumerate(depths):
            for start in product(*across):
                answer = run(self._cut_at(image, (depth, *start), padding)[None])
                if self.count == 1:
                    yield from self.joined(answer).unbind(1)
                    return
                if total is None:
                    total = torch.zeros(answer.shape[1], *layer.shape)
                inside, seen = layer._places((0, *start))
                total[(slice(None), *inside)] += (answer[0] * weight)[(slice(None), *seen)]
                weights[inside] += weight[seen]
            assert total is not None
            after = depths[number + 1] if number + 1 < len(depths) else self.shape[0]
            done = after - depth
            yield from (total[:, :done] / weights[:done]).unbind(1)
            total, weights = _moved_up(total, 1, done), _moved_up(weights, 0, done)

    def _cut_at(self, image: Tensor, start: Sequence[int], padding: float) -> Tensor:
        inside, _ = self._places(start)
        part = image[inside]
        missing = [side - found for side, found in zip(self.window, part.shape, strict=True)]
        # From the last axis to the first, each with what comes before and after.
        beside = [count for side in reversed(missing) for count in (0, side)]
        return functional.pad(part, beside, value=padding)

    def _places(self, start: Sequence[int]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Where the window at ``start`` lies in the image, and what of it does."""
        ends = [
            min(first + length, side)
            for first, length, side in zip(start, self.window, self.shape, strict=True)
        ]
        pairs = list(zip(start, ends, strict=True))
        return (
            tuple(slice(first, end) for first, end in pairs),
            tuple(slice(end - first) for first, end in pairs),
        )

    def _weight(self) -> Tensor:
        weight = torch.ones(self.window)
        for axis, length in enumerate(self.window):
            places = torch.arange(length)
            slope = torch.minimum(places, length - 1 - places) + 1.0
            weight *= slope.reshape([-1 if other == axis else 1 for other in range(weight.ndim)])
        return weight / weight.max()


def _starts(side: int, length: int) -> tuple[int, ...]:
    if side <= length:
        return (0,)
    count = math.ceil((side - length) / max(1, int(length * _STEP))) + 1
    return tuple(round(number * (side - length) / (count - 1)) for number in range(count))


def _moved_up(values: Tensor, axis: int, count: int) -> Tensor:
    """``values`` without the first ``count`` along ``axis``, and zeros behind the others."""
    kept = values.narrow(axis, count, values.shape[axis] - count)
    return torch.cat([kept, torch.zeros_like(values.narrow(axis, 0, count))], dim=axis)
