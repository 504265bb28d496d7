"""The click effect without its toolkit: what a host's events mean, and what runs when.

The network is asked in one worker thread, so that views go on moving. The scene is only touched by
the thread that calls, which changes nothing in the session while the worker has it. A host calls
``poll`` until it says that nothing is left to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol, TypeVar

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.conditioning.targets import contradiction
from SAIMCore.interactions import Interaction
from SAIMCore.mrml.effect_jobs import EffectJobs, Job
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.geometry import Point
from SAIMCore.mrml.markers import InteractionMarkers
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.mrml.uncertainty_overlay import UncertaintyOverlay
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.round_answers import SessionModel
from SAIMCore.session.slice_state import SliceResult

__all__ = ["ClickEffect", "EffectHost"]


Answer = TypeVar("Answer")


class EffectHost(Protocol):
    """What the effect asks of the window around it; called in the thread that owns the scene."""

    def refresh(self) -> None:
        """Something changed: progress, accepted slices, what can be undone."""

    def complain(self, sentence: str) -> None:
        """An error that the user can act on."""

    def composite_views(self) -> Sequence[slicer.vtkMRMLSliceCompositeNode]:
        """The slice views that show the source volume."""


class ClickEffect:
    """Clicks, accepting, undo and the rest, one after the other, on one ``annotation``.

    Where a Segment Editor keeps the history, its own undo and redo are used, and ``look`` is called
    afterwards; ``undo`` and ``redo`` are for hosts without one. ``executor`` has one thread, and is
    the host's to shut down, after ``rest``.
    """

    def __init__(
        self,
        annotation: SeriesAnnotation,
        host: EffectHost,
        scene: slicer.vtkMRMLScene,
        executor: Executor,
    ) -> None:
        self.annotation = annotation
        # Those of the session are used from its next answer on.
        self.options = EffectOptions()
        # Whether a shown slice that another model proposed, and of which nobody has said anything,
        # is proposed anew. Not while an igniter proposes because it is the better one.
        self.proposes_anew = True
        # What is to be said of the last interactions, until the user does something else.
        self.remark = ""
        self.progress: tuple[int, int] | None = None
        self._host = host
        self._markers = InteractionMarkers(scene, annotation.grid)
        self._overlay = UncertaintyOverlay(scene, annotation.grid)
        self._jobs = EffectJobs(executor, self)
        self._shows_uncertainty = False
        self._slice_index = 0
        self._arrived = False
        self._resting = True

    # -- what the user does ---------------------------------------------------------------------

    def click(
        self, points: Iterable[Point], class_index: int, radius: int = 0
    ) -> Interaction | None:
        """A click (one world point) or a drag (several) that says "here is ``class_index``".

        Returns what was understood; None beside the volume, which is ignored. What is clicked on a
        slice while the network is busy is answered in one interaction round.
        """
        self._markers.preview(None)
        grid = self.annotation.grid
        if self.options.draws_boxes:
            interaction = grid.box(tuple(points), class_index)
        else:
            interaction = grid.interaction(points, class_index, radius)
        if interaction is not None:
            self._act(interaction)
        return interaction

    def preview(self, points: Sequence[Point]) -> None:
        """Show the box that a drag through world ``points`` would be, until it is one.

        Strokes are not shown before they are answered.
        """
        if self.options.draws_boxes and not self._resting:
            box = self.annotation.grid.box(points, 0)
            self._markers.preview(box if len(points) > 1 else None)

    def segment_slice(self, slice_index: int) -> None:
        """Let the network answer without anything new from the user."""
        self._act(
            Job(
                self._show,
                lambda: self.annotation.session.segment(slice_index),
                lambda: self.annotation.adopt(slice_index),
                proposal=True,
            )
        )

    def segment_series(self) -> None:
        """Segment all slices that nobody touched; ``progress`` counts, ``cancel`` ends it."""

        def run() -> SliceResult | None:
            return self.annotation.session.segment_series(self._count, lambda: self._jobs.cancelled)

        def finish(result: SliceResult | None) -> None:
            if result is not None:
                self._show(result)

        self._act(Job(finish, run, self.annotation.adopt, proposal=True))

    def reset_slice(self, slice_index: int) -> None:
        """Forget all about a slice, its labels included."""
        self._act(Job(lambda _: self._show(self.annotation.session.reset_slice(slice_index))))

    def undo(self) -> None:
        """Take the last step back."""
        self._act(Job(lambda _: self.annotation.undo()))

    def redo(self) -> None:
        """Take the last undone step again."""
        self._act(Job(lambda _: self.annotation.redo()))

    def toggle_accepted(self, slice_index: int) -> None:
        """Mark a slice as finished, or take the mark back; no step of the history."""

        def toggle(_: None) -> None:
            session = self.annotation.session
            session.mark_accepted(slice_index, not session.result(slice_index).accepted)

        self._act(Job(toggle, prepare=lambda: self.annotation.adopt(slice_index)))

    def set_predictor(self, predictor: SessionModel, slices: NDArray[Any] | None = None) -> None:
        """Answer with another model from the next click on; see ``InteractiveSession``."""

        def change(_: None) -> None:
            self.annotation.session.set_predictor(predictor, slices)
            self._arrived = not self._resting

        self._jobs.submit(Job(change))

    def ask(self, run: Callable[[], Answer], finish: Callable[[Answer], object]) -> None:
        """``run`` in the worker, with the session at rest, and ``finish`` in the scene's thread."""
        self._jobs.submit(Job(finish, run))

    def cancel(self) -> None:
        """Drop what waits, and end a running ``segment_series`` after its present batch."""
        self._jobs.cancel()

    # -- what the user sees ---------------------------------------------------------------------

    def arrive(self, slice_index: int) -> None:
        """A view shows another slice: its markers, its uncertainty, and a prediction if wished."""
        if slice_index != self._slice_index:
            self.remark = ""
        self._slice_index = slice_index
        self._arrived = True
        self._resting = False
        if not self.busy:
            self._draw()
            self._predict_where_arrived()

    @property
    def slice_index(self) -> int:
        """The slice that is shown."""
        return self._slice_index

    @property
    def always_conditioned(self) -> bool:
        """Whether answers agree with the marks in any case: those of an igniter do."""
        return isinstance(self.annotation.session.predictor, IgniterModel)

    def look(self) -> None:
        """The segments may have changed: another tool's edit, the editor's undo or redo."""
        # While the network is asked, the session belongs to the worker; then it waits its turn.
        if not self.busy and self.annotation.follow():
            self.remark = ""
            self.update()

    @property
    def shows_uncertainty(self) -> bool:
        """Whether the entropy of the shown slice lies over it."""
        return self._shows_uncertainty

    @shows_uncertainty.setter
    def shows_uncertainty(self, wanted: bool) -> None:
        self._shows_uncertainty = wanted
        if not self.busy:
            self._draw()

    # -- what the host drives -------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether ``poll`` has something to wait for."""
        return self._jobs.busy

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for the network, show its answer; whether it is busy.

        To be called from a timer of 5 ms while it is: the wait lets the worker have Python, which
        an idle desktop application keeps to itself (slicer-facts.md, E: 160 ms instead of 2 s).
        """
        if not self._jobs.poll(timeout):
            self._predict_where_arrived()
        return self.busy

    def rest(self) -> None:
        """Finish what the user asked for, drop proposals, and take markers and overlay away.

        For the time in which another tool is used; the next ``arrive`` shows them again.
        """
        self._arrived = False
        self._jobs.cancel_proposals()
        try:
            # Without its node there is nothing to show an answer in.
            while self.busy and self.annotation.segments.node.GetScene() is not None:
                self.poll(timeout=1)
        finally:
            self._jobs.drop()
            self._resting = True
            self._markers.remove()
            self._overlay.remove()

    # -- JobOwner -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Before every job: see what others did, and let answers be as the options say."""
        self.annotation.follow()
        session = self.annotation.session
        session.conditioning = self.options.conditioning(always=self.always_conditioned)

    def round_of(self, interactions: tuple[Interaction, ...]) -> Job:
        """Let the network answer ``interactions``, all on one slice."""
        slice_index = interactions[0].slice_index

        def finish(result: SliceResult) -> None:
            self._show(result)
            self._remark_on(slice_index, len(interactions))

        return Job(
            finish,
            lambda: self.annotation.session.add(*interactions),
            lambda: self.annotation.adopt(slice_index),
        )

    def complain(self, sentence: str) -> None:
        """Something could not be done."""
        self._host.complain(sentence)

    def update(self) -> None:
        """Something was done, or could not be."""
        self.progress = None
        self._draw()
        self._host.refresh()

    # -- parts ----------------------------------------------------------------------------------

    def _act(self, job: Job | Interaction) -> None:
        """The user does something."""
        self.remark = ""
        self._jobs.submit(job)

    def _remark_on(self, slice_index: int, latest: int) -> None:
        """Say what the ``latest`` interactions on a slice contradict."""
        session = self.annotation.session
        said = session.interactions(slice_index)
        self.remark = contradiction(said, session.shape[1:], len(said) - latest)

    def _predict_where_arrived(self) -> None:
        """Once per arrival, so that a prediction that fails is not tried over and over."""
        if self.busy or not self._arrived:
            return
        self._arrived = False
        if self._is_to_be_predicted():
            # What the user has segmented by hand is no empty slice, and no proposal.
            self.annotation.adopt(self._slice_index)
            if self._is_to_be_predicted():
                self.segment_slice(self._slice_index)

    def _is_to_be_predicted(self) -> bool:
        session = self.annotation.session
        wanted = session.waits_for(self._slice_index, session.predictor.version)
        proposed = session.result(self._slice_index).stored is not None
        return wanted and (self.proposes_anew if proposed else self.options.predict_on_arrival)

    def _show(self, result: SliceResult) -> None:
        self.annotation.show(result)

    def _count(self, done: int, total: int) -> None:
        # From the worker: the host reads it when it polls.
        self.progress = (done, total)

    def _draw(self) -> None:
        if self._resting:
            return
        session, shown = self.annotation.session, self._slice_index
        self._markers.show(session.interactions(shown))
        entropy: NDArray[np.float32] | None = None
        if self._shows_uncertainty:
            entropy = session.uncertainty(shown)
        if entropy is None:
            self._overlay.hide()
        else:
            self._overlay.show(shown, entropy, self._host.composite_views())
