"""The virtual user: simulated clicks for training, evaluation and the emulated scenario.

Method: DDG-SIM (Mikhailov et al., 2023), section 4.2: the difference between the latest answer
and the reference gives mislabeled regions; a click falls at random inside the largest one, with
a probability that is highest at its center and vanishes outside.
"""

from __future__ import annotations

from collections.abc import Iterable

import cc3d
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SAIMCore.interactions import Click

__all__ = ["VirtualUser", "connected_components"]

# Regions wider than this are sampled on a coarser grid: the exact distance transform of a whole
# 512 x 512 background takes 25 ms, on the coarse grid 1 ms, and the place is random anyway.
COARSE_SIDE = 128


def connected_components(labels: NDArray[np.uint8]) -> NDArray[np.unsignedinteger]:
    """Number the 8-connected regions of equal nonzero value in ``labels`` (rows, columns).

    One pass serves all classes. 0 stays 0; regions are numbered from 1.
    """
    components: NDArray[np.unsignedinteger] = cc3d.connected_components(
        np.ascontiguousarray(labels), connectivity=8
    )
    return components


class VirtualUser:
    """Clicks on one slice at a time. The same ``rng`` state gives the same clicks."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def corrections(
        self,
        prediction: NDArray[np.uint8],
        reference: NDArray[np.uint8],
        classes: Iterable[int],
        slice_index: int = 0,
        smallest: int = 1,
    ) -> list[Click]:
        """One click for each of ``classes`` in its largest mislabeled region, if it has any.

        A mislabeled region of a class is a connected set of pixels that are of this class in
        ``reference`` and of another one in ``prediction``, both (rows, columns). Regions of fewer
        than ``smallest`` pixels are left as they are.
        """
        wrong = prediction != reference
        if not wrong.any():
            return []
        clicks = []
        for class_index in classes:
            region = self._largest_region(wrong & (reference == class_index), smallest)
            if region is not None:
                row, column = self.place(*region)
                clicks.append(Click(slice_index, row, column, class_index))
        return clicks

    @staticmethod
    def _largest_region(
        mask: NDArray[np.bool_], smallest: int
    ) -> tuple[NDArray[np.bool_], int, int] | None:
        rows = np.flatnonzero(mask.any(axis=1))
        if rows.size == 0:
            return None
        columns = np.flatnonzero(mask.any(axis=0))
        top, left = int(rows[0]), int(columns[0])
        crop = mask[top : rows[-1] + 1, left : columns[-1] + 1]
        components = connected_components(crop.astype(np.uint8))
        sizes = np.bincount(components.ravel())
        sizes[0] = 0
        largest = int(sizes.argmax())
        return (components == largest, top, left) if sizes[largest] >= smallest else None

    def place(self, region: NDArray[np.bool_], top: int = 0, left: int = 0) -> tuple[int, int]:
        """Draw a (row, column) inside ``region``, likelier the farther from its border.

        ``top`` and ``left`` are the position of the region's array in the slice.
        """
        step = max(1, -(-max(region.shape) // COARSE_SIDE))
        coarse = region[::step, ::step]
        if step > 1 and not coarse.any():
            step, coarse = 1, region
        # The frame of zeros makes the slice's edge a border like any other.
        distances = ndimage.distance_transform_edt(np.pad(coarse, 1))[1:-1, 1:-1]
        cumulative = np.cumsum(distances.ravel())
        drawn = np.searchsorted(cumulative, self._rng.random() * cumulative[-1], side="right")
        row, column = divmod(int(min(drawn, cumulative.size - 1)), coarse.shape[1])
        row, column = row * step, column * step
        if step > 1:
            down, right = self._rng.integers(0, step, 2).tolist()
            lower = min(row + down, region.shape[0] - 1)
            further = min(column + right, region.shape[1] - 1)
            if region[lower, further]:
                row, column = lower, further
        return row + top, column + left
