"""What is measured: a project of a few large series, its server, and a browser that shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from SAIMCore.benchmarks.subjects import phantom_stack, settled_network
from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.writing import write_image
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.web.annotator import Annotator
from Testing.web.page_server import PageServer

__all__ = ["SLICES", "annotated_page", "make_project"]

SERIES, SLICES = 3, 60
# Drawing all of 60 large slices would take longer than measuring.
DRAWN = 4
SPACING = (0.7, 0.7, 3.0)
AXIAL = (1.0, 0, 0, 0, 1, 0, 0, 0, 1)
VERSION = "round-001"


def make_project(folder: Path, config: ModelConfig) -> Path:
    """A project of series of ``config.size``² x 60 with a model, every cache filled."""
    import SimpleITK as sitk

    images = folder / "images"
    images.mkdir(parents=True)
    size = config.size
    stack = phantom_stack(DRAWN, size, seed=0).intensities[np.arange(SLICES) % DRAWN]
    for number in range(SERIES):
        # No two series of a project may be the same.
        image = sitk.GetImageFromArray(stack.astype(np.float32) + number)
        Geometry((size, size, SLICES), SPACING, (0, 0, 0), AXIAL).apply_to(image)
        write_image(image, images / f"series_{number}.nii.gz")
    plan = plan_import(images, classes=config.classes)
    with Project.create(folder / "project", plan, preprocessing=config.preprocessing) as project:
        place = project.models_folder / VERSION
        save_checkpoint(place, settled_network(config.network), config)
        (place / "metrics.json").write_text("{}", encoding="utf-8")
        project.models.add(VERSION, place)
        project.models.publish(VERSION)
        for record in project.series():
            project.cached(record.name)
    return folder / "project"


@contextmanager
def annotated_page(project: Path) -> Iterator[Annotator]:
    """Somebody at the page of a server of ``project``."""
    server = PageServer(project)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            context = browser.new_context(viewport={"width": 1280, "height": 720})
            annotator = Annotator(context.new_page(), server)
            annotator.open()
            yield annotator
            browser.close()
    finally:
        server.stop()
