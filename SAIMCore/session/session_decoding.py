"""From the document and the arrays of a session file to what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.interactions import interaction_from_json
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.history import History, SliceChange, Step
from SAIMCore.session.packed_arrays import PackedArrays, unpack
from SAIMCore.session.session_content import SessionContent
from SAIMCore.session.slice_state import UNCHANGED, Origin, SliceRound, SliceState
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["SessionDecoder"]

Made = TypeVar("Made")


class SessionDecoder:
    """Makes each round and state once, from a document and the other members of its file."""

    def __init__(self, document: Mapping[str, Any], members: Mapping[str, Any]) -> None:
        count, height, width = (int(length) for length in document["shape"])
        self._shape = (count, height, width)
        self._classes = ClassTable.from_json(document["classes"])
        self._members = members
        self._packed = PackedArrays()
        self._probabilities: dict[str, StoredProbabilities] = {}
        self._labels: dict[str, NDArray[np.uint8]] = {}
        self._rounds = [self._round(entry) for entry in document["rounds"]]
        self._states = [self._state(entry) for entry in document["states"]]

    def content(self, document: Mapping[str, Any]) -> SessionContent:
        states = {
            self._slice_index(index): self._states[number] for index, number in document["slices"]
        }
        history = History(
            int(document["undo_limit"]),
            (self._step(step) for step in document["undo"]),
            (self._step(step) for step in document["redo"]),
        )
        return SessionContent(
            str(document["series"]),
            self._shape,
            self._classes,
            bool(document["start_from_neighbor"]),
            states,
            history,
            self._packed,
            document.get("kept_as"),
        )

    def _slice_index(self, value: Any) -> int:
        if value not in range(self._shape[0]):
            raise ValueError(f"slice {value!r} is not in the series")
        return int(value)

    def _step(self, step: Any) -> Step:
        return tuple(
            SliceChange(self._slice_index(index), self._states[before], self._states[after])
            for index, before, after in step
        )

    def _state(self, entry: Mapping[str, Any]) -> SliceState:
        rounds = tuple(self._rounds[number] for number in entry["rounds"])
        name = entry["labels"]
        return SliceState(
            rounds, None if name is None else self._labels_named(name), bool(entry["accepted"])
        )

    def _round(self, entry: Mapping[str, Any]) -> SliceRound:
        interactions = tuple(interaction_from_json(part) for part in entry["interactions"])
        name = entry["probabilities"]
        stored = None if name is None else self._probabilities_named(name)
        drawn = DrawnInteractions(interactions, self._shape[1:])
        origin: Origin = entry["origin"]
        if origin not in get_args(Origin):
            raise ValueError(f"unknown origin {origin!r} of a round")
        edit = None if entry["edit"] is None else self._labels_named(entry["edit"], UNCHANGED)
        model = None if entry["model"] is None else str(entry["model"])
        return SliceRound(drawn, stored, origin, edit, model)

    def _labels_named(self, name: str, blank: int | None = None) -> NDArray[np.uint8]:
        """Class indices (h, w), among which the value ``blank`` is allowed as well."""
        if name not in self._labels:
            dtype = np.dtype(np.uint8)
            self._labels[name] = self._made_of(name, self._shape[1:], dtype, _read_only)
        labels = self._labels[name]
        largest = int(labels.max(initial=0, where=labels != blank))
        if largest >= len(self._classes):
            raise ValueError(f"label {largest} is no class")
        return labels

    def _probabilities_named(self, name: str) -> StoredProbabilities:
        if name not in self._probabilities:
            shape, dtype = (len(self._classes), *self._shape[1:]), np.dtype(np.float16)
            self._probabilities[name] = self._made_of(name, shape, dtype, _stored)
        return self._probabilities[name]

    def _made_of(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        make: Callable[[NDArray[Any]], Made],
    ) -> Made:
        """What ``make`` makes of the array ``name``, which the next save has packed already."""
        member = self._members[name]
        if isinstance(member, bytes):
            made = make(unpack(member, shape, dtype))
            self._packed.keep(made, member)
            return made
        if member.shape != shape or member.dtype != dtype:
            raise ValueError(f"{name} has the shape {member.shape} and the type {member.dtype}")
        return make(member)


def _read_only(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    labels.setflags(write=False)
    return labels


def _stored(array: NDArray[np.float16]) -> StoredProbabilities:
    return StoredProbabilities(torch.from_numpy(array))
