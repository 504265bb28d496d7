"""Interactive segmentation of one series: clicks in, labels out.

Method: DDG-SIM (Mikhailov et al., 2023), sections 4.1.1 and 4.1.2: in every interaction round the
user adds interactions on one slice, and the network answers once from the image and the memory
of that slice's rounds.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.errors import ConfigurationError, InteractionError
from SAIMCore.igniter.proposer import go_on, tell_nobody
from SAIMCore.interactions import Interaction
from SAIMCore.session.checks import (
    check_classes,
    check_labels,
    check_other_slices,
    check_proposal,
    check_round,
    check_slices,
)
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.history import History, Step
from SAIMCore.session.network_rounds import NetworkRounds
from SAIMCore.session.packed_arrays import PackedArrays
from SAIMCore.session.round_answers import SessionModel, answers_of
from SAIMCore.session.session_content import SessionContent
from SAIMCore.session.session_file import SessionFile, read_session, write_session
from SAIMCore.session.session_reading import SessionReading
from SAIMCore.session.slice_answer import proposed_slice
from SAIMCore.session.slice_state import (
    UNTOUCHED,
    SliceResult,
    SliceRound,
    SliceState,
    edit_between,
    remembered,
)
from SAIMCore.session.slice_states import SliceStates
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = ["UNDO_LIMIT", "InteractiveSession"]

UNDO_LIMIT = 200


class InteractiveSession(SessionReading):
    """The annotation of one series; every change of a slice is one step that can be undone.

    ``predictor`` is a model of ours, or an igniter where there is none (``IgniterModel``).
    ``slices`` (S, h, w) are the slices, prepared as ``predictor.preprocessing`` says, float16 or
    float32 (a memory map will do).
    With ``start_from_neighbor`` an untouched slice begins with the probabilities of an adjacent
    slice as its first round, which only a sequential memory passes on to the network.

    A slice keeps the probabilities of as many rounds as the memory is deep, and each step that
    can still be undone keeps one more: N * h * w * 2 bytes each (2.6 MB for 5 classes at
    512 x 512). One thread at a time may use a session. When the predictor raises, the session is
    as it was before the call.

    Raises InvalidImageError when ``slices`` is no such stack.
    """

    def __init__(
        self,
        predictor: SessionModel,
        slices: NDArray[Any],
        series_name: str,
        *,
        start_from_neighbor: bool = False,
        undo_limit: int = UNDO_LIMIT,
    ) -> None:
        check_slices(slices, series_name)
        count, height, width = slices.shape
        shape = (count, height, width)
        super().__init__(shape, SliceStates(shape, History(undo_limit)))
        self.series_name = series_name
        self._slices = slices
        self._classes = predictor.classes
        self._network = NetworkRounds(
            answers_of(predictor, slices), self._states, from_neighbor=start_from_neighbor
        )
        self._identity = uuid.uuid4().hex
        self.kept_as: str | None = None
        self._kept_revision = 0
        self._packed = PackedArrays()

    @property
    def predictor(self) -> SessionModel:
        """The model that answers the next round: a predictor, or an igniter."""
        return self._network.answers.model

    @property
    def start_from_neighbor(self) -> bool:
        """Whether an untouched slice begins with the probabilities of an adjacent one."""
        return self._network.from_neighbor

    @start_from_neighbor.setter
    def start_from_neighbor(self, on: bool) -> None:
        self._network.from_neighbor = on

    @property
    def conditioning(self) -> SliceConditioning | None:
        """How the next answers are made to agree with what the user said; None: as they are."""
        return self._network.answers.conditioning

    @conditioning.setter
    def conditioning(self, conditioning: SliceConditioning | None) -> None:
        self._network.answers.conditioning = conditioning

    def set_predictor(self, predictor: SessionModel, slices: NDArray[Any] | None = None) -> None:
        """Answer with ``predictor`` from now on; labels, interactions and undo stay.

        ``slices`` are those of the same series, prepared as ``predictor.preprocessing`` says; None
        keeps the present ones. Raises CheckpointError when the classes are not those of the
        session, ConfigurationError when other preprocessing needs new slices, and
        InvalidImageError when these do not fit.
        """
        check_classes(predictor.classes, self._classes)
        if slices is None:
            if predictor.preprocessing != self.predictor.preprocessing:
                raise ConfigurationError(
                    f"the model {predictor.version} needs slices of {self.series_name!r} with "
                    f"{predictor.preprocessing}, the session has them with "
                    f"{self.predictor.preprocessing}; give the new slices, too"
                )
            slices = self._slices
        check_other_slices(slices, self.shape, self.series_name)
        answers = answers_of(predictor, slices)
        answers.conditioning = self.conditioning
        self._network.answers.release()
        self._network.answers, self._slices = answers, slices

    def add(self, *interactions: Interaction) -> SliceResult:
        """One interaction round: ``interactions``, all on one slice, and the network's answer.

        An accepted slice is no longer accepted afterwards. Raises InteractionError when they lie
        on several slices, outside the series, or give a class that does not exist.
        """
        slice_index = check_round(interactions, self.shape, self._classes)
        answered = self._network.answered(slice_index, interactions)
        return self._states.take({slice_index: answered})

    def segment(self, slice_index: int) -> SliceResult:
        """An automatic round: the network answers without anything new from the user.

        Where the last rounds are automatic ones, this answer takes their place, so asking again
        after a change of model gives what the new model says. Raises InteractionError when there
        is no such slice or it is accepted.
        """
        slice_index = self._check(slice_index)
        if self._states[slice_index].accepted:
            raise InteractionError(
                f"slice {slice_index} is accepted; reopen it before it is segmented again"
            )
        return self._states.take({slice_index: self._network.segmented(slice_index)})

    def segment_series(
        self,
        progress: Callable[[int, int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> SliceResult | None:
        """Segment all untouched slices as one step; None when there is nothing to do.

        So are slices with nothing but the proposal of another model than the present one.
        ``progress`` is told (slices done, slices in all). The network is asked for several slices
        at once where none begins with its neighbor; ``cancel`` is asked before each time, and when
        it says yes, the slices that are done stay.
        """
        waiting = self.waiting_for(self.predictor.version)
        if not waiting:
            return None
        done = self._network.begun(waiting, progress or tell_nobody, cancel or go_on)
        return self._states.take(done) if done else None

    def import_proposals(self, proposals: Iterable[tuple[int, Tensor]], version: str) -> bool:
        """Take what the igniter ``version`` says of slices; whether there was something to take.

        proposals: indices with probabilities (N, h, w), in any order (``MappedIgniter``). Slices of
        which somebody has said something stay. The others have its labels from now on, and its
        probabilities for the next prediction to see. It is what the user begins with: no step that
        could be undone.

        Raises InvalidLabelmapError when a proposal does not fit the series, and what ``proposals``
        raise; then nothing has changed.
        """
        waiting = set(self.waiting_for(version))
        found: dict[int, SliceState] = {}
        for index, probabilities in proposals:
            check_proposal(index, probabilities.shape, self.shape, self._classes)
            if index in waiting:
                found[index] = proposed_slice(StoredProbabilities(probabilities), version)
        if found:
            self._states.begin_with(found)
        return bool(found)

    def import_labels(
        self, slice_index: int, labels: NDArray[Any], *, proposal: bool = False
    ) -> SliceResult:
        """Take labels (h, w) of class indices that were edited elsewhere.

        They become the slice's labels, and with probability 1 for each pixel's class a round that
        a sequential memory passes on to the next prediction. Pixels that differ from the labels
        before (background where there were none) obey from now on like a stroke, unless the
        labels are a ``proposal``, which the next prediction may overrule. The slice is no longer
        accepted. Raises InvalidLabelmapError when the labels do not fit.
        """
        slice_index = self._check(slice_index)
        check_labels(labels, self.shape[1:], self._classes)
        own = np.array(labels, dtype=np.uint8)
        own.setflags(write=False)
        before = self._states.result(slice_index).labels
        stored = StoredProbabilities.from_labels(own, len(self._classes))
        edit = None if proposal else edit_between(before, own)
        imported = SliceRound.from_elsewhere(stored, "labels", edit)
        rounds = remembered(
            (*self._states[slice_index].rounds, imported), self._network.answers.depth
        )
        return self._states.take({slice_index: SliceState(rounds, own)})

    def reset_slice(self, slice_index: int) -> SliceResult:
        """Forget everything about a slice: interactions, memory, labels, acceptance."""
        slice_index = self._check(slice_index)
        return self._states.take({slice_index: UNTOUCHED})

    def accept_slice(self, slice_index: int) -> SliceResult:
        """Mark a slice as finished; one that was never segmented is accepted as background."""
        return self._set_accepted(slice_index, True)

    def unaccept_slice(self, slice_index: int) -> SliceResult:
        """Reopen an accepted slice."""
        return self._set_accepted(slice_index, False)

    def mark_accepted(self, slice_index: int, accepted: bool = True) -> SliceResult:
        """Accept a slice or reopen it outside of the history: undo takes back the steps around it.

        For hosts whose history knows voxels only. A slice that nobody segmented is accepted as
        background.
        """
        return self._states.mark(self._check(slice_index), accepted)

    def withdraw(self) -> Step | None:
        """Take the last step back as if it had not been made; None when there is none.

        What was undone before it stays lost.
        """
        return self._states.withdraw()

    def repeat(self, step: Step) -> SliceResult:
        """Take a step that was withdrawn; the steps since then must not be on its slices."""
        return self._states.repeat(step)

    def undo(self) -> SliceResult | None:
        """Take the last step back, on whichever slice it was; None when there is none left."""
        return self._states.undo()

    def redo(self) -> SliceResult | None:
        """Take the last undone step again; None when there is none."""
        return self._states.redo()

    def save(self, file: SessionFile, *, with_history: bool = True) -> None:
        """Write everything but image and model to one file: a path (atomically) or an open one.

        ``with_history`` says whether the steps that can be undone or redone are part of it. What
        was compressed for an earlier save is not compressed again. ``kept_as`` names
        what was saved. Raises ProjectError when the path cannot be written.
        """
        history = self._states.history
        if self.kept_as is None or self.revision != self._kept_revision:
            self.kept_as = f"{self._identity}-{self.revision}"
            self._kept_revision = self.revision
        content = SessionContent(
            self.series_name,
            self.shape,
            self._classes,
            self.start_from_neighbor,
            self._states.touched,
            history if with_history else History(history.limit),
            self._packed,
            self.kept_as,
        )
        write_session(file, content)

    @classmethod
    def restore(
        cls,
        file: SessionFile,
        predictor: SessionModel,
        slices: NDArray[Any],
        series_name: str | None = None,
    ) -> InteractiveSession:
        """The session that was saved to ``file`` (a path or an open file), undo and redo included.

        Raises ProjectError when the file is missing, damaged, too new, or of a series of another
        name (checked when ``series_name`` is given) or shape, and CheckpointError when the
        predictor's classes are not those of the session.
        """
        content = read_session(file, slices.shape, series_name)
        check_classes(predictor.classes, content.classes)
        session = cls(predictor, slices, content.series_name)
        session._states = SliceStates(session.shape, content.history, content.states)
        session._network = NetworkRounds(
            session._network.answers, session._states, from_neighbor=content.start_from_neighbor
        )
        session._packed = content.packed
        session.kept_as = content.kept_as
        return session

    def _set_accepted(self, slice_index: int, accepted: bool) -> SliceResult:
        slice_index = self._check(slice_index)
        state = self._states[slice_index]
        if state.accepted == accepted:
            return self._states.result(slice_index)
        return self._states.take({slice_index: replace(state, accepted=accepted)})
