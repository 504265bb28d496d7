"""One training round of a project, from the job to the published model."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.errors import SaimError, TrainingError
from SAIMCore.job import TrainingJob, UnreadableJobError
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord, RoundRecord
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import prepare_job
from SAIMCore.rounds.publishing import Decision, add_model, already_published, decide
from SAIMCore.rounds.worker_process import TrainingInterruptedError, WorkerProcess
from SAIMCore.training.run_lock import SECONDS_OF_PATIENCE, run_lock
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.training_run import RESULT_FILE
from SAIMCore.worker import STOP_FILE

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
        unless something else than the training ended it (a kill, a full disk) or a state was saved:
        such a round can be resumed, or given up with ``cancel``.
        """
        self._stopping = False
        record = self._project.rounds.running()
        if record is None:
            record = self._begin(options)
        else:
            self._complete_folder(record)
        options = RoundOptions.from_json(record.options)
        try:
            finished = self._train(record)
        except TrainingInterruptedError:
            raise
        except TrainingError as error:
            if not self._has_state(record):
                self._project.rounds.finish(record.number, "failed", str(error))
                raise
            sentence = self._with_advice(record, error)
            self._project.rounds.note(record.number, sentence)
            raise TrainingError(sentence) from error
        if not finished:
            sentence = f"round {record.number} was stopped; start it again to go on"
            return RoundOutcome(record, None, False, sentence)
        return self._publish(record, options)

    def stop(self) -> None:
        """Ask a running training to stop after its present step (from another thread)."""
        self._stopping = True
        if self._worker is not None:
            self._worker.stop()

    def cancel(self, patience: float = SECONDS_OF_PATIENCE) -> RoundRecord | None:
        """Give up the interrupted round, if there is one, and delete its training state.

        A worker that outlived its parent is asked to stop. Raises RunFolderBusyError when it has
        not done so within ``patience`` seconds; the round is then not given up.
        """
        record = self._project.rounds.running()
        if record is None:
            return None
        if record.run_folder.is_dir():
            with contextlib.suppress(OSError):
                (record.run_folder / STOP_FILE).touch()
            with disk_errors_named(record.run_folder), run_lock(record.run_folder, patience):
                # On Windows a file that is open, as the lock is, cannot be deleted.
                shutil.rmtree(record.run_folder, ignore_errors=True)
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

    def _complete_folder(self, record: RoundRecord) -> None:
        """Write the job of an interrupted round again where it is missing.

        That is so after a kill before it was written, and when the folder of the runs was deleted.
        """
        try:
            TrainingJob.read(record.run_folder)
        except UnreadableJobError:
            options = RoundOptions.from_json(record.options)
            try:
                job = prepare_job(self._project, _version(record.number), options)
            except SaimError as error:
                raise TrainingError(self._with_advice(record, error)) from error
            job.write(record.run_folder)

    def _with_advice(self, record: RoundRecord, error: SaimError) -> str:
        return (
            f"{error}; round {record.number} can go on with its own options only: start it again, "
            f"or give this round up with 'saim train {self._project.folder} --discard'"
        )

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

    def _has_state(self, record: RoundRecord) -> bool:
        return (record.run_folder / STATE_FILE).is_file()

    def _publish(self, record: RoundRecord, options: RoundOptions) -> RoundOutcome:
        result = json.loads((record.run_folder / RESULT_FILE).read_text(encoding="utf-8"))
        version = _version(record.number)
        model = add_model(
            self._project,
            record.run_folder / result["checkpoint"],
            version,
            record.number,
            self._parent(record),
        )
        assert model.validation is not None
        if model.published is not None:
            decision = already_published(version, model.validation)
        else:
            decision = self._decide(model, options.publish)
            if decision.publish:
                model = self._project.models.publish(version)
        self._report({"event": "published" if decision.publish else "kept", "model": version})
        finished = self._project.rounds.finish(
            record.number, "finished", decision.sentence, version
        )
        # The optimizer's state is three times the model; nobody resumes a finished round.
        (record.run_folder / STATE_FILE).unlink(missing_ok=True)
        return RoundOutcome(finished, model, decision.publish, decision.sentence)

    def _decide(self, model: ModelRecord, publish: str) -> Decision:
        assert model.validation is not None
        current = self._project.models.current()
        return decide(
            model.version,
            model.validation,
            current,
            self._project.settings.publish.margin,
            publish,
            () if current is None else self._annotated_since(current),
        )

    def _annotated_since(self, model: ModelRecord) -> frozenset[str]:
        """Series whose present annotation was accepted after the training of ``model`` began."""
        begun = {entry.number: entry.started for entry in self._project.rounds.all()}
        since = model.created if model.round is None else begun[model.round]
        return frozenset(
            entry.name
            for entry in self._project.series("validation")
            if entry.annotation is not None and entry.annotation.created > since
        )

    def _parent(self, record: RoundRecord) -> str | None:
        """The model whose weights the training of this round started from."""
        start = TrainingJob.read(record.run_folder).start_from
        if start is None:
            return None
        # By name, so that a project that was moved still finds it.
        folders = {entry.folder.name: entry.version for entry in self._project.models.all()}
        return folders.get(start.name)


def _version(number: int) -> str:
    return f"round-{number:03d}"
