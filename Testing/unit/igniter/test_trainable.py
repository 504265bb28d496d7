"""Conditioned inference on the network of an igniter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import Igniter, IgniterSeries, TrainableSlices

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]
MakeSeries = Callable[[Geometry], IgniterSeries]


def convolutions() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))


VIEWS = [
    {},
    {"orientation": "RAS"},
    {"spacing": (0.7, 1.4), "multiple": 16},
    {"input_size": (16, 8), "orientation": "LAI"},
]


@pytest.fixture(params=VIEWS)
def viewed(
    request: pytest.FixtureRequest,
    write_torchscript: Write,
    block_series: MakeSeries,
    plain: Geometry,
) -> tuple[Igniter, IgniterSeries, TrainableSlices]:
    """A network that sees a series in one way or another, and what of it can be trained."""
    igniter = open_igniter(write_torchscript(convolutions(), **request.param), "cpu")
    series = block_series(plain)
    trainable = igniter.trainable(series)
    assert trainable is not None
    return igniter, series, trainable


def test_its_logits_are_those_of_the_proposal(
    viewed: tuple[Igniter, IgniterSeries, TrainableSlices],
) -> None:
    igniter, series, trainable = viewed
    for index, probabilities in igniter.propose(series):
        with torch.no_grad():
            logits = trainable.logits(*trainable.inputs(index))
        torch.testing.assert_close(logits.softmax(dim=0), probabilities, rtol=1e-4, atol=1e-5)


def test_a_scribble_on_the_slice_is_obeyed(
    viewed: tuple[Igniter, IgniterSeries, TrainableSlices],
) -> None:
    igniter, series, trainable = viewed
    mapped = ClassMapping.from_text("liver=b,spleen=a").between(
        igniter.class_names, ("background", "a", "b")
    )
    before = dict(igniter.propose(series))[3]
    targets = torch.full((20, 24), FREE)
    targets[3:9, 6:15] = 2
    found = conditioned_answer(
        trainable.network,
        trainable.inputs(3),
        targets,
        ConditioningOptions(200, 0.3, 0, layer_count=1),
        lambda *given: mapped.logits(trainable.logits(*given)),
    )
    assert found.satisfied
    assert found.logits.shape == (3, 20, 24)
    assert (found.logits.argmax(dim=0)[3:9, 6:15] == 2).all()
    assert torch.equal(dict(igniter.propose(series))[3], before)


def test_our_own_model_is_corrected_too(
    small_checkpoint: Callable[..., Path], block_series: MakeSeries, plain: Geometry
) -> None:
    igniter = open_igniter(small_checkpoint("convlstm", "sequential"), "cpu")
    series = block_series(plain)
    trainable = igniter.trainable(series)
    assert trainable is not None
    proposed = dict(igniter.propose(series))
    with torch.no_grad():
        logits = trainable.logits(*trainable.inputs(2))
    torch.testing.assert_close(logits.softmax(dim=0), proposed[2], rtol=1e-4, atol=1e-5)
    wanted = (int(proposed[2].argmax(dim=0)[5, 5]) + 1) % 3
    targets = torch.full((20, 24), FREE)
    targets[5:8, 5:8] = wanted
    options = ConditioningOptions(60, 0.1)
    found = conditioned_answer(
        trainable.network, trainable.inputs(2), targets, options, trainable.logits
    )
    assert found.satisfied
    assert (found.logits.argmax(dim=0)[5:8, 5:8] == wanted).all()


@pytest.mark.parametrize("view", [{"orientation": "SPL"}, {"kind": "3d"}])
def test_a_network_that_does_not_look_at_the_series_slices_cannot_be_corrected(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry, view: dict
) -> None:
    igniter = open_igniter(write_torchscript(**view), "cpu")
    assert igniter.trainable(block_series(plain)) is None


def test_a_network_without_weights_or_with_labels_cannot_be_corrected(
    write_torchscript: Write,
    label_network: nn.Module,
    block_series: MakeSeries,
    plain: Geometry,
) -> None:
    labels = open_igniter(write_torchscript(label_network, output="labels", values=(0, 5, 9)))
    assert labels.trainable(block_series(plain)) is None
    path = write_torchscript()
    frozen = torch.jit.freeze(torch.jit.script(convolutions().eval()))
    torch.jit.save(frozen, path)
    assert open_igniter(path, "cpu").trainable(block_series(plain)) is None


def test_its_description_names_the_layers_that_are_trained(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry
) -> None:
    igniter = open_igniter(write_torchscript(convolutions(), trained_layers=("2",)), "cpu")
    trainable = igniter.trainable(block_series(plain))
    assert trainable is not None
    assert trainable.layers == ("2",)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, r"trained_layers in the description of .*has no layer 'head'; it has 0, 1, 2"),
        ({"kind": "3d"}, r"names trained_layers, but nothing of this network can be trained"),
    ],
)
def test_layers_that_cannot_be_trained_are_refused(
    write_torchscript: Write, changes: dict, sentence: str
) -> None:
    network = None if changes else convolutions()
    path = write_torchscript(*filter(None, (network,)), trained_layers=("head",), **changes)
    with pytest.raises(ConfigurationError, match=sentence):
        open_igniter(path, "cpu")
