"""What goes where: text for people, one document for machines."""

from __future__ import annotations

import json
import math

import pytest

from SAIMCore.cli.console import Console
from SAIMCore.cli.measurements import percent, show_measurements

MEASURED = {
    "0": {
        "iou": {"liver": 0.5, "tumor": None},
        "mean_iou": 0.5,
        "clicks_per_slice": 0.0,
        "spread": {"iou": {"liver": 0.125, "tumor": None}, "mean_iou": 0.125},
    },
    "1": {"iou": {"liver": 0.75, "tumor": 0.25}, "mean_iou": 0.5, "clicks_per_slice": 2.25},
}


def test_people_get_text_and_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.say("hello")
    console.result({"a": 1})
    assert capsys.readouterr().out == "hello\n"


def test_machines_get_the_document_alone(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(as_json=True)
    console.say("hello")
    console.table(("a",), [(1,)])
    console.warn("careful")
    console.result({"a": 1})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"a": 1}
    assert printed.err == "warning: careful\n"


def test_a_document_never_holds_what_is_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        Console(as_json=True).result({"a": math.nan})


def test_brackets_are_no_markup_and_nothing_is_cut_off_in_a_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = 'run: pip install "saim[web]" ' + "x" * 300
    console = Console()
    console.table(("what",), [(long,)])
    console.say("[bold]not bold[/bold]")
    printed = capsys.readouterr().out
    assert long in printed
    assert "[bold]not bold[/bold]" in printed


def test_progress_is_silent_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Console().progress("working") as bar:
        bar(1, 2, "half done")
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_measurements_become_a_row_per_class_and_a_column_per_number_of_clicks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_measurements(Console(), "test", MEASURED)
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert cells == [
        ["test, IoU in %"],
        ["0 clicks", "1 click"],
        ["liver", "50.0 ± 12.5", "75.0"],
        ["tumor", "-", "25.0"],
        ["mIoU", "50.0 ± 12.5", "50.0"],
        ["clicks per slice", "0.0", "2.2"],
    ]


def test_a_missing_value_is_a_dash_and_never_zero() -> None:
    assert percent(None) == "-"
    assert percent(0.0) == "0.0"
