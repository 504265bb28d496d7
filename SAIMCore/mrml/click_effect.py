"""The click effect without its toolkit: what a host's events mean, and what runs when.

The network is asked in one worker thread, so that views go on moving. The scene is only touched by
the thread that calls, which changes nothing in the session while the worker has it. A host calls
``poll`` until it says that nothing is left to wait for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.errors import SaimError
from SAIMCore.interactions import Interaction
from SAIMCore.mrml.geometry import Point
from SAIMCore.mrml.markers import InteractionMarkers
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.mrml.uncertainty_overlay import UncertaintyOverlay
from SAIMCore.session.slice_predictor import SlicePredictor
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


@dataclass
class _Job:
    """``prepare`` and ``finish`` in the scene's thread, ``run`` in the worker (None: not at all).

    What ``run`` returns goes to ``finish``. ``interaction`` marks the job of a click; a
    ``proposal`` is not waited for when the user turns to something else.
    """

    finish: Callable[[Any], object]
    run: Callable[[], Any] | None = None
    prepare: Callable[[], None] | None = None
    interaction: Interaction | None = None
    proposal: bool = False


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
        self.predict_on_arrival = False
        self.progress: tuple[int, int] | None = None
        self._host = host
        self._markers = InteractionMarkers(scene, annotation.grid)
        self._overlay = UncertaintyOverlay(scene, annotation.grid)
        self._executor = executor
        self._jobs: deque[_Job] = deque()
        self._running: tuple[_Job, Future[Any]] | None = None
        self._cancelled = False
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
        interaction = self.annotation.grid.interaction(points, class_index, radius)
        if interaction is not None:
            self._submit(_Job(self._show, interaction=interaction))
        return interaction

    def segment_slice(self, slice_index: int) -> None:
        """Let the network answer without anything new from the user."""
        self._submit(
            _Job(
                self._show,
                lambda: self.annotation.session.segment(slice_index),
                lambda: self.annotation.adopt(slice_index),
                proposal=True,
            )
        )

    def segment_series(self) -> None:
        """Segment all slices that nobody touched; ``progress`` counts, ``cancel`` ends it."""

        def run() -> SliceResult | None:
            return self.annotation.session.segment_series(self._count, lambda: self._cancelled)

        def finish(result: SliceResult | None) -> None:
            if result is not None:
                self._show(result)

        self._submit(_Job(finish, run, self.annotation.adopt, proposal=True))

    def reset_slice(self, slice_index: int) -> None:
        """Forget all about a slice, its labels included."""
        self._submit(_Job(lambda _: self._show(self.annotation.session.reset_slice(slice_index))))

    def undo(self) -> None:
        """Take the last step back."""
        self._submit(_Job(lambda _: self.annotation.undo()))

    def redo(self) -> None:
        """Take the last undone step again."""
        self._submit(_Job(lambda _: self.annotation.redo()))

    def toggle_accepted(self, slice_index: int) -> None:
        """Mark a slice as finished, or take the mark back; no step of the history."""

        def toggle(_: None) -> None:
            session = self.annotation.session
            session.mark_accepted(slice_index, not session.result(slice_index).accepted)

        self._submit(_Job(toggle, prepare=lambda: self.annotation.adopt(slice_index)))

    def set_predictor(self, predictor: SlicePredictor, slices: NDArray[Any] | None = None) -> None:
        """Answer with another model from the next click on; see ``InteractiveSession``."""
        self._submit(_Job(lambda _: self.annotation.session.set_predictor(predictor, slices)))

    def ask(self, run: Callable[[], Answer], finish: Callable[[Answer], object]) -> None:
        """``run`` in the worker, with the session at rest, and ``finish`` in the scene's thread."""
        self._submit(_Job(finish, run))

    def cancel(self) -> None:
        """Drop what waits, and end a running ``segment_series`` after its present batch."""
        self._jobs.clear()
        self._cancelled = True

    # -- what the user sees ---------------------------------------------------------------------

    def arrive(self, slice_index: int) -> None:
        """A view shows another slice: its markers, its uncertainty, and a prediction if wished."""
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

    def look(self) -> None:
        """The segments may have changed: another tool's edit, the editor's undo or redo."""
        # While the network is asked, the session belongs to the worker; then it waits its turn.
        if not self.busy and self.annotation.follow():
            self._update()

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
        return self._running is not None or bool(self._jobs)

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for the network, show its answer; whether it is busy.

        To be called from a timer of 5 ms while it is: the wait lets the worker have Python, which
        an idle desktop application keeps to itself (slicer-facts.md, E: 160 ms instead of 2 s).
        """
        if self._running is not None:
            job, future = self._running
            wait([future], timeout)
            if not future.done():
                return True
            self._running = None
            self._finish(job, future.result)
        self._start()
        self._predict_where_arrived()
        return self.busy

    def rest(self) -> None:
        """Finish what the user asked for, drop proposals, and take markers and overlay away.

        For the time in which another tool is used; the next ``arrive`` shows them again.
        """
        self._arrived = False
        self._jobs = deque(job for job in self._jobs if not job.proposal)
        self._cancelled = True
        try:
            # Without its node there is nothing to show an answer in.
            while self.busy and self.annotation.segments.node.GetScene() is not None:
                self.poll(timeout=1)
        finally:
            self._drop()
            self._resting = True
            self._markers.remove()
            self._overlay.remove()

    # -- parts ----------------------------------------------------------------------------------

    def _submit(self, job: _Job) -> None:
        self._jobs.append(job)
        if self._running is None:
            self._start()

    def _start(self) -> None:
        """Begin the next job that needs the worker; do those that do not."""
        while self._jobs and self._running is None:
            job = self._next()
            self._cancelled = False
            if self._prepared(job):
                if job.run is not None:
                    self._running = job, self._executor.submit(job.run)
                else:
                    self._finish(job, lambda: None)

    def _prepared(self, job: _Job) -> bool:
        """Whether the job can begin."""
        try:
            self.annotation.follow()
            if job.prepare is not None:
                job.prepare()
        except SaimError as error:
            self._host.complain(str(error))
            self._update()
            return False
        return True

    def _next(self) -> _Job:
        """The next job; clicks on one slice that wait in a row become one."""
        job = self._jobs.popleft()
        if job.interaction is None:
            return job
        together = [job.interaction]
        slice_index = job.interaction.slice_index
        while self._jobs and self._jobs[0].interaction is not None:
            if self._jobs[0].interaction.slice_index != slice_index:
                break
            following = self._jobs.popleft().interaction
            assert following is not None
            together.append(following)
        return _Job(
            job.finish,
            lambda: self.annotation.session.add(*together),
            lambda: self.annotation.adopt(slice_index),
        )

    def _finish(self, job: _Job, answer: Callable[[], Any]) -> None:
        try:
            job.finish(answer())
        except SaimError as error:
            self._host.complain(str(error))
        finally:
            # Also after an error of another kind, which is the host's to report.
            self.progress = None
            self._update()

    def _predict_where_arrived(self) -> None:
        """Once per arrival, so that a prediction that fails is not tried over and over."""
        if self.busy or not self._arrived:
            return
        self._arrived = False
        if not self.predict_on_arrival:
            return
        # What the user has segmented by hand is no empty slice.
        self.annotation.adopt(self._slice_index)
        result = self.annotation.session.result(self._slice_index)
        if not result.accepted and result.stored is None:
            self.segment_slice(self._slice_index)

    def _drop(self) -> None:
        """Forget what waits, and let the worker end."""
        self._jobs.clear()
        if self._running is not None:
            wait([self._running[1]])
            self._running = None

    def _update(self) -> None:
        self._draw()
        self._host.refresh()

    def _show(self, result: SliceResult) -> None:
        self.annotation.show(result)

    def _count(self, done: int, total: int) -> None:
        # From the worker: the host reads it when it polls.
        self.progress = (done, total)

    def _draw(self) -> None:
        if self._resting:
            return
        session, shown = self.annotation.session, self._slice_index
        self._markers.show(shown, session.interactions(shown))
        entropy: NDArray[np.float32] | None = None
        if self._shows_uncertainty:
            entropy = session.uncertainty(shown)
        if entropy is None:
            self._overlay.hide()
        else:
            self._overlay.show(shown, entropy, self._host.composite_views())
