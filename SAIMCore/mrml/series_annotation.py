"""The annotation of one series on a segmentation node: what every host's click effect does.

A click goes through three calls, so that a host can ask the network elsewhere than in the thread
that owns the scene: ``follow`` (take notice of what other tools did), the session's own ``add``,
``segment`` and so on, and ``show`` (write the answer into the segments).
"""

from __future__ import annotations

import contextlib
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.errors import InvalidImageError
from SAIMCore.interactions import Interaction
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.edit_rules import EditRules
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.slice_reader import (
    Packed,
    labels_of,
    pack,
    read_series,
    read_slice,
    state_of,
    unpack,
)
from SAIMCore.mrml.slice_writer import SliceWriter
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.slice_state import SliceResult

__all__ = ["EditorHistory", "SeriesAnnotation"]


class EditorHistory(Protocol):
    """The undo history of a Segment Editor, which effects share (``vtkSlicerSegmentEditorLogic``).

    On the desktop ``SaveStateForUndo`` is ``scriptedEffect.saveStateForUndo``.
    """

    def SaveStateForUndo(self) -> object:  # noqa: N802 (Slicer's name)
        """Keep the segments as they are now."""


@dataclass(frozen=True, eq=False)
class _Step:
    """What the segments held before and after a step of the session, by slice.

    An ``adopting`` step took what was there into the session, so it has nothing to undo.
    """

    before: dict[int, Packed]
    after: dict[int, Packed]
    adopting: bool = False

    @property
    def silent(self) -> bool:
        """Whether the segments did not change, so that the editor's history has no such step."""
        return all(np.array_equal(self.before[index], self.after[index]) for index in self.before)


