"""What a session knows of one slice: immutable, so that undo can share it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.interactions import Interaction
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.stored_probabilities import StoredProbabilities

__all__ = [
    "UNCHANGED",
    "UNTOUCHED",
    "SliceResult",
    "SliceRound",
    "SliceState",
    "changed_box",
    "edit_between",
    "first_rounds",
    "remembered",
]


# In an edit: the user left this pixel as it was. No class has this index (``ClassTable``).
UNCHANGED = 255

Origin = Literal["network", "igniter", "neighbor", "labels"]

# Where answers come from.
_ANSWERS: tuple[Origin, ...] = ("network", "igniter")


@dataclass(frozen=True, eq=False)
class SliceRound:
    """One interaction round of a slice, as the memory reads it.

    Mask pixels are drawn when the network's input is filled; padding at the bottom and right
    stays 0. ``origin`` says where the probabilities come from: the answer of the network or of an
    igniter to this round, the neighboring slice, or imported labels. ``edit`` (h, w), read-only,
    holds the classes that the user gave to pixels outside the session, ``UNCHANGED`` everywhere
    else. ``model`` is the version of the model or igniter that answered, None where none did.
    """

    drawn: DrawnInteractions
    probabilities: StoredProbabilities | None = None
    origin: Origin = "network"
    edit: NDArray[np.uint8] | None = None
    model: str | None = None

    @classmethod
    def from_elsewhere(
        cls,
        probabilities: StoredProbabilities,
        origin: Origin,
        edit: NDArray[np.uint8] | None = None,
        model: str | None = None,
    ) -> SliceRound:
        """A round without interactions in which the network was not asked."""
        _, height, width = probabilities.tensor.shape
        return cls(DrawnInteractions((), (height, width)), probabilities, origin, edit, model)

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What the user said in this round; empty when it was automatic."""
        return self.drawn.interactions

    @property
    def automatic(self) -> bool:
        """Whether it is an answer without the user saying anything in this round."""
        return not self.interactions and self.origin in _ANSWERS

    def add_masks(self, out: Tensor) -> None:
        """Merge the interaction masks into ``out`` (1, N, H, W) by maximum."""
        self.drawn.add_masks(out[0])

    def write_probabilities(self, out: Tensor) -> None:
        """Write the probabilities, if there are any, to ``out`` (1, N, H, W)."""
        if self.probabilities is not None:
            height, width = self.drawn.shape
            out[0, :, :height, :width].copy_(self.probabilities.tensor)

    def impose(self, labels: NDArray[np.uint8]) -> None:
        """Make the interacted and edited pixels of ``labels`` (h, w) obey this round."""
        if self.edit is not None:
            np.copyto(labels, self.edit, where=self.edit != UNCHANGED)
        self.drawn.impose(labels)

    def without_probabilities(self) -> SliceRound:
        """The interactions alone."""
        return self if self.probabilities is None else replace(self, probabilities=None)


@dataclass(frozen=True, eq=False)
class SliceState:
    """Interaction rounds (oldest first), labels (h, w) read-only if any, and whether accepted."""

    rounds: tuple[SliceRound, ...] = ()
    labels: NDArray[np.uint8] | None = None
    accepted: bool = False

    @property
    def touched(self) -> bool:
        return self.accepted or self.labels is not None

    @property
    def automatic(self) -> bool:
        """Whether it is a model's proposal, to which the user has said nothing yet."""
        return (
            bool(self.rounds)
            and not self.accepted
            and self.rounds[-1].automatic
            and all(past.automatic or past.origin == "neighbor" for past in self.rounds)
        )

    def waits_for(self, version: str) -> bool:
        """Whether nobody has said anything of the slice, nor has the model ``version``."""
        if not self.touched:
            return True
        return self.automatic and self.rounds[-1].model != version

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """All interactions, oldest first."""
        return tuple(
            interaction for past_round in self.rounds for interaction in past_round.interactions
        )

    @property
    def probabilities(self) -> StoredProbabilities | None:
        """Those of the last round."""
        return self.rounds[-1].probabilities if self.rounds else None


UNTOUCHED = SliceState()


def first_rounds(neighbors: Iterable[SliceState]) -> tuple[SliceRound, ...]:
    """How an untouched slice begins beside ``neighbors``: with the probabilities of one of them.

    An accepted neighbor is the better start; else the first one that has any.
    """
    for state in sorted(neighbors, key=lambda state: not state.accepted):
        if state.probabilities is not None:
            return (SliceRound.from_elsewhere(state.probabilities, "neighbor"),)
    return ()


@dataclass(frozen=True, eq=False)
class SliceResult:
    """A slice after a step: what a host shows.

    ``labels`` (h, w) are read-only. ``changed_box`` (first row, end row, first column, end
    column; ends are exclusive) holds every pixel whose label the step changed, None when none
    did. ``other_slices`` are further slices that the same step changed (``segment_series``).
    """

    slice_index: int
    labels: NDArray[np.uint8]
    stored: StoredProbabilities | None
    accepted: bool
    changed_box: tuple[int, int, int, int] | None
    other_slices: tuple[int, ...] = ()

    @property
    def probabilities(self) -> NDArray[np.float16] | None:
        """(N, h, w), read-only, None when nothing was predicted; copied to the host when asked."""
        return None if self.stored is None else self.stored.array()


def changed_box(
    before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> tuple[int, int, int, int] | None:
    """First and end row, first and end column of what differs (ends exclusive), None if equal."""
    differs = before != after
    rows = np.flatnonzero(differs.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(differs[rows[0] : rows[-1] + 1].any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def edit_between(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The edit (h, w) that makes ``before`` into ``after``, read-only."""
    edit = np.where(before != after, after, np.uint8(UNCHANGED))
    edit.setflags(write=False)
    return edit


def remembered(rounds: Sequence[SliceRound], depth: int) -> tuple[SliceRound, ...]:
    """``rounds`` with probabilities only in the last ``depth``: no memory reads older ones."""
    older, latest = rounds[:-depth], rounds[-depth:]
    return (*(past_round.without_probabilities() for past_round in older), *latest)
