"""A small project with a pool of three series, and a campaign of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining, NetworkSettings
from Testing.unit.campaign.bench import Bench, MakeBench, Trainer
from Testing.unit.campaign.stand_ins import publish_model

SHAPE = (4, 6, 5)


@pytest.fixture
def plain_labels() -> np.ndarray:
    """Class indices that show every class of ``plain_project``."""
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[1:3, 1:4, 1:4] = 1
    return labels


@pytest.fixture
def plain_project(tmp_path: Path, plain_labels: np.ndarray) -> Iterator[Project]:
    """An open project: one series each to train, validate and test, three in the pool.

    All are of 4 slices of 6 x 5 pixels, 3 mm apart, with pixels of 0.8 x 0.7 mm.
    """
    planned = []
    for name, status in (
        ("first", "annotated"),
        ("val", "validation"),
        ("exam", "test"),
        ("pool_a", "unannotated"),
        ("pool_b", "unannotated"),
        ("pool_c", "unannotated"),
    ):
        noise = np.random.default_rng(list(name.encode())).integers(0, 900, SHAPE)
        image = _write(tmp_path / "images", name, noise.astype(np.int16))
        labeled = status != "unannotated"
        labels = _write(tmp_path / "labels", name, plain_labels) if labeled else None
        source = SeriesSource(name, image, (image,), patient=f"patient of {name}")
        planned.append(PlannedSeries(source, labels, status))
    classes = ClassTable.from_names(["background", "liver"])
    with Project.create(tmp_path / "plain", ImportPlan(classes, tuple(planned))) as project:
        yield project


def _write(folder: Path, name: str, voxels: np.ndarray) -> Path:
    folder.mkdir(exist_ok=True)
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.7, 0.8, 3.0))
    path = folder / f"{name}.nii.gz"
    sitk.WriteImage(image, os.fspath(path))
    return path


@pytest.fixture
def folder(plain_project: Project) -> Path:
    """A project with a pool of three that trains after 2 accepted series, closed."""
    plain_project.change_settings(
        network=NetworkSettings(encoder="resnet18", decoder="unet"),
        automatic_training=AutomaticTraining(accepted=2),
    )
    # What it came with counts for no training.
    record = plain_project.rounds.begin()
    plain_project.rounds.finish(record.number, "cancelled", "before the campaign")
    plain_project.close()
    return plain_project.folder


@pytest.fixture
def with_model(folder: Path) -> Path:
    with Project.open(folder) as project:
        publish_model(project, "first-model")
    return folder


@pytest.fixture
def make(folder: Path) -> Iterator[MakeBench]:
    """Opens the campaign; it is closed after the test."""
    made: list[Bench] = []

    def open_campaign(trainer: Trainer | None = None) -> Bench:
        made.append(Bench(folder, trainer))
        return made[-1]

    yield open_campaign
    for bench in made:
        bench.campaign.close()


@pytest.fixture
def bench(make: MakeBench) -> Bench:
    return make()
