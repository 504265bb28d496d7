"""The queue of a campaign as users change it, and its ranking in the background."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from SAIMCore.campaign.time_plans import read_plans
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining
from Testing.unit.campaign.bench import Bench, MakeBench


def test_users_pin_skip_exclude_and_include(bench: Bench) -> None:
    campaign = bench.campaign
    campaign.pin("pool_c", reason="urgent")
    assert bench.pool() == ["pool_c", "pool_a", "pool_b"]
    # What Next opens is prepared anew.
    assert bench.prepared == "pool_c"
    campaign.skip("pool_a", reason="blurred")
    assert bench.pool() == ["pool_c", "pool_b", "pool_a"]
    campaign.exclude("pool_c", "wrong organ")
    assert bench.pool() == ["pool_b", "pool_a"]
    assert campaign.queue.row("pool_c").reason == "wrong organ"
    campaign.open("pool_c")
    assert "is excluded" in bench.complaint()
    campaign.include("pool_c")
    campaign.pin("pool_c", pinned=False)
    campaign.skip("pool_a", skipped=False)
    assert bench.pool() == ["pool_a", "pool_b", "pool_c"]
    campaign.pin("nobody")
    assert "no series 'nobody'" in bench.complaint()


def test_what_an_annotated_series_is_for_is_told_when_it_comes_back(bench: Bench) -> None:
    bench.campaign.exclude("exam", "doubtful")
    bench.campaign.include("exam")
    assert bench.window.said == [
        "exam is for training now; if it was for validation or testing, say so again"
    ]
    assert bench.window.complaints == []


def test_the_pool_is_ranked_in_the_background(with_model: Path, make: MakeBench) -> None:
    bench = make()
    bench.campaign.rank()
    assert bench.campaign.ranking.state.running
    bench.settle()
    rows = [row for row in bench.campaign.queue.rows if row.in_pool]
    scores = [row.score or 0.0 for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert all(row.model_version == "first-model" for row in rows)
    assert not any(row.stale for row in rows)
    assert bench.window.complaints == []


def test_a_ranking_that_is_cancelled_goes_on_where_it_was(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    bench.campaign.rank()
    bench.campaign.ranking.cancel()
    bench.settle()
    assert not bench.campaign.ranking.state.running
    assert bench.project.scores.missing("entropy", "first-model") != []
    bench.campaign.rank()
    bench.settle()
    assert bench.project.scores.missing("entropy", "first-model") == []


def test_the_window_is_refreshed_once_for_each_state_of_a_ranking(
    with_model: Path, make: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, states = make(), []
    monkeypatch.setattr(
        bench.window, "refresh", lambda: states.append(bench.campaign.ranking.state)
    )
    # As when a training or an igniter begins it: no user did, whose act is shown anyway.
    bench.campaign.ranking.start(bench.campaign.queue.strategy, "cpu")
    bench.settle()
    assert [state.running for state in (states[0], states[-1])] == [True, False]
    assert len(states) == len(set(states))


def test_without_a_model_the_order_that_needs_one_is_refused(bench: Bench) -> None:
    bench.campaign.rank()
    assert "there is no model yet" in bench.complaint()
    bench.campaign.choose_strategy("random")
    bench.campaign.rank()
    bench.settle()
    assert bench.window.complaints == []
    assert all(row.score is not None for row in bench.campaign.queue.rows if row.in_pool)


def test_scores_of_the_order_before_are_not_taken_for_those_of_the_present_one(
    with_model: Path, make: MakeBench
) -> None:
    bench = make()
    bench.campaign.rank()
    bench.campaign.choose_strategy("random")
    bench.settle()
    assert bench.campaign.queue.strategy.name == "random"
    assert all(row.score is None for row in bench.campaign.queue.rows)
    assert bench.project.scores.missing("entropy", "first-model") == []


def timed(bench: Bench, labels: np.ndarray, minutes: float) -> str:
    """Open the next series, work at it for so long, and accept it; its name."""
    bench.campaign.next()
    bench.settle()
    name = bench.campaign.annotating.current
    assert name is not None, bench.window.complaints
    project = bench.project
    project.sessions.add_active(project.sessions.begin(name, "ada"), 60 * minutes)
    return bench.annotate(labels)


@pytest.fixture
def hour(make: MakeBench, folder: Path, plain_labels: np.ndarray) -> Bench:
    """A session of an hour; a series takes 20 minutes, as far as anybody knows."""
    with Project.open(folder) as project:
        project.annotations.accept("first", plain_labels, "ada", minutes=20)
        project.change_settings(automatic_training=AutomaticTraining(enabled=False))
    bench = make()
    bench.campaign.choose_strategy("easy-first", 60.0)
    bench.settle()
    return bench


def test_how_well_the_plan_of_a_session_holds_is_kept_with_every_series(
    hour: Bench, plain_labels: np.ndarray
) -> None:
    name = timed(hour, plain_labels, 30)
    (plan,) = read_plans(hour.project.folder)
    assert plan.order == "easy-first"
    assert [entry.series for entry in plan.planned] == ["pool_a", "pool_b", "pool_c"]
    assert [entry.series for entry in plan.accepted] == [name]
    assert plan.held == (20.0, 30.0)
    hour.settle()
    assert hour.campaign.queue.overview is not None
    assert hour.campaign.queue.overview.plans == (plan,)
    assert hour.window.complaints == []


def test_what_was_done_to_the_open_series_is_in_the_plan_when_the_project_is_closed(
    hour: Bench, plain_labels: np.ndarray
) -> None:
    hour.open("pool_a")
    project = hour.project
    project.sessions.add_active(project.sessions.begin("pool_a", "ada"), 7 * 60)
    folder = project.folder
    hour.campaign.close()
    (plan,) = read_plans(folder)
    assert plan.measured_minutes == 7.0
    assert plan.accepted == []


def test_a_plan_that_cannot_be_kept_does_not_keep_a_series_from_being_accepted(
    hour: Bench, plain_labels: np.ndarray
) -> None:
    (hour.project.folder / "plans.json").write_text("{", encoding="utf-8")
    name = timed(hour, plain_labels, 10)
    hour.settle()
    assert hour.project.series_named(name).status == "annotated"
    assert hour.campaign.annotating.current not in (None, name)
    assert all("plans.json is damaged" in sentence for sentence in hour.window.complaints)
    assert hour.window.complaints
    hour.window.complaints.clear()


def test_the_queue_follows_a_choice_although_nothing_else_is_going_on(
    bench: Bench, plain_labels: np.ndarray
) -> None:
    for name in ("pool_a", "pool_b", "pool_c"):
        bench.campaign.exclude(name, "not needed")
    bench.settle()
    bench.window.awake = False
    bench.campaign.choose_strategy("easy-first", 30.0)
    assert bench.window.awake
    bench.settle()
    assert bench.project.settings.selection.budget_minutes == 30.0
    bench.campaign.choose_strategy("easy-first", -1.0)
    assert "a session takes more than 0 minutes, not -1; give none" in bench.complaint()
    bench.campaign.choose_strategy("alphabetical")
    assert "alphabetical" in bench.complaint()
