"""What a table says of the two sides of a figure."""

from __future__ import annotations

from typing import Any

import pytest

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.cli.console import Console
from SAIMCore.cli.figures_display import show_figures


@pytest.mark.parametrize(
    ("unit", "details", "value", "sides"),
    [
        ("ratio", {"measured_ms": 20.0, "reference_ms": 10.0}, "1.25", "20.0 / 10.0 ms"),
        ("ratio", {"measured_kib": 257.2, "reference_kib": 1280.0}, "1.25", "257.2 / 1280.0 KiB"),
        ("ratio", {"peak_mib": {"50": 900.2, "500": 910.4}}, "1.25", "910 / 900 MiB"),
        ("ms", {}, "1.2 ms", "size 64"),
    ],
)
def test_the_sides_are_shown_in_their_unit(
    capsys: pytest.CaptureFixture[str], unit: str, details: dict[str, Any], value: str, sides: str
) -> None:
    details = {**details, "conditions": {"size": 64}}
    show_figures(Console(), [Figure("a", "the a", 1.249, unit, 2.0, details=details)])
    shown = capsys.readouterr().out
    for part in ("the a", value, "at most 2.0", "yes", sides):
        assert part in shown
    assert ("/" in shown) is (len(details) > 1)
