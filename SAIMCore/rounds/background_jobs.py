"""What a training in the background does to its project, for another thread than the host's."""

from __future__ import annotations

from collections.abc import Callable

from SAIMCore.project.project import Project
from SAIMCore.project.records import RoundRecord
from SAIMCore.rounds.lifecycle import RoundLifecycle
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.run_watch import Launch, RunWatch
from SAIMCore.training.run_lock import SECONDS_OF_PATIENCE

__all__ = ["BackgroundJobs"]


class BackgroundJobs:
    """The steps of ``RoundLifecycle`` with a worker that ``launch`` starts; all raise SaimError."""

    def __init__(self, project: Project, launch: Launch) -> None:
        lifecycle = RoundLifecycle(project, _Buttons())
        self.conclude = lifecycle.conclude
        self.note_failure = lifecycle.note_failure
        self._lifecycle = lifecycle
        self._launch = launch

    def begin(
        self, options: RoundOptions, asked_to_stop: Callable[[], bool]
    ) -> tuple[RoundRecord, RunWatch]:
        """The round to train and its watch, with a worker at work unless none is needed any more.

        None is started beside one that is at work already.
        """
        record = self._lifecycle.begin_or_resume(options)
        watch = RunWatch(record.run_folder)
        at_work = watch.look()[1]
        if not (at_work or asked_to_stop() or watch.ending().finished):
            watch.start(self._launch)
        return record, watch

    def give_up(self, watch: RunWatch | None) -> RoundRecord | None:
        """End the worker and give up its round; None when there is none."""
        if watch is not None:
            watch.kill()
        # A worker that runs on another computer is asked to stop.
        return self._lifecycle.give_up(SECONDS_OF_PATIENCE)


class _Buttons:
    """The ways out in a panel."""

    def give_up(self) -> str:
        return "give it up"

    def publish_anyway(self, version: str) -> str:
        return f"{version} can be published all the same"
