"""What annotating took, and what it will take."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.campaign.effort import (
    EffortModel,
    annotation_efforts,
    describe_trend,
    effort_over_time,
)
from SAIMCore.campaign.work_done import WorkDone
from SAIMCore.interactions import Click
from SAIMCore.project.project import Project
from SAIMCore.project.records import ScoreRecord
from Testing.unit.campaign.made_up import annotation_effort, series_record

NO_WORK = WorkDone({}, {})


def entropy(series: str, value: float, created: str) -> ScoreRecord:
    return ScoreRecord(series, "entropy", "round-001", value, created, False)


def test_without_a_timed_annotation_nothing_is_predicted() -> None:
    model = EffortModel.fit([annotation_effort(1, None, 0.3)])
    assert model == EffortModel()
    assert model.predict(10, 0.3) is None


def test_a_series_takes_the_median_minutes_per_slice() -> None:
    model = EffortModel.fit([annotation_effort(n, minutes) for n, minutes in enumerate((1, 2, 9))])
    assert model.minutes_per_slice == pytest.approx(0.2)
    assert model.predict(30, None) == pytest.approx(6.0)


def test_only_the_latest_ten_annotations_say_how_fast_one_is() -> None:
    slow = [annotation_effort(n, 100.0) for n in range(1, 21)]
    fast = [annotation_effort(n, 5.0) for n in range(21, 31)]
    assert EffortModel.fit([*slow, *fast]).minutes_per_slice == 0.5


def test_annotations_without_a_time_do_not_count_among_the_latest() -> None:
    timed = [annotation_effort(1, 5.0)]
    untimed = [annotation_effort(n, None) for n in range(2, 20)]
    assert EffortModel.fit([*timed, *untimed]).minutes_per_slice == 0.5


def test_from_five_scored_annotations_on_the_minutes_follow_the_score() -> None:
    # 0.1 minutes a slice and one more for each unit of entropy.
    efforts = [annotation_effort(n, 10 * (0.1 + n / 10), n / 10) for n in range(1, 6)]
    model = EffortModel.fit(efforts)
    assert (model.slope, model.at_zero) == (pytest.approx(1.0), pytest.approx(0.1))
    assert model.predict(20, 0.7) == pytest.approx(20 * 0.8)
    assert model.predict(20, None) == pytest.approx(20 * 0.4)
    assert EffortModel.fit(efforts[:4]).slope == 0


def test_a_coffee_break_does_not_move_the_relation() -> None:
    efforts = [annotation_effort(n, 10 * (0.1 + n / 10), n / 10) for n in range(1, 10)]
    efforts[4] = annotation_effort(5, 600.0, 0.5)
    assert EffortModel.fit(efforts).predict(10, 0.2) == pytest.approx(3.0)


def test_a_falling_relation_gives_way_to_the_median() -> None:
    efforts = [annotation_effort(n, 10.0 - n, n / 10) for n in range(1, 6)]
    model = EffortModel.fit(efforts)
    assert model.slope == 0
    assert model.predict(10, 0.9) == model.predict(10, 0.0) == pytest.approx(7.0)


def test_equal_scores_give_no_relation() -> None:
    efforts = [annotation_effort(n, float(n), 0.4) for n in range(1, 8)]
    assert EffortModel.fit(efforts) == EffortModel(0.4)


def test_predictions_stay_near_the_median_wherever_the_line_goes() -> None:
    efforts = [annotation_effort(n, 10 * n, 0.5 + n / 100) for n in range(1, 6)]
    model = EffortModel.fit(efforts)
    assert model.minutes_per_slice == 3.0
    assert model.predict(1, 0.0) == pytest.approx(0.3)
    assert model.predict(1, 1.0) == pytest.approx(30.0)


def test_the_slope_looks_further_back_than_the_height() -> None:
    # The same slope all the time, but by now everything goes 0.2 minutes a slice faster.
    efforts = [annotation_effort(n, 10 * (0.5 + n % 10 / 10), n % 10 / 10) for n in range(20)]
    efforts += [annotation_effort(n, 10 * (0.3 + n % 10 / 10), n % 10 / 10) for n in range(20, 30)]
    model = EffortModel.fit(efforts)
    assert (model.slope, model.at_zero) == (pytest.approx(1.0), pytest.approx(0.3))


def test_efforts_come_in_the_order_of_acceptance_with_rounds() -> None:
    records = [
        series_record("b", created="2026-01-02", minutes=4.0, model_version="v1"),
        series_record("c", created="2026-01-01", minutes=3.0),
        series_record("d", status="unannotated"),
        series_record("e", created="2026-01-03", minutes=1.0, model_version="gone"),
    ]
    efforts = annotation_efforts(records, NO_WORK, {}, {"v1": 1})
    assert [(found.series, found.minutes, found.round) for found in efforts] == [
        ("c", 3.0, None),
        ("b", 4.0, 1),
        ("e", 1.0, None),
    ]


def test_labels_that_came_with_the_images_took_no_time_here() -> None:
    records = [series_record("a", annotator="imported"), series_record("b", minutes=0.0)]
    efforts = annotation_efforts(records, NO_WORK, {}, {})
    assert [(found.series, found.minutes) for found in efforts] == [("b", None)]
    assert efforts[0].minutes_per_slice is None


def test_only_a_score_from_before_the_annotation_counts() -> None:
    records = [series_record(name, created="2026-01-02", minutes=1.0) for name in ("a", "b")]
    scores = {"a": entropy("a", 0.3, "2026-01-01"), "b": entropy("b", 0.4, "2026-01-03")}
    efforts = annotation_efforts(records, NO_WORK, scores, {})
    assert [found.score for found in efforts] == [0.3, None]


def test_the_effort_of_a_project(plain_project: Project, plain_labels: np.ndarray) -> None:
    plain_project.scores.record("entropy", "round-001", {"pool_b": 0.25})
    sitting = plain_project.sessions.begin("pool_b", "ada")
    plain_project.sessions.add_active(sitting, 240.0)
    plain_project.interactions.add("pool_b", [Click(1, 2, 3, 1)] * 5, "ada")
    plain_project.annotations.accept("pool_b", plain_labels, "ada", model_version="round-001")
    plain_project.annotations.accept("pool_a", plain_labels, "bob", minutes=2.0, clicks=1)
    first, second = effort_over_time(plain_project)
    assert (first.series, first.annotator, first.slices) == ("pool_b", "ada", 4)
    assert (first.minutes, first.minutes_per_slice, first.clicks) == (4.0, 1.0, 5)
    assert (first.model_version, first.round, first.score) == ("round-001", None, 0.25)
    assert (second.series, second.minutes, second.score) == ("pool_a", 2.0, None)


def test_the_trend_compares_the_latest_with_the_first() -> None:
    efforts = [annotation_effort(n, 10.0 - n / 2) for n in range(1, 12)]
    assert describe_trend(efforts) == (
        "annotating is getting cheaper: the latest 5 series took 0.55 minutes a slice, the first "
        "5 took 0.85 (medians)"
    )
    assert describe_trend(efforts[::-1]) == (
        "annotating is not getting cheaper: the latest 5 series took 0.85 minutes a slice, the "
        "first 5 took 0.55 (medians)"
    )


def test_the_trend_needs_ten_timed_annotations() -> None:
    efforts = [annotation_effort(n, 3.0) for n in range(1, 10)]
    sentence = describe_trend([*efforts, annotation_effort(10, None)])
    assert sentence.endswith("it takes 10 annotations with a known time, and there are 9")
