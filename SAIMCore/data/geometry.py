"""The grid of a volume in space, and the stack of slices along its acquisition axis.

Volumes are arrays ``(K, J, I)`` as SimpleITK gives them; everything about the grid is in IJK
order. Positions are in millimeters, LPS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    import SimpleITK as sitk

__all__ = ["GRID_TOLERANCE", "Geometry", "from_slices", "to_slices"]

Scalar = TypeVar("Scalar", bound=np.generic)

# Fraction of the smallest spacing that a voxel may lie off: far above the rounding of a NIfTI
# header (float32) or of a NRRD header with six digits, far below what a user could see.
GRID_TOLERANCE = 0.01
# Spacings that differ by less than this fraction count as equal.
_SPACING_TIE = 1e-3
# Cosines of double precision, after some arithmetic.
_EXACT = 1e-9


@dataclass(frozen=True)
class Geometry:
    """A grid: ``size`` in voxels, ``spacing`` and ``origin`` in mm, all in IJK order.

    ``direction`` holds 9 cosines, row-major: column a is the direction of axis a in LPS.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    direction: tuple[float, ...]

    @classmethod
    def from_image(cls, image: sitk.Image) -> Geometry:
        """The grid of a 3D SimpleITK image."""
        return cls(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())

    @property
    def shear(self) -> float:
        """The largest cosine between two axes that ought to be at right angles."""
        columns = np.reshape(self.direction, (3, 3))
        columns = columns / np.linalg.norm(columns, axis=0)
        return float(np.abs(columns.T @ columns - np.eye(3)).max())

    def straightened(self) -> Geometry:
        """The same grid with the nearest axes at right angles: rounded cosines, corrected."""
        if self.shear <= _EXACT:
            return self
        left, _, right = np.linalg.svd(np.reshape(self.direction, (3, 3)))
        return replace(self, direction=tuple((left @ right).ravel().tolist()))

    def apply_to(self, image: sitk.Image) -> None:
        """Give ``image`` this spacing, origin and direction."""
        image.SetSpacing(self.spacing)
        image.SetOrigin(self.origin)
        image.SetDirection(self.direction)

    @property
    def array_shape(self) -> tuple[int, int, int]:
        """Shape (K, J, I) of the volume."""
        return (self.size[2], self.size[1], self.size[0])

    @property
    def acquisition_axis(self) -> int:
        """IJK axis with the largest spacing; where several are equal, the last of them."""
        largest = max(self.spacing)
        return max(axis for axis in range(3) if self.spacing[axis] >= largest * (1 - _SPACING_TIE))

    @property
    def stack_shape(self) -> tuple[int, int, int]:
        """Shape (S, H, W) of the stack: slices, rows, columns."""
        slices, rows, columns = _stack_order(self.acquisition_axis)
        return (self.size[slices], self.size[rows], self.size[columns])

    @property
    def stack_spacing(self) -> tuple[float, float, float]:
        """Spacing in mm of the stack: between slices, rows and columns."""
        slices, rows, columns = _stack_order(self.acquisition_axis)
        return (self.spacing[slices], self.spacing[rows], self.spacing[columns])

    def difference(self, other: Geometry, tolerance: float = GRID_TOLERANCE) -> str | None:
        """The first difference from ``other`` as a phrase, or None where the grids coincide.

        The phrase reads "spacing 1 x 1 x 2 mm instead of 1 x 1 x 3 mm". Grids coincide when they
        have the same size and neither spacing, nor direction, nor origin moves a voxel by more
        than ``tolerance`` times the smallest spacing of ``other``.
        """
        if self.size != other.size:
            return f"size {_times(self.size)} instead of {_times(other.size)}"
        allowed = tolerance * min(other.spacing)
        steps = [max(count - 1, 1) for count in self.size]
        moved = [abs(a - b) * n for a, b, n in zip(self.spacing, other.spacing, steps, strict=True)]
        if max(moved) > allowed:
            return f"spacing {_times(self.spacing)} mm instead of {_times(other.spacing)} mm"
        turned = np.reshape(self.direction, (3, 3)) - np.reshape(other.direction, (3, 3))
        extent = np.array(steps) * np.array(other.spacing)
        if (np.linalg.norm(turned, axis=0) * extent).max() > allowed:
            return f"direction {_listed(self.direction)} instead of {_listed(other.direction)}"
        if math.dist(self.origin, other.origin) > allowed:
            return f"origin {_listed(self.origin)} mm instead of {_listed(other.origin)} mm"
        return None

    def to_json(self) -> dict[str, Any]:
        return {
            "size": list(self.size),
            "spacing": list(self.spacing),
            "origin": list(self.origin),
            "direction": list(self.direction),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Geometry:
        """Read what ``to_json`` wrote. Raises ProjectError when something is missing."""
        try:
            i, j, k = (int(value) for value in entry["size"])
            spacing_i, spacing_j, spacing_k = (float(value) for value in entry["spacing"])
            x, y, z = (float(value) for value in entry["origin"])
            direction = np.array(entry["direction"], dtype=float).reshape(9)
        except (KeyError, TypeError, ValueError) as error:
            raise ProjectError(
                f"the geometry {entry!r} is not complete ({error}); it needs 3 sizes, spacings "
                "and origins and 9 directions"
            ) from error
        return cls(
            (i, j, k), (spacing_i, spacing_j, spacing_k), (x, y, z), tuple(direction.tolist())
        )


def to_slices(volume: NDArray[Scalar], axis: int) -> NDArray[Scalar]:
    """View of ``volume`` (K, J, I) as a stack (S, H, W) along IJK axis ``axis``."""
    return np.moveaxis(volume, 2 - axis, 0)


def from_slices(stack: NDArray[Scalar], axis: int) -> NDArray[Scalar]:
    """View of ``stack`` (S, H, W) as the volume (K, J, I) that ``to_slices`` got it from."""
    return np.moveaxis(stack, 0, 2 - axis)


def _stack_order(axis: int) -> tuple[int, int, int]:
    """IJK axes of slices, rows and columns of a stack along ``axis``."""
    rows, columns = (other for other in (2, 1, 0) if other != axis)
    return (axis, rows, columns)


def _times(values: Sequence[float]) -> str:
    return " x ".join(f"{value:.7g}" for value in values)


def _listed(values: Sequence[float]) -> str:
    return f"({', '.join(f'{value:.7g}' for value in values)})"
