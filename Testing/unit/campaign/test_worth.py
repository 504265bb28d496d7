"""Is another round worth it?"""

from __future__ import annotations

import pytest

from SAIMCore.campaign.worth import HARDLY, NOT, UNKNOWN, WORTH_IT, worth_of_next_round
from Testing.unit.campaign.made_up import curve_point, queue_row

# 2 x 6 minutes in the first round of two series.
QUEUE = [queue_row(str(rank), rank=rank, predicted_minutes=6.0) for rank in range(1, 9)]


def test_a_round_that_brings_a_point_is_worth_it() -> None:
    # The error halves when the set grows fourfold: 0.4 at 4, 0.2 at 16, so 0.4 x (n / 4) ** -0.5.
    points = [curve_point(4, 0.5, 0.7), curve_point(16, 0.75, 0.85)]
    worth = worth_of_next_round(points, QUEUE, 4)
    gain = 0.2 - 0.4 * (20 / 4) ** -0.5
    assert worth.verdict == WORTH_IT
    assert worth.gain == pytest.approx(gain)
    assert worth.hours == pytest.approx(0.4)
    assert worth.sentence == (
        "another round is worth it: 4 more series should raise the test mIoU, now 80.0 % with 16 "
        f"series, by about {100 * gain:.1f} points, for about 0.4 hours of annotation"
    )


def test_a_round_that_brings_less_is_hardly_worth_it() -> None:
    points = [curve_point(4, 0.6), curve_point(16, 0.8)]
    worth = worth_of_next_round(points, QUEUE, 1)
    assert worth.verdict == HARDLY
    assert worth.gain == pytest.approx(0.2 - 0.4 * (17 / 4) ** -0.5)
    assert "1 more series should raise" in worth.sentence
    assert "by only about 0.6 points" in worth.sentence


def test_a_round_is_not_worth_it_when_the_last_two_brought_next_to_nothing() -> None:
    # The first and the last would promise more, but the curve has flattened.
    points = [curve_point(n, value) for n, value in ((4, 0.5), (8, 0.8), (12, 0.804), (16, 0.803))]
    worth = worth_of_next_round(points, QUEUE, 8)
    assert worth.verdict == NOT
    assert worth.sentence == (
        "another round is not worth it: the last two changed the test mIoU, now 80.3 % with 16 "
        "series, by only +0.4 and -0.1 points"
    )


def test_one_weak_round_may_have_been_bad_luck() -> None:
    points = [curve_point(4, 0.5), curve_point(8, 0.8), curve_point(12, 0.804)]
    assert worth_of_next_round(points, QUEUE, 8).verdict == WORTH_IT


def test_a_model_that_did_not_improve_promises_nothing() -> None:
    points = [curve_point(4, 0.6), curve_point(8, 0.55)]
    worth = worth_of_next_round(points, QUEUE, 8)
    assert (worth.verdict, worth.gain) == (HARDLY, 0.0)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [curve_point(4, 0.6)],
        [curve_point(4, 0.6), curve_point(4, 0.7)],
        [curve_point(4, 0.6), curve_point(8, 0.7, published=None)],
        [curve_point(4, 0.6, comparable=False), curve_point(8, 0.7)],
        [curve_point(None, 0.6), curve_point(8, 0.7)],
        [curve_point(4, None), curve_point(8, 0.7)],
    ],
)
def test_it_takes_two_sizes_that_can_be_compared(points: list) -> None:
    worth = worth_of_next_round(points, QUEUE, 2)
    assert (worth.verdict, worth.gain, worth.hours) == (UNKNOWN, None, pytest.approx(0.2))
    assert "cannot be said yet" in worth.sentence


def test_only_numbers_of_clicks_that_all_models_were_measured_with_count() -> None:
    points = [curve_point(4, 0.6), curve_point(16, 0.8, 0.99, 0.99)]
    worth = worth_of_next_round(points, QUEUE, 4)
    assert worth.gain == pytest.approx(0.2 - 0.4 * 5**-0.5)


def test_of_models_of_one_size_the_newest_counts() -> None:
    points = [curve_point(4, 0.1), curve_point(16, 0.8), curve_point(4, 0.6)]
    assert worth_of_next_round(points, QUEUE, 4).gain == pytest.approx(0.2 - 0.4 * 5**-0.5)


def test_the_last_series_of_the_pool_make_a_smaller_round() -> None:
    points = [curve_point(4, 0.6), curve_point(16, 0.8)]
    worth = worth_of_next_round(points, QUEUE[:2], 10)
    assert "2 more series should raise" in worth.sentence
    assert worth.gain == pytest.approx(0.2 - 0.4 * (18 / 4) ** -0.5)
    assert worth.hours == pytest.approx(0.2)


def test_the_head_of_the_queue_is_what_the_round_annotates() -> None:
    rows = [
        queue_row("done", status="annotated", predicted_minutes=600.0),
        queue_row("second", rank=2, predicted_minutes=60.0),
        queue_row("first", rank=1, predicted_minutes=30.0),
    ]
    assert worth_of_next_round([], rows, 1).hours == 0.5


def test_hours_are_left_out_where_they_are_not_known() -> None:
    points = [curve_point(4, 0.6, split="validation"), curve_point(16, 0.8, split="validation")]
    worth = worth_of_next_round(points, [queue_row(rank=1)], 4)
    assert worth.hours is None
    assert worth.sentence.endswith(
        "raise the validation mIoU, now 80.0 % with 16 series, by only about 0.6 points"
    )


def test_an_empty_pool_leaves_nothing_to_do() -> None:
    worth = worth_of_next_round([curve_point(4, 0.6)], [queue_row(status="annotated")], 4)
    assert worth.verdict == NOT
    assert "nothing left to annotate" in worth.sentence
