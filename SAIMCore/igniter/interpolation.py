"""Linear interpolation along one axis at a time, through which gradients pass.

A series and an igniter's grid have the same axes, only the steps along them differ. So the linear
interpolation in space, which SimpleITK would do, is one along each axis, and one slice of the
answer needs no more than two slices of what it is made from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from SAIMCore.data.geometry import GRID_TOLERANCE

__all__ = ["AxisSteps", "interpolate", "resampled_count"]


def resampled_count(count: int, spacing: float, wanted: float) -> int:
    """How many steps of ``wanted`` mm cover what ``count`` steps of ``spacing`` mm cover."""
    return max(1, round(count * spacing / wanted))


@dataclass(frozen=True, eq=False)
class AxisSteps:
    """Sample n of the new axis: ``lower[n]`` and ``upper[n]`` of the old one, mixed.

    ``weight[n]``, 0 to 1, is that of the upper one.
    """

    lower: Tensor
    upper: Tensor
    weight: Tensor

    @classmethod
    def between(
        cls, count: int, spacing: float, new_count: int, new_spacing: float
    ) -> AxisSteps | None:
        """From ``count`` samples to ``new_count`` with the same center; None: they coincide.

        Beyond the outermost samples their value goes on. Coinciding is that of
        ``Geometry.difference``.
        """
        moved = abs(spacing - new_spacing) * max(count - 1, 1)
        if count == new_count and moved <= GRID_TOLERANCE * spacing:
            return None
        steps = torch.arange(new_count, dtype=torch.float64)
        millimeters = (steps - (new_count - 1) / 2) * new_spacing
        places = (millimeters / spacing + (count - 1) / 2).clamp(0, count - 1)
        lower = places.floor().long()
        upper = (lower + 1).clamp_max(count - 1)
        return cls(lower, upper, (places - lower).float())

    def mix(self, lower: Tensor, upper: Tensor, place: int) -> Tensor:
        """Sample ``place`` of the new axis from the two samples of the old one."""
        return torch.lerp(lower, upper, float(self.weight[place]))

    def along(self, samples: Iterator[Tensor]) -> Iterator[Tensor]:
        """The new samples of an axis whose old ones come one after the other.

        Ends where they end too soon.
        """
        held: dict[int, Tensor] = {}
        for place, (lower, upper) in enumerate(
            zip(self.lower.tolist(), self.upper.tolist(), strict=True)
        ):
            first = max(held, default=-1) + 1
            for number in range(first, upper + 1):
                sample = next(samples, None)
                if sample is None:
                    return
                held[number] = sample
                held = {kept: held[kept] for kept in held if kept >= min(lower, number)}
            yield self.mix(held[lower], held[upper], place)


def interpolate(values: Tensor, axis: int, steps: AxisSteps | None) -> Tensor:
    """``values`` with ``axis`` resampled; the same tensor where there is nothing to do."""
    if steps is None:
        return values
    lower = values.index_select(axis, steps.lower.to(values.device))
    upper = values.index_select(axis, steps.upper.to(values.device))
    shape = [1] * values.ndim
    shape[axis] = -1
    return torch.lerp(lower, upper, steps.weight.to(values).reshape(shape))
