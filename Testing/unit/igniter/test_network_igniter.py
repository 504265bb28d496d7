"""What a network proposes for series on grids of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.errors import CheckpointError, ConfigurationError, SaimError
from SAIMCore.igniter.normalization import IntensityNormalization
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import Igniter, IgniterSeries

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]
MakeSeries = Callable[[Geometry], IgniterSeries]

# Each with the way in which it sees the series.
VIEWS = [
    {"kind": "2d"},
    {"kind": "2d", "orientation": "LPS"},
    {"kind": "2d", "orientation": "SAR"},
    {"kind": "2d", "input_size": (16, 16)},
    {"kind": "2d", "multiple": 32, "channels": 3},
    {"kind": "3d"},
    {"kind": "3d", "orientation": "RAS"},
    {"kind": "3d", "orientation": "PSL", "input_size": (4, 8, 8)},
    {"kind": "3d", "input_size": (32, 32, 32)},
]


def proposed(igniter: Igniter, series: IgniterSeries) -> Tensor:
    """Probabilities (N', S, h, w); each slice came once and sums to 1."""
    found = dict(igniter.propose(series))
    assert sorted(found) == list(range(series.geometry.stack_shape[0]))
    together = torch.stack([found[index] for index in sorted(found)], dim=1)
    assert together.dtype == torch.float32
    assert together.shape[1:] == series.geometry.stack_shape
    torch.testing.assert_close(together.sum(dim=0), torch.ones(series.geometry.stack_shape))
    return together


def labels_of(probabilities: Tensor) -> NDArray[np.int64]:
    found: NDArray[np.int64] = probabilities.argmax(dim=0).numpy()
    return found


@pytest.mark.parametrize("view", VIEWS)
def test_labels_lie_where_the_structures_are(
    write_torchscript: Write, block_series: MakeSeries, geometry: Geometry, view: dict
) -> None:
    series = block_series(geometry)
    igniter = open_igniter(write_torchscript(**view), "cpu")
    assert igniter.class_names == ("background", "liver", "spleen")
    assert igniter.no_proposal("case") is None
    expected = to_slices(series.intensities(), geometry.acquisition_axis)
    np.testing.assert_array_equal(labels_of(proposed(igniter, series)), expected)


@pytest.mark.parametrize(
    "view",
    [
        {"kind": "2d", "spacing": (0.6, 1.3)},
        {"kind": "2d", "spacing": (1.5, 1.5), "orientation": "LPS", "input_size": (8, 16)},
        {"kind": "3d", "spacing": (1.5, 0.8, 0.8), "orientation": "RAS"},
        {"kind": "3d", "spacing": (1.0, 1.0, 1.0), "input_size": (8, 16, 16)},
    ],
)
def test_another_spacing_moves_no_structure(
    write_torchscript: Write, block_series: MakeSeries, geometry: Geometry, view: dict
) -> None:
    # Between 0 and 2 lies 1, so only one of the structures is there at a time.
    for value in (1, 2):
        inside = (block_series(geometry).intensities() == value).astype(np.float32)
        series = IgniterSeries("case", geometry, lambda array=inside: array)
        igniter = open_igniter(write_torchscript(**view), "cpu")
        found = labels_of(proposed(igniter, series)) == 1
        expected = to_slices(inside, geometry.acquisition_axis) == 1
        centers = [np.argwhere(mask).mean(axis=0) for mask in (found, expected)]
        # Half a step of the coarser grid at most.
        np.testing.assert_allclose(centers[0], centers[1], atol=0.55)
        assert 2 * (found & expected).sum() / (found.sum() + expected.sum()) > 0.85


def test_on_its_own_grid_the_answer_is_the_networks_bit_for_bit(
    write_torchscript: Write, threshold_network: nn.Module, block_series: MakeSeries,
    plain: Geometry,
) -> None:  # fmt: skip
    series = block_series(plain)
    igniter = open_igniter(write_torchscript(spacing=(1.0, 1.0), orientation="LPS"), "cpu")
    with torch.no_grad():
        batch = torch.from_numpy(series.intensities().copy())[:, None]
        expected = threshold_network(batch).softmax(dim=1)
    assert torch.equal(proposed(igniter, series), expected.transpose(0, 1))


def test_intensities_are_normalized_as_the_description_says(
    write_torchscript: Write, plain: Geometry, block_volume: Callable[[Geometry], NDArray]
) -> None:
    array = (block_volume(plain) * 200 - 160).astype(np.float32)
    series = IgniterSeries("case", plain, lambda: array)
    window = IntensityNormalization("window", -160, 240, range=(0.0, 2.0))
    igniter = open_igniter(write_torchscript(normalization=window), "cpu")
    np.testing.assert_array_equal(labels_of(proposed(igniter, series)), block_volume(plain))


def test_what_lies_beside_a_small_image_has_the_padding_value(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry
) -> None:
    class Corner(nn.Module):
        """Class 2 everywhere if the last pixel of the input is -5, else class 1."""

        def forward(self, image: Tensor) -> Tensor:
            seen = (image[:, :, -1:, -1:] == -5).float().expand(image.shape)
            return torch.cat([torch.zeros_like(image), 1 - seen, seen], dim=1)

    path = write_torchscript(Corner(), input_size=(32, 32), padding_value=-5.0)
    assert (labels_of(proposed(open_igniter(path, "cpu"), block_series(plain))) == 2).all()


def test_probabilities_and_labels_are_outputs_too(
    write_torchscript: Write, label_network: nn.Module, block_series: MakeSeries, plain: Geometry
) -> None:
    class Probabilities(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            inside = (image > 0.5).float() * 0.75
            return torch.cat([1 - inside, inside, torch.zeros_like(inside)], dim=1)

    series = block_series(plain)
    values = torch.from_numpy(series.intensities().copy())
    path = write_torchscript(Probabilities(), output="probabilities")
    found = proposed(open_igniter(path, "cpu"), series)
    torch.testing.assert_close(found[1], (values > 0).float() * 0.75)
    path = write_torchscript(label_network, output="labels", values=(0, 5, 9))
    found = proposed(open_igniter(path, "cpu"), series)
    assert torch.equal(found.argmax(dim=0).float(), values)
    assert set(found.unique().tolist()) == {0.0, 1.0}


def test_slices_come_as_they_are_made_and_progress_is_told(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry
) -> None:
    told: list[tuple[int, int]] = []
    igniter = open_igniter(write_torchscript(input_size=(16, 16)), "cpu")
    answers = igniter.propose(block_series(plain), lambda done, total: told.append((done, total)))
    next(answers)
    assert told == []
    list(answers)
    # Four windows a slice, eight at once.
    assert told == [(2, 6), (4, 6), (6, 6)]


@pytest.mark.parametrize(
    "view", [{"input_size": (16, 16)}, {"kind": "3d", "input_size": (4, 8, 8)}]
)
def test_it_can_be_stopped(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry, view: dict
) -> None:
    told: list[int] = []
    igniter = open_igniter(write_torchscript(**view), "cpu")
    found = list(
        igniter.propose(block_series(plain), lambda done, _: told.append(done), lambda: True)
    )
    assert len(told) == 1
    assert len(found) < 6


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answers_that_are_no_numbers_are_refused(
    write_torchscript: Write, plain: Geometry, value: float
) -> None:
    class Overflow(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return torch.cat([image, image, torch.exp(image)], dim=1)

    igniter = open_igniter(write_torchscript(Overflow()), "cpu")
    array = np.zeros(plain.array_shape, dtype=np.float32)
    array[3, 3, 3] = 100 if value == float("inf") else value
    series = IgniterSeries("case", plain, lambda: array)
    with pytest.raises(CheckpointError, match=r"igniter model.ts answers with values that are no"):
        list(igniter.propose(series))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"classes": ("background", "liver")},
            r"answers with 3 classes, but its description has 2 \(background, liver\); correct cl",
        ),
        ({"output": "labels"}, r"answers with the shape 1 x 3 x 64 x 64, but its .* 1 x 1 x 64 x"),
        ({"output": "probabilities"}, r"negative or have sums from .*; if these are logits, write"),
    ],
)
def test_a_description_that_differs_from_the_network_is_found_when_it_is_opened(
    write_torchscript: Write, changes: dict, sentence: str
) -> None:
    with pytest.raises(CheckpointError, match=sentence) as caught:
        open_igniter(write_torchscript(**changes), "cpu")
    assert "\n" not in str(caught.value)


