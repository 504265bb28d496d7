"""The time of a session."""

from __future__ import annotations

from dataclasses import replace

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.campaign.queue import QueueRow, in_order
from SAIMCore.campaign.session_time import SessionTime
from Testing.unit.campaign.made_up import queue_row

ENTROPY = STRATEGIES["entropy"]
Rows = dict[str, QueueRow]


def queue(*rows: QueueRow, budget: float | None = 20.0, spent: float = 0.0) -> Rows:
    return {row.name: row for row in in_order(rows, ENTROPY, budget, spent)}


def pool(minutes: float | None = 8.0) -> Rows:
    return queue(*(queue_row(name, predicted_minutes=minutes) for name in "abc"))


def worked(rows: Rows, name: str, minutes: float) -> Rows:
    row = rows[name]
    return {**rows, name: replace(row, minutes_spent=row.minutes_spent + minutes)}


def follow(session: SessionTime, rows: Rows, budget: float | None = 20.0) -> None:
    session.follow(rows, budget, "entropy", "round-001")


def test_it_begins_with_the_first_series_that_are_read() -> None:
    session = SessionTime()
    session.begin({})
    follow(session, {})
    assert session.plan is None
    rows = worked(pool(), "a", 30.0)
    assert session.spent(rows) == 0
    follow(session, rows)
    assert session.spent(rows) == 0
    assert session.spent(worked(rows, "b", 2.5)) == 2.5


def test_the_plan_is_made_once_and_followed() -> None:
    session = SessionTime()
    rows = pool()
    follow(session, rows)
    assert session.plan is not None
    assert [entry.series for entry in session.plan.series] == ["a", "b"]
    assert (session.plan.minutes, session.plan.model_version) == (20.0, "round-001")
    began = session.plan.began
    follow(session, worked(rows, "b", 3.0))
    assert session.plan.began == began
    assert [entry.measured for entry in session.plan.series] == [0.0, 3.0]


def test_without_a_limit_there_is_no_plan() -> None:
    session = SessionTime()
    follow(session, pool())
    follow(session, pool(), None)
    assert session.plan is None


def test_as_soon_as_minutes_are_known_the_rest_of_the_time_is_planned() -> None:
    session = SessionTime()
    rows = pool(None)
    follow(session, rows)
    assert session.plan is None
    known = worked(pool(), "a", 9.0)
    follow(session, known)
    assert session.plan is not None
    assert session.plan.minutes == 11.0
    # What was done before it is not what it asked for.
    assert {entry.measured for entry in session.plan.series} == {0.0}
    follow(session, worked(known, "b", 4.0))
    assert [entry.measured for entry in session.plan.series if entry.series == "b"] == [4.0]


def test_when_the_time_is_over_nothing_is_planned_any_more() -> None:
    session = SessionTime()
    rows = pool(None)
    follow(session, rows)
    follow(session, worked(pool(), "a", 25.0))
    assert session.plan is None


def test_another_session_begins_anew() -> None:
    session = SessionTime()
    rows = pool()
    follow(session, rows)
    rows = worked(rows, "a", 12.0)
    session.begin(rows)
    assert session.plan is None
    assert session.spent(rows) == 0
    follow(session, rows)
    assert session.plan is not None
    assert not session.plan.begun
