"""Sessions in which an igniter answers, because there is no model of ours."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.errors import (
    CheckpointError,
    InteractionError,
    InvalidImageError,
    SaimError,
)
from SAIMCore.interactions import Click, Stroke
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.session.small_igniter import SmallIgniter, igniter_model

Slices = NDArray[np.float16]
STRONG = SliceConditioning(ConditioningOptions(200, 0.1, 0))


@pytest.fixture(params=[True, False], ids=["trainable", "not trainable"])
def igniter(request: pytest.FixtureRequest) -> SmallIgniter:
    return SmallIgniter(request.param)


@pytest.fixture
def fixed() -> SmallIgniter:
    """One that cannot be trained, like a network for volumes."""
    return SmallIgniter(trains=False)


def begin(slices: Slices, igniter: SmallIgniter, **mapping: object) -> InteractiveSession:
    return InteractiveSession(igniter_model(slices, igniter, **mapping), slices, "a")


def proposal(slices: Slices, igniter: SmallIgniter) -> Slices:
    """What the igniter says, as labels; its classes are numbered like those of the session."""
    with torch.no_grad():
        logits = igniter.network(torch.from_numpy(slices.astype(np.float32))[:, None])
    # As precise as a session keeps them.
    return logits.softmax(dim=1).half().argmax(dim=1).numpy().astype(np.uint8)


def otherwise(session: InteractiveSession, row: int, column: int) -> int:
    return (int(session.result(1).labels[row, column]) + 1) % 3


def test_the_series_is_segmented_as_the_igniter_proposes(
    slices: Slices, igniter: SmallIgniter
) -> None:
    session = begin(slices, igniter)
    session.add(Click(3, 1, 1, 1))
    told: list[tuple[int, int]] = []
    result = session.segment_series(lambda done, total: told.append((done, total)))
    assert result is not None
    assert (result.slice_index, *result.other_slices) == (0, 1, 2, 4)
    assert told[-1] == (5, 5)
    expected = proposal(slices, igniter)
    for index in (0, 1, 2, 4):
        assert np.array_equal(session.labels()[index], expected[index])
    assert session.segment_series() is None, "nothing is left to do"
    session.undo()
    assert session.result(0).stored is None


def test_what_was_proposed_before_it_was_cancelled_stays(
    slices: Slices, igniter: SmallIgniter
) -> None:
    session = begin(slices, igniter)
    assert session.segment_series(cancel=lambda: True) is None
    result = session.segment_series(cancel=lambda: igniter.asked == 2)
    assert result is not None
    assert (result.slice_index, *result.other_slices) == (3, 4)


def test_the_igniter_s_own_network_agrees_with_a_stroke(slices: Slices) -> None:
    igniter = SmallIgniter()
    session = begin(slices, igniter)
    session.segment_series()
    session.conditioning = STRONG
    before = [weight.clone() for weight in igniter.network.parameters()]
    wanted = otherwise(session, 10, 10)
    stroke = Stroke(1, ((10, 10), (10, 30)), wanted, 1)
    probabilities = session.add(stroke).probabilities
    assert probabilities is not None
    rows, columns = stroke.pixels((40, 50))
    assert (probabilities.argmax(axis=0)[rows, columns] == wanted).all()
    assert (probabilities.argmax(axis=0) != proposal(slices, igniter)[1]).sum() > len(rows), (
        "and so do other pixels"
    )
    for weight, unchanged in zip(igniter.network.parameters(), before, strict=True):
        assert torch.equal(weight, unchanged)


def test_it_agrees_without_being_asked_to(slices: Slices) -> None:
    session = begin(slices, SmallIgniter())
    assert session.conditioning is None
    session.segment(1)
    plain = session.result(1).probabilities
    answered = session.add(Click(1, 20, 20, otherwise(session, 20, 20))).probabilities
    assert plain is not None
    assert answered is not None
    assert not np.array_equal(plain[:, 30:], answered[:, 30:]), "the network was trained"


def test_marks_are_written_into_a_proposal_that_cannot_be_trained(
    slices: Slices, fixed: SmallIgniter
) -> None:
    session = begin(slices, fixed)
    expected = proposal(slices, fixed)[1].copy()
    session.segment_series()
    for row, column in ((10, 10), (30, 40)):
        click = Click(1, row, column, otherwise(session, row, column))
        result = session.add(click)
        expected[row, column] = click.class_index
        assert result.labels[row, column] == click.class_index
    found = session.result(1)
    assert found.probabilities is not None
    near = np.zeros((40, 50), dtype=bool)
    near[7:14, 7:14] = near[27:34, 37:44] = True
    assert np.array_equal(found.labels[~near], expected[~near])
    assert found.probabilities[expected[10, 10], 10, 10] == 1


def test_marks_grow_where_that_is_wanted(slices: Slices, fixed: SmallIgniter) -> None:
    flat = np.zeros_like(slices)
    flat[:, :, 25:] = 3
    session = begin(flat, fixed)
    session.segment(1)
    before = session.result(1).labels
    wanted = otherwise(session, 20, 10)
    session.conditioning = SliceConditioning(threshold=1.0)
    labels = session.add(Click(1, 20, 10, wanted)).labels
    assert (labels[:, :25] == wanted).all()
    assert np.array_equal(labels[:, 25:], before[:, 25:])


def test_one_edited_pixel_does_not_grow(slices: Slices, fixed: SmallIgniter) -> None:
    flat = np.zeros_like(slices)
    session = begin(flat, fixed)
    shown = session.segment(1).labels
    edited = shown.copy()
    edited[18, 20] = wanted = (int(shown[18, 20]) + 1) % 3
    session.import_labels(1, edited)
    session.conditioning = SliceConditioning(threshold=1.0, reach=3)
    labels = session.add(Click(1, 1, 1, int(shown[1, 1]))).labels
    assert labels[18, 20] == wanted
    assert (labels != shown).sum() == 1


def test_a_class_that_the_igniter_does_not_know_is_written_too(slices: Slices) -> None:
    session = begin(slices, SmallIgniter(), mapping="organ=liver,lesion=liver")
    session.conditioning = SliceConditioning(threshold=1e-6, reach=0)
    stroke = Stroke(1, ((10, 10), (10, 30)), 2, 1)
    found = session.add(stroke)
    rows, columns = stroke.pixels((40, 50))
    assert found.probabilities is not None
    assert (found.probabilities[2][rows, columns] == 1).all()
    assert (found.labels == 2).sum() == len(rows)


def test_without_a_proposal_clicks_begin_on_background(slices: Slices) -> None:
    igniter = SmallIgniter(trains=False, knows=False)
    session = begin(slices, igniter)
    assert session.segment_series() is None
    with pytest.raises(InteractionError, match="there is no labelmap of 'a'"):
        session.segment(1)
    labels = session.add(Click(1, 20, 20, 2)).labels
    assert labels[20, 20] == 2
    assert set(np.unique(labels)) == {0, 2}


def test_one_slice_is_proposed_without_the_others_where_that_can_be(slices: Slices) -> None:
    igniter = SmallIgniter()
    session = begin(slices, igniter)
    assert np.array_equal(session.segment(1).labels, proposal(slices, igniter)[1])
    assert igniter.asked == 0


def test_one_that_looks_at_volumes_is_asked_once(slices: Slices, fixed: SmallIgniter) -> None:
    session = begin(slices, fixed)
    for index in (1, 2):
        assert np.array_equal(session.segment(index).labels, proposal(slices, fixed)[index])
    session.segment_series()
    assert fixed.asked == 5


def test_labels_that_are_not_the_igniter_s_stay(slices: Slices, igniter: SmallIgniter) -> None:
    session = begin(slices, igniter)
    labels = np.zeros((40, 50), np.uint8)
    labels[5:15, 5:15] = 1
    session.import_labels(1, labels, proposal=True)
    answered = session.add(Click(1, 30, 30, 2)).labels
    far = np.ones((40, 50), dtype=bool)
    far[26:35, 26:35] = False
    assert np.array_equal(answered[far], labels[far])
    assert answered[30, 30] == 2


def test_what_was_edited_elsewhere_obeys(slices: Slices, igniter: SmallIgniter) -> None:
    session = begin(slices, igniter)
    session.segment(1)
    edited = session.result(1).labels.copy()
    edited[5:9, 5:9] = (edited[5:9, 5:9] + 1) % 3
    session.import_labels(1, edited)
    answered = session.add(Click(1, 30, 30, otherwise(session, 30, 30))).labels
    assert np.array_equal(answered[5:9, 5:9], edited[5:9, 5:9])
    assert np.array_equal(session.segment(1).labels[5:9, 5:9], edited[5:9, 5:9])


def test_undo_and_redo(slices: Slices, igniter: SmallIgniter) -> None:
    session = begin(slices, igniter)
    before = session.segment(1)
    after = session.add(Click(1, 20, 20, otherwise(session, 20, 20)))
    session.undo()
    assert np.array_equal(session.result(1).probabilities, before.probabilities)
    session.redo()
    assert np.array_equal(session.result(1).labels, after.labels)


def test_what_neighbors_show_is_nothing_to_an_igniter(
    slices: Slices, igniter: SmallIgniter
) -> None:
    session = begin(slices, igniter)
    session.start_from_neighbor = True
    session.segment_series()
    assert np.array_equal(session.labels(), proposal(slices, igniter))
    session.reset_slice(1)
    clicked = session.add(Click(1, 20, 20, 1))
    session.start_from_neighbor = False
    session.reset_slice(1)
    assert np.array_equal(session.add(Click(1, 20, 20, 1)).labels, clicked.labels)


def test_slices_of_another_series_are_refused(slices: Slices) -> None:
    with pytest.raises(InvalidImageError, match="the igniter small sees a series"):
        InteractiveSession(igniter_model(slices), slices[:4], "a")


def test_a_broken_network_leaves_the_session_as_it_was(
    slices: Slices, igniter: SmallIgniter
) -> None:
    session = begin(slices, igniter)
    session.segment(1)
    for weight in igniter.network.parameters():
        weight.data.fill_(float("nan"))
    if igniter.trains:
        with pytest.raises(CheckpointError, match="no numbers"):
            session.segment(2)
        with pytest.raises(CheckpointError, match="no numbers"):
            session.add(Click(1, 20, 20, 1))
    assert session.interactions(1) == ()
    assert session.result(2).stored is None


def test_a_memory_too_small_for_gradients_is_one_sentence(
    slices: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    session = begin(slices, SmallIgniter())
    session.segment(1)
    monkeypatch.setattr("SAIMCore.session.igniter_model.conditioned_answer", fail)
    with pytest.raises(SaimError, match="too small to make the igniter small agree"):
        session.add(Click(1, 20, 20, 1))
    assert session.interactions(1) == ()


def test_an_error_of_another_kind_is_not_called_a_short_memory(
    slices: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("CUDA error")

    session = begin(slices, SmallIgniter())
    monkeypatch.setattr("SAIMCore.session.igniter_model.conditioned_answer", fail)
    with pytest.raises(RuntimeError, match="CUDA error"):
        session.add(Click(1, 20, 20, 1))


def test_a_network_without_layers_is_one_that_cannot_be_trained(slices: Slices) -> None:
    igniter = SmallIgniter()
    igniter.network = nn.Softmax(dim=1)
    assert not igniter_model(slices, igniter).trains


def test_it_says_who_it_is(slices: Slices, igniter: SmallIgniter) -> None:
    model = igniter_model(slices, igniter)
    assert isinstance(model, IgniterModel)
    assert model.name == "small"
    assert model.version.startswith("igniter:small-")
    assert model.trains is igniter.trains
    assert model.no_proposal is None
