"""Focal loss and class weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from SAIMCore.classes import MAXIMUM_CLASSES
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.errors import TrainingError
from SAIMCore.training.losses import IGNORED, FocalLoss, class_frequencies, class_weights


def example() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 4, 6, 5, generator=generator)
    labels = torch.randint(0, 4, (3, 6, 5), generator=generator)
    return logits, labels


def test_without_focus_and_with_equal_weights_it_is_the_cross_entropy() -> None:
    logits, labels = example()
    expected = torch.nn.functional.cross_entropy(logits, labels)
    assert FocalLoss(np.ones(4), gamma=0)(logits, labels).item() == pytest.approx(expected.item())


def test_focus_takes_weight_from_pixels_that_are_right_already() -> None:
    labels = torch.zeros(1, 1, 1, dtype=torch.int64)
    sure, unsure = torch.tensor([[4.0, 0.0]]), torch.tensor([[0.5, 0.0]])
    plain, focal = FocalLoss(np.ones(2), gamma=0), FocalLoss(np.ones(2), gamma=2)

    def kept(logits: torch.Tensor) -> float:
        logits = logits.view(1, 2, 1, 1)
        return (focal(logits, labels) / plain(logits, labels)).item()

    assert kept(sure) < 0.001
    assert kept(unsure) == pytest.approx((1 - torch.sigmoid(torch.tensor(0.5)).item()) ** 2)


def test_padding_does_not_count() -> None:
    logits, labels = example()
    loss = FocalLoss(np.array([1.0, 2.0, 3.0, 4.0]))
    wider = torch.nn.functional.pad(labels, (0, 3, 0, 2), value=IGNORED)
    padded = torch.nn.functional.pad(logits, (0, 3, 0, 2), value=9.0)
    assert loss(padded, wider).item() == pytest.approx(loss(logits, labels).item(), rel=1e-5)


def test_labels_of_one_byte_give_the_same_bits() -> None:
    logits, labels = example()
    labels[0, :3] = IGNORED
    loss = FocalLoss(np.array([1.0, 2.0, 3.0, 4.0]))
    assert loss(logits, labels.to(torch.uint8)).item() == loss(logits, labels).item()


def test_no_class_of_the_largest_table_is_taken_for_padding() -> None:
    assert MAXIMUM_CLASSES - 1 < IGNORED <= np.iinfo(np.uint8).max


def test_splitting_a_batch_changes_nothing() -> None:
    logits, labels = example()
    labels[0, :3] = IGNORED
    loss = FocalLoss(np.array([1.0, 2.0, 3.0, 4.0]))
    parts = [loss(logits[i : i + 1], labels[i : i + 1]).item() for i in range(3)]
    assert loss(logits, labels).item() == pytest.approx(sum(parts) / 3, rel=1e-5)


def test_a_perfect_and_a_fully_padded_slice_have_finite_gradients() -> None:
    logits = torch.full((2, 2, 2, 2), -100.0)
    logits[:, 0] = 100.0
    logits.requires_grad_()
    labels = torch.zeros(2, 2, 2, dtype=torch.int64)
    labels[1] = IGNORED
    FocalLoss(np.ones(2))(logits, labels).backward()
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_frequencies_count_every_pixel_of_every_series(
    labeled_series: Callable[..., LabeledSeries],
) -> None:
    frequencies = class_frequencies([labeled_series("a", 0), labeled_series("b", 1)], 3)
    assert frequencies == pytest.approx([1 - 100 / 576, 84 / 576, 16 / 576])


def test_rare_classes_weigh_more_and_the_mean_over_pixels_is_one() -> None:
    frequencies = np.array([0.9, 0.09, 0.01])
    weights = class_weights(frequencies, ["background", "organ", "lesion"])
    assert weights[0] < weights[1] < weights[2]
    assert (weights * frequencies).sum() == pytest.approx(1)


def test_a_class_without_a_voxel_is_named() -> None:
    with pytest.raises(TrainingError, match="no voxel of class lesion in the training set"):
        class_weights(np.array([0.9, 0.1, 0.0]), ["background", "organ", "lesion"])
