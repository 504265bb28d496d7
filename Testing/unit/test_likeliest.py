"""From probabilities to labels."""

from __future__ import annotations

import torch

from SAIMCore.likeliest import likeliest_class


def test_labels_are_the_classes_of_the_highest_probability() -> None:
    probabilities = torch.randn(3, 4, 5, 7).softmax(dim=1)
    labels = likeliest_class(probabilities)
    assert labels.dtype == torch.uint8
    assert torch.equal(labels.long(), probabilities.argmax(dim=1))


def test_one_slice_needs_no_batch() -> None:
    probabilities = torch.rand(4, 5, 7)
    assert torch.equal(likeliest_class(probabilities), likeliest_class(probabilities[None])[0])


def test_of_equally_likely_classes_the_first_wins() -> None:
    probabilities = torch.tensor([0.2, 0.4, 0.4]).reshape(3, 1, 1).expand(3, 40, 40)
    assert torch.equal(likeliest_class(probabilities), torch.ones(40, 40, dtype=torch.uint8))
