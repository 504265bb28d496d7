"""The networks, phantoms and pools on which the benchmarks measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from SAIMCore.benchmarks.pool_memory import peak_memory, peak_memory_of_scoring
from SAIMCore.benchmarks.pools import make_pool
from SAIMCore.benchmarks.subjects import (
    model_config,
    phantom_stack,
    settled_network,
    write_labeled,
)
from SAIMCore.data.array_files import StoredArray
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES
from SAIMCore.errors import SaimError
from SAIMCore.project.project import Project


def test_the_values_of_a_settled_network_do_not_grow() -> None:
    config = model_config(64, "resnet18", "unet")
    network = settled_network(config.network).eval()
    features: list[float] = []
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.register_forward_hook(lambda *call: features.append(float(call[2].abs().max())))
    with torch.inference_mode():
        network(torch.randn(1, 1, 64, 64), torch.rand(1, 30, 64, 64))
    assert max(features) < 1000


def test_a_phantom_is_read_from_files_as_in_a_training(tmp_path: Path) -> None:
    series = write_labeled(tmp_path, "a", phantom_stack(4, 64, seed=0))
    assert isinstance(series.slices, StoredArray)
    assert isinstance(series.labels, StoredArray)
    assert series.slices.dtype == np.float16
    assert series.slices.shape == (4, 64, 64)
    assert abs(float(series.slices[:].mean(dtype=np.float64))) < 0.01
    assert 0 < series.labels[:].max() < len(PHANTOM_CLASSES)


def test_a_pool_has_different_series_in_its_cache(tmp_path: Path) -> None:
    folder = make_pool(tmp_path, 3, (4, 20, 18), PHANTOM_CLASSES)
    assert len(list((folder / "cache" / "series").glob("*.npy"))) == 3
    with Project.open(folder, read_only=True) as project:
        stacks = [project.cached(record.name).slices for record in project.pool()]
    assert [stack.shape for stack in stacks] == [(4, 20, 18)] * 3
    assert not np.array_equal(stacks[0], stacks[1])


def test_the_peak_memory_is_that_of_this_process() -> None:
    before = peak_memory()
    block = np.ones(300 * 2**20, dtype=np.uint8)
    assert peak_memory() >= block.nbytes
    assert peak_memory() >= before


def test_a_scoring_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(SaimError, match=f"no model at {tmp_path}"):
        peak_memory_of_scoring(tmp_path, tmp_path, "cpu")
