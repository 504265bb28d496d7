"""The marks of the virtual user in the study of conditioning."""

from __future__ import annotations

import numpy as np

from SAIMCore.interactions import Click, Stroke
from Testing.benchmarks.corrections import longest_stroke, spread_slices


def test_a_stroke_is_the_longest_straight_line_in_the_wrong_region() -> None:
    wrong = np.zeros((7, 9), dtype=bool)
    wrong[3, 1:8] = wrong[1:6, 4] = True
    assert longest_stroke(Click(2, 3, 4, 1), wrong) == Stroke(2, ((3, 1), (3, 7)), 1)
    assert longest_stroke(Click(2, 1, 4, 1), wrong) == Stroke(2, ((1, 4), (5, 4)), 1)


def test_a_stroke_may_be_diagonal_and_ends_at_the_border_of_the_slice() -> None:
    wrong = np.eye(5, dtype=bool)
    assert longest_stroke(Click(0, 2, 2, 3), wrong) == Stroke(0, ((0, 0), (4, 4)), 3)


def test_a_stroke_does_not_leave_the_wrong_pixels() -> None:
    wrong = np.zeros((5, 5), dtype=bool)
    wrong[2, 0:2] = wrong[2, 3:5] = True
    assert longest_stroke(Click(0, 2, 0, 1), wrong) == Stroke(0, ((2, 0), (2, 1)), 1)


def test_a_single_wrong_pixel_makes_a_dot() -> None:
    wrong = np.zeros((3, 3), dtype=bool)
    wrong[1, 1] = True
    assert longest_stroke(Click(0, 1, 1, 2), wrong) == Stroke(0, ((1, 1), (1, 1)), 2)


def test_slices_are_spread_over_those_with_foreground() -> None:
    labels = np.zeros((12, 2, 2), dtype=np.uint8)
    labels[2:11, 0, 0] = 1
    assert spread_slices(labels, 3) == [2, 6, 10]
    assert spread_slices(labels, 20) == list(range(2, 11))
    assert spread_slices(np.zeros_like(labels), 3) == []
