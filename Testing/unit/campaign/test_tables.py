"""Tables, on disk too."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from SAIMCore.campaign.tables import (
    Table,
    curve_table,
    effort_table,
    plan_table,
    queue_table,
    write_csv,
)
from SAIMCore.campaign.time_plan import PlanEntry
from SAIMCore.errors import ProjectError
from Testing.unit.campaign.made_up import annotation_effort, curve_point, queue_row, time_plan


def test_the_curve_has_a_column_for_each_class_and_number_of_clicks() -> None:
    table = curve_table(
        [
            curve_point(4, 0.6, None),
            curve_point(
                None, 0.7, version="v2", round=None, published=None, iou={0: {"tumor": 0.5}},
                comparable=False,
            ),
        ]
    )  # fmt: skip
    assert table.headers[6:] == (
        "mIoU after 0 clicks",
        "mIoU after 1 click",
        "IoU of liver after 0 clicks",
        "IoU of liver after 1 click",
        "IoU of tumor after 0 clicks",
        "IoU of tumor after 1 click",
    )
    assert table.rows == (
        ("model-of-4", 1, 4, "2026-01-01T00:00:00", "test", True, 0.6, None, 0.6, None, None, None),
        ("v2", None, None, None, "test", False, 0.7, None, None, None, 0.5, None),
    )


def test_an_empty_curve_has_headers_only() -> None:
    table = curve_table([])
    assert (len(table.headers), table.rows) == (6, ())


def test_every_row_has_a_cell_for_each_header() -> None:
    plan = time_plan(PlanEntry("a", 8.0, 10.0, accepted=True))
    for table in (
        effort_table([annotation_effort(1, 5.0, 0.25)]),
        queue_table([queue_row("a")]),
        plan_table([plan]),
    ):
        assert [len(row) for row in table.rows] == [len(table.headers)]


def test_cells_are_those_of_their_headers() -> None:
    effort = effort_table([annotation_effort(1, 5.0, 0.25)])
    found = dict(zip(effort.headers, effort.rows[0], strict=True))
    assert (found["series"], found["minutes"], found["minutes per slice"]) == (
        "series-01",
        5.0,
        0.5,
    )
    assert (found["clicks"], found["round"], found["entropy"]) == (3, 1, 0.25)
    row = queue_row("a", rank=3, reason="why", stale=True, predicted_minutes=4.5, minutes_spent=1.0)
    queue = queue_table([row])
    found = dict(zip(queue.headers, queue.rows[0], strict=True))
    assert (found["rank"], found["series"], found["reason"], found["stale"]) == (
        3,
        "a",
        "why",
        True,
    )
    assert (found["predicted minutes"], found["minutes spent"]) == (4.5, 1.0)


def test_every_series_of_every_session_is_in_the_table_of_plans() -> None:
    entries = (PlanEntry("a", 8.0, 10.0, accepted=True), PlanEntry("x", None, 1.0, planned=False))
    table = plan_table([time_plan(*entries), time_plan(PlanEntry("b", 3.0), order="entropy")])
    columns = ("order", "minutes", "series", "planned", "predicted minutes", "measured minutes")
    found = [dict(zip(table.headers, row, strict=True)) for row in table.rows]
    assert [tuple(row[column] for column in columns) for row in found] == [
        ("easy-first", 60.0, "a", True, 8.0, 10.0),
        ("easy-first", 60.0, "x", False, None, 1.0),
        ("entropy", 60.0, "b", True, 3.0, 0.0),
    ]
    assert [row["accepted"] for row in found] == [True, False, False]


def test_a_table_is_read_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = (('Müller, "A"', 0.123456789, True), (None, 12, False), ("two\nlines", 1e-9, None))
    write_csv(path, Table(("name", "value", "truth"), rows))
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert found == [
        ["name", "value", "truth"],
        ['Müller, "A"', "0.123457", "yes"],
        ["", "12", "no"],
        ["two\nlines", "1e-09", ""],
    ]


def test_the_file_says_that_it_is_utf8(tmp_path: Path) -> None:
    write_csv(tmp_path / "table.csv", Table(("a",), ()))
    assert (tmp_path / "table.csv").read_bytes() == b"\xef\xbb\xbfa\n"


def test_a_table_that_cannot_be_written_leaves_the_old_file(tmp_path: Path, largest_file) -> None:
    path = tmp_path / "table.csv"
    write_csv(path, Table(("old",), ()))
    with (
        largest_file(1000),
        pytest.raises(ProjectError, match=f"cannot write {path}: the file is larger"),
    ):
        write_csv(path, Table(("new",), (("x" * 5000,),)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]
    assert "old" in path.read_text(encoding="utf-8-sig")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="its folder does not exist; create it first"):
        write_csv(tmp_path / "gone" / "table.csv", Table(("a",), ()))
