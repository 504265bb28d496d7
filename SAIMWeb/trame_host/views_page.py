"""The views on the page: what the mouse does in them, and what they show beside the segments."""

from __future__ import annotations

from typing import Any

import slicer
from trame_server.state import State

from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMWeb.pulse import Pulse
from SAIMWeb.trame_host.crosshair import Crosshair
from SAIMWeb.trame_host.surface_page import SurfacePage
from SAIMWeb.trame_host.view_3d import VIEW_3D
from SAIMWeb.trame_host.view_state import ViewState
from SAIMWeb.trame_host.views import Views
from SAIMWeb.trame_host.web_editor import WebEditor
from SAIMWeb.trame_host.window_page import WindowPage

__all__ = ["CLICKS", "VIEW_KEYS", "WINDOW", "ViewsPage"]

# Letters that no command of the desk has, and the methods that they call. The views get keys, too,
# and have meanings of their own for B, F, G, T and V; theirs for R is the same.
VIEW_KEYS = {"W": "toggle_tool", "C": "toggle_crosshair", "M": "toggle_3d", "R": "fit"}
# What dragging with the left button does.
CLICKS, WINDOW = "clicks", "window"


class ViewsPage:
    """The page's state of all views; ``attach`` the editor before anything is shown."""

    def __init__(self, state: State, pulse: Pulse, views: Views) -> None:
        self._state = state
        self._views = views
        self._editor: WebEditor | None = None
        self._states = [ViewState(state, name, views) for name in views.slices]
        self._crosshair = Crosshair(views)
        self.window = WindowPage(state, pulse)
        self.surfaces = SurfacePage(state, pulse, views)
        state.update({"main_view": next(iter(views.slices)), "mouse_tool": CLICKS})
        state.update({"crosshair": False, "pixel_ratio": 1})
        state.change("mouse_tool")(self._take_tool)
        state.change("crosshair")(self._show_crosshair)
        state.change("pixel_ratio")(self._magnify)

    def attach(self, editor: WebEditor) -> None:
        """The editor whose volume and segments are shown."""
        self._editor = editor
        editor.on_segments_changed = self.surfaces.segments_changed

    def open(
        self, volume: slicer.vtkMRMLScalarVolumeNode | None, segments: ClassSegments | None
    ) -> None:
        """Another series is shown, or none."""
        self.window.open(volume)
        self.surfaces.open(segments)
        if volume is not None:
            self._state.main_view = self._views.along_slices(SliceGrid(volume))
            self._crosshair.center()

    def show(self) -> None:
        """Take where the views are into the page's state."""
        for view in self._states:
            view.show()

    def close(self) -> None:
        """Leave nothing running."""
        self.surfaces.close()

    # -- what the user asks for -----------------------------------------------------------------

    def fit(self) -> None:
        """All of each slice that is shown, in the window with which the series was opened."""
        self._views.fit()
        self.window.reset()

    def toggle_tool(self) -> None:
        """Let the left button click, or change the window of the image."""
        self._state.mouse_tool = CLICKS if self._state.mouse_tool == WINDOW else WINDOW

    def toggle_crosshair(self) -> None:
        """Show the crosshair, or do not."""
        self._state.crosshair = not self._state.crosshair

    def toggle_3d(self) -> None:
        """Show the 3D view, or do not."""
        self.surfaces.toggle()
        if self._state.main_view == VIEW_3D and self._editor is not None:
            volume = self._editor.volume
            known = volume is not None
            name = self._views.along_slices(SliceGrid(volume)) if known else None
            self._state.main_view = name or next(iter(self._views.slices))

    def jump(self, segment_id: str) -> None:
        """Let all slice views go to the middle of a segment; nothing for an empty one."""
        if self._editor is None or self._editor.segmentation is None:
            return
        center = self._editor.segmentation.GetSegmentCenterRAS(segment_id)
        if center is not None:
            self._crosshair.jump(center)

    # -- parts ----------------------------------------------------------------------------------

    def _take_tool(self, mouse_tool: str, **_: Any) -> None:
        self._views.adjust_window(mouse_tool == WINDOW)
        if self._editor is not None:
            self._editor.clicks = mouse_tool != WINDOW

    def _show_crosshair(self, crosshair: bool, **_: Any) -> None:
        self._crosshair.show(bool(crosshair))

    def _magnify(self, pixel_ratio: float, **_: Any) -> None:
        self._views.magnify(min(max(float(pixel_ratio), 1), 4))
