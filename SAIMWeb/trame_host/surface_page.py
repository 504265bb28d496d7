"""The 3D view on the page: whether it is shown, and whether what it shows is up to date."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import vtk
from trame_server.state import State

from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.slice_reader import state_of
from SAIMWeb.pulse import Pulse
from SAIMWeb.surfaces import copy_layers, make_surfaces
from SAIMWeb.trame_host.views import Views

__all__ = ["SurfacePage"]

POLL_SECONDS = 0.05
# Edits come in bursts.
LOOK_SECONDS = 0.1


class SurfacePage:
    """Makes the surfaces of a series in a thread of its own, and only when somebody asks for them.

    They are not made again while the user clicks: the page says that they are old instead.
    """

    def __init__(self, state: State, pulse: Pulse, views: Views) -> None:
        self._state = state
        self._views = views
        self._executor = polite_executor("surfaces")
        self._running: Future[dict[str, vtk.vtkPolyData]] | None = None
        self._poll = pulse.while_busy(POLL_SECONDS, self._poll_worker)
        self._look = pulse.after(LOOK_SECONDS, self._look_at_segments)
        self._segments: ClassSegments | None = None
        # What the segments were when the surfaces were last made of them; None for no series' own.
        self._made_of: tuple[object, ...] | None = None
        # Of a series, before they are made for the first time.
        self._first = self._waits = True
        state.update({"shows_3d": False, "surfaces_busy": False, "surfaces_old": False})
        state.update({"surfaces_empty": False, "surface_opacity": 1.0})
        state.change("surface_opacity")(self._fade)

    def toggle(self) -> None:
        """Show the 3D view, or take it away with all that is in it."""
        wanted = not self._state.shows_3d
        self._views.show_3d(wanted)
        self._state.shows_3d = wanted
        if wanted:
            self._first = True
            self.update()
        else:
            self._forget()

    def open(self, segments: ClassSegments | None) -> None:
        """Another series is open, or none (None); what its segments hold comes later."""
        self._forget()
        self._segments = segments
        self._waits = True

    def begin(self) -> None:
        """The segments hold what they held when the series was left."""
        if self._waits:
            self._waits = False
            self.update()

    def update(self) -> None:
        """Make the surfaces of what the segments hold now. Raises what ``copy_layers`` raises."""
        if not self._state.shows_3d or self._segments is None:
            return
        self._made_of = state_of(self._segments)
        layers = copy_layers(self._segments.node, list(self._segments.ids.values()))
        self._running = self._executor.submit(make_surfaces, layers)
        self._state.update({"surfaces_busy": True, "surfaces_old": False})
        self._poll.start()

    def segments_changed(self) -> None:
        """Something was written to the segments."""
        if self._state.shows_3d:
            self._look.start()

    def style(self) -> None:
        """Take the segments' colors and visibility."""
        if not self._state.shows_3d or self._segments is None:
            return
        node = self._segments.node
        for segment_id in self._segments.ids.values():
            color = node.GetSegmentation().GetSegment(segment_id).GetColor()
            visible = node.GetDisplayNode().GetSegmentVisibility(segment_id)
            self._views.solid.style(segment_id, color, bool(visible))

    def close(self) -> None:
        """Make no more of them."""
        self._poll.stop()
        self._look.stop()
        self._executor.shutdown(cancel_futures=True)

    # -- parts ----------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._running = self._made_of = None
        self._first = True
        self._views.solid.place({}, 1)
        self._state.update({"surfaces_busy": False, "surfaces_old": False})
        self._state.surfaces_empty = False

    def _poll_worker(self) -> bool:
        if self._running is None or not self._running.done():
            return self._running is not None
        done, self._running = self._running, None
        self._state.surfaces_busy = False
        surfaces = done.result()
        self._state.surfaces_empty = not surfaces
        self._views.solid.place(surfaces, float(self._state.surface_opacity))
        self.style()
        if surfaces and self._first:
            # Later the user's own direction is kept.
            self._first = False
            self._views.solid.reset()
        self._look_at_segments()
        return False

    def _look_at_segments(self) -> None:
        if self._segments is not None and self._made_of is not None:
            self._state.surfaces_old = state_of(self._segments) != self._made_of

    def _fade(self, surface_opacity: float, **_: Any) -> None:
        self._views.solid.fade(float(surface_opacity))
