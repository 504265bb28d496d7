"""What can be done to a series of the queue."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMWeb.queue_rows import shown_row
from SAIMWeb.series_commands import (
    COMMANDS,
    QUESTIONS,
    offered_commands,
    possible_commands,
)
from Testing.unit.campaign.made_up import queue_row


@pytest.mark.parametrize(
    ("values", "possible"),
    [
        ({}, ["open", "pin", "skip", "exclude"]),
        ({"status": "in progress"}, ["open", "pin", "skip", "exclude"]),
        ({"pinned": True}, ["open", "unpin", "skip", "exclude"]),
        ({"skipped": True}, ["open", "pin", "unskip", "exclude"]),
        ({"status": "annotated"}, ["open", "exclude", "validation", "test"]),
        ({"status": "test", "pinned": True}, ["open", "exclude", "annotated", "validation"]),
        ({"status": "excluded"}, ["include"]),
    ],
)
def test_what_can_be_done_depends_on_the_series(
    values: dict[str, Any], possible: list[str]
) -> None:
    assert possible_commands(queue_row(**values)) == possible


def test_what_is_offered_is_known_and_always_the_same_number() -> None:
    for status in ("unannotated", "annotated", "excluded"):
        offered = offered_commands(queue_row(status=status))
        assert len(offered) == 7
        assert set(offered) <= set(COMMANDS)


def test_only_leaving_a_series_out_needs_a_reason() -> None:
    assert [name for name, question in QUESTIONS.items() if question.required] == ["exclude"]


def test_nothing_can_be_done_where_nothing_may_be_changed() -> None:
    shown = shown_row(queue_row(), "", "", writable=False)
    assert shown["menu"]
    assert shown["can"] == []


def test_a_row_says_all_that_is_known_of_it() -> None:
    row = queue_row(
        "case1",
        patient="P7",
        pinned=True,
        reason="rare",
        score=0.25,
        model_version="round-001",
        stale=True,
        predicted_minutes=9.6,
        minutes_spent=2.0,
        clicks=3,
        annotator="ada",
        within_budget=False,
    )
    facts = shown_row(row, "", "", writable=True)["facts"].splitlines()
    assert facts[0] == "case1, patient P7"
    for fact in (
        "pinned to the head of the queue",
        "reason: rare",
        "predicted: 10 min",
        "does not fit into the time of the session",
        "spent: 2 min, 3 clicks",
        "annotated by ada",
    ):
        assert fact in facts
    assert any("by the earlier model round-001" in fact for fact in facts)


def test_a_row_says_why_it_has_no_score() -> None:
    shown = shown_row(queue_row(), "", "case1.nii.gz is cut off", writable=True)
    assert shown["details"].startswith("case1.nii.gz is cut off")
    assert "without a score: case1.nii.gz is cut off" in shown["facts"]
