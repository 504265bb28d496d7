"""What one Segment Editor has open for the click effect.

A host says what the editor shows (``show``), which model is wanted (``choose``) and when the effect
is used (``activate``, ``deactivate``), and calls ``poll`` from a timer after ``DeskHost.wake``
until it says that nothing is left to wait for.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import slicer

from SAIMCore.errors import ProjectError, SaimError
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.held_series import HeldSeries
from SAIMCore.mrml.journals import Journals
from SAIMCore.mrml.open_series import OpenSeries
from SAIMCore.mrml.scene_watch import SceneWatch
from SAIMCore.mrml.series_opening import OpeningTask, SeriesOpening, SeriesToOpen
from SAIMCore.mrml.translation import tr as _
from SAIMCore.project.model_source import ModelSource, find_model

__all__ = ["DeskHost", "SeriesDesk"]


class DeskHost(Protocol):
    """The window around the desk; called in the thread that owns the scene."""

    def refresh(self) -> None:
        """Something to be seen has changed: status, progress, accepted slices."""

    def complain(self, sentence: str) -> None:
        """An error that the user can act on."""

    def wake(self) -> None:
        """Call ``poll`` every 5 ms, until it says that nothing is left to wait for."""


class SeriesDesk:
    """The series of one Segment Editor, opened, kept and closed as the editor is used.

    ``annotator`` is who uses it, for the record. A session stays open while another tool is used;
    it is kept (``Journals``) by ``keep``, and before another series or model takes its place.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        host: DeskHost,
        annotator: str,
        executor: Executor | None = None,
    ) -> None:
        self.scene = scene
        self.source: ModelSource | None = None
        self.series: OpenSeries | None = None
        self._host = host
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix="SAIM")
        self._journals = Journals(scene, annotator)
        self._opening_of = SeriesOpening(self._executor)
        self._opening: _Opening | None = None
        self._content: EditorContent | None = None
        self._device = "auto"
        self._active = False
        self._seeks = False
        self._problem = ""
        self._options = EffectOptions()
        self._held = HeldSeries(self._complaining)
        self._watch = SceneWatch(scene, lambda: self.show(None), self._removing)

    # -- what is open ---------------------------------------------------------------------------

    def show(self, content: EditorContent | None) -> None:
        """The editor shows this now; None: it is gone, or the scene is being closed."""
        if self._content is not None and content is not None and self._content.same(content):
            return
        try:
            self._leave()
        finally:
            # Also after an error of the program, which is the host's to report.
            self._content = content
        self._open()

    def choose(self, path: Path, device: str = "auto") -> bool:
        """Use the model or igniter that ``find_model(path)`` gives, on ``device``, from now on.

        Returns whether there is one. A session that is open is kept, and goes on with it.
        """
        self._problem = ""
        with self._complaining():
            source = find_model(path)
            self._held.keep_again()
            self._leave()
            try:
                self._journals.use_project(source.project)
            except ProjectError as error:
                sentence = _("{problem}; what is done here is kept in the scene")
                self._host.complain(sentence.format(problem=error))
            self.source, self._device = source, device
            self._open()
            return True
        return False

    def renew_model(self) -> None:
        """The project of the chosen model may have another one now: use that from now on.

        Or its first one, where its igniter answered. In an open session between two clicks: labels,
        interactions and undo stay.
        """
        if self.source is None or self.source.project is None:
            return
        with self._complaining():
            source = find_model(self.source.project)
            if source != self.source:
                self.source = source
                self._renew()

    def begin_where_uncertain(self) -> None:
        """Go to the slice of which the model is least certain as soon as the series is open."""
        self._seeks = True
        if self.series is not None:
            self._seek()

    def settle(self) -> None:
        """Finish what was asked for, and keep it, before this returns; proposals are dropped.

        Raises what the journal raises.
        """
        while self._opening is not None:
            self._opening.task.cancel()
            self.poll(timeout=1)
        if self.series is not None:
            self.series.pause()
            try:
                self.series.keep_now()
            finally:
                if self._active:
                    self.series.arrive()

    def shows(self, segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
        """Whether that is what the editor shows."""
        return self._content is not None and self._content.segmentation is segmentation

    def activate(self) -> None:
        """The effect is used from now on."""
        self._active = True
        series = self.series
        if series is not None and series.kept and series.journal.outdated():
            # Another editor went on with this series: so does this one, from there.
            series.pause()
            self.series = None
        if self.series is None:
            self._open()
        else:
            self.series.effect.look()
            self.series.arrive()
            self._wake()

    def deactivate(self) -> None:
        """Another tool is used, or none: markers and overlay go, the session stays."""
        self._active = False
        if self.series is not None:
            try:
                self.series.pause()
            finally:
                self.keep()
                self.series.rebuild_surfaces()
        self._host.refresh()

    def close(self) -> None:
        """Keep what is open, and end for good."""
        self._watch.end()
        with contextlib.ExitStack() as parts:
            parts.callback(self._executor.shutdown)
            parts.callback(lambda: self._journals.use_project(None))
            parts.callback(self._leave)
            self._held.keep_again()

    @property
    def busy(self) -> bool:
        """Whether ``poll`` has something to wait for."""
        return self._opening is not None or (self.series is not None and self.series.effect.busy)

    # -- what the host drives -------------------------------------------------------------------

    def poll(self, timeout: float = 0.015) -> bool:
        """Wait up to ``timeout`` seconds for the worker, show its answer; whether it is busy."""
        if self._opening is not None:
            if self._opening.task.wait(timeout):
                self._opened()
            else:
                self._opening.look()
        elif self.series is not None:
            self.series.effect.poll(timeout)
        return self.busy

    def view_changed(self, view: slicer.vtkMRMLSliceNode) -> None:
        """A slice view moved."""
        if self._active and self.series is not None:
            self.series.view_changed(view)
            self._wake()

    def segments_changed(self) -> None:
        """Something was done to the segments: another tool's edit, the editor's undo or redo.

        Not to be called while the segments are being written, so from a timer.
        """
        if self._active and self.series is not None:
            self.series.effect.look()

    def keep(self) -> None:
        """Keep what was done so far; for a timer, soon after the last ``refresh``.

        Nothing tells that a scene is about to be saved, so it must not wait for long.
        """
        if self.series is not None and not self.busy:
            with self._complaining():
                self.series.keep()
                self._wake()

    # -- EffectHost -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """The effect has something new to show."""
        self._host.refresh()

    def complain(self, sentence: str) -> None:
        """The effect could not do something."""
        self._host.complain(sentence)

    def composite_views(self) -> Sequence[slicer.vtkMRMLSliceCompositeNode]:
        """The slice views that show the source volume."""
        return () if self.series is None else self.series.views.composites

    # -- parts ----------------------------------------------------------------------------------

    def _open(self) -> None:
        content = self._content
        ready = self._active and self.source is not None and self._opening is None
        if not ready or content is None or not content.complete:
            self._host.refresh()
            return
        self._problem = ""
        self.series = self._held.take(content)
        if self.series is None:
            with self._complaining():
                self._begin(content)
        else:
            self.series.arrive()
        self._host.refresh()
        self._wake()

    def _begin(self, content: EditorContent) -> None:
        assert self.source is not None
        assert content.volume is not None
        assert content.segmentation is not None
        grid = SliceGrid(content.volume)
        name = self._journals.series_of(grid) or content.volume.GetName()
        journal = self._journals.of(grid, content.segmentation)
        series = SeriesToOpen(name, grid, content.segmentation, journal)
        task = self._opening_of.begin(series, self.source, self._device)
        self._opening = _Opening(task, series, self.source)

    def _opened(self) -> None:
        assert self._opening is not None
        assert self._content is not None
        opening, self._opening = self._opening, None
        if not self._active:
            # Nothing of it is in the scene, and another tool is used there.
            return
        series = opening.series
        if series.journal.outdated():
            # Another editor was still keeping what it did: from there.
            self._open()
            return
        # Unless it goes well; an error of the program is reported by the host.
        self._problem = _("The series could not be opened; the error log says why.")
        with self._complaining():
            opened = opening.task.result()
            if opened.problem:
                series.journal.set_aside()
                sentence = _("{problem}. A new session was begun; the old one is kept aside.")
                self._host.complain(sentence.format(problem=opened.problem))
            if opened.not_proposed:
                sentence = _("{reason}. The series begins empty.")
                self._host.complain(sentence.format(reason=opened.not_proposed))
            self.series = OpenSeries(
                self._content, series.grid, opened.session, series.journal, self, self._executor
            )
            self._problem = ""
            self._apply_options()
            self.series.effect.proposes_anew = opening.model.igniter is None
            self.series.arrive()
            self.series.acted()
            if opening.model != self.source:
                self._renew()
            if self._seeks:
                self._seek()
        self._host.refresh()

    def _renew(self) -> None:
        """Let the open session answer with the chosen model, once what waits is done."""
        if self.series is None:
            return
        assert self.source is not None
        effect, grid = self.series.effect, self.series.effect.annotation.grid
        name = self._journals.series_of(grid) or grid.volume.GetName()
        present = self.series.session.predictor.preprocessing
        effect.proposes_anew = self.source.igniter is None
        load = self._opening_of.other_model(grid, name, self.source, self._device, present)
        effect.ask(load, lambda found: effect.set_predictor(*found))
        self._wake()

    def _seek(self) -> None:
        assert self.series is not None
        self._seeks = False
        self.series.go_to_uncertain(elsewhere=False)
        self._wake()

    def _removing(self, node: slicer.vtkMRMLNode) -> None:
        """A node leaves the scene: a prediction may be under way on it."""
        content = self._content
        if content is not None and node in (content.volume, content.segmentation):
            self.show(None)

    def _leave(self) -> None:
        """Keep and close what is open."""
        if self._opening is not None:
            # Nothing of it is in the scene yet.
            self._opening.task.cancel()
            self._opening = None
        if self.series is None:
            return
        series, self.series = self.series, None
        with contextlib.ExitStack() as parts:
            parts.callback(self._held.keep_or_hold, series)
            series.pause()

    def _apply_options(self) -> None:
        if self.series is not None:
            self.series.effect.options = self._options
            self.series.effect.shows_uncertainty = self._options.shows_uncertainty
            self.series.session.start_from_neighbor = self._options.start_from_neighbor

    @contextlib.contextmanager
    def _complaining(self) -> Iterator[None]:
        try:
            yield
        except SaimError as error:
            self._problem = str(error)
            self._host.complain(str(error))
            self._host.refresh()

    def _wake(self) -> None:
        if self.busy:
            self._host.wake()


@dataclass
class _Opening:
    """What is being opened; progress: proposals done and in all, None before there are any."""

    task: OpeningTask
    series: SeriesToOpen
    model: ModelSource
    progress: tuple[int, int] | None = None

    def look(self) -> None:
        """Take notice of how far it is."""
        for report in self.task.new_reports():
            self.progress = report
