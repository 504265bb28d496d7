"""Scribbles that grow into pixels of much the same intensity."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.conditioning.region_growing import FREE, grow
from SAIMCore.errors import ConfigurationError

Targets = NDArray[np.int64]


def scribbled(shape: tuple[int, int], **classes: tuple[int, int]) -> Targets:
    """Targets with one pixel for each of the classes ``c0``, ``c1``, ..."""
    targets = np.full(shape, FREE, dtype=np.int64)
    for name, place in classes.items():
        targets[place] = int(name[1:])
    return targets


def reached(image: NDArray[np.float32], start: tuple[int, int], threshold: float) -> set[tuple]:
    """The pixels that one scribbled pixel reaches, one after the other."""
    found, waiting = {start}, deque([start])
    while waiting:
        row, column = waiting.popleft()
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            inside = 0 <= near[0] < image.shape[0] and 0 <= near[1] < image.shape[1]
            if inside and near not in found and abs(image[near] - image[start]) < threshold:
                found.add(near)
                waiting.append(near)
    return found


def test_it_fills_what_is_alike_and_stops_at_an_edge() -> None:
    image = np.zeros((6, 8), dtype=np.float32)
    image[:, 4:] = 1
    grown = grow(image, scribbled(image.shape, c2=(3, 1)), 0.5)
    assert (grown[:, :4] == 2).all()
    assert (grown[:, 4:] == FREE).all()


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_a_search_pixel_by_pixel_finds(seed: int) -> None:
    generator = np.random.default_rng(seed)
    image = generator.normal(size=(20, 30)).astype(np.float32)
    start = (int(generator.integers(20)), int(generator.integers(30)))
    grown = grow(image, scribbled(image.shape, c1=start), 1.2)
    assert {tuple(place) for place in np.argwhere(grown == 1).tolist()} == reached(
        image, start, 1.2
    )


def test_intensities_are_compared_with_the_scribbled_pixel_not_with_the_last_one() -> None:
    ramp = np.linspace(0, 1, 11, dtype=np.float32)[None]
    grown = grow(ramp, scribbled(ramp.shape, c1=(0, 0)), 0.35)
    assert (grown[0] == 1).sum() == 4


def test_what_was_said_stays_and_the_nearer_scribble_wins() -> None:
    image = np.zeros((1, 9), dtype=np.float32)
    grown = grow(image, scribbled(image.shape, c1=(0, 0), c0=(0, 8)), 1)
    assert grown[0].tolist() == [1, 1, 1, 1, grown[0, 4], 0, 0, 0, 0]


def test_it_does_not_come_out_at_the_other_side_of_the_image() -> None:
    image = np.zeros((3, 3), dtype=np.float32)
    image[:, 1] = 9
    grown = grow(image, scribbled(image.shape, c1=(1, 2)), 1)
    assert (grown[:, 2] == 1).all()
    assert (grown[:, 0] == FREE).all()


def test_it_goes_no_further_than_its_reach() -> None:
    image = np.zeros((7, 7), dtype=np.float32)
    grown = grow(image, scribbled(image.shape, c1=(3, 3)), 1, reach=2)
    rows, columns = np.nonzero(grown == 1)
    assert (np.abs(rows - 3) + np.abs(columns - 3)).max() == 2
    assert len(rows) == 13


def test_without_a_threshold_or_reach_nothing_grows() -> None:
    image = np.zeros((4, 4), dtype=np.float32)
    targets = scribbled(image.shape, c1=(1, 1))
    np.testing.assert_array_equal(grow(image, targets, 0), targets)
    np.testing.assert_array_equal(grow(image, targets, 1, reach=0), targets)


def test_the_scribbles_are_not_changed() -> None:
    image = np.zeros((4, 4), dtype=np.float32)
    targets = scribbled(image.shape, c1=(1, 1))
    before = targets.copy()
    grow(image, targets, 1)
    np.testing.assert_array_equal(targets, before)


@pytest.mark.parametrize(("threshold", "reach"), [(-1, None), (float("nan"), None), (1, -1)])
def test_a_threshold_or_reach_below_0_is_refused(threshold: float, reach: int | None) -> None:
    image = np.zeros((2, 2), dtype=np.float32)
    with pytest.raises(ConfigurationError, match="give 0 or more"):
        grow(image, scribbled(image.shape, c1=(0, 0)), threshold, reach)
