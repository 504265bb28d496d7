"""The queue as users look at it and change it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.series_queue import SeriesQueue
from SAIMCore.errors import ConfigurationError, ProjectError
from SAIMCore.project.project import Project

POOL = ["pool_a", "pool_b", "pool_c"]


@pytest.fixture
def queue(plain_project: Project) -> Iterator[SeriesQueue]:
    with polite_executor("test") as executor:
        made = SeriesQueue(plain_project, executor)
        settle(made)
        yield made
        made.end()


def settle(queue: SeriesQueue) -> None:
    while queue.busy:
        queue.poll(timeout=10)


def pool(queue: SeriesQueue) -> list[str]:
    return [row.name for row in queue.rows if row.in_pool]


def test_everything_is_read_in_the_background(plain_project: Project) -> None:
    with polite_executor("test") as executor:
        queue = SeriesQueue(plain_project, executor)
        assert queue.busy
        assert queue.rows == []
        assert queue.next() is None
        settle(queue)
        assert len(queue.rows) == 6
        assert len(queue.view) == 6
        assert queue.next() == "pool_a"


def test_scores_order_the_pool_as_they_arrive(plain_project: Project, queue: SeriesQueue) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_c": 0.5})
    queue.scored([("pool_c", 0.5)], "v1")
    assert pool(queue) == ["pool_c", "pool_a", "pool_b"]
    assert queue.row("pool_c").score == 0.5
    assert queue.view.row(0).name == "pool_c"
    assert queue.next(without=["pool_c"]) == "pool_a"


def test_what_happens_while_everything_is_read_is_not_lost(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    queue.rebuild()
    plain_project.annotations.accept("pool_a", plain_labels, "ada")
    queue.changed("pool_a")
    queue.scored([("pool_c", 0.5)], "v1")
    settle(queue)
    assert pool(queue) == ["pool_c", "pool_b"]
    assert queue.row("pool_a").annotator == "ada"


def test_users_pin_skip_exclude_and_take_it_back(
    plain_project: Project, queue: SeriesQueue
) -> None:
    queue.pin("pool_c", reason="urgent")
    queue.skip("pool_a", reason="blurred")
    assert pool(queue) == ["pool_c", "pool_b", "pool_a"]
    assert queue.row("pool_a").reason == "blurred"
    queue.exclude("pool_b", "wrong organ")
    assert pool(queue) == ["pool_c", "pool_a"]
    assert plain_project.series_named("pool_b").reason == "wrong organ"
    queue.pin("pool_c", pinned=False)
    queue.skip("pool_a", skipped=False)
    assert not queue.include("pool_b")
    assert pool(queue) == POOL
    assert queue.row("pool_b").status == "unannotated"


def test_an_annotated_series_comes_back_as_annotated(
    plain_project: Project, queue: SeriesQueue
) -> None:
    queue.exclude("first", "doubtful")
    assert queue.include("first")
    assert queue.row("first").status == "annotated"


def test_the_order_is_chosen_and_kept(plain_project: Project, queue: SeriesQueue) -> None:
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.1, "pool_b": 0.3, "pool_c": 0.2})
    queue.choose("easy-first", budget_minutes=30.0)
    settle(queue)
    assert pool(queue) == ["pool_a", "pool_c", "pool_b"]
    selection = plain_project.settings.selection
    assert (selection.strategy, selection.budget_minutes) == ("easy-first", 30.0)
    with pytest.raises(ConfigurationError, match="unknown strategy"):
        queue.choose("hardest")
    assert queue.strategy.name == "easy-first"


def test_what_does_not_fit_into_the_sessions_time_is_not_handed_out(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("pool_a", plain_labels, "ada", minutes=20)
    queue.rebuild()
    settle(queue)
    queue.choose("easy-first", budget_minutes=25.0)
    settle(queue)
    assert queue.row("pool_b").within_budget
    assert not queue.row("pool_c").within_budget
    assert queue.next() == "pool_b"
    assert queue.next(without=["pool_b"]) is None


def test_a_sessions_time_comes_to_its_end(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    for name in ("first", "pool_a"):
        plain_project.annotations.accept(name, plain_labels, "ada", minutes=20)
    queue.rebuild()
    settle(queue)
    queue.choose("easy-first", budget_minutes=25.0)
    settle(queue)
    assert queue.next() == "pool_b"
    sitting = plain_project.sessions.begin("pool_b", "ada")
    plain_project.sessions.add_active(sitting, 20 * 60.0)
    plain_project.annotations.accept("pool_b", plain_labels, "ada", minutes=20)
    queue.changed("pool_b")
    assert queue.next() is None
    # Also when everything was read again.
    queue.rebuild()
    settle(queue)
    assert queue.next() is None
    # The next session, from now on: what it asks for is known already.
    queue.choose("easy-first", budget_minutes=25.0)
    assert not queue.busy
    assert queue.next() == "pool_c"


def test_a_series_that_does_not_exist_is_refused(queue: SeriesQueue) -> None:
    for change in (queue.pin, queue.include, lambda name: queue.use_as(name, "test")):
        with pytest.raises(ProjectError, match="no series 'nobody'"):
            change("nobody")


def test_the_series_of_a_patient_change_their_use_together(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("pool_a", plain_labels, "ada")
    queue.changed("pool_a")
    assert queue.use_as("first", "validation") == []
    assert plain_project.series_named("first").status == "validation"
    assert queue.row("first").status == "validation"
    assert plain_project.series_named("pool_a").status == "annotated"
    with pytest.raises(ProjectError, match="annotate it first"):
        queue.use_as("pool_b", "test")
