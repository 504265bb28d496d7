"""A whole annotation campaign: what its user does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from SAIMCore.campaign.budget import require_time
from SAIMCore.campaign.igniter import mapping_of
from SAIMCore.campaign.running_campaign import RunningCampaign
from SAIMCore.errors import ProjectError
from SAIMCore.rounds.options import RoundOptions

__all__ = ["Campaign"]


class Campaign(RunningCampaign):
    """A campaign (``RunningCampaign``) with the commands of its user.

    They complain to the host instead of raising SaimError.
    """

    # -- annotating ---------------------------------------------------------------------------

    def next(self) -> None:
        """Open the next series of the queue; the one that is open is put away for later."""
        self._act(self._open_next)

    def open(self, name: str) -> None:
        """Annotate the series ``name``, or correct its annotation."""
        self._act(lambda: self._open(name))

    def accept_series(self) -> None:
        """File the annotation of the open series, and go on with the next one."""
        self._act(self._accept)

    def save_for_later(self) -> None:
        """Close the open series; what was done is kept, and it stays in the queue."""
        self._act(self._close)

    # -- the queue ----------------------------------------------------------------------------

    def choose_strategy(self, strategy: str, budget_minutes: float | None = None) -> None:
        """Order the queue in another way; scores that it needs come with ``rank``."""

        def choose() -> None:
            require_time(budget_minutes)
            self.queue.choose(strategy, budget_minutes)

        self._change_queue(choose)

    def pin(self, name: str, pinned: bool = True, reason: str | None = None) -> None:
        """Put a series at the head of the queue, or take it back."""
        self._change_queue(lambda: self.queue.pin(name, pinned, reason))

    def skip(self, name: str, skipped: bool = True, reason: str | None = None) -> None:
        """Put a series at the end of the queue, or take it back."""
        self._change_queue(lambda: self.queue.skip(name, skipped, reason))

    def exclude(self, name: str, reason: str) -> None:
        """Leave a series out of everything."""
        self._change_queue(lambda: self.queue.exclude(name, reason))

    def include(self, name: str) -> None:
        """Take an excluded series back; an annotated one for training, whatever it was for."""

        def include() -> None:
            if self.queue.include(name):
                self._host.say(
                    f"{name} is for training now; if it was for validation or testing, say so again"
                )

        self._change_queue(include)

    def use_as(self, name: str, status: str) -> None:
        """Use an annotated series, and those of its patient, for training, validation or test."""

        def use() -> None:
            for sentence in self.queue.use_as(name, status):
                self._host.complain(sentence)

        self._change_queue(use)

    def rank(self) -> None:
        """Score the pool with the current model, in the background."""
        self._act(lambda: self.ranking.start(self.queue.strategy, self._device))

    # -- the igniter --------------------------------------------------------------------------

    def look_at_igniter(self, path: Path, description: Path | None = None) -> None:
        """Find out which classes the igniter at ``path`` has; ``igniter.state.found`` says it."""
        self._act(lambda: self.igniter.look_at(path, description))

    def use_igniter(self, rows: Sequence[tuple[str, str]]) -> None:
        """Try the igniter that was found, and let it propose from now on.

        rows: each of its classes, and as text what it becomes here (``mapping_rows``).
        """
        self._act(lambda: self.igniter.use(mapping_of(rows)))

    def forget_igniter(self) -> None:
        """Do not use the igniter that was found after all."""
        self._act(self.igniter.forget)

    def stop_igniter(self) -> None:
        """Give up what is under way with an igniter; what was set before stays."""
        self._act(self.igniter.stop)

    def remove_igniter(self) -> None:
        """Leave all proposals to our own models."""

        def remove() -> None:
            self.igniter.remove()
            self._other_proposer()

        self._act(remove)

    # -- training and models ------------------------------------------------------------------

    def train(self, options: RoundOptions | None = None) -> None:
        """Begin a training, or go on with the one that was paused, with the options that it has."""
        self._act(lambda: self.training.start(options or self._round_options()))

    def pause_training(self) -> None:
        """Stop the training with its state saved; ``train`` goes on with it."""
        self._act(self.training.pause)

    def cancel_training(self) -> None:
        """Give the training up."""
        self._act(self.training.cancel)

    def publish(self, version: str) -> None:
        """Make a model the shared one, whether it is better or worse, new or old."""

        def publish() -> None:
            outcome = self.training.outcome
            kept = None if outcome is None or outcome.published else outcome.model
            if kept is not None and kept.version == version:
                self.training.publish_anyway()
            else:
                self.project.models.publish(version)
            self._follow_model()

        self._act(publish)

    def export(self, version: str, output: Path, kind: str, *, overwrite: bool = False) -> None:
        """Write a model for other programs (``export_model``), in the background.

        That changes nothing in the project, so it may be open read-only.
        """
        with self._complaining():
            folder = self.project.models.named(version).folder
            self._export.start(folder, output, kind, overwrite=overwrite)
        self._wake()

    # -- parts --------------------------------------------------------------------------------

    def _open(self, name: str) -> None:
        before = self.annotating.current
        self.annotating.open(name)
        if before is not None and before != name:
            self._put_away(before)

    def _open_next(self) -> None:
        if not self.queue.rows and not self.queue.busy:
            # It could not be read before.
            self.queue.rebuild()
        self._open(self._next.required(self.annotating.current))

    def _accept(self) -> None:
        name = self.annotating.current
        if self.annotating.accept() is None:
            return
        assert name is not None
        self._changed(name)
        # What is predicted for the others follows from what this one took.
        self.queue.rebuild()
        self._train_when_due()
        following = self._next.after(self.annotating.current)
        if following is None:
            self._host.say(f"{name} is accepted; {self._next.why_none(None)}")
        else:
            self._open(following)

    def _close(self) -> None:
        name = self.annotating.current
        self.annotating.put_away()
        if name is not None:
            self._put_away(name)
        self._prepare_next()

    def _put_away(self, name: str) -> None:
        self._next.put_off(name)
        self._changed(name)

    def _act(self, act: Callable[[], object]) -> None:
        """Something that the user does to the project."""
        with self._complaining():
            if self.read_only_because:
                raise ProjectError(self.read_only_because)
            act()
        self._host.refresh()
        self._wake()

    def _change_queue(self, change: Callable[[], object]) -> None:
        def act() -> None:
            change()
            self._prepare_next()

        self._act(act)
        self._host.rows_changed(None)
