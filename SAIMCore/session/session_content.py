"""All of a session that is kept: everything but image and model."""

from __future__ import annotations

from dataclasses import dataclass

from SAIMCore.classes import ClassTable
from SAIMCore.session.history import History
from SAIMCore.session.packed_arrays import PackedArrays
from SAIMCore.session.slice_state import SliceState

__all__ = ["SessionContent"]


@dataclass(frozen=True)
class SessionContent:
    """What is saved of a session of the series ``series_name`` with ``shape`` (S, h, w).

    ``packed`` holds those of its arrays that were compressed before; ``kept_as`` names this state
    of it (None in files of earlier versions).
    """

    series_name: str
    shape: tuple[int, int, int]
    classes: ClassTable
    start_from_neighbor: bool
    states: dict[int, SliceState]
    history: History
    packed: PackedArrays
    kept_as: str | None = None
