"""Models of SAIM that were trained elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from SAIMCore.checkpoint import CONFIG_FILE, WEIGHTS_FILE, ModelConfig, save_checkpoint
from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.errors import CheckpointError, ConfigurationError
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import IgniterSeries
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import Predictor

MakeCheckpoint = Callable[..., Path]
MakeSeries = Callable[[Geometry], IgniterSeries]


def test_it_proposes_what_its_predictor_says(
    small_checkpoint: MakeCheckpoint, block_series: MakeSeries, geometry: Geometry
) -> None:
    folder = small_checkpoint()
    series = block_series(geometry)
    igniter = open_igniter(folder, "cpu")
    assert igniter.name == "round-003"
    assert igniter.class_names == ("background", "uterus", "tumor")
    told: list[tuple[int, int]] = []
    found = dict(igniter.propose(series, lambda done, total: told.append((done, total))))
    predictor = Predictor.load(folder, "cpu")
    values = preprocess(series.intensities(), predictor.preprocessing, geometry.spacing)
    stack = to_slices(values, geometry.acquisition_axis)
    expected = torch.cat(list(predictor.automatic(stack, 8)))
    assert torch.equal(torch.stack([found[index] for index in range(6)]), expected)
    assert told == [(6, 6)]


def test_prepared_slices_are_taken_from_where_they_are(
    small_checkpoint: MakeCheckpoint, plain: Geometry
) -> None:
    asked: list[PreprocessingOptions] = []

    def prepared(options: PreprocessingOptions) -> np.ndarray:
        asked.append(options)
        return np.zeros((6, 20, 24), dtype=np.float16)

    def unread() -> np.ndarray:
        raise AssertionError("the image was read")

    igniter = open_igniter(small_checkpoint(), "cpu")
    series = IgniterSeries("case", plain, unread, prepared)
    assert len(list(igniter.propose(series))) == 6
    assert asked == [PreprocessingOptions(lower_percentile=1.0)]


def test_it_can_be_stopped(small_checkpoint: MakeCheckpoint, plain: Geometry) -> None:
    array = np.random.default_rng(0).random((20, 20, 24), dtype=np.float32)
    geometry = Geometry((24, 20, 20), plain.spacing, plain.origin, plain.direction)
    series = IgniterSeries("case", geometry, lambda: array)
    igniter = open_igniter(small_checkpoint(), "cpu")
    assert len(list(igniter.propose(series, should_stop=lambda: True))) == 8


@pytest.mark.parametrize("name", [CONFIG_FILE, WEIGHTS_FILE])
def test_a_file_of_the_folder_stands_for_it(small_checkpoint: MakeCheckpoint, name: str) -> None:
    folder = small_checkpoint()
    assert open_igniter(folder / name, "cpu").version == open_igniter(folder, "cpu").version


def test_other_weights_are_another_version(
    small_checkpoint: MakeCheckpoint, small_config: Callable[..., ModelConfig], tmp_path: Path
) -> None:
    first = open_igniter(small_checkpoint(), "cpu")
    torch.manual_seed(7)
    config = small_config()
    save_checkpoint(tmp_path / "other", create_network(config.network), config)
    second = open_igniter(tmp_path / "other", "cpu")
    assert first.name == second.name
    assert first.version != second.version


def test_the_folder_of_a_project_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "project.toml").touch()
    with pytest.raises(CheckpointError, match="is a project; give the folder of one of its models"):
        open_igniter(tmp_path, "cpu")


def test_a_description_is_not_asked_for(small_checkpoint: MakeCheckpoint, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"leave the description .*model.toml out"):
        open_igniter(small_checkpoint(), "cpu", tmp_path / "model.toml")


def test_damaged_weights_are_named(small_checkpoint: MakeCheckpoint) -> None:
    folder = small_checkpoint()
    weights = folder / WEIGHTS_FILE
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=WEIGHTS_FILE):
        open_igniter(folder, "cpu")


def test_weights_that_are_no_numbers_are_refused_before_a_slice_comes(
    small_config: Callable[..., ModelConfig],
    block_series: MakeSeries,
    plain: Geometry,
    tmp_path: Path,
) -> None:
    config = small_config()
    network = create_network(config.network)
    next(network.parameters()).data[0] = float("nan")
    save_checkpoint(tmp_path / "broken", network, config)
    answers = open_igniter(tmp_path / "broken", "cpu").propose(block_series(plain))
    with pytest.raises(CheckpointError, match=r"the igniter round-003 answers with values that ar"):
        next(answers)
