"""What the virtual user's work costs, and how a round's minutes are filled with series.

Ma et al., *Rapid Model Transfer for Medical Image Segmentation*, section 3.3: selections are
compared at equal annotation time, not at an equal number of series.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from SAIMCore.experiments.options import SECONDS_PER_CLICK, SECONDS_PER_SLICE

__all__ = [
    "ORDERS",
    "CostModel",
    "Expected",
    "Work",
    "filled",
    "least_outlining",
    "ordered",
    "outlines",
]


@dataclass(frozen=True)
class Work:
    """What was done: slices looked at, clicks, and regions outlined by hand with their outlines.

    outline: pixels along all of these outlines.
    """

    slices: int = 0
    clicks: int = 0
    regions: int = 0
    outline: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.slices + other.slices,
            self.clicks + other.clicks,
            self.regions + other.regions,
            self.outline + other.outline,
        )


@dataclass(frozen=True)
class CostModel:
    """Seconds: assumptions, not measurements. An outline begins with a click."""

    slice: float = SECONDS_PER_SLICE
    click: float = SECONDS_PER_CLICK
    outline_pixel: float = 0.3

    def minutes(self, work: Work) -> float:
        return (
            work.slices * self.slice
            + (work.clicks + work.regions) * self.click
            + work.outline * self.outline_pixel
        ) / 60


def outlines(
    labels: NDArray[np.uint8], reference: NDArray[np.uint8], smallest: int = 1, thinnest: int = 1
) -> Work:
    """The outlining that makes ``labels`` (h, w) into ``reference``.

    Every connected region of pixels of one class of the reference that are labeled otherwise is
    outlined; those of fewer than ``smallest`` pixels are left, and so are parts of them that are
    thinner than ``thinnest`` pixels, as rims of structures are.
    """
    wrong = np.where(labels != reference, reference + 1, 0).astype(np.uint8)
    for value in np.unique(wrong[wrong > 0]) if thinnest > 1 else ():
        square = np.ones((thinnest, thinnest))
        wrong[(wrong == value) & ~ndimage.binary_opening(wrong == value, square)] = 0
    regions = cc3d.connected_components(np.ascontiguousarray(wrong), connectivity=8)
    sizes = np.bincount(regions.ravel())
    chosen = np.flatnonzero(sizes >= smallest)
    chosen = chosen[chosen > 0]
    inner = sum(
        int(ndimage.binary_erosion(regions == number, np.ones((3, 3))).sum()) for number in chosen
    )
    return Work(regions=len(chosen), outline=int(sizes[chosen].sum()) - inner)


def least_outlining(
    labels: NDArray[np.uint8],
    reference: NDArray[np.uint8],
    cost: CostModel,
    smallest: int = 1,
    thinnest: int = 1,
) -> Work:
    """``outlines``, or a click that clears the slice and all outlined anew: what is sooner."""
    corrected = outlines(labels, reference, smallest, thinnest)
    empty = np.zeros_like(labels)
    anew = Work(clicks=int(labels.any())) + outlines(empty, reference, smallest, thinnest)
    return min(corrected, anew, key=cost.minutes)


@dataclass(frozen=True)
class Expected:
    """What a model says of a series beforehand: its mean entropy, and how many slices it has."""

    entropy: float
    slices: int

    @property
    def effort(self) -> float:
        """In no unit: only the order counts."""
        return self.entropy * self.slices


ORDERS: dict[str, Callable[[Expected], float]] = {
    "easy": lambda expected: expected.effort,
    "hard": lambda expected: -expected.effort,
    "entropy": lambda expected: -expected.entropy,
}


def ordered(expected: dict[str, Expected], order: str) -> list[str]:
    """Names of the series, the first to be annotated in front; ties go by name."""
    key = ORDERS[order]
    return sorted(expected, key=lambda name: (key(expected[name]), name))


def filled(
    names: Sequence[str], minutes: float, spent_on: Callable[[str], float]
) -> tuple[list[str], float]:
    """The series of ``names``, in this order, that ``minutes`` are spent on, and what is over.

    spent_on: annotates a series and says how many minutes that took. A series that was begun is
    finished; what that takes beyond ``minutes`` comes back as a negative rest, for the next round
    to begin with, so that all orders have the same time in the end. With no minutes nothing is
    begun.
    """
    done: list[str] = []
    for name in names:
        if minutes <= 0:
            break
        minutes -= spent_on(name)
        done.append(name)
    return done, minutes
