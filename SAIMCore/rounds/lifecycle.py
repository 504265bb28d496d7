"""The steps of a training round around its training, whoever waits for it.

Each of them can be taken again after a kill in its middle, by the same process or another.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.errors import SaimError, TrainingError
from SAIMCore.job import TrainingJob, UnreadableJobError
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord, RoundRecord
from SAIMCore.rounds.comparison import annotated_since
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import prepare_job
from SAIMCore.rounds.publishing import Decision, add_model, already_published, decide
from SAIMCore.training.run_lock import run_lock
from SAIMCore.training.trainer import STATE_FILE
from SAIMCore.training_run import RESULT_FILE
from SAIMCore.worker import STOP_FILE

__all__ = ["RoundLifecycle", "RoundOutcome", "WaysOut"]

Report = Callable[[dict[str, Any]], None]


class WaysOut(Protocol):
    """How the host's user does what a sentence advises, as the end of that sentence."""

    def give_up(self) -> str:
        """To give up a round that cannot go on."""

    def publish_anyway(self, version: str) -> str:
        """To publish a model that is worse than the current one."""


@dataclass(frozen=True)
class RoundOutcome:
    """How a round ended: ``model`` is the new one (None when stopped before the end)."""

    round: RoundRecord
    model: ModelRecord | None
    published: bool
    sentence: str


class RoundLifecycle:
    """Begins, resumes, concludes and gives up the rounds of a project that is open for writing."""

    def __init__(self, project: Project, ways_out: WaysOut) -> None:
        self._project = project
        self._ways_out = ways_out

    # -- before the training --------------------------------------------------------------------

    def begin_or_resume(self, options: RoundOptions) -> RoundRecord:
        """The round to train now, its job in its run folder.

        That is the one that was interrupted, with its own options, or else a new one with
        ``options``. Raises SaimError for what makes the training impossible; a new round is then
        not begun, or recorded as failed.
        """
        record = self._project.rounds.running()
        if record is None:
            return self._begin(options)
        self._complete_folder(record)
        return record

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
                raise TrainingError(self._with_advice(record, str(error))) from error
            job.write(record.run_folder)

    # -- after the training ---------------------------------------------------------------------

    def note_failure(self, record: RoundRecord, reason: str) -> str:
        """Record that the training itself failed; returns what to tell the user.

        With a saved state the round can still be resumed or given up; without one it has failed.
        """
        if not (record.run_folder / STATE_FILE).is_file():
            self._project.rounds.finish(record.number, "failed", reason)
            return reason
        sentence = self._with_advice(record, reason)
        self._project.rounds.note(record.number, sentence)
        return sentence

    def conclude(self, record: RoundRecord, report: Report = lambda event: None) -> RoundOutcome:
        """Take over the trained model, publish it by the round's options and end the round.

        Raises SaimError when that cannot be done now; the round can then still be resumed.
        """
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
            decision = self._decide(model, RoundOptions.from_json(record.options).publish)
            if decision.publish:
                model = self._project.models.publish(version)
        report({"event": "published" if decision.publish else "kept", "model": version})
        finished = self._project.rounds.finish(
            record.number, "finished", decision.sentence, version
        )
        # The optimizer's state is three times the model; nobody resumes a finished round.
        (record.run_folder / STATE_FILE).unlink(missing_ok=True)
        return RoundOutcome(finished, model, decision.publish, decision.sentence)

    def _decide(self, model: ModelRecord, publish: str) -> Decision:
        assert model.validation is not None
        current = self._project.models.current()
        decision = decide(
            model.version,
            model.validation,
            current,
            self._project.settings.publish.margin,
            publish,
            () if current is None else annotated_since(self._project, current),
        )
        if decision.publish or publish == "never":
            return decision
        way_out = self._ways_out.publish_anyway(model.version)
        return Decision(False, f"{decision.sentence}; {way_out}")

    def _parent(self, record: RoundRecord) -> str | None:
        """The model whose weights the training of this round started from."""
        start = TrainingJob.read(record.run_folder).start_from
        if start is None:
            return None
        # By name, so that a project that was moved still finds it.
        folders = {entry.folder.name: entry.version for entry in self._project.models.all()}
        return folders.get(start.name)

    # -- giving up ------------------------------------------------------------------------------

    def give_up(self, patience: float) -> RoundRecord | None:
        """Give up the round that is under way, if there is one, and delete its training state.

        A worker that is still at work is asked to stop. Raises RunFolderBusyError when it has not
        done so within ``patience`` seconds; the round is then not given up.
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

    def _with_advice(self, record: RoundRecord, reason: str) -> str:
        return (
            f"{reason}; round {record.number} can go on with its own options only: start it again, "
            f"or {self._ways_out.give_up()}"
        )


def _version(number: int) -> str:
    return f"round-{number:03d}"
