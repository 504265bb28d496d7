from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import (
    CheckpointError,
    ConfigurationError,
    InteractionError,
    InvalidImageError,
)
from SAIMCore.interactions import Box, Click, Stroke
from SAIMCore.session.interactive import InteractiveSession


def test_a_click_answers_with_the_labels_and_probabilities_of_its_slice(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    result = session.add(Click(2, 10, 20, 1))
    assert result.slice_index == 2
    assert result.labels.shape == (40, 50)
    assert result.labels.dtype == np.uint8
    assert result.probabilities.shape == (3, 40, 50)
    assert result.probabilities.dtype == np.float16
    assert result.probabilities.sum(axis=0, dtype=np.float32) == pytest.approx(1, abs=2e-3)
    assert np.array_equal(session.labels()[2], result.labels)
    assert session.labels()[[0, 1, 3, 4]].sum() == 0


def test_labels_are_the_likeliest_class_but_where_the_user_said_otherwise(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    result = session.segment(0)
    assert np.array_equal(result.labels, result.probabilities.argmax(axis=0))
    row, column = (int(axis[0]) for axis in np.nonzero(result.labels == 0))
    clicked = session.add(Click(0, row, column, 2))
    differs = clicked.labels != clicked.probabilities.argmax(axis=0)
    assert clicked.labels[row, column] == 2
    assert differs.sum() <= 1


def test_clicked_pixels_obey_a_network_that_always_says_background(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    stroke = Stroke(1, ((5, 5), (5, 15)), 2, radius=1)
    session.add(Click(1, 10, 20, 1), stroke)
    result = session.add(Click(1, 30, 30, 1))
    expected = np.zeros((40, 50), dtype=np.uint8)
    expected[10, 20] = 1
    expected[30, 30] = 1
    expected[stroke.pixels((40, 50))] = 2
    assert np.array_equal(result.labels, expected)
    assert np.array_equal(session.segment(1).labels, expected), "after an automatic round, too"


def test_all_of_a_box_obeys_and_a_later_click_in_it_wins(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    session.add(Box(1, 5, 6, 9, 12, 2))
    result = session.add(Click(1, 7, 8, 1))
    expected = np.zeros((40, 50), dtype=np.uint8)
    expected[5:10, 6:13] = 2
    expected[7, 8] = 1
    assert np.array_equal(result.labels, expected)


def test_a_background_click_obeys_a_network_that_never_says_background(constant, slices):
    session = InteractiveSession(constant(1), slices, "a")
    result = session.add(Click(0, 3, 4, 0))
    assert np.argwhere(result.labels == 0).tolist() == [[3, 4]]


@pytest.mark.parametrize("together", [True, False])
def test_where_clicks_contradict_each_other_the_later_one_wins(constant, slices, together):
    session = InteractiveSession(constant(0), slices, "a")
    clicks = [Click(0, 3, 4, 1), Click(0, 3, 4, 2)]
    if together:
        session.add(*clicks)
    else:
        for click in clicks:
            session.add(click)
    assert session.labels()[0, 3, 4] == 2


def test_slices_obey_their_own_clicks_only(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    session.add(Click(0, 3, 4, 1))
    session.add(Click(1, 5, 6, 2))
    assert np.argwhere(session.labels()).tolist() == [[0, 3, 4], [1, 5, 6]]


def test_the_changed_box_holds_all_that_changed_and_nothing_more(constant, slices):
    session = InteractiveSession(constant(0), slices, "a")
    assert session.segment(0).changed_box is None
    assert session.add(Click(0, 3, 4, 1), Click(0, 10, 2, 2)).changed_box == (3, 11, 2, 5)
    assert session.add(Click(0, 39, 49, 1)).changed_box == (39, 40, 49, 50)
    assert session.add(Click(0, 39, 49, 1)).changed_box is None
    assert session.undo().changed_box is None
    assert session.undo().changed_box == (39, 40, 49, 50)


def test_what_a_step_returned_does_not_change_with_later_steps(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    first = session.segment(0)
    kept = first.labels.copy(), first.probabilities.copy()
    session.add(Click(0, 3, 4, 1))
    session.add(Click(1, 3, 4, 1))
    assert np.array_equal(first.labels, kept[0])
    assert np.array_equal(first.probabilities, kept[1])
    with pytest.raises(ValueError, match="read-only"):
        first.labels[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        first.probabilities[0, 0, 0] = 1


def test_a_predictor_may_answer_in_memory_that_it_uses_again(linear, slices):
    class Reusing:
        def __init__(self):
            self.inner = linear()
            self.buffer = torch.zeros(1, 3, 64, 64)

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def probabilities(self, image, memory):
            self.buffer.copy_(self.inner.probabilities(image, memory))
            return self.buffer

    plain, reusing = (InteractiveSession(p, slices, "a") for p in (linear(), Reusing()))
    for session in (plain, reusing):
        session.segment(0)
        session.add(Click(0, 3, 4, 1))
        session.add(Click(0, 8, 4, 2))
    assert np.array_equal(plain.result(0).probabilities, reusing.result(0).probabilities)


def test_slices_may_be_a_memory_map(linear, slices, tmp_path):
    np.save(tmp_path / "slices.npy", slices)
    mapped = np.load(tmp_path / "slices.npy", mmap_mode="r")
    session = InteractiveSession(linear(), mapped, "a")
    expected = InteractiveSession(linear(), slices, "a").segment(3)
    assert np.array_equal(session.segment(3).probabilities, expected.probabilities)


@pytest.mark.parametrize(
    ("interactions", "message"),
    [
        ([], "at least one"),
        ([Click(5, 0, 0, 1)], "slice 5 is not in the series; it has the slices 0 to 4"),
        ([Click(-1, 0, 0, 1)], "slice -1"),
        ([Click(0, 40, 0, 1)], "row 40, column 0 lies outside the slice of 40 x 50"),
        ([Click(0, 0, 0, 1), Click(0, 0, 50, 1)], "column 50"),
        ([Stroke(0, ((0, 0), (0, 60)), 1)], "outside"),
        ([Box(0, 0, 0, 3, 50, 1)], "row 3, column 50 lies outside"),
        ([Click(0, 0, 0, 3)], "class 3 does not exist; the classes are 0 to 2"),
        ([Click(0, 0, 0, -1)], "class -1"),
        ([Click(0, 0, 0, 1), Click(1, 0, 0, 1)], "slices 0, 1"),
    ],
)
def test_interactions_that_do_not_fit_are_refused_and_change_nothing(
    linear, slices, interactions, message
):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    before = session.add(Click(0, 1, 1, 1))
    with pytest.raises(InteractionError, match=message):
        session.add(*interactions)
    assert len(predictor.inputs) == 1
    assert session.result(0).labels is before.labels
    assert session.interactions(0) == (Click(0, 1, 1, 1),)
    session.undo()
    assert not session.can_undo


@pytest.mark.parametrize("step", ["add", "segment", "segment_series"])
def test_when_the_predictor_fails_the_session_is_as_before(linear, slices, step):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    before = session.add(Click(0, 1, 1, 1))
    session.add(Click(1, 2, 2, 2))
    session.undo()
    predictor.broken = True
    with pytest.raises(RuntimeError, match="out of memory"):
        {
            "add": lambda: session.add(Click(0, 5, 5, 2)),
            "segment": lambda: session.segment(0),
            "segment_series": session.segment_series,
        }[step]()
    predictor.broken = False
    assert session.result(0).labels is before.labels
    assert session.interactions(0) == (Click(0, 1, 1, 1),)
    assert session.redo().slice_index == 1, "what was undone can still be redone"
    untroubled = InteractiveSession(linear(), slices, "a")
    untroubled.add(Click(0, 1, 1, 1))
    expected = untroubled.add(Click(0, 7, 7, 2))
    assert np.array_equal(session.add(Click(0, 7, 7, 2)).probabilities, expected.probabilities)


@pytest.mark.parametrize("shape", [(40, 50), (1, 2, 40, 50), (0, 40, 50)])
def test_slices_that_are_no_stack_are_refused(linear, shape):
    with pytest.raises(InvalidImageError, match="'brain' have the shape"):
        InteractiveSession(linear(), np.zeros(shape, np.float32), "brain")


def test_slices_that_are_not_preprocessed_are_refused(linear):
    with pytest.raises(InvalidImageError, match="int16"):
        InteractiveSession(linear(), np.zeros((2, 8, 8), np.int16), "brain")


def test_a_new_model_answers_the_next_round_and_all_else_stays(linear, slices):
    session = InteractiveSession(linear(seed=0), slices, "a")
    session.segment(0)
    before = session.add(Click(0, 1, 1, 1))
    new = linear(seed=1)
    session.set_predictor(new)
    assert session.predictor is new
    assert session.result(0).labels is before.labels
    after = session.add(Click(0, 5, 5, 2))
    assert len(new.inputs) == 1
    assert session.interactions(0) == (Click(0, 1, 1, 1), Click(0, 5, 5, 2))
    assert not np.array_equal(before.labels, after.labels)
    # The new model is told what the old one answered.
    assert torch.equal(
        new.inputs[0][1][0, 9:12, :40, :50], torch.tensor(before.probabilities).float()
    )
    assert session.undo().labels is before.labels


def test_a_new_model_may_have_another_memory(linear, slices):
    session = InteractiveSession(linear("cumulative"), slices, "a")
    session.add(Click(0, 1, 1, 1))
    session.add(Click(0, 9, 9, 2))
    session.set_predictor(linear("sequential", depth=2))
    assert session.add(Click(0, 5, 5, 2)).labels[1, 1] == 1
    session.set_predictor(linear("none"))
    assert session.add(Click(0, 5, 7, 1)).labels[5, 7] == 1


def test_segmenting_anew_gives_what_the_new_model_says_without_piling_up_rounds(linear, slices):
    session = InteractiveSession(linear(seed=0), slices, "a")
    session.segment(0)
    session.set_predictor(linear(seed=1))
    fresh = InteractiveSession(linear(seed=1), slices, "a")
    assert np.array_equal(session.segment(0).probabilities, fresh.segment(0).probabilities)
    assert np.array_equal(
        session.add(Click(0, 4, 4, 1)).probabilities, fresh.add(Click(0, 4, 4, 1)).probabilities
    )


def test_a_model_of_other_classes_is_refused_and_the_old_one_stays(linear, slices):
    old = linear()
    session = InteractiveSession(old, slices, "a")
    with pytest.raises(CheckpointError, match="spleen"):
        session.set_predictor(linear(names=("background", "liver", "spleen")))
    with pytest.raises(CheckpointError, match="nesting"):
        session.set_predictor(linear(names=("background", "liver", "tumor")))
    assert session.predictor is old
    session.add(Click(0, 1, 1, 1))


def test_a_stroke_is_painted_once_however_often_it_is_needed(linear, slices, monkeypatch):
    painted = []
    pixels = Stroke.pixels
    monkeypatch.setattr(Stroke, "pixels", lambda *given: painted.append(1) or pixels(*given))
    session = InteractiveSession(linear("cumulative"), slices, "a")
    session.add(Stroke(0, ((1, 1), (9, 9)), 1, 2))
    session.add(Click(0, 20, 20, 2))
    session.segment(0)
    assert painted == [1]


def test_a_session_that_does_not_fit_on_the_gpu_keeps_its_tensors_on_the_cpu(
    linear, slices, monkeypatch
):
    gpu, zeros = torch.device("cpu", 0), torch.zeros

    def full(*shape, device=None):
        if device is gpu:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return zeros(*shape, device=device)

    expected = InteractiveSession(linear(), slices, "a").add(Click(0, 3, 4, 1))
    monkeypatch.setattr(torch, "zeros", full)
    predictor = linear()
    predictor.device = gpu
    result = InteractiveSession(predictor, slices, "a").add(Click(0, 3, 4, 1))
    assert np.array_equal(result.labels, expected.labels)


def test_a_model_of_other_preprocessing_asks_for_its_own_slices(linear, slices):
    old, new = linear(), linear(seed=1)
    new.preprocessing = PreprocessingOptions(bias_correction=True)
    session = InteractiveSession(old, slices, "brain")
    before = session.add(Click(0, 1, 1, 1))
    with pytest.raises(ConfigurationError, match=r"linear 1 needs slices of 'brain' with .*give"):
        session.set_predictor(new)
    assert session.predictor is old
    with pytest.raises(InvalidImageError, match="those before had"):
        session.set_predictor(new, slices[:4])
    assert session.predictor is old
    session.set_predictor(new, slices + 1)
    assert session.result(0).labels is before.labels
    session.add(Click(0, 2, 2, 1))
    assert torch.equal(new.inputs[0][0][0, 0, :40, :50], torch.tensor(slices[0] + 1).float())
    session.set_predictor(linear(seed=2), slices)
    session.set_predictor(linear(seed=3))
