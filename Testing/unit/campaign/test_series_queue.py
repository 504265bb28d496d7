"""The queue as users look at it and change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.series_queue import SeriesQueue
from SAIMCore.campaign.time_plans import read_plans
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
        queue.choose("hardest", budget_minutes=10.0)
    assert plain_project.settings.selection == selection
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


def work(project: Project, name: str, minutes: float) -> None:
    project.sessions.add_active(project.sessions.begin(name, "ada"), minutes * 60)


def test_the_plan_of_a_session_is_kept_once_something_was_done(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=20)
    queue.rebuild()
    settle(queue)
    assert queue.plan is None
    queue.choose("hard-first", budget_minutes=45.0)
    settle(queue)
    assert queue.plan is not None
    assert [entry.series for entry in queue.plan.series] == ["pool_a", "pool_b"]
    queue.keep_plan()
    assert read_plans(plain_project.folder) == []
    work(plain_project, "pool_a", 25.0)
    plain_project.annotations.accept("pool_a", plain_labels, "ada", minutes=25.0)
    queue.changed("pool_a")
    queue.keep_plan()
    (kept,) = read_plans(plain_project.folder)
    assert kept == queue.plan
    assert (kept.order, kept.minutes, kept.held) == ("hard-first", 45.0, (20.0, 25.0))
    assert queue.minutes_spent == 25.0
    # Everything that is read again does not begin another session.
    queue.rebuild()
    settle(queue)
    assert queue.overview is not None
    assert queue.overview.plans == (kept,)
    work(plain_project, "pool_b", 5.0)
    queue.changed("pool_b")
    queue.keep_plan()
    (kept,) = read_plans(plain_project.folder)
    assert kept.measured_minutes == 30.0
    # The next session has a plan of its own.
    queue.choose("hard-first", budget_minutes=45.0)
    work(plain_project, "pool_b", 1.0)
    queue.changed("pool_b")
    queue.keep_plan()
    assert [plan.measured_minutes for plan in read_plans(plain_project.folder)] == [30.0, 1.0]


def test_a_session_that_is_given_more_time_goes_on(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=20)
    queue.rebuild()
    settle(queue)
    queue.choose("hard-first", budget_minutes=25.0)
    settle(queue)
    work(plain_project, "pool_a", 15.0)
    queue.changed("pool_a")
    queue.keep_plan()
    queue.choose("hard-first", budget_minutes=40.0)
    assert queue.minutes_spent == 15.0
    assert queue.plan is not None
    assert queue.plan.minutes == 25.0, "what is left is planned"
    # In another order it is the same session.
    queue.choose("easy-first", budget_minutes=40.0)
    settle(queue)
    assert queue.minutes_spent == 15.0
    # So few minutes are over, so another session begins.
    queue.choose("easy-first", budget_minutes=10.0)
    assert queue.minutes_spent == 0.0
    (kept,) = read_plans(plain_project.folder)
    assert kept.measured_minutes == 15.0


def test_whoever_looks_on_keeps_no_plan(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=20)
    selection = replace(plain_project.settings.selection, budget_minutes=60.0)
    plain_project.change_settings(selection=selection)
    with (
        Project.open(plain_project.folder, read_only=True) as reader,
        polite_executor("test") as executor,
    ):
        watched = SeriesQueue(reader, executor)
        settle(watched)
        work(plain_project, "pool_a", 5.0)
        watched.changed("pool_a")
        assert watched.plan is not None
        assert watched.plan.begun
        watched.keep_plan()
        watched.end()
    assert read_plans(plain_project.folder) == []


def test_a_session_without_a_limit_has_no_plan(
    plain_project: Project, queue: SeriesQueue, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=20)
    queue.rebuild()
    settle(queue)
    work(plain_project, "pool_a", 5.0)
    queue.changed("pool_a")
    queue.keep_plan()
    assert queue.plan is None
    assert read_plans(plain_project.folder) == []


def test_plans_that_cannot_be_read_do_not_keep_the_queue_from_being_shown(
    plain_project: Project, queue: SeriesQueue
) -> None:
    (plain_project.folder / "plans.json").write_text("{", encoding="utf-8")
    queue.rebuild()
    settle(queue)
    assert pool(queue) == POOL
    assert queue.overview is not None
    assert queue.overview.plans == ()
    assert "plans.json is damaged" in queue.overview.plans_problem


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
