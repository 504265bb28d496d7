"""One training round of a project, from the job to the published model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from SAIMCore.errors import SaimError, TrainingError
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord, RoundRecord
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import prepare_job
from SAIMCore.rounds.publishing import add_model, decide
from SAIMCore.rounds.worker_process import WorkerKilledError, WorkerProcess
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.training_run import RESULT_FILE

__all__ = ["RoundOutcome", "TrainingRound"]

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class RoundOutcome:
    """How a round ended: ``model`` is the new one (None when stopped before the end)."""

    round: RoundRecord
    model: ModelRecord | None
    published: bool
    sentence: str


class TrainingRound:
    """Trains in a worker process and publishes; a round that was interrupted goes on.

    ``report`` receives the worker's events. The current model is in use until the new one is
    published, in one transaction.
    """

    def __init__(self, project: Project, report: Report = lambda event: None) -> None:
        self._project = project
        self._report = report
        self._worker: WorkerProcess | None = None
        self._stopping = False

    def run(self, options: RoundOptions) -> RoundOutcome:
        """Begin a round, or go on with the one that was interrupted (with its own options).

        Raises SaimError when the training cannot be done. The round is then recorded as failed,
        unless the worker was killed or has saved a state: such a round can be resumed.
        """
        record = self._project.rounds.running() or self._begin(options)
        options = RoundOptions.from_json(record.options)
        try:
            finished = self._train(record)
        except TrainingError as error:
            if not isinstance(error, WorkerKilledError) and not self._has_state(record):
                self._project.rounds.finish(record.number, "failed", str(error))
            raise
        if not finished:
            sentence = f"round {record.number} was stopped; start it again to go on"
            return RoundOutcome(record, None, False, sentence)
        return self._publish(record, options)

    def stop(self) -> None:
        """Ask a running training to stop after its present step (from another thread)."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()

    def cancel(self) -> RoundRecord | None:
        """Give up the interrupted round, if there is one, and delete its training state."""
        record = self._project.rounds.running()
        if record is None:
            return None
        shutil.rmtree(record.run_folder, ignore_errors=True)
        return self._project.rounds.finish(record.number, "cancelled", "cancelled by the user")

    def _begin(self, options: RoundOptions) -> RoundRecord:
        number = max((entry.number for entry in self._project.rounds.all()), default=0) + 1
        # Whatever is wrong with the data or the options shows before the round exists.
        job = prepare_job(self._project, _version(number), options)
        record = self._project.rounds.begin(options.to_json())
        try:
            job.write(record.run_folder)
        except SaimError as error:
            self._project.rounds.finish(record.number, "failed", str(error))
            raise
        return record

    def _train(self, record: RoundRecord) -> bool:
        if (record.run_folder / RESULT_FILE).is_file():
            return True
        self._worker = WorkerProcess(record.run_folder)
        try:
            for event in self._worker.events():
                self._report(event)
        except KeyboardInterrupt:
            self._worker.stop()
            for event in self._worker.events():
                self._report(event)
        finally:
            self._worker.kill()
            self._worker = None
        return (record.run_folder / RESULT_FILE).is_file()

    def _has_state(self, record: RoundRecord) -> bool:
        return (record.run_folder / STATE_FILE).is_file()

    def _publish(self, record: RoundRecord, options: RoundOptions) -> RoundOutcome:
        result = json.loads((record.run_folder / RESULT_FILE).read_text(encoding="utf-8"))
        current = self._project.models.current()
        version = _version(record.number)
        parent = current.version if options.fine_tune and current else None
        model = add_model(
            self._project, record.run_folder / result["checkpoint"], version, record.number, parent
        )
        assert model.validation is not None
        decision = decide(
            version,
            float(model.validation["overall"]),
            current if current is None or current.version != version else None,
            self._project.settings.publish.margin,
            options.publish,
        )
        if decision.publish:
            model = self._project.models.publish(version)
        self._report({"event": "published" if decision.publish else "kept", "model": version})
        finished = self._project.rounds.finish(
            record.number, "finished", decision.sentence, version
        )
        # The optimizer's state is three times the model; nobody resumes a finished round.
        (record.run_folder / STATE_FILE).unlink(missing_ok=True)
        return RoundOutcome(finished, model, decision.publish, decision.sentence)


def _version(number: int) -> str:
    return f"round-{number:03d}"
