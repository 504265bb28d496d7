"""The page's Segment Editor: what it shows, the click desk in it, and the segments' display."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import slicer

from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.pointer_gesture import Gesture, PointerGesture
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.click_effect import WebClickEffect
from SAIMWeb.trame_host.views import Views

__all__ = ["EditorWindow", "WebEditor"]

# An answer is shown at most so much later than it is there.
POLL_SECONDS = 0.005
# Edits are looked at after they are complete, and the session is kept when the user rests.
LOOK_SECONDS = 0.02
KEEP_SECONDS = 0.3


class EditorWindow(Protocol):
    """What shows the editor's state."""

    def refresh(self) -> None:
        """Something to be seen has changed."""

    def complain(self, sentence: str) -> None:
        """An error that the user can act on."""

    def begin_action(self) -> None:
        """The user does something: earlier complaints are settled."""


class WebEditor:
    """The ``SegmentEditor`` of a campaign in ``project``; annotates with that project's model.

    There is no history beside that of the desk: nothing else writes to the segments.
    """

    def __init__(
        self,
        views: Views,
        pulse: Pulse,
        window: EditorWindow,
        project: Path,
        annotator: str,
        device: str = "auto",
    ) -> None:
        self.desk: ClickDesk | None = None
        self.volume: slicer.vtkMRMLScalarVolumeNode | None = None
        self.segmentation: slicer.vtkMRMLSegmentationNode | None = None
        self._views = views
        self._window = window
        self._project, self._annotator, self._device = project, annotator, device
        self._node = views.app.segmentation_editor.editor_node
        self._poll = pulse.while_busy(POLL_SECONDS, self._poll_desk)
        self._look = pulse.after(LOOK_SECONDS, self._look_at_segments)
        self._keep = pulse.after(KEEP_SECONDS, self._keep_session)
        self._observed: tuple[slicer.vtkSegmentation, list[int]] | None = None
        self._progress: tuple[int, int] | None = None
        editor = views.app.segmentation_editor
        self._effect = editor.get_effect(WebClickEffect)
        self._effect.on_gesture = self._clicked
        self._effect.on_drag = self._dragged
        views.on_view_changed = self._view_changed
        self.on_view_changed: Callable[[str], None] = lambda name: None
        self.on_segments_changed: Callable[[], None] = lambda: None

    # -- SegmentEditor --------------------------------------------------------------------------

    def show(
        self,
        volume: slicer.vtkMRMLScalarVolumeNode,
        segmentation: slicer.vtkMRMLSegmentationNode,
        *,
        click: bool,
    ) -> None:
        self.volume, self.segmentation = volume, segmentation
        self._node.SetAndObserveSegmentationNode(segmentation)
        self._node.SetAndObserveSourceVolumeNode(volume)
        self._observe(segmentation)
        self._views.show(volume)
        if click:
            self.offer_clicks()
            return
        if self.desk is not None:
            self.desk.deactivate()
        self._views.app.segmentation_editor.set_active_effect(None)
        self._window.refresh()

    def offer_clicks(self) -> None:
        self._begin()
        self._views.app.segmentation_editor.set_active_effect(self._effect)
        self._window.refresh()

    def leave(self) -> None:
        if self.desk is not None:
            self.desk.show(None)
        self._observe(None)
        self._views.app.segmentation_editor.set_active_effect(None)
        self._node.SetAndObserveSegmentationNode(None)
        self._node.SetAndObserveSourceVolumeNode(None)
        self.volume = self.segmentation = None
        self._views.clear()
        self._window.refresh()

    def close(self) -> None:
        """Keep what is open, and end for good."""
        for timer in (self._poll, self._look, self._keep):
            timer.stop()
        if self.desk is not None:
            self.desk.close()
            self.desk = None

    # -- what the user asks for -----------------------------------------------------------------

    def do(self, command: str) -> None:
        """A command of the desk by its name: one of ``COMMANDS``, or another of its methods."""
        self._window.begin_action()
        if self.desk is None:
            self._window.complain("No series is open; choose Next, or a series of the queue.")
            return
        getattr(self.desk, command)()
        self._window.refresh()

    def select_segment(self, segment_id: str) -> None:
        """Clicks mean this segment from now on."""
        self._node.SetSelectedSegmentID(segment_id)
        self._window.refresh()

    @property
    def selected_segment(self) -> str:
        """The segment that clicks mean, "" for none."""
        return self._node.GetSelectedSegmentID() or ""

    @property
    def clicks(self) -> bool:
        """Whether the left button means clicks and strokes."""
        return self._effect.listens

    @clicks.setter
    def clicks(self, wanted: bool) -> None:
        self._effect.listens = wanted

    # -- DeskHost -------------------------------------------------------------------------------

    def refresh(self) -> None:
        self._window.refresh()
        self._keep.start()

    def complain(self, sentence: str) -> None:
        self._window.complain(sentence)

    def wake(self) -> None:
        self._poll.start()
        # That the model is asked is to be seen.
        self._window.refresh()

    # -- parts ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Annotate what is shown with the desk, by the model that the project has now."""
        if self.desk is None:
            self.desk = ClickDesk(self._views.scene, self, self._annotator)
        if self.desk.source is None:
            self.desk.choose(self._project, self._device)
        else:
            self.desk.renew_model()
        self.desk.activate()
        self.desk.show(EditorContent(self.volume, self.segmentation, self._node))

    def _clicked(self, gesture: Gesture) -> None:
        self._window.begin_action()
        if self.desk is not None:
            self.desk.click(gesture)

    def _dragged(self, gesture: PointerGesture) -> None:
        if self.desk is not None:
            self.desk.preview(gesture)

    def _view_changed(self, name: str) -> None:
        if self.desk is not None:
            self.desk.view_changed(self._views.node(name))
        self.on_view_changed(name)

    def _poll_desk(self) -> bool:
        if self.desk is None:
            return False
        # Nothing waits here: between two beats the worker has Python to itself.
        busy = self.desk.poll(timeout=0)
        if self.desk.progress != self._progress:
            self._progress = self.desk.progress
            self._window.refresh()
        return busy

    def _segments_changed(self, *_: object) -> None:
        self._look.start()
        self.on_segments_changed()

    def _look_at_segments(self) -> None:
        if self.desk is None:
            return
        if self.desk.busy:
            # The session is the worker's: once more when it is not.
            self._look.start()
            return
        self.desk.segments_changed()

    def _keep_session(self) -> None:
        if self.desk is not None:
            self.desk.keep()

    def _observe(self, segmentation: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Watch the segments for edits of others than the desk."""
        if self._observed is not None:
            watched, tags = self._observed
            for tag in tags:
                watched.RemoveObserver(tag)
            self._observed = None
        if segmentation is not None:
            watched = segmentation.GetSegmentation()
            events = (
                slicer.vtkSegmentation.RepresentationModified,
                slicer.vtkSegmentation.SourceRepresentationModified,
                slicer.vtkSegmentation.SegmentModified,
            )
            tags = [watched.AddObserver(event, self._segments_changed) for event in events]
            self._observed = watched, tags
