"""Tables of IoU and Dice per class after each number of clicks, as metrics files record them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from SAIMCore.cli.console import Console

__all__ = ["percent", "show_measurements"]

MISSING = "-"


def percent(value: float | None, spread: float | None = None) -> str:
    """``0.8123`` as ``81.2``, with its spread as ``81.2 ± 3.4``; "-" where there is no value."""
    if value is None:
        return MISSING
    return f"{100 * value:.1f}" + (f" ± {100 * spread:.1f}" if spread is not None else "")


def show_measurements(
    console: Console,
    title: str,
    clicks: Mapping[str, Mapping[str, Any]],
    measures: Sequence[str] = ("iou",),
) -> None:
    """One table per measure ("iou", "dice") in percent: a row per class, a column per clicks.

    ``clicks`` maps each number of clicks to what ``Evaluation.to_json`` says of it; a "spread" in
    there (standard deviations over the series) is shown behind the means.
    """
    columns = ["", *(f"{count} click{'' if count == '1' else 's'}" for count in clicks)]
    for measure in measures:
        name = {"iou": "IoU", "dice": "Dice"}[measure]
        classes = next(iter(clicks.values()))[measure]
        rows: list[list[str]] = [
            [label, *(_cell(entry, measure, label) for entry in clicks.values())]
            for label in classes
        ]
        rows.append([f"m{name}", *(_mean_cell(entry, measure) for entry in clicks.values())])
        given = (f"{entry['clicks_per_slice']:.1f}" for entry in clicks.values())
        rows.append(["clicks per slice", *given])
        console.table(columns, rows, title=f"{title}, {name} in %")


def _cell(entry: Mapping[str, Any], measure: str, label: str) -> str:
    return percent(entry[measure][label], entry.get("spread", {}).get(measure, {}).get(label))


def _mean_cell(entry: Mapping[str, Any], measure: str) -> str:
    key = f"mean_{measure}"
    return percent(entry[key], entry.get("spread", {}).get(key))
