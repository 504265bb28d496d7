from __future__ import annotations

import json
import math

import numpy as np
import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.errors import InvalidLabelmapError
from SAIMCore.metrics import SegmentationScores, SeriesScores, aggregate

FLAT = ClassTable.from_names(["background", "liver", "spleen"])
NESTED = ClassTable.from_names(["background", "uterus", "tumor<uterus", "necrosis<tumor"])


def scores_of(classes: ClassTable, predicted: list, reference: list) -> SeriesScores:
    counted = SegmentationScores(classes)
    counted.add(np.array(predicted, dtype=np.uint8), np.array(reference, dtype=np.uint8))
    return counted.scores()


def brute_force(classes: ClassTable, predicted: np.ndarray, reference: np.ndarray) -> list:
    values = []
    for index in classes.foreground:
        one, other = classes.structure(predicted, index), classes.structure(reference, index)
        union = (one | other).sum()
        values.append((one & other).sum() / union if union else math.nan)
    return values


def test_iou_and_dice_are_overlap_over_union_and_over_the_mean_size():
    scores = scores_of(FLAT, [[1, 1, 0, 2]], [[1, 0, 0, 2]])
    assert scores.names == ("liver", "spleen")
    assert scores.iou == (0.5, 1.0)
    assert scores.dice == (pytest.approx(2 / 3), 1.0)
    assert scores.mean_iou == 0.75


def test_a_class_that_is_nowhere_has_no_value_and_does_not_count_in_means():
    scores = scores_of(FLAT, [[1, 0]], [[1, 0]])
    assert scores.iou[0] == 1.0
    assert math.isnan(scores.iou[1])
    assert math.isnan(scores.dice[1])
    assert scores.mean_iou == 1.0


@pytest.mark.parametrize(("predicted", "reference"), [([[2]], [[0]]), ([[0]], [[2]])])
def test_a_class_that_is_missed_or_invented_has_the_value_zero(predicted, reference):
    scores = scores_of(FLAT, predicted, reference)
    assert scores.iou[1] == 0.0
    assert scores.dice[1] == 0.0


def test_a_series_of_background_has_no_mean():
    scores = scores_of(FLAT, [[0, 0]], [[0, 0]])
    assert math.isnan(scores.mean_iou)
    assert scores.to_json()["mean_iou"] is None


def test_an_outer_structure_is_measured_as_the_union_with_all_that_lies_within():
    scores = scores_of(NESTED, [[1, 2, 3, 0]], [[2, 1, 1, 0]])
    assert scores.iou[0] == 1.0, "tumor and necrosis count as uterus"
    assert scores.iou[1] == 0.0
    assert scores.iou[2] == 0.0
    assert scores_of(NESTED, [[3, 2]], [[2, 3]]).iou[1] == 1.0, "necrosis counts as tumor"


@pytest.mark.parametrize("classes", [FLAT, NESTED])
def test_the_counts_agree_with_masks_compared_one_by_one(classes):
    rng = np.random.default_rng(0)
    predicted = rng.integers(0, len(classes), (5, 20, 30), dtype=np.uint8)
    reference = rng.integers(0, len(classes), (5, 20, 30), dtype=np.uint8)
    counted = SegmentationScores(classes)
    counted.add(predicted, reference)
    scores = counted.scores()
    expected = brute_force(classes, predicted, reference)
    assert scores.iou == pytest.approx(expected)
    assert scores.dice == pytest.approx([2 * value / (1 + value) for value in expected])


def test_counting_slice_by_slice_is_counting_the_whole_stack():
    rng = np.random.default_rng(1)
    predicted, reference = rng.integers(0, 3, (2, 6, 16, 16), dtype=np.uint8)
    whole, by_slice = SegmentationScores(FLAT), SegmentationScores(FLAT)
    whole.add(predicted, reference)
    for one, other in zip(predicted, reference, strict=True):
        by_slice.add(one, other)
    assert np.array_equal(whole.confusion, by_slice.confusion)
    assert whole.confusion.sum() == predicted.size
    assert whole.scores() == by_slice.scores()


def test_the_confusion_has_the_reference_in_rows():
    counted = SegmentationScores(FLAT)
    counted.add(np.array([2, 2], np.uint8), np.array([1, 0], np.uint8))
    assert counted.confusion.tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_labels_without_a_class_are_refused_instead_of_counted_elsewhere():
    counted = SegmentationScores(FLAT)
    with pytest.raises(InvalidLabelmapError, match="label 3 is no class index"):
        counted.add(np.array([3], np.uint8), np.array([0], np.uint8))
    with pytest.raises(InvalidLabelmapError, match="label 7"):
        counted.add(np.array([0], np.uint8), np.array([7], np.uint8))
    assert counted.confusion.sum() == 0


def test_labelmaps_of_different_shapes_are_refused():
    with pytest.raises(InvalidLabelmapError, match=r"\(1, 2\).*\(2, 1\)"):
        scores_of(FLAT, [[0, 0]], [[0], [0]])


def test_no_pixels_count_nothing():
    counted = SegmentationScores(FLAT)
    counted.add(np.zeros((0, 4, 4), np.uint8), np.zeros((0, 4, 4), np.uint8))
    assert counted.confusion.sum() == 0


def test_averages_leave_out_series_without_the_class_and_say_how_many_remain():
    series = [
        SeriesScores(FLAT.names[1:], (0.5, math.nan), (0.6, math.nan)),
        SeriesScores(FLAT.names[1:], (1.0, 0.2), (1.0, 0.4)),
    ]
    averaged = aggregate(FLAT, series)
    assert averaged.iou == (0.75, 0.2)
    assert averaged.dice == (0.8, 0.4)
    assert averaged.series == (2, 1)
    assert averaged.mean_iou == pytest.approx((0.75 + 0.2) / 2), "the mean of the class means"


def test_a_class_in_no_series_at_all_has_no_average():
    averaged = aggregate(FLAT, [scores_of(FLAT, [[1]], [[1]])])
    assert averaged.series == (1, 0)
    assert averaged.mean_iou == 1.0
    assert averaged.to_json() == {
        "iou": {"liver": 1.0, "spleen": None},
        "dice": {"liver": 1.0, "spleen": None},
        "mean_iou": 1.0,
        "mean_dice": 1.0,
        "series": {"liver": 1, "spleen": 0},
    }


def test_the_average_of_no_series_is_empty():
    averaged = aggregate(FLAT, [])
    assert averaged.series == (0, 0)
    text = json.dumps(averaged.to_json(), allow_nan=False)
    assert json.loads(text)["mean_iou"] is None
