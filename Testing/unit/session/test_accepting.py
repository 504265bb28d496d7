from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.errors import InteractionError, InvalidLabelmapError
from SAIMCore.interactions import Click
from SAIMCore.session.interactive import InteractiveSession


def test_accepting_keeps_the_labels_and_reopening_as_well(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    before = session.add(Click(2, 1, 1, 1))
    result = session.accept_slice(2)
    assert result.accepted
    assert result.labels is before.labels
    assert result.changed_box is None
    assert session.accepted_slices == (2,)
    assert not session.unaccept_slice(2).accepted
    assert session.accepted_slices == ()


def test_accepting_twice_is_one_step(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.accept_slice(1)
    session.accept_slice(1)
    session.undo()
    assert not session.can_undo
    session.unaccept_slice(1)
    assert not session.can_undo


def test_a_slice_that_was_never_segmented_can_be_accepted_as_background(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    assert session.accept_slice(0).labels.sum() == 0
    session.segment_series()
    assert session.labels()[0].sum() == 0


def test_a_click_on_an_accepted_slice_reopens_it_in_one_step(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    session.accept_slice(0)
    assert not session.add(Click(0, 5, 5, 2)).accepted
    assert session.accepted_slices == ()
    assert session.undo().accepted
    assert session.accepted_slices == (0,)


def test_an_accepted_slice_is_not_segmented_again_behind_the_users_back(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    accepted = session.accept_slice(0).labels
    with pytest.raises(InteractionError, match="slice 0 is accepted; reopen it"):
        session.segment(0)
    session.segment_series()
    assert session.result(0).labels is accepted


def test_resetting_forgets_everything_about_the_slice(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    session.accept_slice(0)
    result = session.reset_slice(0)
    assert not result.accepted
    assert result.labels.sum() == 0
    assert result.probabilities is None
    fresh = InteractiveSession(linear(), slices, "a")
    click = Click(0, 8, 8, 2)
    assert np.array_equal(session.add(click).probabilities, fresh.add(click).probabilities)


def test_imported_labels_become_those_of_the_slice_and_can_be_undone(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    before = session.add(Click(0, 1, 1, 1)).labels
    session.accept_slice(0)
    labels = np.random.default_rng(0).integers(0, 3, (40, 50), dtype=np.uint8)
    result = session.import_labels(0, labels)
    assert np.array_equal(result.labels, labels)
    assert not result.accepted
    labels[:] = 0
    assert session.labels()[0].any(), "the caller's array is not kept"
    undone = session.undo()
    assert undone.labels is before
    assert undone.accepted


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((50, 40), np.uint8), r"\(50, 40\) for a slice of 40 x 50"),
        (np.zeros((40, 50), np.float32), "float32"),
        (np.full((40, 50), 3, np.uint8), "label 3 is no class index"),
        (np.full((40, 50), -1, np.int16), "label -1"),
    ],
)
def test_imported_labels_that_do_not_fit_are_refused(linear, slices, labels, message):
    session = InteractiveSession(linear(), slices, "a")
    with pytest.raises(InvalidLabelmapError, match=message):
        session.import_labels(0, labels)
    assert not session.can_undo


@pytest.mark.parametrize("index", [1.0, "1", None])
def test_slices_that_are_no_whole_number_are_refused(linear, slices, index):
    with pytest.raises(InteractionError, match=f"the slice is {index!r}; give a whole number"):
        InteractiveSession(linear(), slices, "a").accept_slice(index)


@pytest.mark.parametrize(
    "method",
    ["segment", "reset_slice", "accept_slice", "unaccept_slice", "result", "uncertainty"],
)
@pytest.mark.parametrize("index", [-1, 5])
def test_slices_that_do_not_exist_are_refused(linear, slices, method, index):
    session = InteractiveSession(linear(), slices, "a")
    with pytest.raises(InteractionError, match=f"slice {index} is not in the series"):
        getattr(session, method)(index)
