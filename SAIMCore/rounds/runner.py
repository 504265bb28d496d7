"""One training round of a project from the job to the published model, while the caller waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from SAIMCore.errors import TrainingError
from SAIMCore.project.project import Project
from SAIMCore.project.records import RoundRecord
from SAIMCore.rounds.lifecycle import RoundLifecycle, RoundOutcome
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.worker_process import TrainingInterruptedError, WorkerProcess
from SAIMCore.training.run_lock import SECONDS_OF_PATIENCE
from SAIMCore.training_run import RESULT_FILE

__all__ = ["RoundOutcome", "TrainingRound"]

Report = Callable[[dict[str, Any]], None]


class TrainingRound:
    """Trains in a worker process and publishes; a round that was interrupted goes on.

    ``report`` receives the worker's events. The current model is in use until the new one is
    published, in one transaction.
    """

    def __init__(self, project: Project, report: Report = lambda event: None) -> None:
        self._lifecycle = RoundLifecycle(project, _Commands(project.folder))
        self._report = report
        self._worker: WorkerProcess | None = None
        self._stopping = False

    def run(self, options: RoundOptions) -> RoundOutcome:
        """Begin a round, or go on with the one that was interrupted (with its own options).

        Raises SaimError when the training cannot be done. The round is then recorded as failed,
        unless something else than the training ended it (a kill, a full disk) or a state was saved:
        such a round can be resumed, or given up with ``cancel``.
        """
        self._stopping = False
        record = self._lifecycle.begin_or_resume(options)
        try:
            finished = self._train(record)
        except TrainingInterruptedError:
            raise
        except TrainingError as error:
            raise TrainingError(self._lifecycle.note_failure(record, str(error))) from error
        if not finished:
            sentence = f"round {record.number} was stopped; start it again to go on"
            return RoundOutcome(record, None, False, sentence)
        return self._lifecycle.conclude(record, self._report)

    def stop(self) -> None:
        """Ask a running training to stop after its present step (from another thread)."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()

    def cancel(self, patience: float = SECONDS_OF_PATIENCE) -> RoundRecord | None:
        """Give up the interrupted round, if there is one (see ``RoundLifecycle.give_up``)."""
        return self._lifecycle.give_up(patience)

    def _train(self, record: RoundRecord) -> bool:
        if (record.run_folder / RESULT_FILE).is_file():
            return True
        if self._stopping:
            return False
        self._worker = WorkerProcess(record.run_folder)
        if self._stopping:
            # Asked while the worker was being started, which removes earlier requests.
            self._worker.stop()
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


class _Commands:
    """The ways out on the command line."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def give_up(self) -> str:
        return f"give this round up with 'saim train {self._project} --discard'"

    def publish_anyway(self, version: str) -> str:
        return (
            f"publish it all the same with 'saim models PROJECT restore {version} --even-if-worse'"
        )
