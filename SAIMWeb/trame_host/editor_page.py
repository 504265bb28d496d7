"""The editor on the page: segments, the effect's state and options, and where the views are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import slicer
from trame_server.state import State

from SAIMCore.classes import ClassTable
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.geometry import SliceGrid
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.view_state import ViewState
from SAIMWeb.trame_host.views import Views
from SAIMWeb.trame_host.web_editor import WebEditor

__all__ = ["EDITOR_KEYS", "EditorPage"]

# Those of the Segment Editor on the desktop.
EDITOR_KEYS = {"Z": "undo", "Y": "redo"}
# As it is after a series was opened.
OPACITY = 0.4


class EditorPage:
    """The ``EditorWindow`` of the page; ``attach`` the editor before anything is shown."""

    def __init__(
        self, state: State, pulse: Pulse, messages: Messages, views: Views, classes: ClassTable
    ) -> None:
        self._state = state
        self._messages = messages
        self._views = views
        self._classes = classes
        self._editor: WebEditor | None = None
        self._update = pulse.after(0, self._show)
        self._moved = pulse.after(0, self._show_views)
        self._view_states = [ViewState(state, name, views) for name in views.slices]
        self._shown: slicer.vtkMRMLScalarVolumeNode | None = None
        # The darkest and the brightest intensity to be told apart, as the series was opened.
        self._first_window: list[float] = [0, 1]
        state.update({"opacity": OPACITY, "segments": [], "main_view": next(iter(views.slices))})
        state.update({"window": [0, 1], "window_range": [0, 1]})
        state.change("opacity")(self._set_opacity)
        state.change("window")(self._set_window)
        state.change(*asdict(EffectOptions()))(self._set_options)

    def attach(self, editor: WebEditor) -> None:
        """The editor that is shown from now on."""
        self._editor = editor
        editor.on_view_changed = lambda name: self._moved.start()
        self._show()

    @property
    def editor(self) -> WebEditor:
        """The editor that is shown."""
        assert self._editor is not None
        return self._editor

    # -- EditorWindow ---------------------------------------------------------------------------

    def refresh(self) -> None:
        self._update.start()

    def complain(self, sentence: str) -> None:
        self._messages.complain(sentence)

    def begin_action(self) -> None:
        self._messages.begin_action()

    # -- what the user asks for -----------------------------------------------------------------

    def do(self, command: str) -> None:
        """A command of the desk."""
        self.editor.do(command)

    def press(self, key: str) -> None:
        """A key, as a letter or a number; those that mean nothing are ignored."""
        if key in SEGMENT_KEYS:
            self._select_number(int(key))
            return
        names = {**EDITOR_KEYS, **{command.key: command.name for command in COMMANDS}}
        if key.upper() in names and self.editor.segmentation is not None:
            self.do(names[key.upper()])

    def select_segment(self, segment_id: str) -> None:
        """Clicks mean this segment from now on."""
        self.editor.select_segment(segment_id)

    def show_segment(self, segment_id: str, visible: bool) -> None:
        """Show or hide a segment; a hidden one is not written to."""
        if self.editor.segmentation is not None:
            self.editor.segmentation.GetDisplayNode().SetSegmentVisibility(segment_id, visible)
            self.refresh()

    def lock_segment(self, segment_id: str, locked: bool) -> None:
        """Keep a segment as it is, or let it change again."""
        if self.editor.segmentation is not None:
            self._segments(self.editor.segmentation).set_locked(segment_id, locked)
            self.refresh()

    def reset_views(self) -> None:
        """All views as they were when the series was opened."""
        self._views.reset()
        self._state.window = list(self._first_window)

    # -- parts ----------------------------------------------------------------------------------

    def _select_number(self, number: int) -> None:
        segments = self._state.segments
        if number <= len(segments):
            self.select_segment(segments[number - 1]["id"])

    def _segments(self, node: slicer.vtkMRMLSegmentationNode) -> ClassSegments:
        return ClassSegments(node, self._classes)

    def _set_opacity(self, opacity: float, **_: Any) -> None:
        if self._editor is not None and self._editor.segmentation is not None:
            display = self._editor.segmentation.GetDisplayNode()
            display.SetOpacity2DFill(float(opacity))

    def _set_window(self, window: Sequence[float], **_: Any) -> None:
        if self._editor is not None and self._editor.volume is not None:
            display = self._editor.volume.GetDisplayNode()
            low, high = float(window[0]), float(window[1])
            if (low, high) != (display.GetWindowLevelMin(), display.GetWindowLevelMax()):
                display.SetWindowLevelMinMax(low, high)

    def _set_options(self, **state: Any) -> None:
        if self._editor is None or self._editor.desk is None:
            return
        wanted = {name: bool(state[name]) for name in asdict(EffectOptions())}
        desk = self._editor.desk
        if asdict(desk.options) != wanted:
            desk.options = replace(desk.options, **wanted)

    def _show(self) -> None:
        editor, state = self._editor, self._state
        if editor is None:
            return
        if editor.volume is not self._shown:
            self._shown = editor.volume
            self._begin(editor)
        desk = editor.desk
        usable = desk is not None and editor.segmentation is not None
        state.ready = bool(usable and desk is not None and desk.series is not None)
        state.effect_busy = bool(usable and desk is not None and desk.busy)
        state.effect_status = desk.status if usable and desk is not None else ""
        state.effect_progress = list(desk.progress) if desk is not None and desk.progress else None
        state.accepted = list(desk.accepted) if desk is not None and desk.accepted else None
        state.slice_accepted = state.ready and desk is not None and desk.slice_accepted
        state.update(asdict(desk.options if desk is not None else EffectOptions()))
        self._show_segments(editor)
        self._show_views()

    def _begin(self, editor: WebEditor) -> None:
        """Another series is open."""
        if editor.volume is None or editor.segmentation is None:
            return
        self._state.main_view = self._views.along_slices(SliceGrid(editor.volume))
        display = editor.segmentation.GetDisplayNode()
        display.SetOpacity2DFill(float(self._state.opacity))
        image = editor.volume.GetDisplayNode()
        shown = image.GetWindowLevelMin(), image.GetWindowLevelMax()
        self._first_window = list(shown)
        low, high = editor.volume.GetImageData().GetScalarRange()
        self._state.window_range = [min(low, shown[0]), max(high, shown[1])]
        self._state.window = list(shown)

    def _show_segments(self, editor: WebEditor) -> None:
        node = editor.segmentation
        if node is None:
            self._state.segments, self._state.segment = [], ""
            return
        classes = self._segments(node)
        known = node.GetSegmentation()
        self._state.segments = [
            {
                "id": segment_id,
                "number": number,
                "name": known.GetSegment(segment_id).GetName(),
                "color": _hex(known.GetSegment(segment_id).GetColor()),
                "visible": bool(node.GetDisplayNode().GetSegmentVisibility(segment_id)),
                "locked": classes.locked(segment_id),
            }
            for number, segment_id in enumerate(known.GetSegmentIDs(), start=1)
        ]
        self._state.segment = editor.selected_segment

    def _show_views(self) -> None:
        for view in self._view_states:
            view.show()
        if self._editor is not None and self._editor.desk is not None and self._state.ready:
            # The slice that is shown may be another one.
            self._state.slice_accepted = self._editor.desk.slice_accepted


def _hex(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)
