"""A series on an igniter's grid, and the igniter's answer back on the series' own slices.

The igniter's axes are those of the series, in another order and direction where the igniter wants
another orientation (the nearest one: an oblique series stays oblique), with other steps along them
where it wants another spacing. Both grids have the same center.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.orientation import AxisOrder
from SAIMCore.igniter.interpolation import AxisSteps, interpolate, resampled_count

__all__ = ["IgniterGrid", "orientation_order"]

Scalar = TypeVar("Scalar", bound=np.generic)

# Where the axes of LPS lead, and where they come from.
_LETTERS = (("L", "R"), ("P", "A"), ("S", "I"))


def orientation_order(geometry: Geometry, orientation: str | None) -> AxisOrder:
    """The order of the IJK axes in which columns, rows and slices increase to ``orientation``.

    Of several that are as near, the first. None: the series' own slices, as they are stored.
    """
    if orientation is None:
        slices = geometry.acquisition_axis
        rows, columns = (axis for axis in (2, 1, 0) if axis != slices)
        return AxisOrder((columns, rows, slices), (False, False, False))
    cosines = np.reshape(geometry.direction, (3, 3))
    wanted = [
        (axis, 1.0 if letter == ends[0] else -1.0)
        for letter in orientation
        for axis, ends in enumerate(_LETTERS)
        if letter in ends
    ]
    along = np.array([sign * cosines[axis] for axis, sign in wanted])
    best = max(
        permutations((0, 1, 2)),
        key=lambda axes: sum(abs(along[new, old]) for new, old in enumerate(axes)),
    )
    first, second, third = (bool(along[new, old] < 0) for new, old in enumerate(best))
    return AxisOrder((best[0], best[1], best[2]), (first, second, third))


@dataclass(frozen=True, eq=False)
class IgniterGrid:
    """The igniter's grid over a series. Shapes on it are (slices, rows, columns).

    order: from the series' IJK axes to the igniter's columns, rows, slices. shape: on the
    igniter's grid; ``source_shape``: the same axes with the series' own steps. there, back: the
    steps along slices, rows, columns; None where they coincide.
    """

    acquisition_axis: int
    order: AxisOrder
    source_shape: tuple[int, int, int]
    shape: tuple[int, int, int]
    there: tuple[AxisSteps | None, ...]
    back: tuple[AxisSteps | None, ...]

    @classmethod
    def over(
        cls, series: Geometry, orientation: str | None, spacing: Sequence[float | None]
    ) -> IgniterGrid:
        """That of an igniter for ``orientation`` and ``spacing`` (mm: slices, rows, columns)."""
        order = orientation_order(series, orientation)
        source = order.apply_to_geometry(series)
        own = list(reversed(source.spacing))
        counts = source.array_shape
        wanted = [step or given for step, given in zip(spacing, own, strict=True)]
        sizes = [resampled_count(*axis) for axis in zip(counts, own, wanted, strict=True)]
        pairs = list(zip(counts, own, sizes, wanted, strict=True))
        return cls(
            series.acquisition_axis,
            order,
            counts,
            (sizes[0], sizes[1], sizes[2]),
            tuple(AxisSteps.between(*pair) for pair in pairs),
            tuple(AxisSteps.between(new, step, old, own) for old, own, new, step in pairs),
        )

    @property
    def has_series_slices(self) -> bool:
        """Whether each of its slices is one slice of the series."""
        return self.order.axes[2] == self.acquisition_axis and self.there[0] is None

    @property
    def resamples(self) -> bool:
        """Whether any values are interpolated."""
        return any(steps is not None for steps in self.there)

    def place_of(self, index: int) -> int:
        """Which slice of the grid is the slice ``index`` of the series, and the other way round."""
        return self.source_shape[0] - 1 - index if self.order.flips[2] else index

    def ordered(self, volume: NDArray[Scalar]) -> NDArray[Scalar]:
        """View of ``volume`` (K, J, I) of the series as ``source_shape``."""
        return self.order.apply(volume)

    def plane_there(self, plane: Tensor) -> Tensor:
        """(..., rows, columns) of the ordered series to those of the grid."""
        return interpolate(interpolate(plane, -2, self.there[1]), -1, self.there[2])

    def volume_there(self, volume: Tensor) -> Tensor:
        """(slices, rows, columns) of the ordered series to those of the grid."""
        return self.plane_there(interpolate(volume, 0, self.there[0]))

    def slice_back(self, plane: Tensor) -> Tensor:
        """Probabilities (N, rows, columns) of one slice of the grid to (N, h, w) of the series.

        Only where the slices of both lie in the same plane.
        """
        plane = interpolate(interpolate(plane, -2, self.back[1]), -1, self.back[2])
        return self._upright(_sum_1(plane) if self.resamples else plane, (1, 2))

    def slices_back(self, planes: Iterator[Tensor]) -> Iterator[tuple[int, Tensor]]:
        """All slices (N, h, w) of the series, with their indices, from those of the grid.

        planes: probabilities (N, rows, columns) in order. Where they lie in the plane of the
        series' slices, two are held at a time; otherwise all of them, in half precision. Ends
        without the rest where they end too soon.
        """
        if self.order.axes[2] == self.acquisition_axis:
            steps = self.back[0]
            for place, plane in enumerate(planes if steps is None else steps.along(planes)):
                yield self.place_of(place), self.slice_back(plane)
            return
        volume, count = torch.empty(0), 0
        for plane in planes:
            if not count:
                volume = torch.empty(self.shape[0], *plane.shape, dtype=torch.float16)
            volume[count] = plane
            count += 1
        if count == self.shape[0]:
            yield from self._cut_across(volume)

    def _cut_across(self, volume: Tensor) -> Iterator[tuple[int, Tensor]]:
        """The series' slices from probabilities (slices, N, rows, columns) of the grid."""
        # Rows or columns of the grid go through the slices of the series.
        through = 3 - self.order.axes[:2].index(self.acquisition_axis)
        rest = 5 - through
        steps = self.back[through - 1]
        count = self.source_shape[through - 1]
        for place in range(count):
            if steps is None:
                plane = volume.select(through, place).float()
            else:
                lower, upper = int(steps.lower[place]), int(steps.upper[place])
                plane = steps.mix(
                    volume.select(through, lower).float(),
                    volume.select(through, upper).float(),
                    place,
                )
            plane = interpolate(plane.transpose(0, 1), 1, self.back[0])
            plane = _sum_1(interpolate(plane, 2, self.back[rest - 1]))
            reverse = self.order.flips[3 - through]
            yield count - 1 - place if reverse else place, self._upright(plane, (0, rest - 1))

    def _upright(self, plane: Tensor, axes: tuple[int, int]) -> Tensor:
        """(N, a, b) as (N, h, w) of the series; ``axes``: which of the grid's axes a and b are."""
        own = [self.order.axes[2 - axis] for axis in axes]
        reverse = [place + 1 for place, axis in enumerate(axes) if self.order.flips[2 - axis]]
        turned = plane.flip(reverse) if reverse else plane
        # Rows come first in the array, so they have the higher number among I, J and K.
        return turned.transpose(1, 2) if own[0] < own[1] else turned


def _sum_1(probabilities: Tensor) -> Tensor:
    """(N, ...) whose sum over N is 1 again after rounding."""
    return probabilities / probabilities.sum(dim=0, keepdim=True)
