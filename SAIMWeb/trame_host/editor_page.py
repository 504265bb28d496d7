"""The editor on the page: segments, the effect's state and options, and where the views are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import slicer
from trame_server.state import State

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ConfigurationError
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMWeb.pulse import Pulse
from SAIMWeb.sentences import as_sentence
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.views import Views
from SAIMWeb.trame_host.views_page import VIEW_KEYS, ViewsPage
from SAIMWeb.trame_host.web_editor import WebEditor

__all__ = ["EDITOR_KEYS", "JUMP_KEY", "ONLY_KEY", "EditorPage"]

# Those of the Segment Editor on the desktop.
EDITOR_KEYS = {"Z": "undo", "Y": "redo"}
# Of the selected segment: show no other one, and go to it.
ONLY_KEY, JUMP_KEY = "X", "J"
# What buttons and keys do with the desk.
_COMMANDS = {
    *EDITOR_KEYS.values(),
    *(command.name for command in COMMANDS),
    "cancel",
    "reset_slice",
    "segment_series",
}
# As it is after a series was opened.
OPACITY = 0.4


class EditorPage:
    """The ``EditorWindow`` of the page; ``attach`` the editor before anything is shown."""

    def __init__(
        self, state: State, pulse: Pulse, messages: Messages, views: Views, classes: ClassTable
    ) -> None:
        self._state = state
        self._messages = messages
        self._classes = classes
        self.views_page = ViewsPage(state, pulse, views)
        self._editor: WebEditor | None = None
        self._update = pulse.after(0, self._show)
        self._moved = pulse.after(0, self._show_views)
        self._shown: slicer.vtkMRMLScalarVolumeNode | None = None
        state.update({"opacity": OPACITY, "outlined": False, "segments": []})
        state.change("opacity", "outlined")(self._draw_segments)
        state.change(*asdict(EffectOptions()))(self._set_options)

    def attach(self, editor: WebEditor) -> None:
        """The editor that is shown from now on."""
        self._editor = editor
        editor.on_view_changed = lambda name: self._moved.start()
        self.views_page.attach(editor)
        self._show()

    def close(self) -> None:
        """Leave nothing running."""
        self.views_page.close()

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
        """A command of the desk; other names, which no button has, are ignored."""
        if command in _COMMANDS:
            self.editor.do(command)

    def press(self, key: str) -> None:
        """A key, as a letter or a number; those that mean nothing are ignored."""
        key = key.upper()
        if key in SEGMENT_KEYS:
            self._select_number(int(key))
        elif key in VIEW_KEYS:
            getattr(self.views_page, VIEW_KEYS[key])()
        elif self.editor.segmentation is not None:
            names = {**EDITOR_KEYS, **{command.key: command.name for command in COMMANDS}}
            if key in names:
                self.do(names[key])
            elif key == ONLY_KEY:
                self.toggle_segment(self.editor.selected_segment, only=True)
            elif key == JUMP_KEY:
                self.views_page.jump(self.editor.selected_segment)

    def select_segment(self, segment_id: str) -> None:
        """Clicks mean this segment from now on."""
        self.editor.select_segment(segment_id)

    def show_segment(self, segment_id: str, visible: bool) -> None:
        """Show or hide a segment; a hidden one is not written to."""
        if self.editor.segmentation is not None:
            self.editor.segmentation.GetDisplayNode().SetSegmentVisibility(segment_id, visible)
            self.refresh()

    def toggle_segment(self, segment_id: str, only: bool = False) -> None:
        """Show or hide a segment; ``only``: hide all others, or show all where that is so."""
        rows = self._state.segments
        if only:
            alone = all(row["visible"] == (row["id"] == segment_id) for row in rows)
            for row in rows:
                self.show_segment(row["id"], alone or row["id"] == segment_id)
        else:
            (visible,) = (row["visible"] for row in rows if row["id"] == segment_id)
            self.show_segment(segment_id, not visible)

    def lock_segment(self, segment_id: str, locked: bool) -> None:
        """Keep a segment as it is, or let it change again."""
        if self.editor.segmentation is not None:
            self._segments(self.editor.segmentation).set_locked(segment_id, locked)
            self.refresh()

    # -- parts ----------------------------------------------------------------------------------

    def _select_number(self, number: int) -> None:
        segments = self._state.segments
        if number <= len(segments):
            self.select_segment(segments[number - 1]["id"])

    def _segments(self, node: slicer.vtkMRMLSegmentationNode) -> ClassSegments:
        return ClassSegments(node, self._classes)

    def _draw_segments(self, opacity: float, outlined: bool, **_: Any) -> None:
        if self._editor is not None and self._editor.segmentation is not None:
            display = self._editor.segmentation.GetDisplayNode()
            display.SetOpacity2DFill(float(opacity))
            display.SetVisibility2DFill(not outlined)

    def _set_options(self, **state: Any) -> None:
        if self._editor is None or self._editor.desk is None:
            return
        desk = self._editor.desk
        try:
            wanted = EffectOptions.of(state)
        except ConfigurationError as error:
            self._messages.complain(str(error))
            self.refresh()
            return
        if desk.options != wanted:
            desk.options = wanted

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
        state.always_conditioned = desk is not None and desk.always_conditioned
        state.remark = "" if desk is None else as_sentence(desk.remark)
        self._show_segments(editor)
        self._show_views()
        if state.ready and not state.effect_busy:
            self.views_page.surfaces.begin()

    def _begin(self, editor: WebEditor) -> None:
        """Another series is open, or none."""
        segments = None if editor.segmentation is None else self._segments(editor.segmentation)
        self.views_page.open(editor.volume, segments)
        self._draw_segments(self._state.opacity, self._state.outlined)

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
        self.views_page.surfaces.style()

    def _show_views(self) -> None:
        self.views_page.show()
        if self._editor is not None and self._editor.desk is not None and self._state.ready:
            # The slice that is shown may be another one.
            self._state.slice_accepted = self._editor.desk.slice_accepted


def _hex(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)
