"""Which intensities of the image the page tells apart: a slider, the mouse, and presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import slicer
import vtk
from trame_server.state import State

from SAIMWeb.pulse import Pulse
from SAIMWeb.window_presets import presets_for

__all__ = ["WindowPage"]


class WindowPage:
    """Keeps the page's state and the display of the open volume in step, whoever changes one."""

    def __init__(self, state: State, pulse: Pulse) -> None:
        self._state = state
        self._display: slicer.vtkMRMLScalarVolumeDisplayNode | None = None
        self._observer = 0
        self._intensities = (0.0, 1.0)
        # As far as the slider reaches, and where it is.
        self._range = self._slider = (0.0, 1.0)
        # As the series was opened.
        self._first = (0.0, 1.0)
        self._changed = pulse.after(0, self._show)
        state.update({"window": [0, 1], "window_range": [0, 1], "window_presets": []})
        state.change("window")(self._set)

    def open(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """Another series is shown, or none (None)."""
        if self._display is not None:
            self._display.RemoveObserver(self._observer)
            self._display = None
        if volume is None:
            self._state.window_presets = []
            return
        self._display = volume.GetDisplayNode()
        self._observer = self._display.AddObserver(
            vtk.vtkCommand.ModifiedEvent, lambda *_: self._changed.start()
        )
        self._intensities = self._range = volume.GetImageData().GetScalarRange()
        self._first = self._shown
        self._state.window_presets = [asdict(one) for one in presets_for(*self._intensities)]
        self._show()

    def choose(self, low: float, high: float) -> None:
        """Show ``low`` as black and ``high`` as white."""
        self._range = self._intensities
        self._take(low, high)

    def reset(self) -> None:
        """As the series was opened."""
        self.choose(*self._first)

    @property
    def _shown(self) -> tuple[float, float]:
        assert self._display is not None
        return self._display.GetWindowLevelMin(), self._display.GetWindowLevelMax()

    def _show(self) -> None:
        if self._display is None:
            return
        shown = self._shown
        # What the mouse has chosen, or a preset, may reach beyond the image. The slider's ends stay
        # where they are while it is dragged.
        low, high = (pick(*self._range, *shown) for pick in (min, max))
        self._range = low, high
        self._state.window_range = [low, high]
        # Window and level are kept, so that the ends are not quite those of the slider: it is not
        # put back to where it was a moment ago for that.
        if not np.allclose(self._slider, shown, rtol=0, atol=(high - low) / 10_000):
            self._slider = shown
            self._state.window = list(shown)

    def _take(self, low: float, high: float) -> None:
        if self._display is not None and low < high and (low, high) != self._shown:
            self._display.SetAutoWindowLevel(False)
            self._display.SetWindowLevelMinMax(low, high)

    def _set(self, window: Sequence[float], **_: Any) -> None:
        self._slider = float(window[0]), float(window[1])
        self._take(*self._slider)
