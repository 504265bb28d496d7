"""Filter and order of the table."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from SAIMCore.campaign.queue import QueueRow
from SAIMCore.campaign.queue_view import COLUMNS, QueueView, filtered, ordered
from SAIMCore.errors import ConfigurationError
from Testing.unit.campaign.made_up import queue_row


def names(rows: Sequence[QueueRow]) -> str:
    return "".join(row.name for row in rows)


def shown(view: QueueView) -> str:
    return names([view.row(place) for place in range(len(view))])


@pytest.fixture
def rows() -> list[QueueRow]:
    return [
        queue_row("c", rank=1, score=0.5, patient="Muster"),
        queue_row("A", rank=2, status="in progress", patient="AMUST"),
        queue_row("b", rank=3, score=0.9),
        queue_row("d", score=0.5, status="annotated"),
    ]


def test_a_text_is_looked_for_in_name_and_patient_in_any_case(rows: list[QueueRow]) -> None:
    assert names(filtered(rows, "must")) == "cA"
    assert names(filtered(rows, " B ")) == "b"
    assert names(filtered(rows, "nobody")) == ""
    assert names(filtered(rows)) == "cAbd"


def test_rows_are_filtered_by_status(rows: list[QueueRow]) -> None:
    assert names(filtered(rows, statuses=["annotated", "in progress"])) == "Ad"
    assert names(filtered(rows, "a", ["annotated"])) == ""
    assert names(filtered(rows, statuses=[])) == ""


def test_missing_values_are_last_in_both_directions(rows: list[QueueRow]) -> None:
    assert names(ordered(rows, "score")) == "cdbA"
    assert names(ordered(rows, "score", descending=True)) == "bcdA"
    assert names(ordered(rows, "rank", descending=True)) == "bAcd"


def test_equal_rows_keep_their_order_in_both_directions(rows: list[QueueRow]) -> None:
    assert names(ordered(rows, "slices")) == names(ordered(rows, "slices", True)) == "cAbd"


def test_text_is_sorted_without_regard_to_case(rows: list[QueueRow]) -> None:
    assert names(ordered(rows, "name")) == "Abcd"
    assert names(ordered(rows, "patient")) == "Acbd"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_can_be_sorted_by(rows: list[QueueRow], column: str) -> None:
    rows.append(queue_row("e", pinned=True, within_budget=True, reason="why", annotator="ada"))
    assert sorted(names(ordered(rows, column))) == sorted("cAbde")


def test_an_unknown_column_is_refused(rows: list[QueueRow]) -> None:
    with pytest.raises(ConfigurationError, match="no column 'size'; choose one of name, patient"):
        ordered(rows, "size")
    view = QueueView(rows)
    with pytest.raises(ConfigurationError, match="no column 'size'"):
        view.sort("size")
    assert shown(view) == "cAbd"


def test_a_view_shows_the_order_of_the_queue_at_first(rows: list[QueueRow]) -> None:
    view = QueueView(rows)
    assert shown(view) == "cAbd"
    assert (view.row(2).name, view.place_of("b"), view.place_of("x")) == ("b", 2, None)
    assert len(QueueView()) == 0


def test_a_view_keeps_filter_and_order_when_its_rows_change(rows: list[QueueRow]) -> None:
    view = QueueView(rows)
    view.filter(statuses=["unannotated"])
    view.sort("score", descending=True)
    assert shown(view) == "bc"
    assert view.place_of("A") is None
    view.show([*rows, queue_row("e", score=0.7)])
    assert shown(view) == "bec"
    assert view.place_of("c") == 2
    view.filter()
    assert shown(view) == "becdA"
    view.sort(None)
    assert shown(view) == "cAbde"
