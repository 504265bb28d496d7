"""One file that holds a session exactly: memory, labels, acceptance, undo and redo.

The file is a zip archive (its checksums find damage; nothing in it is unpickled). The member
``session`` is a JSON document in an ``.npy`` array of bytes, which every version can read; the
others are label and probability arrays, packed in memory so that the next save has them already.
Rounds and states are written once and referred to by number, as undo shares them in memory.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from SAIMCore.data.atomic import atomic_path
from SAIMCore.errors import ClassTableError, InteractionError, ProjectError
from SAIMCore.interactions import Box
from SAIMCore.session.packed_arrays import PackedArrays
from SAIMCore.session.session_content import SessionContent
from SAIMCore.session.session_decoding import SessionDecoder
from SAIMCore.session.slice_state import SliceRound, SliceState
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["SessionFile", "read_session", "write_session"]

# 1: the arrays are .npy members in a compressed archive. 3: there are rounds of an igniter, or
# boxes; without either, files are of the format before.
FORMAT = 3
FORMAT_BEFORE = 2
DOCUMENT = "session"

# What a broken archive, a broken array or a document with missing or wrong parts raises.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, MemoryError),
    *(AttributeError, IndexError, KeyError, TypeError, ValueError),
    *(ClassTableError, InteractionError),
)

# A path, or a binary file that is open (``io.BytesIO``); errors call it by its ``name`` if any.
SessionFile: TypeAlias = str | os.PathLike[str] | BinaryIO


class _Encoder:
    """Numbers every array, round and state at its first use."""

    def __init__(self, packed: PackedArrays) -> None:
        self.arrays: dict[str, bytes] = {}
        self.rounds: list[dict[str, Any]] = []
        self.states: list[dict[str, Any]] = []
        self._packed = packed
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
        return self._array(stored, stored.array)

    def _labels(self, labels: NDArray[np.uint8]) -> str:
        return self._array(labels, lambda: labels)

    def _array(self, owner: Any, array: Callable[[], NDArray[Any]]) -> str:
        if id(owner) not in self._numbers:
            name = f"array_{len(self.arrays):06d}"
            self.arrays[name] = self._packed.of(owner, array)
            self._numbers[id(owner)] = name
        return str(self._numbers[id(owner)])


def write_session(file: SessionFile, content: SessionContent) -> None:
    """Write ``content``: to a path atomically, with ProjectError like ``atomic_path``."""
    encoder = _Encoder(content.packed)
    document = {
        "kept_as": content.kept_as,
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
        "format": _format_of(encoder.rounds),
    }
    if not isinstance(file, str | os.PathLike):
        _write_archive(file, document, encoder.arrays)
        return
    with atomic_path(file) as temporary, temporary.open("wb") as opened:
        _write_archive(opened, document, encoder.arrays)


def _format_of(rounds: Iterable[Mapping[str, Any]]) -> int:
    """The oldest format that can say all of this, for earlier versions to read what they can."""
    for entry in rounds:
        kinds = {part["type"] for part in entry["interactions"]}
        if entry["origin"] == "igniter" or Box.kind in kinds:
            return FORMAT
    return FORMAT_BEFORE


def _write_archive(
    file: BinaryIO, document: Mapping[str, Any], arrays: Mapping[str, bytes]
) -> None:
    text = np.frombuffer(json.dumps(document).encode("utf-8"), dtype=np.uint8)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open(f"{DOCUMENT}.npy", "w", force_zip64=True) as member:
            np.lib.format.write_array(member, text, allow_pickle=False)
        for name, packed in arrays.items():
            # As they are, and without the time, so that equal sessions give equal files.
            archive.writestr(zipfile.ZipInfo(name), packed)


def read_session(
    file: SessionFile, shape: tuple[int, ...], series_name: str | None
) -> SessionContent:
    """Read what ``write_session`` wrote, for a series with ``shape`` (S, h, w).

    Raises ProjectError when the file cannot be read, is damaged or of a newer format, or when the
    shape or (if given) the name of the series is another one.
    """
    name = _name(file)
    try:
        with np.load(file, allow_pickle=False) as archive:
            document = json.loads(archive[DOCUMENT].tobytes())
            _check_identity(name, document, shape, series_name)
            return SessionDecoder(document, archive).content(document)
    except OSError as error:
        raise ProjectError(
            f"cannot read the session file {name} ({error.strerror}); give an existing file"
        ) from error
    except DAMAGE as error:
        raise ProjectError(
            f"the session file {name} is damaged ({error}); use an earlier copy, or delete it and "
            "start a new session"
        ) from error


def _name(file: SessionFile) -> str:
    if isinstance(file, str | os.PathLike):
        return os.fspath(file)
    return str(getattr(file, "name", "in memory"))


def _check_identity(
    name: str, document: Mapping[str, Any], shape: tuple[int, ...], series_name: str | None
) -> None:
    if int(document["format"]) > FORMAT:
        raise ProjectError(
            f"the session file {name} has format {document['format']}, this version of SAIM reads "
            f"up to {FORMAT}; update SAIM"
        )
    if series_name is not None and document["series"] != series_name:
        raise ProjectError(
            f"the session file {name} belongs to the series {document['series']!r}, not to "
            f"{series_name!r}; open it with its own series"
        )
    if tuple(document["shape"]) != tuple(shape):
        raise ProjectError(
            f"the session file {name} is for {' x '.join(map(str, document['shape']))} pixels, the "
            f"series has {' x '.join(map(str, shape))}; open it with its own series"
        )
