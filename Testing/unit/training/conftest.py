"""A small phantom for training tests: two squares of different gray on a dark ground."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from SAIMCore.data.labeled import LabeledSeries


def make_series(name: str, seed: int, slices: int = 4, side: int = 24) -> LabeledSeries:
    rng = np.random.default_rng(seed)
    labels = np.zeros((slices, side, side), np.uint8)
    for index in range(slices):
        row, column = rng.integers(1, side - 11, 2)
        labels[index, row : row + 10, column : column + 10] = 1
        labels[index, row + 3 : row + 7, column + 3 : column + 7] = 2
    image = labels * 1.5 - 1 + rng.normal(0, 0.1, labels.shape)
    return LabeledSeries(name, image.astype(np.float16), labels)


@pytest.fixture
def labeled_series() -> Callable[..., LabeledSeries]:
    return make_series
