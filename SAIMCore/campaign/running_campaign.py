"""What goes on in a campaign: its parts, and how one thing leads to the next.

A host says what its user wants, and calls ``poll`` from a timer, after ``CampaignHost.wake`` until
it says that nothing is left to wait for.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from SAIMCore.campaign.annotating import Annotating
from SAIMCore.campaign.automatic_training import training_is_due
from SAIMCore.campaign.host import AnnotationPlace, CampaignHost
from SAIMCore.campaign.igniter import CampaignIgniter, IgniterNews
from SAIMCore.campaign.model_export import ModelExport
from SAIMCore.campaign.next_series import NextSeries
from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.pool_ranking import PoolRanking
from SAIMCore.campaign.preparation import SeriesPreparation
from SAIMCore.campaign.series_queue import SeriesQueue
from SAIMCore.campaign.thumbnail_requests import ThumbnailRequests
from SAIMCore.campaign.thumbnails import Thumbnails
from SAIMCore.errors import SaimError
from SAIMCore.project.project import Project
from SAIMCore.project.shared import lease_project
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.training_state import FINISHED

__all__ = ["RunningCampaign"]


class RunningCampaign:
    """The campaign of the project in ``folder``, run by ``annotator``.

    queue, thumbnails, annotating, ranking, igniter, training: its parts, to be looked at. What goes
    wrong in the background is complained of to the host.

    Where another process has the project open for writing, it can only be looked at:
    ``read_only_because`` says who has it. ``follow`` makes the training. Raises what
    ``Project.open`` raises.
    """

    def __init__(
        self,
        folder: Path,
        host: CampaignHost,
        place: AnnotationPlace,
        annotator: str,
        device: str = "auto",
        follow: Callable[[Project], BackgroundTraining] = BackgroundTraining,
    ) -> None:
        self._host = host
        self._place = place
        self._device = device
        self._lease = lease_project(folder, read_only_if_locked=True)
        with contextlib.ExitStack() as unless_complete:
            unless_complete.callback(self._lease.release)
            self.project = self._lease.project
            # One each: nobody waits until the pool is scored, or until all pictures are made.
            names = ("queue", "thumbnails", "ranking", "export", "preparation", "igniter")
            self._executors = {name: polite_executor(name) for name in names}
            for executor in self._executors.values():
                unless_complete.callback(executor.shutdown)
            self.queue = SeriesQueue(self.project, self._executors["queue"])
            self._next = NextSeries(self.queue)
            self.thumbnails = ThumbnailRequests(
                Thumbnails(self.project), self._executors["thumbnails"]
            )
            self.ranking = PoolRanking(self.project, self._executors["ranking"])
            self._shown_ranking = self.ranking.state
            self._export = ModelExport(self._executors["export"])
            self._preparation = SeriesPreparation(
                self.project, self._executors["preparation"], device
            )
            self.igniter = CampaignIgniter(self.project, self._executors["igniter"], device)
            self.annotating = Annotating(self.project, self._preparation, place, host, annotator)
            self.training = follow(self.project)
            self._model = self.project.models.current()
            unless_complete.pop_all()
        for sentence in self.project.warnings:
            host.complain(sentence)
        with self._complaining():
            self.training.attach()
        with self._complaining():
            self.igniter.review()
        self._wake()

    @property
    def read_only_because(self) -> str:
        """Why nothing can be changed, "" when it can."""
        return self._lease.read_only_because

    @property
    def exporting(self) -> bool:
        """Whether a model is being written for other programs."""
        return self._export.busy

    def close(self) -> None:
        """Put the open series away and let go of the project; a training goes on by itself.

        Where the series cannot be kept, and the user wants it, it stays open at its place.
        """
        with contextlib.ExitStack() as parts:
            parts.callback(self._lease.release)
            for executor in self._executors.values():
                parts.callback(executor.shutdown)
            parts.callback(self.training.close)
            parts.callback(self._preparation.end)
            parts.callback(self.thumbnails.end)
            parts.callback(self.queue.end)
            parts.callback(self.ranking.end)
            parts.callback(self.igniter.end)
            with self._complaining():
                last = self.annotating.current
                self.annotating.put_away()
                if last is not None and self.queue.plan is not None:
                    self.queue.changed(last)
                    self.queue.keep_plan()

    # -- what the host drives -------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether ``poll`` has something to wait for."""
        return (
            self.queue.busy
            or self.ranking.state.running
            or self.thumbnails.busy
            or self._export.busy
            or self.igniter.busy
            or self._preparation.busy
            or self.annotating.awaited is not None
            or self.training.state.active
        )

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for what runs, and show what came of it; ``busy``.

        An idle desktop application keeps Python to itself (slicer-facts.md, E), so the wait is what
        lets the threads get on.
        """
        until = time.monotonic() + timeout

        def left() -> float:
            return max(0.0, until - time.monotonic())

        with self._complaining():
            if self.queue.poll():
                self._host.rows_changed(None)
                self._prepare_next()
                self.queue.keep_plan()
        self._follow_opening(left())
        with self._complaining():
            made = self.thumbnails.poll()
            if made:
                self._host.rows_changed(made)
        with self._complaining():
            self._follow_ranking(left())
        with self._complaining():
            self._follow_igniter(left())
        with self._complaining():
            written = self._export.poll()
            if written is not None:
                self._host.say(written)
        with self._complaining():
            if self.training.poll(left()):
                self._follow_training()
        return self.busy

    # -- parts ----------------------------------------------------------------------------------

    def _follow_opening(self, timeout: float) -> None:
        awaited, opened = self.annotating.awaited, False
        with self._complaining():
            opened = self.annotating.poll(timeout)
        with self._complaining():
            if opened:
                assert self.annotating.current is not None
                self._changed(self.annotating.current)
                self._prepare_next()
            elif awaited is not None and self.annotating.awaited is None:
                # Next opens another one.
                self._next.put_off(awaited)
                self._prepare_next()

    def _prepare_next(self) -> None:
        """Read and segment the series that Next will open, unless another one is awaited."""
        if self.annotating.awaited is not None or self.read_only_because:
            return
        name = self._next.after(self.annotating.current)
        if name is not None:
            self._preparation.begin(name)

    def _changed(self, *names: str) -> None:
        self.queue.changed(*names)
        with self._complaining():
            self.queue.keep_plan()
        self._host.rows_changed(None)
        self._host.refresh()

    def _follow_ranking(self, timeout: float) -> None:
        was_running = self.ranking.state.running
        try:
            scored = self.ranking.poll(timeout)
            # Another order may have been chosen meanwhile, which these are no scores for.
            if scored and self.ranking.strategy == self.queue.strategy.name:
                values = [(progress.name, progress.value) for progress in scored]
                self.queue.scored(values, self.ranking.model_version)
                self._host.rows_changed(None)
        finally:
            # It may have been begun here, too, which nobody has shown yet.
            if self.ranking.state != self._shown_ranking:
                self._shown_ranking = self.ranking.state
                self._host.refresh()
        if was_running and not self.ranking.state.running:
            if self.ranking.state.unreadable:
                self._host.complain(self.ranking.state.without_score)
            # The order among those that were scored earlier is known, too, now.
            self.queue.rebuild()

    def _follow_igniter(self, timeout: float) -> None:
        if not self.igniter.busy:
            return
        before = self.igniter.state
        news: IgniterNews | None = None
        try:
            news = self.igniter.poll(timeout)
        finally:
            if self.igniter.state != before:
                self._host.refresh()
        if news is None:
            return
        if news.notes:
            self._host.say("; ".join(note.rstrip(".") for note in news.notes))
        if news.proposer:
            self._other_proposer()

    def _other_proposer(self) -> None:
        """Another one than before proposes; before the first model it answers and scores, too."""
        self.annotating.renew_model()
        self._prepare_next()
        if self.project.models.current() is not None:
            return
        self.queue.rebuild()
        if self.igniter.chosen:
            self.ranking.start(self.queue.strategy, self._device)

    def _follow_training(self) -> None:
        self._host.refresh()
        state = self.training.state
        if state.active:
            return
        self._follow_model()
        if state.phase == FINISHED:
            outcome = self.training.outcome
            if outcome is not None and not outcome.published:
                # It is in the list of models and in the learning curve all the same.
                self.queue.rebuild()
            self._host.say(state.sentence)
            if not self.read_only_because:
                # As many as are needed may have been accepted while it trained.
                self._train_when_due()

    def _train_when_due(self) -> None:
        if not self.training.state.active and training_is_due(self.project):
            self.training.start(self._round_options())

    def _round_options(self) -> RoundOptions:
        return RoundOptions(
            fine_tune=self.project.settings.automatic_training.fine_tune
            and self.project.models.current() is not None,
            device=self._device,
        )

    def _follow_model(self) -> None:
        """Use the project's model everywhere, if it is another one than before."""
        model = self.project.models.current()
        if model is None or (self._model is not None and model.version == self._model.version):
            return
        self._model = model
        self.queue.rebuild()
        self.annotating.renew_model()
        self.igniter.review()
        self._prepare_next()
        if not self.read_only_because:
            # Its order is that of the model before until then.
            self.ranking.start(self.queue.strategy, self._device)

    @contextlib.contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except SaimError as error:
            self._host.complain(str(error))
            self._host.refresh()

    def _wake(self) -> None:
        if self.busy:
            self._host.wake()
