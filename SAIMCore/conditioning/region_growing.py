"""A short scribble made larger: neighbors of much the same intensity belong to it, too.

Method: Sambaturu et al., 2021, section 3, "Scribble Region Growing".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from SAIMCore.errors import ConfigurationError

__all__ = ["FREE", "grow"]

# The target of a pixel of which nobody has said anything.
FREE = -1

_STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def grow(
    image: NDArray[np.floating],
    targets: NDArray[np.int64],
    threshold: float,
    reach: int | None = None,
) -> NDArray[np.int64]:
    """``targets`` (h, w) with each class grown into the free pixels around it.

    targets: class indices, ``FREE`` where nothing was said; what was said stays. A free pixel
    joins beside a pixel that has joined, while its intensity in ``image`` (h, w) differs by less
    than ``threshold`` from that of the scribbled pixel from which the growth came. It comes from
    all of them at once, a pixel a step, so that where two meet each keeps what is nearer to it.
    reach: how many steps at most; None: as far as the intensities go.

    Raises ConfigurationError for a threshold or reach below 0.
    """
    if not threshold >= 0 or (reach is not None and reach < 0):
        raise ConfigurationError(
            f"scribbles cannot grow with the threshold {threshold} and the reach {reach}; give 0 "
            "or more"
        )
    width = image.shape[1]
    # One free pixel around, so that no step leaves the array.
    grown = np.full((image.shape[0] + 2, width + 2), FREE, dtype=np.int64)
    grown[1:-1, 1:-1] = targets
    open_pixels = np.zeros(grown.shape, dtype=bool)
    open_pixels[1:-1, 1:-1] = targets == FREE
    values = np.zeros(grown.shape, dtype=np.float32)
    values[1:-1, 1:-1] = image
    _spread(
        grown.reshape(-1), open_pixels.reshape(-1), values.reshape(-1), width + 2, threshold, reach
    )
    return grown[1:-1, 1:-1].copy()


def _spread(
    grown: NDArray[np.int64],
    open_pixels: NDArray[np.bool_],
    values: NDArray[np.float32],
    width: int,
    threshold: float,
    reach: int | None,
) -> None:
    """``grow`` on flat arrays of rows of ``width`` pixels, in place."""
    front = np.flatnonzero(grown != FREE)
    # Intensities of the scribbled pixels, carried along.
    origin = values[front]
    step = 0
    while len(front) and (reach is None or step < reach):
        step += 1
        joined, origins = [], []
        for rows, columns in _STEPS:
            found = front + rows * width + columns
            alike = open_pixels[found] & (np.abs(values[found] - origin) < threshold)
            found, first = np.unique(found[alike], return_index=True)
            grown[found] = grown[front[alike][first]]
            open_pixels[found] = False
            joined.append(found)
            origins.append(origin[alike][first])
        front, origin = np.concatenate(joined), np.concatenate(origins)