class SeriesAnnotation:
    """Keeps a session and the segments of its classes in step, undo included.

    ``session`` is one of the slices of ``grid``. With ``history``, every step is saved there first,
    so that the editor's own Undo and Redo work, and ``follow`` takes the session along with them.
    Steps that a restored session brings along are not undone here: what the segments held before
    them is not known, and the editor has forgotten them, too.

    Raises InvalidImageError when the session's slices are not those of the grid.
    """

    def __init__(
        self,
        session: InteractiveSession,
        segments: ClassSegments,
        grid: SliceGrid,
        editor: slicer.vtkMRMLSegmentEditorNode | None = None,
        history: EditorHistory | None = None,
    ) -> None:
        if session.shape != grid.shape:
            raise InvalidImageError(
                f"the session has slices of {session.shape}, the volume "
                f"{grid.volume.GetName()!r} of {grid.shape}; open the series that belongs to it"
            )
        self.session = session
        self.segments = segments
        self.grid = grid
        self._writer = SliceWriter(segments, grid, EditRules(segments, editor))
        self._history = history
        self._shown = read_series(segments, grid)
        self._state = state_of(segments)
        self._done: deque[_Step] = deque(maxlen=session.undo_limit)
        self._undone: deque[_Step] = deque(maxlen=session.undo_limit)

    def show_session(self) -> None:
        """Write what a restored session has into segments that hold nothing yet.

        Where the classes' segments hold something it is what was saved with the session, and stays.
        """
        if self._shown.any():
            return
        for index in range(self.grid.shape[0]):
            labels = self.session.result(index).labels
            if labels.any():
                self._writer.restore(index, self._masks(labels))
                self._look(index)

    @property
    def digests(self) -> list[int]:
        """A number for what the segments hold on each slice, as last looked at."""
        return [zlib.crc32(masks.tobytes()) for masks in self._shown]

    def catch_up(self, digests: Sequence[int] | None) -> None:
        """Take in what was edited while nobody was looking.

        ``digests`` are those of the moment in which the session was kept; None where they are not
        known, and what differs from the session's own labels is an edit.
        """
        own = self.digests
        if digests is None or len(digests) != len(own):
            digests = [
                zlib.crc32(pack(self._masks(self.session.result(index).labels)).tobytes())
                for index in range(len(own))
            ]
        for index, (before, now) in enumerate(zip(digests, own, strict=True)):
            if before != now and self._touched(index):
                masks = self._shown[index].copy()
                self._shown[index] = pack(self._masks(self.session.result(index).labels))
                self._take_edit(index, masks)

    # -- a round of the user --------------------------------------------------------------------

    def add(self, *interactions: Interaction) -> SliceResult:
        """``follow``, ``InteractiveSession.add`` and ``show`` in one go, with its errors."""
        self.follow()
        self.adopt(*(interaction.slice_index for interaction in interactions))
        return self.show(self.session.add(*interactions))

    def follow(self) -> bool:
        """Take notice of what happened to the segments since the last call.

        The editor's undo and redo take the session along. Anything else is an edit of the user's
        with another tool: the session takes it in, its pixels obey from then on, and it can be
        undone. Returns whether there was something.
        """
        found = self._changes()
        if not found:
            return False
        if not self._followed(found, self._done, back=True) and not self._followed(
            found, self._undone, back=False
        ):
            for slice_index, masks in found.items():
                self._take_edit(slice_index, masks)
        self._state = state_of(self.segments)
        return True

    def adopt(self, *slice_indices: int) -> None:
        """Make what the segments show on untouched slices the session's proposal there.

        It then seeds the next prediction, which may overrule it. To be called before a slice is
        segmented, clicked or accepted for the first time; without indices, for all slices.
        """
        for slice_index in dict.fromkeys(slice_indices or range(self.grid.shape[0])):
            if not 0 <= slice_index < self.grid.shape[0]:
                continue
            if self._shown[slice_index].any() and not self._touched(slice_index):
                labels = self._labels(self._shown[slice_index])
                self.session.import_labels(slice_index, labels, proposal=True)
                same = {slice_index: self._shown[slice_index].copy()}
                self._did(_Step(same, same, adopting=True))

    def show(self, result: SliceResult) -> SliceResult:
        """Write a result of the session into the segments.

        What the user painted since ``follow`` stays, and is taken in as an edit. Where the editor's
        undo was used meanwhile, the result is dropped: it answers what has been undone. Raises what
        ``SliceWriter.write`` raises; then the session is as it was before the step.
        """
        slice_indices = (result.slice_index, *result.other_slices)
        found = self._changes()
        painted = {index: masks for index, masks in found.items() if index in slice_indices}
        if found and not self._taken_before(found, painted):
            return self.session.result(result.slice_index)
        before = {index: self._shown[index].copy() for index in slice_indices}
        written: dict[int, Packed] = {}
        with contextlib.ExitStack() as unless_complete:
            unless_complete.callback(self._take_back, written, painted)
            for index in self._write(slice_indices):
                written[index] = before[index]
            unless_complete.pop_all()
        self._did(_Step(before, {index: self._shown[index].copy() for index in slice_indices}))
        for index, masks in painted.items():
            self._keep_painted(index, before[index], masks)
        return result

    # -- undo -----------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether a step of this annotation is left to take back."""
        return any(not step.adopting for step in self._done)

    @property
    def can_redo(self) -> bool:
        """Whether an undone step is left to take again."""
        return any(not step.adopting for step in self._undone)

    def undo(self) -> SliceResult | None:
        """Take the last step back, session and segments; None when there is none.

        For hosts without a Segment Editor's history: where there is one, its undo must be called
        and then ``follow``, or it would undo the step once more.
        """
        return self._go(back=True)

    def redo(self) -> SliceResult | None:
        """Take the last undone step again; None when there is none. See ``undo``."""
        return self._go(back=False)

    # -- parts ----------------------------------------------------------------------------------

    def _touched(self, slice_index: int) -> bool:
        result = self.session.result(slice_index)
        return result.accepted or result.stored is not None

    def _labels(self, masks: Packed) -> NDArray[np.uint8]:
        return labels_of(self.segments, unpack(masks, self.grid.shape[1:]))

    def _masks(self, labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """What the segments hold of ``labels`` (rows, columns) when nothing is kept from them."""
        classes = self.segments.classes
        return np.stack([np.isin(labels, classes.members(index)) for index in classes.foreground])

    def _changes(self) -> dict[int, Packed]:
        """The slices on which the segments hold something else than when last looked."""
        if state_of(self.segments) == self._state:
            return {}
        now = read_series(self.segments, self.grid)
        changed = np.flatnonzero((now != self._shown).any(axis=(1, 2)))
        return {int(index): now[index].copy() for index in changed}

    def _look(self, slice_index: int) -> None:
        """Remember what a slice holds after it was written."""
        self._shown[slice_index] = pack(read_slice(self.segments, self.grid, slice_index))
        self._state = state_of(self.segments)

    def _taken_before(self, found: dict[int, Packed], painted: dict[int, Packed]) -> bool:
        """Let what happened while the network was asked come before its answer.

        Whether the answer still stands. ``painted``, on the answer's own slices, is left alone.
        """
        step = self.session.withdraw()
        assert step is not None
        # The session forgot what was undone when it took the step.
        self._undone.clear()
        if self._history is not None and self._followed(found, self._done, back=True):
            self._state = state_of(self.segments)
            return False
        for slice_index, masks in found.items():
            if slice_index not in painted:
                self._take_edit(slice_index, masks)
        self.session.repeat(step)
        return True

    def _write(self, slice_indices: Iterable[int]) -> Iterator[int]:
        """The session's labels into the segments; gives each slice that is done."""
        # Saved once a step, and only if something changes: Slicer's undo leaps over a saved state
        # that equals the present one.
        save = None if self._history is None else self._history.SaveStateForUndo
        for index in slice_indices:
            if self._writer.write(index, self.session.result(index).labels, save):
                save = None
            yield index
            self._look(index)

    def _take_back(self, before: dict[int, Packed], painted: dict[int, Packed]) -> None:
        """Undo a step that could not be shown, in the session and on the slices in ``before``."""
        self.session.undo()
        # The session forgot its own when it took the step.
        self._undone.clear()
        for index, masks in before.items():
            self._restore({index: painted.get(index, masks)})
            # What was painted is still to be noticed as an edit.
            self._shown[index] = masks
            self._state = ()

    def _did(self, step: _Step) -> None:
        self._done.append(step)
        self._undone.clear()

    def _followed(self, found: dict[int, Packed], steps: deque[_Step], *, back: bool) -> bool:
        """Whether the last of ``steps``, however many, explain ``found``; then they are taken."""
        expected: dict[int, Packed] = {}
        for count, step in enumerate(reversed(steps), start=1):
            expected.update(step.before if back else step.after)
            if self._explains(expected, found):
                for _ in range(count):
                    self._move(back=back)
                # What changed no voxel comes and goes with the step before it.
                while not back and self._undone and self._undone[-1].silent:
                    self._move(back=back)
                for index, masks in found.items():
                    self._shown[index] = masks
                return True
        return False

    def _explains(self, expected: dict[int, Packed], found: dict[int, Packed]) -> bool:
        """Whether the slices in ``expected`` show it now, and no others have changed."""
        return found.keys() <= expected.keys() and all(
            np.array_equal(found.get(index, self._shown[index]), masks)
            for index, masks in expected.items()
        )

    def _move(self, *, back: bool) -> SliceResult | None:
        """The session one step back or forth, and the step to the other pile."""
        source, target = (self._done, self._undone) if back else (self._undone, self._done)
        target.append(source.pop())
        return self.session.undo() if back else self.session.redo()

    def _go(self, *, back: bool) -> SliceResult | None:
        """The last step of the user's back or forth, in the segments, too."""
        self.follow()
        if not (self.can_undo if back else self.can_redo):
            return None
        while True:
            step = (self._done if back else self._undone)[-1]
            result = self._move(back=back)
            self._restore(step.before if back else step.after)
            if not step.adopting:
                return result

    def _restore(self, masks: dict[int, Packed]) -> None:
        for index, wanted in masks.items():
            self._writer.restore(index, unpack(wanted, self.grid.shape[1:]))
            self._look(index)

    def _take_edit(self, slice_index: int, masks: Packed) -> None:
        """An edit with another tool, which the user made since the slice was looked at."""
        self.adopt(slice_index)
        before, after = self._shown[slice_index].copy(), self._labels(masks)
        # Where masks or locks kept the session's labels out, the user edited nothing.
        own = self.session.result(slice_index).labels
        edited = after != self._labels(before)
        self.session.import_labels(slice_index, np.where(edited, after, own))
        self._shown[slice_index] = masks
        self._did(_Step({slice_index: before}, {slice_index: masks.copy()}))

    def _keep_painted(self, slice_index: int, before: Packed, painted: Packed) -> None:
        """Put back what was painted while the network was asked."""
        shape = self.grid.shape[1:]
        touched = unpack(before ^ painted, shape).any(axis=0)
        shown = unpack(self._shown[slice_index], shape)
        kept = np.where(touched, unpack(painted, shape), shown)
        self._writer.restore(slice_index, kept)
        self._take_edit(slice_index, pack(kept))
        self._state = state_of(self.segments)