def test_an_input_that_the_network_does_not_take_is_found_when_it_is_opened(
    write_torchscript: Write,
) -> None:
    network = nn.Conv2d(1, 3, 3, padding=1)
    sentence = r"does not take an input of 1 x 2 x 64 x 64 \(.*channels.*\); correct kind, input_s"
    with pytest.raises(CheckpointError, match=sentence):
        open_igniter(write_torchscript(network, channels=2), "cpu")
    with pytest.raises(CheckpointError, match=r"does not take an input of 1 x 1 x 32 x 32 x 32"):
        open_igniter(write_torchscript(network, kind="3d"), "cpu")
    fewer = nn.Conv2d(1, 3, 3)
    with pytest.raises(CheckpointError, match=r"answers with the shape 1 x 3 x 62 x 62, but its"):
        open_igniter(write_torchscript(fewer), "cpu")


def test_a_label_that_no_class_has_is_named(
    write_torchscript: Write, label_network: nn.Module
) -> None:
    path = write_torchscript(label_network, output="labels", values=(0, 5, 7))
    with pytest.raises(CheckpointError, match=r"the label 9, which no class of .* \(0, 5, 7\)"):
        open_igniter(path, "cpu")


def test_several_tensors_are_refused(write_torchscript: Write) -> None:
    class Two(nn.Module):
        def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
            return image, image

    with pytest.raises(CheckpointError, match=r"answers with a tuple and not with one tensor"):
        open_igniter(write_torchscript(Two()), "cpu")


