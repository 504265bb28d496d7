"""The report of an emulated scenario: one HTML page, a table, the figures."""

from __future__ import annotations

import base64
import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from SAIMCore import __version__
from SAIMCore.data.atomic import atomic_path, write_json, write_text
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.experiments.examples import choose_slices, draw_examples, segment_examples
from SAIMCore.experiments.figures import class_curves, learning_curve
from SAIMCore.experiments.findings import findings, initial_advice, relative_performance
from SAIMCore.experiments.result import ClickScores, EmulationResult
from SAIMCore.predictor import Predictor
from SAIMCore.project.project import Project

__all__ = ["HTML_FILE", "write_report"]

HTML_FILE, CSV_FILE, JSON_FILE = "report.html", "report.csv", "report.json"
TEMPLATE = Path(__file__).with_name("report.html.j2")
EXAMPLES = 4
MEAN = "mean"
CSV_COLUMNS = (
    "labels", "round", "series", "share", "clicks_given", "minutes", "class", "clicks", "iou",
    "dice",
)  # fmt: skip


def write_report(project: Project, result: EmulationResult, device: str = "auto") -> Path:
    """Write the report of ``result`` to its folder; returns the HTML page.

    ``report.html`` holds everything; ``report.csv`` has one row per labels, round, class and
    number of clicks, ``report.json`` all figures, and the pictures are there as PNG files.
    """
    folder = result.options.folder
    pictures = {"curve": learning_curve(result), "classes": class_curves(result)}
    examples = _examples(project, result, device)
    if examples is not None:
        pictures["examples"] = examples
    for name, content in pictures.items():
        with atomic_path(folder / f"{name}.png") as temporary:
            temporary.write_bytes(content)
    write_text(folder / CSV_FILE, _csv(result))
    write_json(folder / JSON_FILE, result.to_json())
    write_text(folder / HTML_FILE, _html(project, result, pictures))
    return folder / HTML_FILE


def _examples(project: Project, result: EmulationResult, device: str) -> bytes | None:
    """Slices of the test series as the first and the last model see them.

    None when no test series shows any class but the background.
    """
    models = [("first model", result.rounds[0].model), ("last model", result.rounds[-1].model)]
    predictors = [
        (title, Predictor.load(project.models.named(version).folder, device, project.classes))
        for title, version in (models if len(result.rounds) > 1 else models[:1])
    ]
    preprocessing = predictors[-1][1].config.preprocessing
    slices = choose_slices(_with_foreground(project, preprocessing), EXAMPLES)
    if not slices:
        return None
    aspects = []
    for series, _ in slices:
        _, rows, columns = project.series_named(series.name).geometry.stack_spacing
        aspects.append(rows / columns)
    options = result.options
    examples = segment_examples(predictors, slices, options.clicks, options.seed, aspects)
    return draw_examples(examples, project.classes)


def _with_foreground(project: Project, preprocessing: PreprocessingOptions) -> list[LabeledSeries]:
    """The first test series that have something labeled, as many as there are examples."""
    series = (project.labeled(record.name, preprocessing) for record in project.series("test"))
    labeled = (entry for entry in series if any(found.any() for found in entry.labels))
    return list(itertools.islice(labeled, EXAMPLES))


def _csv(result: EmulationResult) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    given = 0
    for entry in result.rounds:
        given += entry.clicks
        minutes = result.saim_minutes(entry.number)
        start = ("saim", entry.number, entry.series, f"{entry.share:.4f}", given, f"{minutes:.2f}")
        writer.writerows((*start, *row) for row in _score_rows(entry.test))
    for point in result.classical:
        minutes = result.classical_minutes(point.number)
        start = (
            "classical", point.number, point.series, f"{point.share:.4f}", 0, f"{minutes:.2f}"
        )  # fmt: skip
        writer.writerows((*start, *row) for row in _score_rows(point.test))
    return stream.getvalue()


def _score_rows(
    test: Mapping[int, ClickScores],
) -> Iterator[tuple[str, int, str, str]]:
    for clicks, scores in sorted(test.items()):
        for name in scores.iou:
            yield name, clicks, _number(scores.iou[name]), _number(scores.dice[name])
        yield MEAN, clicks, _number(scores.mean_iou), _number(scores.mean_dice)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _html(project: Project, result: EmulationResult, pictures: dict[str, bytes]) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = lambda value: "–" if value is None else f"{100 * value:.1f}"
    environment.filters["duration"] = _duration
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        result=result,
        options=result.options,
        project=project.settings.name,
        version=__version__,
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        findings=findings(result),
        advice=initial_advice(result),
        counts=sorted(result.rounds[0].test),
        classical={point.number: point for point in result.classical},
        relative=[relative_performance(result, entry.number) for entry in result.rounds],
        class_names=list(result.rounds[0].test[result.clicks].iou),
        pictures={name: base64.b64encode(png).decode() for name, png in pictures.items()},
    )


def _duration(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
