"""Sessions whose answers are made to agree with what the user said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.device import CPU
from SAIMCore.errors import SaimError
from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.predictor import Predictor
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.drawn_interactions import DrawnInteractions
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.slice_state import UNCHANGED, SliceRound
from Testing.unit.session.small_predictor import small_predictor

Slices = NDArray[np.float16]
STRONG = SliceConditioning(ConditioningOptions(60, 0.05, 0))


@pytest.fixture(params=[("none", "unet"), ("sequential", "unet"), ("sequential", "convlstm")])
def model(request: pytest.FixtureRequest) -> Predictor:
    return small_predictor(*request.param)


def otherwise(session: InteractiveSession, row: int, column: int) -> int:
    """A class that a pixel of slice 1 does not have."""
    return (int(session.result(1).labels[row, column]) + 1) % 3


def answered(session: InteractiveSession) -> NDArray[np.uint8]:
    """The classes of slice 1 as the network sees them, whatever is imposed on the labels."""
    probabilities = session.result(1).probabilities
    assert probabilities is not None
    return probabilities.argmax(axis=0)


def test_the_network_itself_agrees_with_the_stroke(model: Predictor, slices: Slices) -> None:
    session = InteractiveSession(model, slices, "a")
    session.segment_series()
    wanted = otherwise(session, 10, 10)
    stroke = Stroke(1, ((10, 10), (10, 30)), wanted, 1)
    session.conditioning = STRONG
    session.add(stroke)
    rows, columns = stroke.pixels((40, 50))
    assert (answered(session)[rows, columns] == wanted).all()


def test_the_network_itself_agrees_with_a_box(slices: Slices) -> None:
    session = InteractiveSession(small_predictor("sequential", "unet"), slices, "a")
    session.segment(1)
    wanted = otherwise(session, 10, 10)
    session.conditioning = STRONG
    session.add(Box(1, 8, 8, 14, 18, wanted))
    assert (answered(session)[8:15, 8:19] == wanted).all()


def test_the_model_is_the_same_afterwards(model: Predictor, slices: Slices) -> None:
    plain = InteractiveSession(model, slices, "a")
    expected = plain.segment(0)
    session = InteractiveSession(model, slices, "a")
    session.conditioning = STRONG
    session.add(Click(1, 20, 20, otherwise(session, 20, 20)))
    assert np.array_equal(session.segment(0).probabilities, expected.probabilities)


def test_without_anything_said_the_answers_are_the_network_s(
    model: Predictor, slices: Slices
) -> None:
    plain, session = (InteractiveSession(model, slices, "a") for _ in range(2))
    session.conditioning = STRONG
    assert np.array_equal(session.segment(1).probabilities, plain.segment(1).probabilities)


def test_earlier_rounds_and_edits_count_and_later_ones_win(
    model: Predictor, slices: Slices
) -> None:
    session = InteractiveSession(model, slices, "a")
    session.segment(1)
    edited = session.result(1).labels.copy()
    edited[5, 5] = first = (int(edited[5, 5]) + 1) % 3
    session.import_labels(1, edited)
    session.add(Click(1, 30, 40, 1))
    session.add(Click(1, 30, 40, 2))
    rounds = session._network.of(1)
    targets = STRONG.targets(slices[1], rounds)
    assert targets is not None
    assert targets[5, 5] == first
    assert targets[30, 40] == 2
    assert (targets != FREE).sum() == 1 + 5


def test_scribbles_grow_where_that_is_wanted(slices: Slices) -> None:
    session = InteractiveSession(small_predictor("none", "unet"), slices, "a")
    session.add(Click(1, 20, 20, 1))
    flat = np.zeros((40, 50), dtype=np.float32)
    flat[:, 25:] = 3
    grown = SliceConditioning(threshold=1.0).targets(flat, session._network.of(1))
    near = SliceConditioning(threshold=1.0, reach=1).targets(flat, session._network.of(1))
    assert grown is not None
    assert near is not None
    assert (grown[:, :25] == 1).all()
    assert (grown[:, 25:] == FREE).all()
    assert 5 < (near == 1).sum() < 30


def test_what_was_edited_elsewhere_is_obeyed_and_does_not_grow(slices: Slices) -> None:
    session = InteractiveSession(small_predictor("none", "unet"), slices, "a")
    session.add(Click(1, 20, 20, 1))
    edited = session.result(1).labels.copy()
    for place in ((5, 5), (20, 20), (35, 40)):
        edited[place] = (edited[place] + 1) % 3
    session.import_labels(1, edited)
    session.add(Click(1, 35, 40, 1))
    pixels = np.zeros((40, 50), dtype=np.float32)
    pixels[:, 25:] = 3
    targets = SliceConditioning(threshold=1.0).targets(pixels, session._network.of(1))
    assert targets is not None
    assert targets[5, 5] == edited[5, 5]
    assert targets[20, 20] == edited[20, 20], "a later edit counts more than a click"
    assert targets[35, 40] == 1, "and a later click more than an edit"
    assert (np.delete(targets.ravel(), [5 * 50 + 5, 20 * 50 + 20]) == 1).all()


def test_growth_ends_at_an_edit_that_parts_the_slice(slices: Slices) -> None:
    blank = np.zeros((40, 50), dtype=np.float32)
    wall = np.full((40, 50), UNCHANGED, dtype=np.uint8)
    wall[:, 30] = 0
    shape = (40, 50)
    rounds = (
        SliceRound(DrawnInteractions((), shape), edit=wall, origin="labels"),
        SliceRound(DrawnInteractions((Click(1, 20, 10, 1),), shape)),
    )
    targets = SliceConditioning(threshold=1.0).targets(blank, rounds)
    assert targets is not None
    assert (targets[:, :30] == 1).all()
    assert (targets[:, 30] == 0).all()
    assert (targets[:, 31:] == FREE).all()


def test_it_stays_switched_on_when_the_model_changes(model: Predictor, slices: Slices) -> None:
    session = InteractiveSession(model, slices, "a")
    session.conditioning = STRONG
    session.set_predictor(model)
    assert session.conditioning is STRONG
    session.conditioning = None
    assert session.conditioning is None


def test_undo_takes_it_back(model: Predictor, slices: Slices) -> None:
    session = InteractiveSession(model, slices, "a")
    before = session.segment(1)
    session.conditioning = STRONG
    session.add(Click(1, 20, 20, otherwise(session, 20, 20)))
    session.undo()
    assert np.array_equal(session.result(1).probabilities, before.probabilities)


def test_a_memory_too_small_for_gradients_is_one_sentence(
    slices: Slices, monkeypatch: pytest.MonkeyPatch, out_of_memory: Callable[..., None]
) -> None:
    session = InteractiveSession(small_predictor("none", "unet"), slices, "a")
    session.segment(1)
    before = session.result(1)
    session.conditioning = STRONG
    monkeypatch.setattr("SAIMCore.predictor.conditioned_answer", out_of_memory)
    with pytest.raises(SaimError, match="switch it off"):
        session.add(Click(1, 20, 20, 1))
    assert np.array_equal(session.result(1).labels, before.labels)
    assert session.interactions(1) == ()
    assert session.predictor.device == CPU


@pytest.fixture
def out_of_memory() -> Callable[..., None]:
    """What torch does then."""

    def fail(*_: object) -> None:
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"
        )

    return fail
