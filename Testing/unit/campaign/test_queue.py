"""The rows of the queue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.campaign.pool_order import ordered_pool
from SAIMCore.campaign.queue import in_order, queue_rows, read_again, with_score
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click
from SAIMCore.project.project import Project
from Testing.unit.campaign.made_up import queue_row

ENTROPY, EASY_FIRST, HARD_FIRST, RANDOM = (
    STRATEGIES[name] for name in ("entropy", "easy-first", "hard-first", "random")
)


def test_the_pool_comes_first_in_its_order_then_the_others_by_name(plain_project: Project) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.1, "pool_b": 0.3, "pool_c": 0.2})
    rows = queue_rows(plain_project, ENTROPY, "v1")
    assert [(row.name, row.rank) for row in rows] == [
        ("pool_b", 1),
        ("pool_c", 2),
        ("pool_a", 3),
        ("exam", None),
        ("first", None),
        ("val", None),
    ]
    assert [row.name for row in queue_rows(plain_project, EASY_FIRST, "v1")[:3]] == [
        "pool_a",
        "pool_c",
        "pool_b",
    ]


def test_a_row_says_what_the_project_knows(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.1})
    sitting = plain_project.sessions.begin("pool_c", "ada")
    plain_project.sessions.add_active(sitting, 120.0)
    plain_project.interactions.add("pool_c", [Click(1, 2, 3, 1)] * 3, "ada")
    plain_project.annotations.accept("pool_c", plain_labels, "ada")
    plain_project.pin("pool_b")
    rows = {row.name: row for row in queue_rows(plain_project, ENTROPY, "v1")}
    assert rows["pool_c"] == queue_row(
        "pool_c",
        patient="patient of pool_c",
        status="annotated",
        slices=4,
        annotator="ada",
        minutes_spent=2.0,
        clicks=3,
        predicted_minutes=2.0,
    )
    assert rows["pool_a"] == queue_row(
        "pool_a",
        patient="patient of pool_a",
        slices=4,
        rank=2,
        score=0.1,
        model_version="v1",
        predicted_minutes=2.0,
    )
    assert (rows["pool_b"].pinned, rows["pool_b"].rank) == (True, 1)
    assert rows["first"].annotator == "imported"


def test_without_a_timed_annotation_no_minutes_are_predicted(plain_project: Project) -> None:
    assert {row.predicted_minutes for row in queue_rows(plain_project, ENTROPY, "")} == {None}


def test_scores_of_other_models_are_stale_and_those_of_none_name_no_model(
    plain_project: Project,
) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.1})
    plain_project.scores.record("random", "none", {"pool_a": 0.7})
    row = next(row for row in queue_rows(plain_project, ENTROPY, "v2") if row.name == "pool_a")
    assert (row.score, row.model_version, row.stale) == (0.1, "v1", True)
    row = next(row for row in queue_rows(plain_project, RANDOM, "v2") if row.name == "pool_a")
    assert (row.score, row.model_version, row.stale) == (0.7, None, False)


def test_minutes_follow_the_entropy_whatever_the_strategy(
    plain_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.25})
    plain_project.scores.record("margin", "v1", {"pool_a": 0.75})
    monkeypatch.setattr(
        "SAIMCore.campaign.effort.EffortModel.predict", lambda self, slices, score: score
    )
    for strategy in (ENTROPY, STRATEGIES["margin"], RANDOM):
        rows = {row.name: row for row in queue_rows(plain_project, strategy, "v1")}
        assert rows["pool_a"].predicted_minutes == 0.25
        assert rows["pool_b"].predicted_minutes is None


@pytest.mark.parametrize("measured", [False, True], ids=["without minutes", "with minutes"])
@pytest.mark.parametrize("strategy", [ENTROPY, EASY_FIRST, HARD_FIRST], ids=lambda s: s.name)
def test_the_order_is_that_of_the_command_line(
    plain_project: Project, plain_labels: np.ndarray, strategy, measured: bool
) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.1, "pool_b": 0.3})
    if measured:
        plain_project.annotations.accept("first", plain_labels, "ada", minutes=8.0)
        sitting = plain_project.sessions.begin("pool_b", "ada")
        plain_project.sessions.add_active(sitting, 60.0)
    for change in (
        lambda: None,
        lambda: plain_project.pin("pool_c"),
        lambda: plain_project.skip("pool_b"),
        lambda: plain_project.skip("pool_c"),
    ):
        change()
        ranked = [entry.name for entry in ordered_pool(plain_project, strategy, "v1")]
        assert [row.name for row in queue_rows(plain_project, strategy, "v1")[:3]] == ranked


def test_pinned_series_come_first_and_skipped_ones_last() -> None:
    rows = [
        queue_row("a", score=0.9),
        queue_row("b", score=0.1, pinned=True),
        queue_row("c", score=0.8, skipped=True),
        queue_row("d"),
        queue_row("e", score=0.5, status="in progress"),
    ]
    ordered = in_order(rows, ENTROPY)
    assert [(row.name, row.rank) for row in ordered] == [
        ("b", 1),
        ("a", 2),
        ("e", 3),
        ("d", 4),
        ("c", 5),
    ]


def test_a_row_whose_place_stays_stays_the_same_object() -> None:
    rows = in_order([queue_row("a", score=0.9), queue_row("b", score=0.5)], ENTROPY)
    again = in_order([rows[0], with_score(rows[1], 0.6, "v1", ENTROPY)], ENTROPY)
    assert again[0] is rows[0]


def test_a_series_that_leaves_the_pool_loses_its_rank() -> None:
    rows = in_order([queue_row("a", score=0.9), queue_row("b", score=0.5)], ENTROPY)
    rows = in_order([replace(rows[0], status="annotated"), rows[1]], ENTROPY)
    assert [(row.name, row.rank) for row in rows] == [("b", 1), ("a", None)]


@pytest.mark.parametrize(
    ("strategy", "order", "fitting"),
    [(EASY_FIRST, "abc", "ab"), (HARD_FIRST, "cba", "c"), (ENTROPY, "acb", "ab")],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_order_fills_the_time_of_the_session(strategy, order: str, fitting: str) -> None:
    rows = [
        queue_row(name, score=score, predicted_minutes=minutes)
        for name, score, minutes in (("a", 0.9, 4.0), ("b", 0.2, 5.0), ("c", 0.3, 6.0))
    ]
    ordered = in_order(rows, strategy, 9.0)
    assert [row.name for row in ordered] == list(order)
    assert {row.name for row in ordered if row.within_budget} == set(fitting)
    assert {row.within_budget for row in in_order(rows, strategy)} == {None}


def test_as_long_as_nobody_measured_easy_is_little_uncertainty_in_few_slices() -> None:
    rows = [
        queue_row("short but doubtful", score=0.6, slices=10),
        queue_row("sure but long", score=0.1, slices=100),
        queue_row("sure and short", score=0.1, slices=10),
        queue_row("not scored"),
    ]
    easy = ["sure and short", "short but doubtful", "sure but long"]
    assert [row.name for row in in_order(rows, EASY_FIRST)] == [*easy, "not scored"]
    assert [row.name for row in in_order(rows, HARD_FIRST)] == [*easy[::-1], "not scored"]
    assert {row.within_budget for row in in_order(rows, EASY_FIRST, 60.0)} == {None}


def test_of_what_was_begun_only_the_rest_is_work() -> None:
    rows = [
        queue_row("a", predicted_minutes=8.0),
        queue_row("b", predicted_minutes=20.0, minutes_spent=18.0, status="in progress"),
    ]
    assert [row.name for row in in_order(rows, EASY_FIRST)] == ["b", "a"]
    assert [row.within_budget for row in in_order(rows, EASY_FIRST, 10.0)] == [True, True]


def test_skipped_series_fill_no_time_as_long_as_others_wait() -> None:
    rows = [
        queue_row("a", score=0.9, predicted_minutes=8.0),
        queue_row("b", score=0.8, predicted_minutes=8.0),
        queue_row("c", predicted_minutes=1.0, skipped=True),
    ]
    for minutes, fitting in ((10.0, "a"), (16.5, "ab"), (17.0, "abc")):
        ordered = in_order(rows, ENTROPY, minutes)
        assert [row.name for row in ordered if row.within_budget] == list(fitting)


def test_a_new_score_makes_the_row_fresh() -> None:
    row = queue_row("a", score=0.4, model_version="v1", stale=True)
    scored = with_score(row, 0.7, "v2", ENTROPY)
    assert (scored.score, scored.model_version, scored.stale) == (0.7, "v2", False)
    assert with_score(row, 0.7, "none", RANDOM).model_version is None


def test_a_row_read_again_is_that_of_all_rows(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.9, "pool_b": 0.4})
    before = {row.name: row for row in queue_rows(plain_project, ENTROPY, "v1")}
    sitting = plain_project.sessions.begin("pool_a", "ada")
    plain_project.sessions.add_active(sitting, 60.0)
    plain_project.set_status("pool_a", "in progress")
    row = read_again(plain_project, before["pool_a"])
    assert row == replace(before["pool_a"], status="in progress", minutes_spent=1.0)
    plain_project.annotations.accept("pool_a", plain_labels, "ada", clicks=2)
    row = read_again(plain_project, row)
    assert (row.status, row.annotator, row.clicks, row.rank) == ("annotated", "ada", 2, None)
    others = [found for name, found in before.items() if name != "pool_a"]
    again = in_order([*others, row], ENTROPY)
    rebuilt = queue_rows(plain_project, ENTROPY, "v1")
    assert again == [
        replace(found, predicted_minutes=None) if found.predicted_minutes else found
        for found in rebuilt
    ]


def test_a_row_of_an_unknown_series_cannot_be_read(plain_project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        read_again(plain_project, queue_row("nobody"))


def test_time_that_was_spent_is_not_left() -> None:
    assert queue_row(predicted_minutes=5.0, minutes_spent=2.0).minutes_left == 3.0
    assert queue_row(predicted_minutes=5.0, minutes_spent=9.0).minutes_left == 0.0
    assert queue_row(minutes_spent=9.0).minutes_left is None
