"""Two models on what both were measured on: the same series, the same numbers of clicks."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SAIMCore.metrics import mean_of_present

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord

__all__ = ["CommonScores", "annotated_since", "common_scores"]

Metrics = Mapping[str, Any]


@dataclass(frozen=True)
class CommonScores:
    """mIoU (0 to 1) of both models; ``where``: on what, when it is less than all (or empty)."""

    new: float
    old: float
    where: str = ""


def common_scores(
    new: Metrics, old: Metrics, annotated_anew: Container[str] = ()
) -> CommonScores | None:
    """Compare two records of ``{"overall": mIoU, "clicks": Evaluation.to_json()}``.

    Series in ``annotated_anew`` are left out. Records without a table of the series are compared
    by their overall mIoU. None when there is nothing to compare, or a model has no value there.
    """
    table, other = _series_tables(new), _series_tables(old)
    if not table or not other:
        return _finite(new.get("overall"), old.get("overall"))
    counts = [clicks for clicks in table if clicks in other]
    measured, measured_before = _series_of(table), _series_of(other)
    names = [name for name in measured if name in measured_before and name not in annotated_anew]
    if not counts or not names:
        return None
    complete = len(names) == len(measured) == len(measured_before) and (
        len(counts) == len(table) == len(other)
    )
    where = (
        ""
        if complete
        else f" (on {len(names)} validation series in common, after {', '.join(counts)} clicks)"
    )
    return _finite(_overall(table, counts, names), _overall(other, counts, names), where)


def annotated_since(project: Project, model: ModelRecord) -> frozenset[str]:
    """Validation series whose present annotation is newer than the training of ``model``."""
    begun = {entry.number: entry.started for entry in project.rounds.all()}
    since = model.created if model.round is None else begun[model.round]
    return frozenset(
        entry.name
        for entry in project.series("validation")
        if entry.annotation is not None and entry.annotation.created > since
    )


def _finite(new: float | None, old: float | None, where: str = "") -> CommonScores | None:
    if new is None or old is None or not (math.isfinite(new) and math.isfinite(old)):
        return None
    return CommonScores(float(new), float(old), where)


def _series_tables(metrics: Metrics) -> dict[str, Metrics]:
    """Per number of clicks the scores of each series; empty where they were not recorded."""
    entries: Mapping[str, Any] = metrics.get("clicks", {})
    return {
        clicks: entry["per_series"] for clicks, entry in entries.items() if "per_series" in entry
    }


def _series_of(table: Mapping[str, Metrics]) -> list[str]:
    """The series that were measured; they are the same for every number of clicks."""
    return list(next(iter(table.values())))


def _overall(table: Mapping[str, Metrics], counts: Sequence[str], names: Sequence[str]) -> float:
    by_clicks = [_mean_iou([table[clicks][name] for name in names]) for clicks in counts]
    return sum(by_clicks) / len(by_clicks)


def _mean_iou(per_series: Sequence[Metrics]) -> float:
    """As ``SAIMCore.metrics.aggregate``: the mean over classes of the means over series."""
    by_class: dict[str, list[float]] = {}
    for scores in per_series:
        for name, value in scores["iou"].items():
            by_class.setdefault(name, []).append(math.nan if value is None else value)
    return mean_of_present([mean_of_present(values) for values in by_class.values()])
