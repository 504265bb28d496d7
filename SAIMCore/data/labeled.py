"""A series with its labels, as training and evaluation read them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.array_files import StoredArray
from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.sources import SeriesSource

__all__ = ["LabeledSeries", "Stack", "open_labeled"]

# Read by slice number, by a range of them, or one after the other; has a shape and a length.
Stack = NDArray[Any] | StoredArray


@dataclass(frozen=True)
class LabeledSeries:
    """What training and evaluation read: ``slices`` (S, h, w) normalized, ``labels`` likewise.

    ``labels`` are uint8 class indices.
    """

    name: str
    slices: Stack
    labels: Stack

    def __post_init__(self) -> None:
        if self.slices.shape != self.labels.shape:
            raise ValueError(
                f"series {self.name!r}: slices {self.slices.shape} and labels "
                f"{self.labels.shape} differ in shape"
            )


def open_labeled(
    cache: SeriesCache,
    source: SeriesSource,
    preprocessing: PreprocessingOptions,
    labels: Path,
    classes: ClassTable,
) -> LabeledSeries:
    """The series ``source`` with the labelmap at ``labels``, both from ``cache``.

    Neither is held in memory or open, so any number of series can be worked on at once.

    Raises InvalidImageError and InvalidLabelmapError as ``SeriesCache`` does, ProjectError when
    the disk is full or read-only.
    """
    cached = cache.series(source, preprocessing)
    stack = cache.labels(labels, cached.geometry, classes)
    return LabeledSeries(
        source.name,
        StoredArray(cached.slices, partial(cache.series, source, preprocessing)),
        StoredArray(stack, partial(cache.labels, labels, cached.geometry, classes)),
    )
