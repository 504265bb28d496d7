"""What a job gives the training: any number of series, whatever the limit on open files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import write_labelmap
from SAIMCore.data.sources import SeriesSource
from SAIMCore.evaluation import evaluate
from SAIMCore.job import LabeledSource, TrainingJob
from SAIMCore.memory import create_memory
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.training.configuration import TrainingConfig
from SAIMCore.training.dataset import SliceDataset
from SAIMCore.training.losses import class_frequencies

resource = pytest.importorskip("resource", reason="no limit on open files on Windows")

CLASSES = ClassTable.from_names(["background", "organ"])
SERIES, SHAPE = 100, (2, 8, 8)


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    """A job of many series, which all have the same file."""
    geometry = Geometry((8, 8, 2), (1, 1, 3), (0, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
    labels = np.zeros(SHAPE, np.uint8)
    labels[:, 2:6, 2:6] = 1
    path = tmp_path / "a.nii"
    write_labelmap(path, labels, geometry, CLASSES)
    series = tuple(
        LabeledSource(SeriesSource(f"s{number}", path, (path,)), path) for number in range(SERIES)
    )
    network = NetworkConfig(2, "none", encoder="resnet18")
    model = ModelConfig(network, CLASSES, PreprocessingOptions(), 32, "round-001", {})
    return TrainingJob(model, TrainingConfig(), tmp_path / "cache", {"training": series})


@pytest.fixture
def few_open_files() -> Iterator[None]:
    """Only a handful of files more than now may be open."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (psutil.Process().num_fds() + 20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


class Nothing:
    """A predictor that finds nothing."""

    memory = create_memory("none", 2)
    classes, num_classes, device = CLASSES, 2, torch.device("cpu")

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        return height, width

    def probabilities(self, image: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.ones_like(image), torch.zeros_like(image)], dim=1)


def test_a_hundred_series_need_no_hundred_open_files(
    job: TrainingJob, few_open_files: None
) -> None:
    series = job.labeled_series("training")
    assert class_frequencies(series, 2).tolist() == [0.75, 0.25]
    dataset = SliceDataset(series, 32, seed=0, augment=False)
    assert len(dataset) == SERIES * SHAPE[0]
    images = [dataset[0, 0, number].image for number in range(len(dataset))]
    assert all(torch.equal(image, images[number % 2]) for number, image in enumerate(images))
    evaluation = evaluate(Nothing(), series, max_clicks=1)  # type: ignore[arg-type]
    assert len(evaluation.series[1]) == SERIES
    assert evaluation.scores(0).iou == (0.0,)
