"""Whether a new model becomes the shared one."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from SAIMCore.errors import ProjectError
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord
from SAIMCore.training_run import METRICS_FILE

__all__ = ["Decision", "add_model", "decide"]


@dataclass(frozen=True)
class Decision:
    """Whether to publish, and the sentence that says why."""

    publish: bool
    sentence: str


def decide(
    version: str,
    new_score: float,
    current: ModelRecord | None,
    margin: float,
    publish: str = "if not worse",
) -> Decision:
    """Compare the validation mIoU (0 to 1, averaged over the numbers of clicks) of two models.

    A model that is worse by more than ``margin`` is published only when ``publish`` is "always".
    """
    new = f"{version} has a validation mIoU of {100 * new_score:.1f} %"
    if publish == "never":
        return Decision(False, f"{new}; it was not published, as asked")
    if current is None or current.validation is None:
        return Decision(True, f"{new}; it is the first shared model")
    old_score = float(current.validation["overall"])
    compared = f"{new}, {current.version} {100 * old_score:.1f} %"
    if new_score >= old_score - margin:
        return Decision(True, f"{compared}: published")
    if publish == "always":
        return Decision(True, f"{compared}: published although it is worse, as asked")
    return Decision(
        False,
        f"{compared}: not published, because it is worse by more than {100 * margin:.1f} points; "
        "publish it all the same with 'saim models PROJECT restore "
        f"{version} --even-if-worse'",
    )


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
