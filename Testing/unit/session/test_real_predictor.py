"""The session together with the real predictor, small."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.interactions import Click, Stroke
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.session.small_predictor import small_predictor

VARIANTS = [
    ("none", "unet"),
    ("base", "unet"),
    ("cumulative", "unet"),
    ("sequential", "unet"),
    ("sequential", "convlstm"),
]


@pytest.mark.parametrize(("variant", "decoder"), VARIANTS)
def test_a_saved_session_goes_on_as_if_it_had_never_been_closed(slices, tmp_path, variant, decoder):
    model = small_predictor(variant, decoder)
    session = InteractiveSession(model, slices, "a")
    session.segment_series()
    session.add(Click(1, 3, 4, 2), Stroke(1, ((10, 10), (30, 12)), 1, 1))
    session.save(tmp_path / "a.session")
    last = Click(1, 20, 30, 0)
    expected = session.add(last)
    reopened = InteractiveSession.restore(tmp_path / "a.session", model, slices, "a")
    result = reopened.add(last)
    assert np.array_equal(result.labels, expected.labels)
    assert np.array_equal(result.probabilities, expected.probabilities)
    assert [result.labels[3, 4], result.labels[20, 10 + 1], result.labels[20, 30]] == [2, 1, 0]


def test_the_session_asks_the_network_what_its_contract_says(slices):
    model = small_predictor("sequential", "unet")
    session = InteractiveSession(model, slices, "a")
    result = session.segment(0)
    image = model.pad(torch.from_numpy(slices[:1]))
    memory = torch.zeros(1, model.memory.channels, *image.shape[2:])
    expected = model.probabilities(image, memory)[0, :, :40, :50].half().numpy()
    assert np.array_equal(result.probabilities, expected)


@pytest.mark.parametrize(("variant", "decoder"), VARIANTS)
def test_a_series_gets_what_the_engine_answers_for_a_stack(slices, variant, decoder):
    model = small_predictor(variant, decoder)
    session = InteractiveSession(model, slices, "a")
    session.segment_series()
    (expected,) = model.automatic(slices, len(slices))
    for index, answer in enumerate(expected):
        result = session.result(index)
        assert np.array_equal(result.probabilities, answer.half().numpy())
        assert np.array_equal(result.labels, answer.argmax(dim=0))
        alone = InteractiveSession(model, slices, "a").segment(index)
        # One by one, convolutions add up in another order.
        assert result.probabilities == pytest.approx(alone.probabilities, abs=1e-3)


def test_a_series_is_segmented_in_smaller_batches_while_the_memory_is_short(slices):
    model = small_predictor("sequential", "unet")
    expected = InteractiveSession(model, slices, "a")
    expected.segment_series()
    short = small_predictor("sequential", "unet")
    batches = []

    def check(_, inputs):
        batches.append(len(inputs[0]))
        if len(inputs[0]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    short._network.register_forward_pre_hook(check)
    session = InteractiveSession(short, slices, "a")
    session.segment_series()
    assert batches == [5, 2, 2, 1]
    for index in range(5):
        found, wanted = (one.result(index).probabilities for one in (session, expected))
        assert found == pytest.approx(wanted, abs=1e-3)