def test_a_short_memory_is_said_to_be_one(write_torchscript: Write) -> None:
    class Greedy(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            assert image.shape[0] == 0, "CUDA out of memory"
            return image

    with pytest.raises(SaimError, match=r"memory is too small for the network .* and an input of"):
        open_igniter(write_torchscript(Greedy()), "cpu")


def test_a_network_that_is_bound_to_one_image_gets_one_at_a_time(
    write_torchscript: Write, block_series: MakeSeries, plain: Geometry
) -> None:
    class Single(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            assert image.shape[0] == 1
            return torch.cat([-image, image, image - 1], dim=1)

    igniter = open_igniter(write_torchscript(Single()), "cpu")
    assert len(list(igniter.propose(block_series(plain)))) == 6


class Halvings(nn.Module):
    """Five halvings in 3D, then a normalization that asks for more than one voxel."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(
            *(nn.Conv3d(1 if step == 0 else 2, 2, 3, 2, 1) for step in range(5))
        )
        self.normalization = nn.InstanceNorm3d(2)
        self.up = nn.ConvTranspose3d(2, 3, 32, 32)

    def forward(self, image: Tensor) -> Tensor:
        found: Tensor = self.up(self.normalization(self.down(image)))
        return found


def test_a_network_that_needs_more_than_one_voxel_at_its_deepest_is_opened(
    write_torchscript: Write,
) -> None:
    assert open_igniter(write_torchscript(Halvings(), kind="3d", multiple=32), "cpu")


@pytest.mark.parametrize(
    "changes",
    [
        {"input_size": (400_000, 400_000), "multiple": None},
        {"input_size": (2**40, 2**40), "multiple": None},
        {"multiple": 10**20},
    ],
)
def test_an_input_that_no_computer_holds_is_said(write_torchscript: Write, changes: dict) -> None:
    with pytest.raises(
        ConfigurationError, match=r"an input of \d+ x \d+, which this computer cannot hold .*; cor"
    ):
        open_igniter(write_torchscript(**changes), "cpu")
