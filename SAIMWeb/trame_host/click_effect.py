"""The click effect in the page's slice views: events in, gestures out."""

from __future__ import annotations

from collections.abc import Callable

import slicer
import vtk
from trame_slicer.segmentation import SegmentationEffect, SegmentationEffectPipeline

from SAIMCore.mrml.geometry import view_point
from SAIMCore.mrml.pointer_gesture import Gesture, PointerGesture

__all__ = ["WebClickEffect"]

_MOVE = int(vtk.vtkCommand.MouseMoveEvent)
_RELEASE = int(vtk.vtkCommand.LeftButtonReleaseEvent)
# A fast second click comes as a double click, without a press of its own.
_PRESSES = (
    int(vtk.vtkCommand.LeftButtonPressEvent),
    int(vtk.vtkCommand.LeftButtonDoubleClickEvent),
)
# The views' own: Shift moves the crosshair and pans, Alt turns the slice.
_OF_THE_VIEWS = vtk.vtkEvent.ShiftModifier | vtk.vtkEvent.AltModifier


class WebClickEffect(SegmentationEffect):
    """Left clicks and drags in slice views go to ``on_gesture``; all else is left to the views.

    ``on_drag`` gets what is being dragged, with every move, and when it is given up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.on_gesture: Callable[[Gesture], None] = lambda gesture: None
        self.on_drag: Callable[[PointerGesture], None] = lambda gesture: None
        # One for all views: a drag that leaves a view is no drag in another one.
        self.gesture = PointerGesture()
        self._listens = True

    @property
    def listens(self) -> bool:
        """Whether anything is a gesture; else all is left to the views, as if it were not there."""
        return self._listens

    @listens.setter
    def listens(self, wanted: bool) -> None:
        self._forget()
        self._listens = wanted

    def set_active(self, is_active: bool) -> None:
        self._forget()
        super().set_active(is_active)

    def _forget(self) -> None:
        """A press that was begun is none."""
        self.gesture.cancel()
        self.on_drag(self.gesture)

    def _create_pipeline(
        self, view: slicer.vtkMRMLAbstractViewNode, parameter: slicer.vtkMRMLNode
    ) -> SegmentationEffectPipeline | None:
        return _ClickPipeline() if isinstance(view, slicer.vtkMRMLSliceNode) else None


class _ClickPipeline(SegmentationEffectPipeline[WebClickEffect]):
    """What one slice view hears."""

    def IsActive(self) -> bool:  # noqa: N802 (trame-slicer's name)
        # trame-slicer's own needs a segmentation that its editor writes to; ours does that itself.
        return self._isActive

    def CanProcessInteractionEvent(  # noqa: N802 (Slicer's name)
        self, event: slicer.vtkMRMLInteractionEventData
    ) -> tuple[bool, float]:
        if not self.IsActive() or self._effect is None or not self._effect.listens:
            return False, 0
        kind = event.GetType()
        if kind in _PRESSES:
            return not event.GetModifiers() & _OF_THE_VIEWS, 0
        return kind in (_MOVE, _RELEASE) and self._effect.gesture.active, 0

    def ProcessInteractionEvent(  # noqa: N802 (Slicer's name)
        self, event: slicer.vtkMRMLInteractionEventData
    ) -> bool:
        view, gesture = self.GetViewNode(), self._effect.gesture
        place: tuple[int, int] = tuple(event.GetDisplayPosition())
        point = view_point(view, *place)
        kind = event.GetType()
        if kind in _PRESSES:
            background = bool(event.GetModifiers() & vtk.vtkEvent.ControlModifier)
            gesture.press(view.GetID(), place, point, background=background)
            return True
        if kind == _MOVE:
            dragged = gesture.move(view.GetID(), place, point)
            if dragged:
                self._effect.on_drag(gesture)
            return dragged
        meant = gesture.release()
        if meant is not None:
            self._effect.on_gesture(meant)
        return True
