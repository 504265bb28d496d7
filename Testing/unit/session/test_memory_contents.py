"""What the network is shown in each round, for each memory (DDG-SIM, section 4.1)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from SAIMCore.interactions import Box, Click, draw_masks
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.slice_state import SliceResult

FIRST, SECOND, THIRD = Click(1, 5, 6, 1), Click(1, 12, 30, 0), Click(1, 39, 49, 2)


def padded_masks(*clicks: Click) -> Tensor:
    masks = np.zeros((3, 40, 50), dtype=np.float32)
    draw_masks(clicks, masks)
    return padded(masks)


def padded(channels: np.ndarray) -> Tensor:
    out = torch.zeros(3, 64, 64)
    out[:, :40, :50] = torch.from_numpy(channels.astype(np.float32))
    return out


def answer(result: SliceResult) -> Tensor:
    return padded(result.probabilities)


def states(memory: Tensor, depth: int = 3) -> list[tuple[Tensor, Tensor]]:
    """(masks, probabilities) of each place of a sequential memory, oldest first."""
    return [(place[0], place[1]) for place in memory.view(depth, 2, 3, 64, 64)]


def assert_states(memory: Tensor, expected: list[tuple[Tensor | None, Tensor | None]]) -> None:
    empty = torch.zeros(3, 64, 64)
    for found, wanted in zip(states(memory), expected, strict=True):
        for channels, meant in zip(found, wanted, strict=True):
            assert torch.equal(channels, empty if meant is None else meant)


def test_the_image_is_padded_at_the_bottom_and_right_with_zeros(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    session.segment(3)
    session.segment(1)
    for (image, _), index in zip(predictor.inputs, (3, 1), strict=True):
        assert image.shape == (1, 1, 64, 64)
        assert torch.equal(image[0, 0, :40, :50], torch.tensor(slices[index]).float())
        assert image[0, 0, 40:].eq(0).all()
        assert image[0, 0, :, 50:].eq(0).all()


@pytest.mark.parametrize("variant", ["base", "cumulative", "sequential"])
def test_a_box_is_filled_in_the_mask_of_its_class(linear, slices, variant):
    predictor = linear(variant)
    InteractiveSession(predictor, slices, "a").add(Box(1, 5, 6, 9, 12, 2))
    expected = np.zeros((3, 40, 50))
    expected[2, 5:10, 6:13] = 1
    ((_, memory),) = predictor.inputs
    masks = states(memory)[-1][0] if variant == "sequential" else memory[0]
    assert torch.equal(masks, padded(expected))


def test_sequential_memory_is_filled_round_by_round(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    p0 = answer(session.segment(1))
    p1 = answer(session.add(FIRST))
    p2 = answer(session.add(SECOND))
    session.add(THIRD)
    memories = [memory[0] for _, memory in predictor.inputs]
    m1, m2, m3 = padded_masks(FIRST), padded_masks(SECOND), padded_masks(THIRD)
    assert_states(memories[0], [(None, None), (None, None), (None, None)])
    assert_states(memories[1], [(None, None), (None, p0), (m1, None)])
    assert_states(memories[2], [(None, p0), (m1, p1), (m2, None)])
    assert_states(memories[3], [(m1, p1), (m2, p2), (m3, None)])


def test_sequential_memory_may_start_with_clicks(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    p1 = answer(session.add(FIRST, SECOND))
    session.add(THIRD)
    memories = [memory[0] for _, memory in predictor.inputs]
    both = padded_masks(FIRST, SECOND)
    assert_states(memories[0], [(None, None), (None, None), (both, None)])
    assert_states(memories[1], [(None, None), (both, p1), (padded_masks(THIRD), None)])


@pytest.mark.parametrize(
    ("variant", "shown"),
    [
        ("base", [(), (FIRST,), (SECOND,), (THIRD,)]),
        ("cumulative", [(), (FIRST,), (FIRST, SECOND), (FIRST, SECOND, THIRD)]),
    ],
)
def test_base_shows_the_present_masks_and_cumulative_all_of_them(linear, slices, variant, shown):
    predictor = linear(variant)
    session = InteractiveSession(predictor, slices, "a")
    session.segment(1)
    for click in (FIRST, SECOND, THIRD):
        session.add(click)
    for (_, memory), clicks in zip(predictor.inputs, shown, strict=True):
        assert torch.equal(memory[0], padded_masks(*clicks))


def test_without_memory_the_network_sees_the_image_only_and_clicks_still_obey(linear, slices):
    predictor = linear("none")
    session = InteractiveSession(predictor, slices, "a")
    automatic = session.segment(1)
    clicked = session.add(FIRST)
    assert [memory.shape for _, memory in predictor.inputs] == [(1, 0, 64, 64)] * 2
    assert np.array_equal(automatic.probabilities, clicked.probabilities)
    assert clicked.labels[FIRST.row, FIRST.column] == FIRST.class_index


def test_each_slice_has_a_memory_of_its_own(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    session.add(FIRST)
    other = Click(2, 20, 20, 2)
    session.add(other)
    p = answer(session.result(1))
    session.add(SECOND)
    memories = [memory[0] for _, memory in predictor.inputs]
    assert_states(memories[1], [(None, None), (None, None), (padded_masks(other), None)])
    assert_states(
        memories[2], [(None, None), (padded_masks(FIRST), p), (padded_masks(SECOND), None)]
    )


def test_undo_takes_the_round_out_of_the_memory(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    p0 = answer(session.segment(1))
    session.add(FIRST)
    session.undo()
    session.add(SECOND)
    assert_states(
        predictor.inputs[-1][1][0],
        [(None, None), (None, p0), (padded_masks(SECOND), None)],
    )


def test_undo_brings_back_rounds_that_the_memory_had_already_forgotten(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    clicks = [Click(0, number, number, 1 + number % 2) for number in range(8)]
    for click in clicks:
        session.add(click)
    for _ in range(6):
        session.undo()
    session.add(clicks[2])
    assert torch.equal(predictor.inputs[-1][1], predictor.inputs[2][1])


def test_only_rounds_in_reach_of_memory_or_undo_keep_their_probabilities(linear, slices):
    session = InteractiveSession(linear(depth=2), slices, "a", undo_limit=0)
    for number in range(6):
        session.add(Click(0, number, number, 1))
    kept = [past.probabilities is not None for past in session._states[0].rounds]
    assert kept == [False] * 4 + [True] * 2


def test_an_untouched_slice_may_start_from_its_neighbors_result(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a", start_from_neighbor=True)
    neighbor = answer(session.add(FIRST))
    own = answer(session.segment(2))
    third = Click(2, 3, 3, 2)
    session.add(third)
    memories = [memory[0] for _, memory in predictor.inputs]
    assert_states(memories[0], [(None, None), (None, None), (padded_masks(FIRST), None)])
    assert_states(memories[1], [(None, None), (None, neighbor), (None, None)])
    assert_states(memories[2], [(None, neighbor), (None, own), (padded_masks(third), None)])


def test_a_click_on_an_untouched_slice_starts_from_the_neighbor_as_well(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a", start_from_neighbor=True)
    neighbor = answer(session.segment(2))
    session.add(FIRST)
    assert_states(
        predictor.inputs[-1][1][0],
        [(None, None), (None, neighbor), (padded_masks(FIRST), None)],
    )


def test_an_accepted_neighbor_is_the_better_start(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a", start_from_neighbor=True)
    session.add(Click(1, 3, 3, 1))
    accepted = answer(session.add(Click(3, 3, 3, 2)))
    session.accept_slice(3)
    session.segment(2)
    assert_states(predictor.inputs[-1][1][0], [(None, None), (None, accepted), (None, None)])


def test_imported_labels_seed_the_next_prediction(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    labels = np.random.default_rng(3).integers(0, 3, (40, 50))
    session.import_labels(1, labels)
    one_hot = padded(np.stack([labels == index for index in range(3)]))
    session.add(FIRST)
    session.undo()
    session.segment(1)
    memories = [memory[0] for _, memory in predictor.inputs]
    assert_states(memories[0], [(None, None), (None, one_hot), (padded_masks(FIRST), None)])
    assert_states(memories[1], [(None, None), (None, one_hot), (None, None)])


def test_an_automatic_round_after_clicks_shows_the_clicks_as_past(linear, slices):
    predictor = linear()
    session = InteractiveSession(predictor, slices, "a")
    p1 = answer(session.add(FIRST))
    session.segment(1)
    session.segment(1)
    expected = [(None, None), (padded_masks(FIRST), p1), (None, None)]
    assert_states(predictor.inputs[1][1][0], expected)
    assert_states(predictor.inputs[2][1][0], expected)
