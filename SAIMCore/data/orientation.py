"""The same grid with its axes in another order or direction, voxel by voxel.

Tools store one volume as it came, with the y axis flipped, or in a canonical orientation. All of
these hold the same voxels at the same places, so going from one to another is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry

__all__ = ["AxisOrder", "axis_order"]

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class AxisOrder:
    """New IJK axis a is the old axis ``axes[a]``, reversed where ``flips[a]``."""

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    def apply(self, volume: NDArray[Scalar]) -> NDArray[Scalar]:
        """View of ``volume`` (K, J, I) with its axes in the new order."""
        turned = np.transpose(volume, [2 - axis for axis in reversed(self.axes)])
        return np.flip(turned, tuple(2 - axis for axis in range(3) if self.flips[axis]))

    def apply_to_geometry(self, geometry: Geometry) -> Geometry:
        """The same places in space, counted along the new axes."""
        columns = np.reshape(geometry.direction, (3, 3))
        origin = np.array(geometry.origin)
        direction = np.empty((3, 3))
        for new, (old, flip) in enumerate(zip(self.axes, self.flips, strict=True)):
            direction[:, new] = -columns[:, old] if flip else columns[:, old]
            if flip:
                steps = geometry.size[old] - 1
                origin = origin + columns[:, old] * geometry.spacing[old] * steps
        i, j, k = self.axes
        return Geometry(
            (geometry.size[i], geometry.size[j], geometry.size[k]),
            (geometry.spacing[i], geometry.spacing[j], geometry.spacing[k]),
            (float(origin[0]), float(origin[1]), float(origin[2])),
            tuple(direction.ravel().tolist()),
        )


def axis_order(found: Geometry, wanted: Geometry) -> AxisOrder | None:
    """The order of axes that makes ``found`` coincide with ``wanted``, or None if none does."""
    for axes in permutations((0, 1, 2)):
        for flips in product((False, True), repeat=3):
            order = AxisOrder((axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2]))
            if order.apply_to_geometry(found).difference(wanted) is None:
                return order
    return None
