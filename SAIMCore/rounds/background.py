"""Training in the background: in a process that outlives this one, polled by its host."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from dataclasses import replace

from SAIMCore.errors import ProjectError, TrainingError
from SAIMCore.project.project import Project
from SAIMCore.project.records import RoundRecord
from SAIMCore.rounds.background_jobs import BackgroundJobs
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.lifecycle import RoundOutcome
from SAIMCore.rounds.one_job import OneJob
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.round_ending import Shown, end_by_writer, shown_interruption
from SAIMCore.rounds.run_watch import Launch, RunWatch
from SAIMCore.rounds.training_state import (
    EVALUATING,
    FAILED,
    FINISHED,
    IDLE,
    PAUSING,
    PREPARING,
    TrainingState,
)

__all__ = ["BackgroundTraining"]

# On a network share each look costs several round trips.
SECONDS_BETWEEN_LOOKS = 0.2


class BackgroundTraining:
    """The training of ``project`` in a worker process that goes on when this process ends.

    Call ``attach`` when the project was opened and ``poll`` from a timer: ``state`` says what goes
    on, ``outcome`` what came of the last training that was concluded here. What takes long runs in
    ``executor``, or a thread of its own. All methods belong to one thread.

    What changes the project raises ProjectError when it is open read-only. The training is then
    followed all the same, and concluded by whoever has the project open for writing.
    """

    def __init__(
        self,
        project: Project,
        launch: Launch = DetachedWorker.start,
        executor: Executor | None = None,
        seconds_between_looks: float = SECONDS_BETWEEN_LOOKS,
    ) -> None:
        self.state = TrainingState()
        self.outcome: RoundOutcome | None = None
        self._project = project
        self._jobs = BackgroundJobs(project, launch)
        self._job = OneJob(executor)
        self._seconds_between_looks = seconds_between_looks
        self._next_look = 0.0
        # The round that is followed.
        self._record: RoundRecord | None = None
        self._watch: RunWatch | None = None
        self._stopping = False
        self._giving_up = False

    # -- what the host asks for -----------------------------------------------------------------

    def attach(self) -> bool:
        """Take up the round that is under way, if there is one; whether it goes on by itself.

        A worker that is at work is followed. Of one that has ended the result is taken over;
        without a result the round is shown as paused, or as failed with the worker's reason.
        """
        if self._watch is None and not self._job.busy:
            record = self._project.rounds.running()
            if record is not None:
                self._record, self._watch = record, RunWatch(record.run_folder)
                if self._watch.look()[1]:
                    self.state = self._watch.state(record)
                else:
                    self._end(record, self._watch, seen_at_work=False)
        return self.state.active

    def start(self, options: RoundOptions) -> None:
        """Begin a round, or go on with the one that was interrupted (with its own options).

        What stands in its way is said by ``state``. Raises TrainingError when a training is under
        way.
        """
        self._project.require_writable()
        if self.state.active:
            raise TrainingError(
                "a training is under way; wait until it has ended, or give it up first"
            )
        self._stopping = self._giving_up = False
        self._record = self._watch = self.outcome = None
        self.state = TrainingState(PREPARING, sentence="the training is being prepared")
        self._job.start(
            lambda: self._jobs.begin(options, lambda: self._stopping), self._begun, self._not_done
        )

    def pause(self) -> None:
        """Ask the training to stop after its present step; ``start`` goes on with it.

        Raises TrainingError when none is under way, and ProjectError when it cannot be asked.
        """
        self._project.require_writable()
        if not self.state.active:
            raise TrainingError("no training is under way that could be paused")
        if self._watch is not None and not self._job.busy:
            self._watch.stop()
        self._stopping = True
        self.state = replace(
            self.state, phase=PAUSING, sentence="the training stops after its present step"
        )

    def cancel(self) -> None:
        """Give up the round that is under way or interrupted, and what it has trained.

        One whose model is being taken over is not given up any more. Raises TrainingError when
        there is none.
        """
        self._project.require_writable()
        if not (self.state.active or self.state.resumable):
            raise TrainingError("no training is under way or interrupted that could be given up")
        self._stopping = self._giving_up = True
        self.state = replace(
            self.state, phase=PAUSING, resumable=False, sentence="the round is being given up"
        )
        if not self._job.busy:
            self._give_up()

    def publish_anyway(self) -> RoundOutcome:
        """Publish the model of ``outcome``, which was kept because it is worse.

        Raises TrainingError when there is none, ProjectError when it is not complete any more.
        """
        self._project.require_writable()
        if self.outcome is None or self.outcome.model is None:
            raise TrainingError("no training was concluded whose model could be published")
        model = self._project.models.publish(self.outcome.model.version)
        sentence = f"{model.version} was published, as asked"
        self.outcome = replace(self.outcome, model=model, published=True, sentence=sentence)
        self.state = replace(self.state, sentence=sentence)
        return self.outcome

    def poll(self, timeout: float = 0.01) -> bool:
        """Take notice of what has happened; whether ``state`` changed.

        Waits up to ``timeout`` seconds for what is done in another thread.
        """
        before = self.state
        if self._job.busy:
            self._job.poll(timeout)
        elif self._watch is not None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self._seconds_between_looks
            self._look()
        return self.state != before

    def close(self) -> None:
        """Let go; the worker goes on. Waits for what is being written to the project."""
        self._job.close()
        self._record = self._watch = None

    # -- following ------------------------------------------------------------------------------

    def _look(self) -> None:
        record, watch = self._record, self._watch
        assert record is not None
        assert watch is not None
        if not self._project.folder.is_dir():
            sentence = f"{self._project.folder} cannot be reached; the training is shown when it is"
            self.state = replace(self.state, sentence=sentence)
            return
        news, at_work = watch.look()
        if at_work:
            self.state = watch.state(record, self._stopping)
        elif news or self.state.active:
            self._end(record, watch, seen_at_work=True)
        else:
            self._follow_writer(record)

    def _end(self, record: RoundRecord, watch: RunWatch, seen_at_work: bool) -> None:
        """Go on after the worker of ``record`` has ended; this process may have seen it at work."""
        if self._follow_writer(record):
            return
        ending = watch.ending()
        self.state = watch.state(record, self._stopping)
        if ending.finished:
            self._take_over(record)
        elif ending.resumable or ending.reason is None or self._project.read_only:
            self._settle(shown_interruption(record, ending, self._stopping, seen_at_work))
        else:
            reason = ending.reason
            self._job.start(
                lambda: self._jobs.note_failure(record, reason), self._not_done, self._not_done
            )

    def _follow_writer(self, record: RoundRecord) -> bool:
        """Whether another process, which may write to the project, has ended ``record``."""
        shown = end_by_writer(self._project, record) if self._project.read_only else None
        if shown is None:
            return False
        self._settle(shown)
        self._record = self._watch = None
        return True

    def _take_over(self, record: RoundRecord) -> None:
        sentence = f"round {record.number}: its model is being taken over"
        if self._project.read_only:
            sentence += " by whoever has the project open for writing"
        else:
            self._job.start(lambda: self._jobs.conclude(record), self._concluded, self._not_done)
        self.state = replace(self.state, phase=EVALUATING, sentence=sentence)

    def _settle(self, shown: Shown) -> None:
        """Nothing is under way any more."""
        resumable = shown.resumable and not self._project.read_only
        if resumable and self._giving_up:
            self._give_up()
            return
        self.state = replace(
            self.state,
            phase=shown.phase,
            sentence=shown.sentence,
            resumable=resumable,
            seconds_left=None,
        )

    # -- jobs: what they do in another thread, and what follows in this one ------------------------

    def _begun(self, begun: tuple[RoundRecord, RunWatch]) -> None:
        self._record, self._watch = begun
        if self._giving_up:
            self._give_up()
            return
        if self._stopping:
            # Asked while the worker was being started, which removes earlier requests.
            self._watch.stop()
        self._look()

    def _concluded(self, outcome: RoundOutcome) -> None:
        self.outcome = outcome
        self._settle(Shown(FINISHED, outcome.sentence, False))
        self._record = self._watch = None

    def _not_done(self, reason: str) -> None:
        try:
            resumable = self._project.rounds.running() is not None
        except ProjectError:
            # The project cannot be reached; when it can, ``start`` finds out.
            resumable = True
        self._settle(Shown(FAILED, reason, resumable))

    def _give_up(self) -> None:
        watch, self._giving_up = self._watch, False
        self._job.start(lambda: self._jobs.give_up(watch), self._given_up, self._not_done)

    def _given_up(self, record: RoundRecord | None) -> None:
        self._record = self._watch = None
        words = "there was no round" if record is None else f"round {record.number} was given up"
        self.state = TrainingState(IDLE, sentence=words)
