"""What the virtual user's work costs, and how a round's minutes are filled."""

from __future__ import annotations

import numpy as np
import pytest

from Testing.benchmarks.annotation_time import (
    CostModel,
    Expected,
    Work,
    filled,
    least_outlining,
    ordered,
    outlines,
)

COST = CostModel(slice=2, click=3, outline_pixel=0.5)


def test_slices_clicks_and_outlines_are_paid_for() -> None:
    assert COST.minutes(Work(slices=30)) == pytest.approx(1)
    assert COST.minutes(Work(clicks=20)) == pytest.approx(1)
    assert COST.minutes(Work(regions=10, outline=60)) == pytest.approx(1)
    assert COST.minutes(Work()) == 0


def test_work_adds_up() -> None:
    assert Work(1, 2, 3, 4) + Work(10, 20, 30, 40) == Work(11, 22, 33, 44)


def test_nothing_is_outlined_where_all_is_right() -> None:
    labels = np.eye(6, dtype=np.uint8)
    assert outlines(labels, labels) == Work()


def test_a_wrong_region_is_outlined_along_its_border() -> None:
    reference = np.zeros((8, 8), dtype=np.uint8)
    reference[1:6, 1:6] = 1
    found = outlines(np.zeros_like(reference), reference)
    assert found == Work(regions=1, outline=16)


def test_regions_of_two_classes_are_outlined_apart_although_they_touch() -> None:
    reference = np.zeros((4, 6), dtype=np.uint8)
    reference[1:3, 1:3], reference[1:3, 3:5] = 1, 2
    assert outlines(np.zeros_like(reference), reference) == Work(regions=2, outline=8)


def test_too_much_is_outlined_as_background() -> None:
    labels = np.zeros((5, 5), dtype=np.uint8)
    labels[2, 2] = 1
    assert outlines(labels, np.zeros_like(labels)) == Work(regions=1, outline=1)


def test_small_regions_are_left() -> None:
    labels = np.zeros((6, 6), dtype=np.uint8)
    labels[0, 0] = labels[4, 1:5] = 1
    assert outlines(labels, np.zeros_like(labels), smallest=2) == Work(regions=1, outline=4)


def test_thin_rims_are_left() -> None:
    reference = np.zeros((9, 9), dtype=np.uint8)
    reference[1:7, 1:7] = 1
    labels = np.zeros_like(reference)
    labels[2:7, 1:5] = 1
    # A rim of one pixel above, a strip of two at the right.
    strip = outlines(labels, reference, thinnest=2)
    assert strip == Work(regions=1, outline=12)
    assert outlines(labels, reference).outline > 12
    assert outlines(labels, reference, thinnest=3) == Work()


def square(size: int) -> np.ndarray:
    labels = np.zeros((12, 12), dtype=np.uint8)
    labels[1 : 1 + size, 1 : 1 + size] = 1
    return labels


def test_a_bad_slice_is_cleared_and_outlined_anew() -> None:
    scattered = np.zeros((12, 12), dtype=np.uint8)
    scattered[::2, ::2] = 1
    anew = Work(clicks=1) + outlines(np.zeros_like(scattered), square(5))
    assert least_outlining(scattered, square(5), COST) == anew


def test_a_good_slice_is_corrected() -> None:
    found = least_outlining(square(9), square(10), COST)
    assert found == outlines(square(9), square(10))
    assert found.clicks == 0


def test_an_empty_slice_needs_no_clearing() -> None:
    assert least_outlining(square(0), square(4), COST) == outlines(square(0), square(4))


def test_easy_first_and_hard_first_go_by_entropy_and_slices() -> None:
    expected = {"long": Expected(0.2, 40), "unsure": Expected(0.3, 20), "sure": Expected(0.1, 10)}
    assert ordered(expected, "easy") == ["sure", "unsure", "long"]
    assert ordered(expected, "hard") == ["long", "unsure", "sure"]
    assert ordered(expected, "entropy") == ["unsure", "long", "sure"]


def test_ties_go_by_name() -> None:
    expected = {name: Expected(0.2, 10) for name in ("b", "c", "a")}
    for order in ("easy", "hard", "entropy"):
        assert ordered(expected, order) == ["a", "b", "c"]


def test_minutes_are_filled_in_the_order_and_what_is_over_is_owed() -> None:
    minutes = {"a": 4.0, "b": 5.0, "c": 3.0, "d": 1.0}
    assert filled("abcd", 10, minutes.__getitem__) == (["a", "b", "c"], -2)


def test_what_is_owed_shortens_the_next_round() -> None:
    minutes = {"a": 6.0, "b": 3.0, "c": 3.0}
    done, rest = filled("abc", 5, minutes.__getitem__)
    assert (done, rest) == (["a"], -1)
    assert filled("bc", 5 + rest, minutes.__getitem__) == (["b", "c"], -2)


def test_nothing_is_begun_without_minutes() -> None:
    done, rest = filled("ab", -1, lambda name: pytest.fail("nobody has time"))
    assert (done, rest) == ([], -1)


def test_an_exhausted_pool_leaves_minutes() -> None:
    assert filled("ab", 10, lambda name: 2.0) == (["a", "b"], 6)
