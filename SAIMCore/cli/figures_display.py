"""Measured figures as a table: value, spread, target, and what was divided by what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from SAIMCore.cli.console import Console

if TYPE_CHECKING:
    from SAIMCore.benchmarks.figure import Figure

__all__ = ["show_figures"]


def show_figures(console: Console, figures: Sequence[Figure]) -> None:
    """A row for each figure, then the conditions of each."""
    console.table(
        ("figure", "", "spread", "target", "met", "the two sides"),
        [
            (
                figure.name,
                _number(figure, figure.value),
                "" if figure.spread is None else "{:.2f} to {:.2f}".format(*figure.spread),
                f"{'at least' if figure.at_least else 'at most'} {_number(figure, figure.target)}",
                "yes" if figure.met else "no",
                _sides(figure),
            )
            for figure in figures
        ],
    )
    for figure in figures:
        stated = ", ".join(f"{key} {value}" for key, value in figure.details["conditions"].items())
        console.say(f"{figure.name}: {stated}")


def _number(figure: Figure, value: float) -> str:
    return f"{value:.2f}" if figure.unit == "ratio" else f"{value:.1f} {figure.unit}"


def _sides(figure: Figure) -> str:
    """What was divided by what, or compared with it; empty where there was nothing else."""
    details = figure.details
    if "peak_mib" in details:
        small, large = details["peak_mib"].values()
        return f"{large:.0f} / {small:.0f} MiB"
    for unit in ("ms", "KiB"):
        measured, reference = f"measured_{unit.lower()}", f"reference_{unit.lower()}"
        if measured in details and reference in details:
            return f"{details[measured]:.1f} / {details[reference]:.1f} {unit}"
    return ""
