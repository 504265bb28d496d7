"""Following the training in a run folder by what it writes there, whoever started it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from SAIMCore.project.records import RoundRecord
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.round_ending import Ending
from SAIMCore.rounds.training_progress import TrainingProgress
from SAIMCore.rounds.training_state import PAUSING, PREPARING, TrainingState, progress_sentence
from SAIMCore.rounds.worker_process import LOG_FILE
from SAIMCore.training_run import RESULT_FILE
from SAIMCore.worker_events import EventReader

__all__ = ["Launch", "RunWatch"]

Launch = Callable[[Path], DetachedWorker]


class RunWatch:
    """What goes on in ``folder``; ``progress`` is what was read of it so far."""

    def __init__(self, folder: Path) -> None:
        self.progress = TrainingProgress()
        self._folder = folder
        self._reader = EventReader(folder)
        self._worker = DetachedWorker(folder)

    def start(self, launch: Launch) -> None:
        """Start a worker, after all that earlier ones wrote was read."""
        self.look()
        self.progress.begin_anew()
        self._worker = launch(self._folder)

    def look(self) -> tuple[bool, bool]:
        """Read what is new: whether there was anything, and whether a worker is at work."""
        # In this order: what it wrote before it ended is then read, too.
        at_work = self._worker.is_at_work()
        events = self._reader.read()
        for event in events:
            self.progress.take(event)
        return bool(events), at_work

    def ending(self) -> Ending:
        """How the training ended, when no worker is at work any more."""
        if (self._folder / RESULT_FILE).is_file():
            return Ending(finished=True)
        if self.progress.failure is not None:
            reason, resumable = self.progress.failure
            return Ending(reason=reason, resumable=resumable)
        if self.progress.stopped:
            return Ending()
        reason, resumable = self._worker.silent_end()
        return Ending(reason=reason, resumable=resumable, told=False)

    def state(self, record: RoundRecord, stopping: bool = False) -> TrainingState:
        """Where the training of ``record`` is, as if a worker were at work on it."""
        progress = self.progress
        phase = PREPARING if progress.ended else progress.phase
        state = TrainingState(
            PAUSING if stopping else phase,
            record.number,
            progress.epoch,
            progress.epochs,
            progress.step,
            progress.steps,
            progress.loss,
            progress.seconds_left,
            progress.curve,
            progress.warnings,
            log_file=self._folder / LOG_FILE,
        )
        return replace(state, sentence=progress_sentence(state))

    def stop(self) -> None:
        """Ask the worker to stop with its state saved. Raises ProjectError as it does."""
        self._worker.stop()

    def kill(self) -> None:
        """End the worker at once; what it saved stays."""
        self._worker.kill()
