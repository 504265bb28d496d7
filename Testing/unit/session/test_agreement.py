"""The session that people click in and the batched rounds of the evaluation give one answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.evaluation import interaction_rounds, virtual_users
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession

SLICES, SIDE = 3, 40


@pytest.mark.parametrize(
    ("memory", "decoder"),
    [("base", "unet"), ("cumulative", "unet"), ("sequential", "unet"), ("sequential", "convlstm")],
)
def test_clicks_in_a_session_give_the_labels_of_the_evaluation(memory: str, decoder: str) -> None:
    torch.manual_seed(3)
    network = NetworkConfig(3, memory, 3, decoder, "resnet18", (16, 16, 8, 8, 8))
    classes = ClassTable.from_names(["background", "organ", "lesion"])
    config = ModelConfig(network, classes, PreprocessingOptions(), 64, "round-001", {})
    predictor = Predictor(create_network(network), config, "cpu")
    rng = np.random.default_rng(0)
    slices = rng.normal(size=(SLICES, SIDE, SIDE)).astype(np.float16)
    references = rng.integers(0, 3, (SLICES, 5, 5)).repeat(8, axis=1).repeat(8, axis=2)
    references = references.astype(np.uint8)

    session = InteractiveSession(predictor, slices, "series")
    for index in range(SLICES):
        session.segment(index)
    users = virtual_users("series", range(SLICES), seed=0)
    for number, answer in enumerate(interaction_rounds(predictor, slices, references, users, 4)):
        for index, clicks in enumerate(answer.clicks):
            placed = [type(c)(index, c.row, c.column, c.class_index) for c in clicks]
            if placed:
                session.add(*placed)
            found = session.result(index).labels
            # The session keeps probabilities as float16, so a pixel on the fence may tip over.
            assert (found == answer.labels[index]).mean() > 0.99, (number, index)
