"""``saim evaluate``: IoU and Dice per class after 0 to n clicks of the virtual user."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import (
    add_device_argument,
    add_model_argument,
    add_project_argument,
    click_counts,
    not_negative,
)
from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.measurements import show_measurements
from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.metrics import SeriesScores

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    add_project_argument(parser)
    parser.add_argument(
        "--clicks",
        type=click_counts,
        default=(0, 1, 2, 3),
        metavar="N,N,...",
        help="numbers of clicks per class and slice to measure after (default: 0,1,2,3)",
    )
    parser.add_argument(
        "--split",
        choices=("test", "validation", "annotated"),
        default="test",
        help="series to measure on (default: test)",
    )
    add_model_argument(parser)
    parser.add_argument(
        "--seed",
        type=not_negative,
        metavar="N",
        default=0,
        help="seed of the virtual user (default: 0)",
    )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Evaluate and print means and spreads over the series."""
    from SAIMCore.evaluation import evaluate
    from SAIMCore.project.project import Project

    console = Console(options.json)
    with Project.open(options.project, read_only=True) as project:
        names = [record.name for record in project.series(options.split)]
        if not names:
            raise ProjectError(
                f"no series has the status {options.split!r}, so there is nothing to measure on; "
                "choose another --split"
            )
        predictor = load_predictor(project, options.model, options.device)
        preprocessing = predictor.config.preprocessing
        with console.progress("preparing the series") as bar:
            series = []
            for done, name in enumerate(names):
                bar(done, len(names), f"preparing {name}")
                series.append(project.labeled(name, preprocessing))
        with console.progress(f"evaluating {predictor.version}") as bar:
            evaluation = evaluate(predictor, series, max(options.clicks), options.seed, bar)
    measured = evaluation.to_json()
    clicks = {
        str(count): measured[str(count)] | _spread(list(evaluation.series[count].values()))
        for count in options.clicks
    }
    title = f"{predictor.version} on {len(names)} {options.split} series"
    show_measurements(console, title, clicks, ("iou", "dice"))
    if len(names) > 1:
        console.say("Behind ± is the standard deviation over the series.")
    console.result(
        {
            "model": predictor.version,
            "split": options.split,
            "series": names,
            "clicks": clicks,
        }
    )
    return 0


def _spread(by_series: Sequence[SeriesScores]) -> dict[str, Any]:
    """Standard deviations over the series under the key "spread"; nothing for a single one."""
    if len(by_series) < 2:
        return {}
    names = by_series[0].names
    spread: dict[str, Any] = {
        "iou": {
            name: _deviation([scores.iou[place] for scores in by_series])
            for place, name in enumerate(names)
        },
        "dice": {
            name: _deviation([scores.dice[place] for scores in by_series])
            for place, name in enumerate(names)
        },
        "mean_iou": _deviation([scores.mean_iou for scores in by_series]),
        "mean_dice": _deviation([scores.mean_dice for scores in by_series]),
    }
    return {"spread": spread}


def _deviation(values: Sequence[float]) -> float | None:
    """Standard deviation (of the sample) of the values that are there; None below two."""
    present = [value for value in values if not math.isnan(value)]
    if len(present) < 2:
        return None
    mean = sum(present) / len(present)
    return math.sqrt(sum((value - mean) ** 2 for value in present) / (len(present) - 1))
