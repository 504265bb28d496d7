"""One series segmented by a model or an igniter, with clicks or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SAIMCore.errors import InvalidLabelmapError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from SAIMCore.cli.console import Console
    from SAIMCore.data.geometry import Geometry
    from SAIMCore.interactions import Interaction
    from SAIMCore.predictor import Predictor
    from SAIMCore.session.conditioning import SliceConditioning
    from SAIMCore.session.igniter_model import IgniterModel
    from SAIMCore.session.interactive import InteractiveSession

__all__ = ["PreparedSeries", "segment"]

BATCH_SIZE = 16


@dataclass(frozen=True)
class PreparedSeries:
    """Normalized slices (S, h, w) of the series ``name``, and the grid that they come from."""

    name: str
    slices: NDArray[Any]
    geometry: Geometry


def segment(
    console: Console,
    model: Predictor | IgniterModel,
    prepared: PreparedSeries,
    clicks: Sequence[Interaction],
    conditioning: SliceConditioning | None,
) -> NDArray[np.uint8]:
    """Labels (S, h, w): all slices as the model has them, those with ``clicks`` answered once more.

    Raises InteractionError for clicks that do not fit the series, InvalidLabelmapError where an
    igniter has nothing for it, and what the model raises.
    """
    from SAIMCore.session.clicks_file import group_by_slice
    from SAIMCore.session.igniter_model import IgniterModel
    from SAIMCore.session.interactive import InteractiveSession

    session = InteractiveSession(model, prepared.slices, prepared.name, undo_limit=0)
    session.conditioning = conditioning
    rounds = group_by_slice(clicks)
    _check(console, rounds, session)
    if isinstance(model, IgniterModel):
        stack = _proposed(console, model)
    else:
        stack = _automatic(console, model, prepared)
    with console.progress("answering the clicks") as bar:
        for done, (slice_index, interactions) in enumerate(rounds.items(), start=1):
            # What it has proposed an igniter remembers by itself.
            if not isinstance(model, IgniterModel):
                session.segment(slice_index)
            stack[slice_index] = session.add(*interactions).labels
            # One slice at a time is kept, however many have clicks.
            session.reset_slice(slice_index)
            bar(done, len(rounds))
    return stack


def _check(
    console: Console, rounds: Mapping[int, Sequence[Interaction]], session: InteractiveSession
) -> None:
    """Refuse what does not fit before anything is computed, and name what is contradictory."""
    from SAIMCore.conditioning.targets import contradiction
    from SAIMCore.session.checks import check_round

    for slice_index, interactions in rounds.items():
        check_round(interactions, session.shape, session.predictor.classes)
        sentence = contradiction(interactions, session.shape[1:])
        if sentence:
            console.warn(f"slice {slice_index}: {sentence}")


def _automatic(
    console: Console, predictor: Predictor, prepared: PreparedSeries
) -> NDArray[np.uint8]:
    import numpy as np

    from SAIMCore.likeliest import likeliest_class

    found = []
    total = len(prepared.slices)
    with console.progress("segmenting") as bar:
        for probabilities in predictor.automatic(prepared.slices, BATCH_SIZE):
            found.append(likeliest_class(probabilities).cpu().numpy())
            bar(sum(map(len, found)), total)
    return np.concatenate(found)


def _proposed(console: Console, igniter: IgniterModel) -> NDArray[np.uint8]:
    import numpy as np

    from SAIMCore.likeliest import likeliest_class

    if igniter.no_proposal is not None:
        raise InvalidLabelmapError(igniter.no_proposal)
    stack = np.zeros(igniter.shape, dtype=np.uint8)
    with console.progress("segmenting") as bar:
        for index, probabilities in igniter.proposals(bar):
            stack[index] = likeliest_class(probabilities.tensor).cpu().numpy()
    return stack
