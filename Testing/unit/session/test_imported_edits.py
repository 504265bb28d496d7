"""What the user changed outside the session obeys like a stroke, and later ones win."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.interactions import Click
from SAIMCore.memory import MEMORY_VARIANTS
from SAIMCore.session.interactive import InteractiveSession

FAR = Click(0, 35, 45, 1)


def edited(session: InteractiveSession, *pixels: tuple[int, int, int]) -> np.ndarray:
    """The labels of slice 0 with some (row, column, class) changed."""
    labels = session.labels()[0]
    for row, column, class_index in pixels:
        labels[row, column] = class_index
    return labels


@pytest.mark.parametrize("variant", MEMORY_VARIANTS)
def test_an_edited_pixel_wins_over_an_earlier_click_in_all_later_answers(constant, slices, variant):
    session = InteractiveSession(constant(0, variant), slices, "a")
    session.add(Click(0, 16, 16, 1))
    session.import_labels(0, edited(session, (16, 16, 2), (20, 20, 2)))
    for result in (session.add(FAR), session.segment(0)):
        assert result.labels[16, 16] == 2
        assert result.labels[20, 20] == 2
        assert result.labels[35, 45] == 1
        assert (result.labels > 0).sum() == 3


def test_a_later_click_wins_over_an_edit_and_a_later_edit_over_that(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    session.import_labels(0, edited(session, (16, 16, 2)))
    assert session.add(Click(0, 16, 16, 1)).labels[16, 16] == 1
    session.import_labels(0, edited(session, (16, 16, 0)))
    assert session.add(FAR).labels[16, 16] == 0


def test_what_was_erased_stays_erased(constant, slices):
    session = InteractiveSession(constant(1), slices, "a")
    session.segment(0)
    session.import_labels(0, edited(session, (3, 4, 0)))
    assert np.argwhere(session.add(FAR).labels == 0).tolist() == [[3, 4]]


def test_pixels_that_were_not_edited_are_the_networks_to_change(constant, slices):
    session = InteractiveSession(constant(1), slices, "a")
    session.segment(0)
    session.import_labels(0, edited(session, (3, 4, 2)))
    session.set_predictor(constant(0))
    assert (session.segment(0).labels > 0).sum() == 1


def test_a_proposal_may_be_overruled(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    labels = np.full((40, 50), 2, np.uint8)
    assert session.import_labels(0, labels, proposal=True).labels.min() == 2
    assert np.argwhere(session.add(FAR).labels).tolist() == [[35, 45]]


@pytest.mark.parametrize("variant", ["sequential", "none"])
def test_edits_survive_undo_redo_saving_and_forgotten_rounds(linear, slices, variant, tmp_path):
    session = InteractiveSession(linear(variant, depth=1), slices, "a")
    session.add(Click(0, 16, 16, 1))
    session.import_labels(0, edited(session, (16, 16, 2), (20, 20, 0)))
    session.add(FAR)
    after = session.labels()
    session.undo()
    session.undo()
    assert session.labels()[0, 16, 16] == 1
    session.redo()
    session.save(tmp_path / "a.session")
    reopened = InteractiveSession.restore(tmp_path / "a.session", linear(variant, depth=1), slices)
    for one in (session, reopened):
        one.redo()
        assert np.array_equal(one.labels(), after)
        for number in range(3):
            one.add(Click(0, number, number, 1))
        assert one.labels()[0, 16, 16] == 2
        assert one.labels()[0, 20, 20] == 0
    assert np.array_equal(session.labels(), reopened.labels())
