"""The plan of a session, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.time_plan import PlanEntry, TimePlan, followed, planned
from Testing.unit.campaign.made_up import queue_row

BEGAN, LATER = "2026-01-01T10:00:00", "2026-01-01T11:00:00"


def pool() -> dict[str, QueueRow]:
    rows = [
        queue_row("a", predicted_minutes=8.0, within_budget=True),
        queue_row("b", predicted_minutes=9.0, minutes_spent=3.0, within_budget=True),
        queue_row("c", predicted_minutes=30.0, within_budget=False),
        queue_row("done", status="annotated", minutes_spent=5.0),
    ]
    return {row.name: row for row in rows}


def plan() -> TimePlan:
    made = planned(pool().values(), 20.0, "easy-first", "round-001", BEGAN)
    assert made is not None
    return made


def worked(rows: dict[str, QueueRow], name: str, minutes: float, **values: object) -> None:
    row = rows[name]
    rows[name] = replace(row, minutes_spent=row.minutes_spent + minutes, **values)  # type: ignore[arg-type]


def test_what_fits_is_planned_with_the_minutes_that_are_left_of_it() -> None:
    made = plan()
    assert made.series == (PlanEntry("a", 8.0), PlanEntry("b", 6.0))
    assert (made.began, made.latest, made.order) == (BEGAN, BEGAN, "easy-first")
    assert made.predicted_minutes == 14.0
    assert not made.begun
    assert made.held is None


def test_where_nobody_knows_what_fits_there_is_no_plan() -> None:
    rows = [queue_row("a", predicted_minutes=8.0, within_budget=True), queue_row("b")]
    assert planned(rows, 20.0, "entropy", None, BEGAN) is None


def test_an_empty_pool_has_an_empty_plan() -> None:
    made = planned([queue_row("done", status="annotated")], 20.0, "entropy", None, BEGAN)
    assert made is not None
    assert made.series == ()


def test_what_is_done_is_measured_from_the_beginning_on() -> None:
    rows = pool()
    worked(rows, "a", 10.0, status="annotated")
    worked(rows, "b", 2.0, status="in progress")
    found = followed(plan(), rows, pool(), LATER)
    assert found.series == (
        PlanEntry("a", 8.0, 10.0, accepted=True),
        PlanEntry("b", 6.0, 2.0),
    )
    assert (found.began, found.latest) == (BEGAN, LATER)
    assert found.begun
    assert found.held == (8.0, 10.0)
    assert found.measured_minutes == 12.0


def test_what_was_not_planned_is_told_apart() -> None:
    rows = pool()
    worked(rows, "c", 21.0, status="validation")
    worked(rows, "done", 1.5)
    found = followed(plan(), rows, pool(), LATER)
    assert found.series[2:] == (
        PlanEntry("c", 30.0, 21.0, accepted=True, planned=False),
        # A correction: it had an annotation before.
        PlanEntry("done", None, 1.5, accepted=False, planned=False),
    )
    assert found.planned == list(plan().series)
    assert found.held == (30.0, 21.0)


def test_as_long_as_nothing_is_done_the_plan_stays_the_same_object() -> None:
    made = plan()
    assert followed(made, pool(), pool(), LATER) is made
    # A series that somebody excludes is neither accepted nor worked on.
    rows = pool()
    worked(rows, "a", 0.0, status="excluded")
    assert followed(made, rows, pool(), LATER) is made


def test_what_was_accepted_without_a_time_says_nothing_about_the_minutes() -> None:
    rows = pool()
    worked(rows, "a", 0.0, status="annotated")
    found = followed(plan(), rows, pool(), LATER)
    assert found.begun
    assert found.held is None


def test_a_series_that_is_gone_stays_as_it_was() -> None:
    rows = pool()
    del rows["a"], rows["done"]
    made = plan()
    assert followed(made, rows, pool(), LATER) is made
