"""The virtual user clicks where the method says, and repeatably."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.virtual_user import COARSE_SIDE, VirtualUser, connected_components


def user(seed: int = 0) -> VirtualUser:
    return VirtualUser(np.random.default_rng(seed))


def two_regions() -> tuple[np.ndarray, np.ndarray]:
    """Class 1 in a large and a small square, of which the prediction knows nothing."""
    reference = np.zeros((64, 64), np.uint8)
    reference[10:30, 10:30] = 1
    reference[50:54, 50:54] = 1
    return np.zeros_like(reference), reference


def test_touching_regions_of_different_classes_are_different_components() -> None:
    labels = np.zeros((8, 8), np.uint8)
    labels[1:4, 1:4] = 1
    labels[1:4, 4:7] = 2
    labels[6, 6] = 1
    components = connected_components(labels)
    assert components[0, 0] == 0
    assert len({int(components[2, 2]), int(components[2, 5]), int(components[6, 6])}) == 3


def test_pixels_that_touch_at_a_corner_belong_together() -> None:
    labels = np.zeros((4, 4), np.uint8)
    labels[1, 1] = labels[2, 2] = 3
    assert connected_components(labels).max() == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_correction_falls_into_the_largest_mislabeled_region(seed: int) -> None:
    prediction, reference = two_regions()
    (click,) = user(seed).corrections(prediction, reference, [1], slice_index=7)
    assert (click.slice_index, click.class_index) == (7, 1)
    assert 10 <= click.row < 30
    assert 10 <= click.column < 30


def test_the_region_that_is_left_gets_the_next_click() -> None:
    prediction, reference = two_regions()
    prediction[10:30, 10:30] = 1
    (click,) = user().corrections(prediction, reference, [1])
    assert 50 <= click.row < 54
    assert 50 <= click.column < 54


def test_regions_below_the_smallest_get_no_click() -> None:
    prediction, reference = two_regions()
    assert len(user().corrections(prediction, reference, [1], smallest=20 * 20)) == 1
    assert user().corrections(prediction, reference, [1], smallest=20 * 20 + 1) == []


def test_over_segmentation_is_corrected_by_a_background_click() -> None:
    reference, prediction = two_regions()
    (click,) = user().corrections(prediction, reference, [0, 1])
    assert click.class_index == 0
    assert prediction[click.row, click.column] == 1


def test_a_correct_prediction_gets_no_click() -> None:
    _, reference = two_regions()
    assert user().corrections(reference.copy(), reference, [0, 1]) == []


def test_only_the_named_classes_are_clicked() -> None:
    prediction, reference = two_regions()
    assert user().corrections(prediction, reference, [0, 2]) == []


def test_the_same_seed_gives_the_same_clicks_and_another_one_others() -> None:
    prediction, reference = two_regions()
    drawn = [user(seed).corrections(prediction, reference, [1]) for seed in (3, 3, 4)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_clicks_are_likelier_in_the_center_than_at_the_border() -> None:
    region = np.ones((21, 21), bool)
    one = user()
    places = np.array([one.place(region) for _ in range(2000)])
    from_center = np.abs(places - 10).max(axis=1)
    # Proportional to the distance to the border: the inner 11 x 11 pixels hold the share below,
    # against 0.27 if all pixels were equally likely.
    distance = 11 - np.maximum(*np.abs(np.indices(region.shape) - 10))
    expected = distance[5:16, 5:16].sum() / distance.sum()
    assert (from_center <= 5).mean() == pytest.approx(expected, abs=0.04)
    assert (from_center == 10).mean() < 0.1


def test_clicks_in_a_large_thin_or_hollow_region_never_leave_it() -> None:
    side = 3 * COARSE_SIDE
    region = np.zeros((side, side), bool)
    region[5:-5, 5:-5] = True
    region[20:-20, 20:-20] = False
    one = user()
    for _ in range(200):
        row, column = one.place(region, top=100, left=50)
        assert region[row - 100, column - 50]


def test_a_region_that_the_coarse_grid_misses_is_still_found() -> None:
    region = np.zeros((4 * COARSE_SIDE, 4 * COARSE_SIDE), bool)
    region[401, 303] = True
    assert user().place(region) == (401, 303)
