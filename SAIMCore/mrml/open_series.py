"""A series that is open for the click effect: where its views are, and what is kept of the work."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from concurrent.futures import Executor

import slicer

from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.click_effect import ClickEffect, EffectHost
from SAIMCore.mrml.closed_surfaces import rebuild_closed_surfaces
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.geometry import Point, SliceGrid
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.mrml.slice_views import SliceViews
from SAIMCore.session.activity import ActivityClock
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal

__all__ = ["OpenSeries"]

# Of a segmentation, with the fingerprint of the volume's grid behind it: which state of which
# session its segments showed when that was kept, and what they held (``digests``), as JSON.
KEPT_ATTRIBUTE = "SAIM.Kept."


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
        self.journal = journal
        self.segments = ClassSegments(content.segmentation, session.predictor.classes)
        self.views = SliceViews(scene, grid)
        self._select(self.segments.ensure())
        annotation = SeriesAnnotation(session, self.segments, grid, content.editor, content.history)
        annotation.show_session()
        self.effect = ClickEffect(annotation, host, scene, executor)
        self._attribute = KEPT_ATTRIBUTE + grid.fingerprint
        self._clock = ActivityClock()
        self._counted = 0.0
        # What an igniter proposed since it was begun or restored is to be kept, too.
        self._kept_revision = 0
        self._surface_revision = session.revision
        annotation.catch_up(self._known_digests())

    @property
    def seconds_active(self) -> float:
        """The time of the series so far: all sittings, of everybody."""
        return self.journal.seconds_active + self._clock.seconds - self._counted

    @property
    def classes(self) -> dict[str, int]:
        """Class indices by the IDs of the segments."""
        return {segment_id: index for index, segment_id in self.segments.ids.items()}

    def click(self, points: tuple[Point, ...], class_index: int, radius: int) -> None:
        """``ClickEffect.click``, written down. Raises what the journal raises."""
        interaction = self.effect.click(points, class_index, radius)
        if interaction is not None:
            # Whatever view moved last: the commands that follow mean the slice that was clicked.
            self.effect.arrive(interaction.slice_index)
            self.journal.log([interaction], self.session.predictor.version)

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
            # Somebody who looks through the slices is at work, too.
            self.acted()
            self.effect.arrive(found)

    def step(self, slices: int) -> None:
        """Show the slice so many further on, at most the first or the last."""
        last = self.session.shape[0] - 1
        self.views.go_to(min(max(self.effect.slice_index + slices, 0), last))

    def go_to_uncertain(self, *, elsewhere: bool = True) -> None:
        """Show the slice of which the model is least certain; ``elsewhere``: another than now."""
        shown = self.effect.slice_index if elsewhere else None

        def go(found: int | None) -> None:
            if found is not None:
                self.views.go_to(found)

        # In the worker: the entropy of a slice (512 x 512 pixels, 5 classes) takes 5 ms on a CPU's
        # core, and a series may have hundreds.
        self.effect.ask(lambda: self.session.next_most_uncertain(excluding=shown), go)

    def pause(self) -> None:
        """The user turns to something else; what was asked for is finished first."""
        self.effect.rest()
        self._clock.pause()

    def rebuild_surfaces(self) -> None:
        """Let 3D views show what was segmented since the last time."""
        if self.session.revision != self._surface_revision:
            self._surface_revision = self.session.revision
            rebuild_closed_surfaces(self.segments.node)

    # -- what is kept ---------------------------------------------------------------------------

    @property
    def kept(self) -> bool:
        """Whether the journal has the session as it is."""
        return self.session.revision == self._kept_revision

    def keep(self) -> None:
        """Keep the session, in the worker when it comes to that. Raises what the journal raises."""
        if not self.kept:
            self.effect.ask(self._write, lambda finish: finish())
        self._count_time()

    def keep_now(self) -> None:
        """Keep the session before this returns. Nothing else may wait for the worker.

        Each part is tried, whatever becomes of the others; then raises what the first of them did.
        """
        with contextlib.ExitStack() as parts:
            parts.callback(self._count_time)
            parts.callback(self._write_now)
            # What was done with other tools since the effect was used last belongs to it.
            if self.segments.node.GetScene() is not None:
                self.effect.look()

    def _select(self, ids: dict[int, str]) -> None:
        """Let the first click have a class: where nothing is selected, the first one's segment."""
        known = self.segments.node.GetSegmentation().GetSegmentIDs()
        if self.content.editor.GetSelectedSegmentID() not in known:
            self.content.editor.SetSelectedSegmentID(next(iter(ids.values())))

    def _write_now(self) -> None:
        if not self.kept:
            self._write()()

    def _write(self) -> Callable[[], None]:
        revision = self.session.revision
        finish = self.journal.write(self.session)

        def finished() -> None:
            finish()
            self._kept_revision = revision
            digests = self.effect.annotation.digests
            known = {"state": self.session.kept_as, "digests": digests}
            self.segments.node.SetAttribute(self._attribute, json.dumps(known))

        return finished

    def _known_digests(self) -> list[int] | None:
        """What the segments held when this state of the session was kept; None if not known."""
        text = self.segments.node.GetAttribute(self._attribute)
        try:
            known = json.loads(text or "{}")
            if self.session.kept_as is None or known.get("state") != self.session.kept_as:
                return None
            return [int(digest) for digest in known["digests"]]
        except (AttributeError, KeyError, TypeError, ValueError):
            # Not ours, or damaged: as if it were not there.
            return None

    def _count_time(self) -> None:
        seconds = self._clock.seconds
        self.journal.add_active(seconds - self._counted)
        self._counted = seconds
