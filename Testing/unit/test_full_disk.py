"""Models and training states on a disk that gets full: one sentence, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.errors import ProjectError
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import Predictor
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.training.state import restore_state, save_state

pytest.importorskip("resource", reason="no limit on file sizes on Windows")

MakeConfig = Callable[..., ModelConfig]
MakeCheckpoint = Callable[..., Path]
FULL = "the file is larger than allowed here"


def test_a_checkpoint_that_does_not_fit_is_not_made(
    small_config: MakeConfig, tmp_path: Path, largest_file: Any
) -> None:
    config = small_config()
    network = create_network(config.network)

    with largest_file(10_000), pytest.raises(ProjectError, match=FULL):
        save_checkpoint(tmp_path / "model", network, config)

    assert list(tmp_path.iterdir()) == []


def test_a_training_state_that_does_not_fit_leaves_the_earlier_one(
    tmp_path: Path, largest_file: Any
) -> None:
    network = torch.nn.Linear(100, 100)
    optimizer = torch.optim.Adam(network.parameters())
    path = tmp_path / "state.safetensors"
    save_state(path, network, optimizer, {"step": 1})

    with largest_file(10_000), pytest.raises(ProjectError, match=FULL):
        save_state(path, network, optimizer, {"step": 2})

    assert restore_state(path, network, optimizer) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_session_that_does_not_fit_leaves_the_earlier_file(
    small_config: MakeConfig, tmp_path: Path, largest_file: Any
) -> None:
    config = small_config()
    predictor = Predictor(create_network(config.network), config, "cpu")
    slices = np.random.default_rng(0).normal(size=(1, 64, 64)).astype(np.float16)
    session = InteractiveSession(predictor, slices, "a")
    path = tmp_path / "a.session"
    session.save(path)
    before = path.read_bytes()
    session.segment(0)

    with largest_file(10_000), pytest.raises(ProjectError, match=FULL):
        session.save(path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_that_does_not_fit_leaves_the_process_and_the_earlier_file(
    small_checkpoint: MakeCheckpoint, repository: Path, tmp_path: Path
) -> None:
    folder, out = small_checkpoint(), tmp_path / "model.pt"
    out.write_bytes(b"earlier")
    # In a process of its own: what this is about is that the process lives on.
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from SAIMCore.errors import ProjectError\n"
        "from SAIMCore.export import export_torchscript\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    export_torchscript(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except ProjectError as error:\n"
        "    print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(out)],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert result.returncode == 0, result.stderr
    assert FULL in result.stdout
    assert out.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.pt", folder.name]
