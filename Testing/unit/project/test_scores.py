"""Scores of the pool."""

from __future__ import annotations

import math

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project


def test_scores_are_read_back_with_their_model(project: Project) -> None:
    project.scores.record("entropy", "round-001", {"pool_a": 0.25, "pool_b": 0.5})
    scores = project.scores.latest("entropy", "round-001")
    assert {name: record.value for name, record in scores.items()} == {
        "pool_a": 0.25,
        "pool_b": 0.5,
    }
    assert scores["pool_a"].model_version == "round-001"
    assert not any(record.stale for record in scores.values())


def test_a_series_without_a_score_has_none(project: Project) -> None:
    project.scores.record("entropy", "round-001", {"pool_a": 0.25})
    assert "pool_b" not in project.scores.latest("entropy", "round-001")
    assert project.scores.latest("margin", "round-001") == {}
    assert project.scores.missing("entropy", "round-001") == ["pool_b", "pool_c"]


def test_scores_of_an_earlier_model_are_stale(project: Project) -> None:
    project.scores.record("entropy", "round-001", {"pool_a": 0.1, "pool_b": 0.2})
    project.scores.record("entropy", "round-002", {"pool_a": 0.3})
    scores = project.scores.latest("entropy", "round-002")
    assert (scores["pool_a"].value, scores["pool_a"].stale) == (0.3, False)
    assert (scores["pool_b"].value, scores["pool_b"].stale) == (0.2, True)
    assert project.scores.missing("entropy", "round-002") == ["pool_b", "pool_c"]
    newest = project.scores.latest("entropy", "round-003")["pool_a"]
    assert (newest.value, newest.stale) == (0.3, True)
    # The older model's score is the fresh one for whoever works with the older model.
    assert project.scores.latest("entropy", "round-001")["pool_a"].value == 0.1


def test_a_second_score_replaces_the_first(project: Project) -> None:
    project.scores.record("entropy", "round-001", {"pool_a": 0.1})
    project.scores.record("entropy", "round-001", {"pool_a": 0.7})
    assert project.scores.latest("entropy", "round-001")["pool_a"].value == 0.7


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_stores_nothing(project: Project, value: float) -> None:
    with pytest.raises(ProjectError, match=f"entropy score of series 'pool_b' is {value}"):
        project.scores.record("entropy", "round-001", {"pool_a": 0.1, "pool_b": value})
    assert project.scores.latest("entropy", "round-001") == {}


def test_a_score_of_an_unknown_series_is_refused(project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.scores.record("entropy", "round-001", {"nobody": 0.1})


def test_series_that_left_the_pool_need_no_score(project: Project) -> None:
    project.set_status("pool_a", "excluded")
    assert project.scores.missing("entropy", "round-001") == ["pool_b", "pool_c"]
