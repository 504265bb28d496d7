"""What pages say of a view: what was done in it, and its size."""

from __future__ import annotations

from typing import Any

__all__ = ["event_of_view", "size_of_view"]

# VTK reads these by their type, and ends the process where it is another one.
_NUMBERS = {"x", "y", "altKey", "controlKey", "shiftKey", "keyCode", "spinY", "factor", "rotation"}
_TEXTS = {"type", "key"}
# Beyond any screen, any zoom, and what an int holds.
_LARGEST = 1e6
# A picture of that many pixels in a row is still encoded; nobody has a larger screen.
_LONGEST_SIDE = 16384


def event_of_view(event: object) -> dict[str, Any] | None:
    """What VTK can take in of an ``event`` that a page sends; None when it is none.

    What a page had no value for is left out.
    """
    if not isinstance(event, dict):
        return None
    taken = {key: value for key, value in event.items() if value is not None}
    if "type" not in taken or not all(_is_right(key, value) for key, value in taken.items()):
        return None
    return taken


def size_of_view(size: object) -> dict[str, float] | None:
    """Width, height and pixels for each of them, as a page sends them; None if no view is so."""
    if not isinstance(size, dict):
        return None
    taken = {key: size.get(key, 1) for key in ("w", "h", "p")}
    # A view that is not shown has no size.
    if not all(_is_number(value) and value >= 0 for value in taken.values()) or not taken["p"]:
        return None
    longest = max(taken["w"], taken["h"]) * max(taken["p"], 1)
    return {**size, **taken} if longest <= _LONGEST_SIDE else None


def _is_right(key: object, value: object) -> bool:
    if key in _NUMBERS:
        return _is_number(value)
    if key == "translation":
        return isinstance(value, list) and len(value) >= 2 and all(map(_is_number, value))
    if key == "position":
        return _is_place(value)
    if key == "positions":
        return _are_places(value)
    # VTK reads nothing else.
    return isinstance(value, str) or (key not in _TEXTS and _is_number(value))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and -_LARGEST <= value <= _LARGEST


def _is_place(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"x", "y"} <= value.keys()
        and all(map(_is_number, value.values()))
    )


def _are_places(value: object) -> bool:
    """Of fingers, by their numbers."""
    return isinstance(value, dict) and all(
        str(finger).isdigit() and _is_place(place) for finger, place in value.items()
    )
