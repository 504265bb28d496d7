"""Projects whose pool is to be scored: noise in real files, and their caches filled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import find_series
from SAIMCore.data.writing import write_image
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project

__all__ = ["make_pool"]

# Thick slices, so that these are the ones that are scored.
SPACING = (1.0, 1.0, 3.0)


def make_pool(folder: Path, count: int, shape: tuple[int, int, int], classes: ClassTable) -> Path:
    """A new project in ``folder`` with ``count`` unannotated series of ``shape`` (S, H, W).

    Every series is another one, and all of them are in the project's cache.
    """
    images = folder / "images"
    images.mkdir(parents=True)
    for number in range(count):
        voxels = np.random.default_rng(number).integers(0, 1000, shape, dtype=np.int16)
        image = sitk.GetImageFromArray(voxels)
        image.SetSpacing(SPACING)
        write_image(image, images / f"series-{number:04d}.nii")
    plan = ImportPlan(classes, tuple(PlannedSeries(source) for source in find_series(images)))
    with Project.create(folder / "project", plan) as project:
        for record in project.pool():
            project.cached(record.name)
        return project.folder
