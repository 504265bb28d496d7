"""A series that is open for the click effect: where its views are, and what is kept of the work."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor

import slicer

from SAIMCore.interactions import Interaction
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.click_effect import ClickEffect, EffectHost
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.geometry import Point, SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.mrml.slice_views import SliceViews
from SAIMCore.session.activity import ActivityClock
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal

__all__ = ["OpenSeries"]

# Of a segmentation: what its segments held when the session was kept (``digests``, JSON).
DIGESTS_ATTRIBUTE = "SAIM.Digests"


class OpenSeries:
    """A session with its segments, its views and its journal.

    ``content`` must be complete. Raises what ``SeriesAnnotation`` raises.
    """

    def __init__(
        self,
        content: EditorContent,
        grid: SliceGrid,
        session: InteractiveSession,
        journal: AnnotationJournal,
        host: EffectHost,
        executor: Executor,
    ) -> None:
        assert content.segmentation is not None
        scene = content.segmentation.GetScene()
        self.content = content
        self.session = session
        self.segments = ClassSegments(content.segmentation, session.predictor.classes)
        self.views = SliceViews(scene, grid)
        self.segments.ensure()
        annotation = SeriesAnnotation(session, self.segments, grid, content.editor, content.history)
        annotation.show_session()
        self._catch_up(annotation)
        self.effect = ClickEffect(annotation, host, scene, executor)
        self._journal = journal
        self._clock = ActivityClock()
        self._counted = 0.0
        self._kept_revision = session.revision

    @property
    def classes(self) -> dict[str, int]:
        """Class indices by the IDs of the segments."""
        return {segment_id: index for index, segment_id in self.segments.ids.items()}

    def click(self, points: tuple[Point, ...], class_index: int, radius: int) -> Interaction | None:
        """``ClickEffect.click``, written down. Raises what the journal raises."""
        interaction = self.effect.click(points, class_index, radius)
        if interaction is not None:
            self._journal.log([interaction], self.session.predictor.version)
        return interaction

    def acted(self) -> None:
        """The user did something."""
        self._clock.touch()

    def arrive(self) -> None:
        """Show what belongs to the slice that the views show."""
        found = self.views.first_shown_slice()
        self.effect.arrive(self.effect.slice_index if found is None else found)

    def view_changed(self, view: slicer.vtkMRMLSliceNode) -> None:
        """Another slice may be shown now in ``view``."""
        found = self.views.shown_slice(view)
        if found is not None and found != self.effect.slice_index:
            self.effect.arrive(found)

    def step(self, slices: int) -> None:
        """Show the slice so many further on, at most the first or the last."""
        last = self.session.shape[0] - 1
        self.views.go_to(min(max(self.effect.slice_index + slices, 0), last))

    def go_to_uncertain(self) -> None:
        """Show the slice of which the model is least certain."""

        def go() -> None:
            found = self.session.next_most_uncertain(excluding=self.effect.slice_index)
            if found is not None:
                self.views.go_to(found)

        self.effect.then(go)

    # -- what is kept ---------------------------------------------------------------------------

    @property
    def kept(self) -> bool:
        """Whether the journal has the session as it is."""
        return self.session.revision == self._kept_revision

    def keep(self) -> None:
        """Keep the session, in the worker when it comes to that. Raises what the journal raises."""
        if self.kept:
            return
        self._count_time()
        self.effect.keep(self._write)

    def keep_now(self) -> None:
        """Keep the session before this returns. Nothing else may wait for the worker."""
        # What was done with other tools since the effect was used last belongs to it.
        if self.segments.node.GetScene() is not None:
            self.effect.look()
        if not self.kept:
            self._count_time()
            self._write()()

    def pause(self) -> None:
        """The user turned to something else."""
        self.effect.rest()
        self._clock.pause()

    def _write(self) -> Callable[[], None]:
        revision = self.session.revision
        finish = self._journal.write(self.session)

        def finished() -> None:
            finish()
            self._kept_revision = revision
            digests = json.dumps(self.effect.annotation.digests)
            self.segments.node.SetAttribute(DIGESTS_ATTRIBUTE, digests)

        return finished

    def _catch_up(self, annotation: SeriesAnnotation) -> None:
        """Edits that were made since the session was kept, in another Slicer perhaps."""
        text = self.segments.node.GetAttribute(DIGESTS_ATTRIBUTE)
        if text:
            annotation.catch_up(json.loads(text))

    def _count_time(self) -> None:
        seconds = self._clock.seconds
        self._journal.add_active(seconds - self._counted)
        self._counted = seconds
