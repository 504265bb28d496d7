"""Which side of the patient is where in a slice view."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Sides", "sides"]

# Along the axes of RAS, back and forth.
_LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))
# Below this cosine (about 17 degrees to the plane) an axis is not named.
SMALLEST_SHARE = 0.3

Sides = dict[str, str]


def sides(right: Sequence[float], up: Sequence[float]) -> Sides:
    """Letters for the left, right, top and bottom of a view.

    right, up: where the view's right and upper side point to in the patient (RAS, of length 1). An
    oblique side has up to three letters, as in "AR": mostly to the front, also to the right.
    """
    back = [[-part for part in direction] for direction in (right, up)]
    return {
        "right": _letters(right),
        "left": _letters(back[0]),
        "top": _letters(up),
        "bottom": _letters(back[1]),
    }


def _letters(direction: Sequence[float]) -> str:
    parts = [
        (abs(part), names[0] if part > 0 else names[1])
        for part, names in zip(direction, _LETTERS, strict=True)
        if abs(part) >= SMALLEST_SHARE
    ]
    return "".join(letter for _, letter in sorted(parts, reverse=True))
