from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.acquisition import pixel_entropy
from SAIMCore.interactions import Click
from SAIMCore.session import answering
from SAIMCore.session.interactive import InteractiveSession


def test_the_series_is_segmented_where_the_user_has_done_nothing_yet(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    clicked = session.add(Click(1, 1, 1, 1)).labels
    session.accept_slice(3)
    seen = []
    result = session.segment_series(progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert (result.slice_index, *result.other_slices) == (0, 2, 4)
    assert session.result(1).labels is clicked
    alone = InteractiveSession(linear(), slices, "a")
    for index in (0, 2, 4):
        assert np.array_equal(session.labels()[index], alone.segment(index).labels)
    assert session.labels()[3].sum() == 0
    assert session.segment_series() is None, "nothing is left to do"


def test_segmenting_the_series_is_one_step_to_undo(linear, slices):
    session = InteractiveSession(linear(), slices, "a", undo_limit=2)
    session.add(Click(1, 1, 1, 1))
    session.segment_series()
    after = session.labels()
    undone = session.undo()
    assert (undone.slice_index, *undone.other_slices) == (0, 2, 3, 4)
    assert np.flatnonzero(session.labels().any(axis=(1, 2))).tolist() == [1]
    session.redo()
    assert np.array_equal(session.labels(), after)
    session.undo()
    assert session.undo().slice_index == 1


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is asked for two slices at once."""
    monkeypatch.setattr(answering, "BATCH_SIZE", 2)


@pytest.mark.usefixtures("pairs")
def test_a_cancelled_segmentation_keeps_what_is_done(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    result = session.segment_series(cancel=lambda: len(predictor.inputs) == 2)
    assert (result.slice_index, *result.other_slices) == (0, 1)
    assert session.result(2).probabilities is None
    session.undo()
    assert session.result(0).probabilities is None


def test_slices_that_begin_with_their_neighbor_can_be_cancelled_one_by_one(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a", start_from_neighbor=True)
    result = session.segment_series(cancel=lambda: len(predictor.inputs) == 3)
    assert (result.slice_index, *result.other_slices) == (0, 1, 2)
    assert predictor.batches == [1, 1, 1]


@pytest.mark.usefixtures("pairs")
@pytest.mark.parametrize("variant", ["none", "base", "cumulative", "sequential"])
def test_slices_that_are_answered_together_are_answered_like_single_ones(linear, slices, variant):
    predictor = linear(variant)
    session = InteractiveSession(predictor, slices, "a")
    session.accept_slice(1)
    seen = []
    session.segment_series(progress=lambda done, total: seen.append((done, total)))
    assert predictor.batches == [2, 2]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    alone = InteractiveSession(linear(variant), slices, "a")
    for index in (0, 2, 3, 4):
        expected = alone.segment(index)
        found = session.result(index)
        assert np.array_equal(found.probabilities, expected.probabilities)
        assert np.array_equal(found.labels, expected.labels)
        # And so they go on.
        click = Click(index, 7, 9, 2)
        assert np.array_equal(session.add(click).probabilities, alone.add(click).probabilities)


@pytest.mark.usefixtures("pairs")
def test_a_model_that_fails_on_a_later_batch_leaves_the_series_as_it_was(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")

    def progress(done: int, total: int) -> None:
        predictor.broken = done == 2

    with pytest.raises(RuntimeError, match="out of memory"):
        session.segment_series(progress)
    assert predictor.batches == [2]
    assert not session.can_undo
    assert session.result(0).probabilities is None


@pytest.mark.parametrize(("size", "together"), [(64, 16), (128, 16), (256, 4), (512, 1), (1024, 1)])
def test_large_slices_are_answered_one_by_one_on_a_cpu(linear, size, together):
    stack = np.zeros((1, size, size), dtype=np.float16)
    predictor = linear()
    assert answering.SliceAnswers(predictor, stack).batch_size == together
    predictor.device = torch.device("meta")
    assert answering.SliceAnswers(predictor, stack).batch_size == 16


def test_cancelled_before_the_first_slice_nothing_happened(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    assert session.segment_series(cancel=lambda: True) is None
    assert not session.can_undo


def test_slices_hand_their_result_on_to_the_next_one(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a", start_from_neighbor=True)
    session.segment_series()
    for index in range(1, 5):
        passed_on = predictor.inputs[index][1][0, 9:12, :40, :50]
        before = session.result(index - 1).probabilities
        assert torch.equal(passed_on, torch.tensor(before).float())


def test_uncertainty_is_the_entropy_of_the_last_answer(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    assert session.uncertainty(0) is None
    session.segment(0)
    result = session.add(Click(0, 3, 3, 1))
    uncertainty = session.uncertainty(0)
    assert uncertainty.shape == (40, 50)
    expected = pixel_entropy(torch.tensor(result.probabilities)).numpy()
    assert uncertainty == pytest.approx(expected, abs=1e-6)
    assert uncertainty.min() >= 0
    assert uncertainty.max() <= 1 + 1e-6


def test_the_next_slice_is_the_most_uncertain_one_that_is_not_accepted(linear, slices):
    # The larger the intensities, the surer a linear map is.
    scaled = slices * np.array([4, 1, 2, 0, 3], np.float16)[:, None, None]
    session = InteractiveSession(linear(), scaled, "a")
    session.segment_series()
    order = []
    while (index := session.next_most_uncertain()) is not None:
        order.append(index)
        session.accept_slice(index)
    assert order == [3, 1, 2, 4, 0]


def test_slices_without_prediction_come_last_and_the_present_one_is_passed_over(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    assert session.next_most_uncertain() == 0
    session.import_labels(4, np.zeros((40, 50), np.uint8))
    assert session.next_most_uncertain() == 4, "certain, but predicted: before the unknown ones"
    assert session.next_most_uncertain(excluding=4) == 0
    for index in range(4):
        session.accept_slice(index)
    assert session.next_most_uncertain(excluding=4) is None


@pytest.mark.parametrize("start_from_neighbor", [False, True])
def test_proposals_of_an_earlier_model_are_renewed_as_one_step(linear, slices, start_from_neighbor):
    def new(seed: int) -> InteractiveSession:
        return InteractiveSession(
            linear(seed=seed), slices, "a", start_from_neighbor=start_from_neighbor
        )

    session = new(0)
    session.segment_series()
    session.set_predictor(linear(seed=1))
    old = session.labels()
    result = session.segment_series()
    assert (result.slice_index, *result.other_slices) == (0, 1, 2, 3, 4)
    fresh = new(1)
    fresh.segment_series()
    for index in range(5):
        renewed, expected = (one.result(index).probabilities for one in (session, fresh))
        assert np.array_equal(renewed, expected)
    assert session.segment_series() is None, "nothing is left to renew"
    session.undo()
    assert np.array_equal(session.labels(), old)
    assert session.segment_series() is not None, "the old proposals are there again"


def test_what_the_user_touched_is_not_renewed(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.segment_series()
    session.add(Click(0, 1, 1, 1))
    session.accept_slice(1)
    session.import_labels(2, np.ones((40, 50), np.uint8))
    session.segment(2)
    session.import_labels(3, np.ones((40, 50), np.uint8), proposal=True)
    session.set_predictor(linear(seed=1))
    result = session.segment_series()
    assert (result.slice_index, *result.other_slices) == (4,)


def test_a_reopened_session_renews_the_proposals_of_another_model(linear, slices, tmp_path):
    session = InteractiveSession(linear(), slices, "a")
    session.segment_series()
    session.save(tmp_path / "a.session")
    same = InteractiveSession.restore(tmp_path / "a.session", linear(), slices)
    assert same.segment_series() is None
    other = InteractiveSession.restore(tmp_path / "a.session", linear(seed=1), slices)
    assert len(other.segment_series().other_slices) == 4
