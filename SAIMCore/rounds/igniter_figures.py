"""How good an igniter is on the validation series, in the figures of a model without clicks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from SAIMCore.evaluation import Evaluation, EvaluationStopped
from SAIMCore.likeliest import likeliest_class
from SAIMCore.metrics import SegmentationScores, SeriesScores
from SAIMCore.project.igniter import igniter_series

if TYPE_CHECKING:
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.project.project import Project

__all__ = ["igniter_figures", "up_to_date"]

Figures = Mapping[str, Any]


def igniter_figures(
    project: Project,
    igniter: MappedIgniter,
    progress: Callable[[int, int], None] = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Measure ``igniter`` on the validation series of ``project``.

    Returns {"overall": mIoU, "clicks": {"0": ...}} as in the metrics of a model, with "annotated":
    when the reference of each series was accepted, and "without": why series have no proposal.
    ``progress`` is told (series done, series in all).

    Raises what the igniter and reading the series raise, and EvaluationStopped when
    ``should_stop`` ends it.
    """
    records = project.series("validation")
    scores: dict[str, SeriesScores] = {}
    without: dict[str, str] = {}
    for done, record in enumerate(records):
        progress(done, len(records))
        reason = igniter.no_proposal(record.name)
        if reason is None:
            scores[record.name] = _series_scores(project, igniter, record.name, should_stop)
        else:
            without[record.name] = reason
    progress(len(records), len(records))
    figures: dict[str, Any] = {"overall": None, "clicks": {}, "without": without}
    if scores:
        evaluation = Evaluation(project.classes, {0: scores}, {0: 0.0})
        table = evaluation.to_json()
        figures |= {"overall": table["0"]["mean_iou"], "clicks": table}
    return figures | {"annotated": _annotated(project)}


def up_to_date(project: Project, figures: Figures | None) -> bool:
    """Whether ``figures`` are about the validation series as they are annotated now."""
    return figures is not None and figures["annotated"] == _annotated(project)


def _series_scores(
    project: Project, igniter: MappedIgniter, name: str, should_stop: Callable[[], bool]
) -> SeriesScores:
    reference = project.labeled(name).labels
    counted = SegmentationScores(project.classes)
    series = igniter_series(project, name)
    for index, probabilities in igniter.proposals(series, should_stop=should_stop):
        if should_stop():
            break
        counted.add(likeliest_class(probabilities).numpy(), np.asarray(reference[index]))
    if should_stop():
        # Slices are missing.
        raise EvaluationStopped
    return counted.scores()


def _annotated(project: Project) -> dict[str, str | None]:
    return {
        record.name: None if record.annotation is None else record.annotation.created
        for record in project.series("validation")
    }
