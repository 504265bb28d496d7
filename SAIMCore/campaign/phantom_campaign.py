"""A small campaign on phantoms: to learn with, made in seconds and without a network."""

from __future__ import annotations

from pathlib import Path

from SAIMCore.data.atomic import disk_errors_named
from SAIMCore.data.phantom import make_phantom
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.importers.preflight import Progress, silent
from SAIMCore.project.project import Project
from SAIMCore.project.settings import (
    SETTINGS_FILE,
    AutomaticTraining,
    MemorySettings,
    NetworkSettings,
    SelectionSettings,
)
from SAIMCore.training.configuration import GenerationOptions, TrainingConfig

__all__ = ["make_phantom_campaign"]

COUNT, SIZE = 20, (64, 64, 8)
# A round is due when a beginner has annotated so many.
ROUND = 3
# A training of one to two minutes on two processor cores, like those of ``saim emulate``: its
# simulated user leaves no clicks out, and every round goes on from the shared model, so that they
# add up.
TRAINING = TrainingConfig(
    epochs=3,
    steps_per_epoch=50,
    batch_size=8,
    learning_rate=2e-3,
    schedule="cosine",
    generation=GenerationOptions(dropped=0, hold_out_class=False, decreasing=False),
)


def make_phantom_campaign(folder: Path, progress: Progress = silent) -> Path:
    """The folder of a project on phantoms, made in ``folder`` unless it is there already.

    Of 20 series 4 are annotated, 2 for validation and 4 for testing; the others are the pool, with
    reference labels for a virtual user. Raises ProjectError when ``folder`` cannot be
    written, or holds something else.
    """
    place, series = folder / "project", folder / "series"
    if (place / SETTINGS_FILE).is_file():
        return place
    with disk_errors_named(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not series.exists():
        make_phantom(series, COUNT, size=SIZE)
    plan = plan_import(series / "images", series / "labels", splits=str(series / "splits.json"))
    Project.create(
        place,
        plan,
        name="Phantoms",
        progress=progress,
        memory=MemorySettings(variant="cumulative"),
        network=NetworkSettings(encoder="resnet18", decoder="unet"),
        training=TRAINING,
        selection=SelectionSettings(query_size=ROUND),
        automatic_training=AutomaticTraining(accepted=ROUND, fine_tune=True),
    ).close()
    return place
