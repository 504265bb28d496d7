"""What the virtual user of the transfer study does with a series."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from Testing.benchmarks.annotation_time import Work
from Testing.benchmarks.transfer_user import annotated, proposal

CLASSES = ClassTable.from_names(["background", "liver"])


def series() -> LabeledSeries:
    labels = np.zeros((3, 16, 16), dtype=np.uint8)
    labels[1, 4:9, 4:9] = 1
    return LabeledSeries("one", np.zeros((3, 16, 16), dtype=np.float32), labels)


def test_a_right_proposal_is_only_looked_at() -> None:
    found = annotated(series(), CLASSES, series().labels[:], None, rounds=2, seed=0)
    assert found.work == Work(slices=3)
    assert found.by_hand[0] == Work(slices=3, regions=1, outline=16)
    assert found.proposed.dice == (1.0,)


def test_who_is_content_leaves_a_rim() -> None:
    narrow = series().labels[:].copy()
    narrow[1, 4] = narrow[1, :, 4] = 0
    found = annotated(series(), CLASSES, narrow, None, rounds=2, seed=0)
    assert found.work == Work(slices=3, regions=1, outline=9)
    assert found.tolerant == Work(slices=3)


def test_without_a_model_everything_is_outlined() -> None:
    nothing = np.zeros((3, 16, 16), dtype=np.uint8)
    found = annotated(series(), CLASSES, nothing, None, rounds=2, seed=0)
    assert found.work == Work(slices=3, regions=1, outline=16)
    assert found.proposed.dice == (0.0,)


def test_a_proposal_takes_the_likeliest_class_and_says_how_unsure_it_is() -> None:
    probabilities = torch.zeros(2, 2, 4, 4)
    probabilities[0, 1], probabilities[1] = 1, 0.5
    found = proposal(probabilities)
    assert found.labels[0].all()
    assert found.expected.slices == 2
    assert found.expected.entropy == pytest.approx(0.5)
