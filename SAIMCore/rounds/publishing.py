"""Whether a new model becomes the shared one."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SAIMCore.errors import ProjectError
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord
from SAIMCore.rounds.comparison import common_scores
from SAIMCore.training_run import METRICS_FILE

__all__ = ["Decision", "add_model", "already_published", "decide"]


@dataclass(frozen=True)
class Decision:
    """Whether to publish, and the sentence that says why."""

    publish: bool
    sentence: str


def decide(
    version: str,
    validation: Mapping[str, Any],
    current: ModelRecord | None,
    margin: float,
    publish: str = "if not worse",
    annotated_anew: Container[str] = (),
) -> Decision:
    """Compare the validation mIoU (0 to 1, averaged over the numbers of clicks) of two models.

    ``validation``: the metrics of the new model, as they were recorded. Both are measured on the
    series and numbers of clicks that their metrics have in common; ``annotated_anew`` names series
    whose reference is not the same for both. A model that is worse by more than ``margin`` is
    published only when ``publish`` is "always", one that cannot be compared always.
    """
    own = _percent(validation["overall"])
    new = f"{version} has a validation mIoU of {own}"
    if publish == "never":
        return Decision(False, f"{new}; it was not published, as asked")
    if current is None:
        return Decision(True, f"{new}; it is the first shared model")
    scores = common_scores(validation, current.validation or {}, annotated_anew)
    if scores is None:
        return Decision(
            True,
            f"{new}; it is not comparable with {current.version}, which was not measured on the "
            "same validation series: published",
        )
    compared = (
        f"{version} has a validation mIoU of {_percent(scores.new)}, {current.version} "
        f"{_percent(scores.old)}{scores.where}"
    )
    if scores.new >= scores.old - margin:
        return Decision(True, f"{compared}: published")
    if publish == "always":
        return Decision(True, f"{compared}: published although it is worse, as asked")
    return Decision(
        False,
        f"{compared}: not published, because it is worse by more than {100 * margin:.1f} points",
    )


def already_published(version: str, validation: Mapping[str, Any]) -> Decision:
    """What there is to say after a kill between publishing ``version`` and noting it."""
    mean_iou = _percent(validation["overall"])
    return Decision(True, f"{version} has a validation mIoU of {mean_iou}: published")


def _percent(value: float | None) -> str:
    return "no value" if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def add_model(
    project: Project, checkpoint: Path, version: str, round_number: int, parent: str | None
) -> ModelRecord:
    """Move a finished checkpoint to ``models/VERSION`` and record it, unpublished.

    Called again after a kill in the middle, it goes on where it was.
    """
    target = project.models_folder / version
    if not target.exists():
        _require_files(checkpoint)
        target.parent.mkdir(exist_ok=True)
        os.replace(checkpoint, target)
    metrics: dict[str, Any] = json.loads((target / METRICS_FILE).read_text(encoding="utf-8"))
    for record in project.models.all():
        if record.version == version:
            return record
    return project.models.add(
        version,
        target,
        round_number,
        validation=metrics.get("validation"),
        test=metrics.get("test"),
        parent=parent,
    )


def _require_files(checkpoint: Path) -> None:
    for name in MODEL_FILES:
        if not (checkpoint / name).is_file():
            raise ProjectError(f"{checkpoint} lacks {name}; train again")
