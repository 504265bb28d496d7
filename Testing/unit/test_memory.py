from __future__ import annotations

import pytest
import torch
from torch import Tensor

from SAIMCore.errors import ConfigurationError
from SAIMCore.memory import MEMORY_VARIANTS, TensorRound, create_memory

CLASSES = 3


def round_number(number: int, answered: bool = True) -> TensorRound:
    """A round whose mask has one pixel of its own and whose probabilities are all ``number``."""
    masks = torch.zeros(1, CLASSES, 4, 4)
    masks[0, number % CLASSES, 0, number % 4] = 1
    probabilities = torch.full((1, CLASSES, 4, 4), float(number)) if answered else None
    return TensorRound(masks, probabilities)


def assembled(variant: str, rounds: list[TensorRound], depth: int = 3) -> Tensor:
    memory = create_memory(variant, CLASSES, depth)
    # What was there before must not shine through.
    out = torch.full((1, memory.channels, 4, 4), 7.0)
    memory.assemble(rounds, out)
    return out


@pytest.mark.parametrize(
    ("variant", "channels"), [("none", 0), ("base", 3), ("cumulative", 3), ("sequential", 18)]
)
def test_each_variant_has_the_channels_of_the_paper(variant, channels):
    assert create_memory(variant, CLASSES, 3).channels == channels


@pytest.mark.parametrize("variant", MEMORY_VARIANTS)
def test_without_rounds_the_memory_is_empty(variant):
    assert assembled(variant, []).eq(0).all()


def test_base_knows_the_present_masks_only():
    rounds = [round_number(1), round_number(2, answered=False)]
    assert torch.equal(assembled("base", rounds), rounds[1].masks)


def test_cumulative_merges_all_masks():
    rounds = [round_number(1), round_number(1), round_number(2, answered=False)]
    out = assembled("cumulative", rounds)
    assert torch.equal(out, rounds[0].masks + rounds[2].masks)


def test_sequential_keeps_the_rounds_in_order_and_leaves_the_oldest_places_empty():
    rounds = [round_number(1), round_number(2, answered=False)]
    out = assembled("sequential", rounds).view(1, 3, 2, CLASSES, 4, 4)
    assert out[:, 0].eq(0).all()
    assert torch.equal(out[:, 1, 0], rounds[0].masks)
    assert out[:, 1, 1].eq(1).all()
    assert torch.equal(out[:, 2, 0], rounds[1].masks)
    assert out[:, 2, 1].eq(0).all(), "the present round has no answer yet"


def test_sequential_forgets_what_is_older_than_its_depth():
    rounds = [round_number(number) for number in range(1, 5)]
    out = assembled("sequential", rounds, depth=2).view(1, 2, 2, CLASSES, 4, 4)
    assert out[:, 0, 1].eq(3).all()
    assert out[:, 1, 1].eq(4).all()
    assert torch.equal(out[:, 0, 0], rounds[2].masks)


def test_a_batch_keeps_its_slices_apart():
    masks = torch.zeros(2, CLASSES, 4, 4)
    masks[1, 0, 2, 2] = 1
    memory = create_memory("sequential", CLASSES, 1)
    out = torch.ones(2, memory.channels, 4, 4)
    memory.assemble([TensorRound(masks)], out)
    assert out[0].eq(0).all()
    assert out[1].sum() == 1


def test_integer_masks_merge_into_a_float_input():
    masks = torch.ones(1, CLASSES, 4, 4, dtype=torch.uint8)
    memory = create_memory("cumulative", CLASSES)
    out = torch.zeros(1, CLASSES, 4, 4)
    memory.assemble([TensorRound(masks), TensorRound(masks)], out)
    assert out.eq(1).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lasting", 3), "unknown memory 'lasting'; choose one of none, base"),
        (("sequential", 1), "at least 2 classes, found 1"),
        (("sequential", 3, 0), "depth must be at least 1, found 0"),
    ],
)
def test_impossible_memories_are_refused(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        create_memory(*arguments)


def test_the_depth_is_a_matter_of_the_sequential_memory():
    assert create_memory("cumulative", CLASSES, 9).channels == CLASSES
