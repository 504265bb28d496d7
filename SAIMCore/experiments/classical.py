"""The comparison: the same training on labels that were made with classical tools.

Method: SAIM (Mikhailov et al., 2023), section 4.2: "a predictor trained with the same quantity of
data annotated classically at the first, middle and last SAIM iterations".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from SAIMCore.errors import ProjectError
from SAIMCore.job import JOB_FILE, LabeledSource, TrainingJob
from SAIMCore.project.project import Project
from SAIMCore.rounds.worker_process import WorkerProcess
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.training_run import METRICS_FILE, RESULT_FILE

__all__ = ["ClassicalTraining", "classical_rounds"]

Report = Callable[[dict[str, Any]], None]


def classical_rounds(last: int) -> list[int]:
    """The first, the middle and the last of the rounds 1 to ``last``.

    The initial training (round 0) needs no comparison: its labels are the classical ones.
    """
    return sorted({1, (1 + last) // 2, last}) if last > 0 else []


class ClassicalTraining:
    """Trains the job of the project's round ``number`` again, on reference labels.

    It has a run folder of its own, ``runs/classical-NNN``, and publishes nothing.
    """

    def __init__(self, project: Project, number: int) -> None:
        self._project = project
        self._version = f"classical-{number:03d}"
        self._original = project.runs_folder / f"round-{number:03d}"
        self.folder = project.runs_folder / self._version

    def metrics(self) -> dict[str, Any] | None:
        """What was measured, per split; None while the training is not finished."""
        path = self.folder / RESULT_FILE
        if not path.is_file():
            return None
        checkpoint = Path(json.loads(path.read_text(encoding="utf-8"))["checkpoint"])
        # By name, so that a project that was moved still finds it.
        text = (self.folder / checkpoint.name / METRICS_FILE).read_text(encoding="utf-8")
        metrics: dict[str, Any] = json.loads(text)
        return metrics

    def run(self, device: str, report: Report) -> None:
        """Train, or go on after a kill. Raises TrainingError when the training failed.

        A keyboard interrupt stops the worker with its state saved and is raised again.
        """
        if not (self.folder / JOB_FILE).is_file():
            self._job(device).write(self.folder)
        worker = WorkerProcess(self.folder)
        try:
            for event in worker.events():
                report(event)
        except KeyboardInterrupt:
            worker.stop()
            for event in worker.events():
                report(event)
            raise
        finally:
            worker.kill()
        if self.metrics() is None:
            raise KeyboardInterrupt
        (self.folder / STATE_FILE).unlink(missing_ok=True)

    def _job(self, device: str) -> TrainingJob:
        job = TrainingJob.read(self._original)
        training = tuple(
            LabeledSource(entry.source, self._reference(entry)) for entry in job.series["training"]
        )
        return replace(
            job,
            model=replace(job.model, version=self._version),
            series={**job.series, "training": training},
            device=device,
            # Weights that learned from the virtual user's annotations would not be classical.
            start_from=None,
        )

    def _reference(self, entry: LabeledSource) -> Path:
        """The reference labels; those of the initial set may be known as its annotation only."""
        record = self._project.series_named(entry.source.name)
        if record.reference is not None:
            return record.reference
        if record.annotation is not None and record.annotation.model_version is None:
            return self._project.annotations.path(record.name)
        raise ProjectError(
            f"series {record.name!r} has no reference labels, which the classical training needs; "
            "make the project with them, or leave the classical training out"
        )
