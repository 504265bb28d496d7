"""Series of one patient must never be on two sides of a split: the one rule, and its sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

__all__ = ["HELD_OUT", "patients_across"]

HELD_OUT = ("validation", "test")
MOST_NAMED = 8


def patients_across(series: Iterable[tuple[str, str | None, str]]) -> dict[str, str]:
    """A sentence for every patient whose series are on more than one side.

    series: name, patient (None where it is not known) and status of each. The sentence names the
    series of each side.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, patient, status in series:
        side = _side(status)
        if patient is not None and side is not None:
            found[patient][side].append(name)
    return {
        patient: f"patient {patient!r} is in more than one split: "
        + ", ".join(f"{_listed(names)} in {side}" for side, names in sides.items())
        + "; keep all series of a patient in one split"
        for patient, sides in found.items()
        if len(sides) > 1
    }


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    listed = ", ".join(repr(name) for name in names[:MOST_NAMED])
    return f"{listed} and {more} more" if more > 0 else listed


def _side(status: str) -> str | None:
    """The side of the split on which a series with ``status`` is, None for an excluded one.

    The pool belongs to the training side, since its series are annotated to be trained on.
    """
    if status == "excluded":
        return None
    return status if status in HELD_OUT else "training"
