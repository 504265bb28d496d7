"""A volume node as networks get it: its slices prepared as those of a file, or as a series."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.data.geometry import to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.errors import InvalidImageError
from SAIMCore.igniter.proposer import IgniterSeries
from SAIMCore.mrml.geometry import SliceGrid

__all__ = ["volume_series", "volume_slices"]


def volume_slices(
    grid: SliceGrid, options: PreprocessingOptions
) -> Callable[[], NDArray[np.float16]]:
    """A call that gives the slices (S, rows, columns) of the volume as a model needs them.

    The voxels are copied at once; the call itself touches no scene and may run in another thread
    (0.2 s for 512 x 512 x 60 voxels, 23 s with bias correction). Raises InvalidImageError for a
    volume of several channels or with values that are no numbers, when it has fewer than 2 slices
    or a side of less than 2 pixels.
    """
    array = _voxels(grid)
    spacing, axis = grid.geometry.spacing, grid.axis

    def prepared() -> NDArray[np.float16]:
        values = preprocess(array, options, spacing).astype(np.float16)
        return np.ascontiguousarray(to_slices(values, axis))

    return prepared


def volume_series(grid: SliceGrid, name: str) -> IgniterSeries:
    """The volume as an igniter sees it, called ``name``.

    The voxels are copied at once, as by ``volume_slices``, with its errors.
    """
    array = _voxels(grid)
    return IgniterSeries(name, grid.geometry, lambda: array)


def _voxels(grid: SliceGrid) -> NDArray[np.float32]:
    """A copy of the voxels (K, J, I)."""
    array = np.array(slicer.util.arrayFromVolume(grid.volume), dtype=np.float32)
    _check(array, grid.volume.GetName())
    return array


def _check(array: NDArray[Any], name: str) -> None:
    if array.ndim != 3:
        raise InvalidImageError(
            f"the volume {name!r} has {array.shape[-1]} channels; give one of a single channel"
        )
    if min(array.shape) < 2:
        sizes = " x ".join(str(size) for size in reversed(array.shape))
        raise InvalidImageError(
            f"the volume {name!r} has {sizes} voxels; a series needs at least 2 in each direction"
        )
    if not np.isfinite(array).all():
        raise InvalidImageError(
            f"the volume {name!r} has voxels that are no numbers (NaN or infinite); replace them "
            "before it is segmented"
        )
