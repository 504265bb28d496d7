"""Whatever answers the interaction rounds of a session: our predictor, or an igniter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from SAIMCore.interactions import Interaction
from SAIMCore.session.answering import SliceAnswers
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.igniter_answers import IgniterAnswers
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.slice_predictor import SlicePredictor
from SAIMCore.session.slice_state import SliceRound, SliceState

__all__ = ["RoundAnswers", "SessionModel", "answers_of"]

SessionModel: TypeAlias = SlicePredictor | IgniterModel


class RoundAnswers(Protocol):
    """Answers to interaction rounds on the slices of one series.

    conditioning: how they are made to agree with what the user said; None: the way of the model.
    """

    conditioning: SliceConditioning | None

    @property
    def model(self) -> SessionModel:
        """Who answers."""

    @property
    def sees_rounds(self) -> bool:
        """Whether an answer depends on the probabilities of rounds before it."""

    @property
    def depth(self) -> int:
        """How many rounds of a slice must keep their probabilities."""

    def answer(
        self, slice_index: int, rounds: Sequence[SliceRound], interactions: Sequence[Interaction]
    ) -> SliceState:
        """The slice after a round of ``interactions`` that follows ``rounds`` was answered."""

    def begin(
        self,
        slice_indices: Sequence[int],
        progress: Callable[[int, int], None],
        cancel: Callable[[], bool],
    ) -> dict[int, SliceState]:
        """The slices after an automatic round each, nothing known of them before.

        ``progress`` is told (done, in all); when ``cancel`` ends it, the remaining slices are
        missing.
        """

    def release(self) -> None:
        """Keep nothing on a device."""


def answers_of(model: SessionModel, slices: NDArray[Any]) -> RoundAnswers:
    """How ``model`` answers on ``slices`` (S, h, w), prepared as ``model.preprocessing`` says.

    Raises InvalidImageError for an igniter of another series.
    """
    if isinstance(model, IgniterModel):
        return IgniterAnswers(model, slices)
    return SliceAnswers(model, slices)
