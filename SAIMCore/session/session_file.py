"""One file that holds a session exactly: memory, labels, acceptance, undo and redo.

The file is a compressed ``.npz`` archive (its checksums find damage; nothing in it is unpickled):
the member ``session`` is a JSON document, the others are label and probability arrays. Rounds and
states are written once and referred to by number, as undo shares them in memory.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import ClassTableError, InteractionError, ProjectError
from SAIMCore.interactions import interaction_from_json
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.history import History, SliceChange, Step
from SAIMCore.session.slice_state import UNCHANGED, Origin, SliceRound, SliceState
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["SessionContent", "read_session", "write_session"]

FORMAT = 1
DOCUMENT = "session"

# What a broken archive, a broken array or a document with missing or wrong parts raises.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, MemoryError),
    *(AttributeError, IndexError, KeyError, TypeError, ValueError),
    *(ClassTableError, InteractionError),
)


@dataclass(frozen=True)
class SessionContent:
    """What is saved of a session of the series ``series_name`` with ``shape`` (S, h, w)."""

    series_name: str
    shape: tuple[int, int, int]
    classes: ClassTable
    start_from_neighbor: bool
    states: dict[int, SliceState]
    history: History


class _Encoder:
    """Numbers every array, round and state at its first use."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self.rounds: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self._numbers: dict[int, Any] = {}

    def state(self, state: SliceState) -> int:
        if id(state) not in self._numbers:
            entry = {
                "rounds": [self._round(past_round) for past_round in state.rounds],
                "labels": None if state.labels is None else self._labels(state.labels),
                "accepted": state.accepted,
            }
            self._numbers[id(state)] = len(self.states)
            self.states.append(entry)
        return int(self._numbers[id(state)])

    def steps(self, steps: Any) -> list[list[list[int]]]:
        return [
            [
                [change.slice_index, self.state(change.before), self.state(change.after)]
                for change in step
            ]
            for step in steps
        ]

    def _round(self, past_round: SliceRound) -> int:
        if id(past_round) not in self._numbers:
            stored = past_round.probabilities
            entry = {
                "interactions": [part.to_json() for part in past_round.interactions],
                "probabilities": None if stored is None else self._probabilities(stored),
                "origin": past_round.origin,
                "model": past_round.model,
                "edit": None if past_round.edit is None else self._labels(past_round.edit),
            }
            self._numbers[id(past_round)] = len(self.rounds)
            self.rounds.append(entry)
        return int(self._numbers[id(past_round)])

    def _probabilities(self, stored: StoredProbabilities) -> str:
        if id(stored) not in self._numbers:
            self._numbers[id(stored)] = self._array(stored.array())
        return str(self._numbers[id(stored)])

    def _labels(self, labels: NDArray[np.uint8]) -> str:
        if id(labels) not in self._numbers:
            self._numbers[id(labels)] = self._array(labels)
        return str(self._numbers[id(labels)])

    def _array(self, array: NDArray[Any]) -> str:
        name = f"array_{len(self.arrays):06d}"
        self.arrays[name] = array
        return name


def write_session(path: str | os.PathLike[str], content: SessionContent) -> None:
    """Write ``content`` to ``path``, atomically. Raises ProjectError like ``atomic_path``."""
    encoder = _Encoder()
    document = {
        "format": FORMAT,
        "series": content.series_name,
        "shape": list(content.shape),
        "classes": content.classes.to_json(),
        "start_from_neighbor": content.start_from_neighbor,
        "slices": [[index, encoder.state(state)] for index, state in content.states.items()],
        "undo_limit": content.history.limit,
        "undo": encoder.steps(content.history.undo_steps),
        "redo": encoder.steps(content.history.redo_steps),
        "rounds": encoder.rounds,
        "states": encoder.states,
    }
    text = np.frombuffer(json.dumps(document).encode("utf-8"), dtype=np.uint8)
    with (
        atomic_path(path) as temporary,
        # Not np.savez_compressed, which takes two to three times as long for a few percent.
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for name, array in {DOCUMENT: text, **encoder.arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


class _Decoder:
    """Makes each round and state once, from a document and the arrays of its file."""

    def __init__(self, document: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        count, height, width = (int(length) for length in document["shape"])
        self._shape = (count, height, width)
        self._classes = ClassTable.from_json(document["classes"])
        self._arrays = arrays
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
            self._labels[name] = self._array(name, self._shape[1:], np.dtype(np.uint8))
            self._labels[name].setflags(write=False)
        labels = self._labels[name]
        largest = int(labels.max(initial=0, where=labels != blank))
        if largest >= len(self._classes):
            raise ValueError(f"label {largest} is no class")
        return labels

    def _probabilities_named(self, name: str) -> StoredProbabilities:
        if name not in self._probabilities:
            shape = (len(self._classes), *self._shape[1:])
            array = self._array(name, shape, np.dtype(np.float16))
            self._probabilities[name] = StoredProbabilities(torch.from_numpy(array))
        return self._probabilities[name]

    def _array(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        array = self._arrays[name]
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"{name} has the shape {array.shape} and the type {array.dtype}")
        return array


def read_session(
    path: str | os.PathLike[str], shape: tuple[int, ...], series_name: str | None
) -> SessionContent:
    """Read what ``write_session`` wrote, for a series with ``shape`` (S, h, w).

    Raises ProjectError when the file cannot be read, is damaged or of a newer format, or when the
    shape or (if given) the name of the series is another one.
    """
    file = Path(path)
    try:
        with np.load(file, allow_pickle=False) as archive:
            document = json.loads(archive[DOCUMENT].tobytes())
            _check_identity(file, document, shape, series_name)
            return _Decoder(document, archive).content(document)
    except OSError as error:
        raise ProjectError(
            f"cannot read the session file {file} ({error.strerror}); give an existing file"
        ) from error
    except DAMAGE as error:
        raise ProjectError(
            f"the session file {file} is damaged ({error}); use an earlier copy, or delete it and "
            "start a new session"
        ) from error


def _check_identity(
    file: Path, document: Mapping[str, Any], shape: tuple[int, ...], series_name: str | None
) -> None:
    if int(document["format"]) > FORMAT:
        raise ProjectError(
            f"the session file {file} has format {document['format']}, this version of SAIM reads "
            f"up to {FORMAT}; update SAIM"
        )
    if series_name is not None and document["series"] != series_name:
        raise ProjectError(
            f"the session file {file} belongs to the series {document['series']!r}, not to "
            f"{series_name!r}; open it with its own series"
        )
    if tuple(document["shape"]) != tuple(shape):
        raise ProjectError(
            f"the session file {file} is for {' x '.join(map(str, document['shape']))} pixels, the "
            f"series has {' x '.join(map(str, shape))}; open it with its own series"
        )
