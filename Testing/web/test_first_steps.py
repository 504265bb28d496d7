"""What has to be done before series can be clicked in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from SAIMCore.project.records import ModelRecord
from SAIMWeb.first_steps import first_steps
from SAIMWeb.sentences import as_sentence, count_of, in_minutes, in_percent
from Testing.unit.campaign.made_up import queue_row

MODEL = ModelRecord(
    version="round-001",
    folder=Path("models/round-001"),
    round=1,
    parent=None,
    validation=None,
    test=None,
    created="2026-01-01T00:00:00",
    published="2026-01-01T00:00:00",
    current=True,
)
FOLDER = Path("/a/project")


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([], "saim add /a/project"),
        (["unannotated", "test"], "saim annotate /a/project"),
        (["unannotated", "annotated"], "for validation"),
        (["annotated", "annotated", "validation"], "Choose Train under Model"),
    ],
)
def test_without_a_model_the_next_step_is_said(statuses: list[str], said: str) -> None:
    rows = [queue_row(str(number), status=status) for number, status in enumerate(statuses)]
    assert said in first_steps(FOLDER, rows, [])


def test_with_an_igniter_one_can_begin_at_once() -> None:
    assert first_steps(FOLDER, [queue_row()], [], igniter=True) == ""
    assert "somebody else's model" in first_steps(FOLDER, [queue_row()], [])


def test_with_a_model_there_is_nothing_to_say() -> None:
    assert first_steps(FOLDER, [queue_row()], [MODEL]) == ""


def test_a_model_that_nobody_uses_has_to_be_chosen() -> None:
    unused = replace(MODEL, current=False, published=None)
    assert "Choose one" in first_steps(FOLDER, [queue_row()], [unused])


def test_what_the_engine_says_becomes_a_sentence() -> None:
    assert as_sentence("it is done") == "It is done."
    assert as_sentence("Really?") == "Really?"
    assert as_sentence("") == ""


def test_figures_in_words() -> None:
    assert (in_percent(0.456), in_percent(None)) == ("45.6 %", "")
    assert (in_minutes(0.4), in_minutes(7.6)) == ("under 1 min", "8 min")
    assert (count_of(1, "click"), count_of(2, "click")) == ("1 click", "2 clicks")
    assert count_of(2, "series") == "2 series"
