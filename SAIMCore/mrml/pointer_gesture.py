"""What a pointer does in a slice view, as the points of a click or of a stroke."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.mrml.geometry import Point

__all__ = ["Gesture", "PointerGesture"]

# Position of the pointer in its view, in pixels.
Place = tuple[int, int]


@dataclass(frozen=True)
class Gesture:
    """World points of a click (one) or a drag (several), and whether it means the background."""

    points: tuple[Point, ...]
    background: bool = False


class PointerGesture:
    """Press, moves and release of the main button become one ``Gesture``.

    The meaning is decided by the press: what happens to the modifier key afterwards changes
    nothing. A view of another name than the one pressed in is not drawn in.
    """

    def __init__(self) -> None:
        self._view: str | None = None
        self._place: Place = (0, 0)
        self._points: list[Point] = []
        self._background = False

    @property
    def active(self) -> bool:
        """Whether the button is down."""
        return self._view is not None

    @property
    def points(self) -> tuple[Point, ...]:
        """The world points since the press; none while the button is up."""
        return tuple(self._points) if self.active else ()

    def press(self, view: str, place: Place, point: Point, *, background: bool = False) -> None:
        """Begin, also with the second press of a double click; what was begun before is dropped."""
        self._view, self._place = view, place
        self._points, self._background = [point], background

    def move(self, view: str, place: Place, point: Point) -> bool:
        """Whether a button is down, so that the move is a part of a drag.

        Moves of no length are none: some sources of events send one with every click.
        """
        if not self.active:
            return False
        if view == self._view and place != self._place:
            self._place = place
            self._points.append(point)
        return True

    def release(self) -> Gesture | None:
        """What was meant; None without a press."""
        if not self.active:
            return None
        meant = Gesture(self.points, self._background)
        self._view = None
        return meant

    def cancel(self) -> None:
        """Forget a press."""
        self._view = None
