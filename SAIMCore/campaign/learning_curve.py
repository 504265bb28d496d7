"""How good each model of a project is, by the number of series that it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.errors import ConfigurationError
from SAIMCore.job import TrainingJob

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord

__all__ = ["CurvePoint", "learning_curve"]

TEST, VALIDATION = "test", "validation"


@dataclass(frozen=True)
class CurvePoint:
    """What was measured of the model ``version``; IoUs are from 0 to 1, None where there is none.

    round: which made it, None for a model from elsewhere. series: how many it was trained on, None
    when its run folder is gone. published: when it last became the shared model (UTC, ISO 8601),
    None if it never did. split: "test", or "validation" for a model that was measured on no test
    set. mean_iou, iou: after each number of clicks of the virtual user, the latter by class.
    comparable: whether it was measured on the series that this split has now, all of them and no
    others.
    """

    version: str
    round: int | None
    series: int | None
    published: str | None
    split: str
    mean_iou: Mapping[int, float | None]
    iou: Mapping[int, Mapping[str, float | None]]
    comparable: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that were measured."""
        return tuple(dict.fromkeys(name for values in self.iou.values() for name in values))

    def value(self, name: str | None, clicks: int) -> float | None:
        """The IoU of the class ``name`` (None: the mIoU) after ``clicks`` clicks."""
        if name is None:
            return self.mean_iou.get(clicks)
        return self.iou.get(clicks, {}).get(name)


def learning_curve(project: Project) -> list[CurvePoint]:
    """A point for each model of ``project`` that was measured, oldest first.

    A project without a test set is measured on its validation series, by which each model's best
    epoch was chosen, so that they flatter it; points of the other split are not comparable.
    """
    folders = {record.number: record.run_folder for record in project.rounds.all()}
    test = {record.name for record in project.series(TEST)}
    split = TEST if test else VALIDATION
    names = test or {record.name for record in project.series(VALIDATION)}
    points = []
    for model in project.models.all():
        job = None if model.round is None else _job(folders[model.round])
        point = _point(model, job, split, names)
        if point is not None:
            points.append(point)
    return points


def _point(
    model: ModelRecord, job: TrainingJob | None, current_split: str, current: set[str]
) -> CurvePoint | None:
    split = VALIDATION if model.test is None else TEST
    metrics = model.validation if model.test is None else model.test
    if metrics is None:
        return None
    clicks = {count: metrics["clicks"][str(count)] for count in sorted(map(int, metrics["clicks"]))}
    return CurvePoint(
        version=model.version,
        round=model.round,
        series=None if job is None else len(job.series["training"]),
        published=model.published,
        split=split,
        mean_iou={count: entry["mean_iou"] for count, entry in clicks.items()},
        iou={count: entry["iou"] for count, entry in clicks.items()},
        comparable=split == current_split and _measured(clicks, job, split) == current,
    )


def _measured(
    clicks: Mapping[int, Mapping[str, Any]], job: TrainingJob | None, split: str
) -> set[str]:
    """Names of the series that a model was measured on; empty when that is not known."""
    tables: Sequence[Mapping[str, Any]] = [
        entry["per_series"] for entry in clicks.values() if "per_series" in entry
    ]
    if tables:
        return set(tables[0])
    return set() if job is None else {entry.source.name for entry in job.series[split]}


def _job(folder: Path) -> TrainingJob | None:
    """The job of a run, None when it is gone: runs may be deleted to free the disk."""
    try:
        return TrainingJob.read(folder)
    except ConfigurationError:
        return None
