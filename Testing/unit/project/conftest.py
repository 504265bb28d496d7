"""Small series on disk, and projects made of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project

SHAPE = (4, 6, 5)

WriteSeries = Callable[..., Path]
RunScript = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def classes() -> ClassTable:
    return ClassTable.from_names(["background", "liver", "tumor<liver"])


@pytest.fixture
def write_series(tmp_path: Path) -> WriteSeries:
    """Writes ``folder/NAME.nii.gz``: noise that differs by name, or the given voxels."""

    def write(
        folder: str,
        name: str,
        voxels: np.ndarray | None = None,
        *,
        origin: tuple[float, float, float] = (-10.0, 5.0, 7.5),
    ) -> Path:
        if voxels is None:
            seed = list(f"{folder}/{name}".encode())
            voxels = np.random.default_rng(seed).integers(0, 900, SHAPE).astype(np.int16)
        image = sitk.GetImageFromArray(voxels)
        image.SetSpacing((0.7, 0.8, 3.0))
        image.SetOrigin(origin)
        path = tmp_path / folder / f"{name}.nii.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        sitk.WriteImage(image, os.fspath(path))
        return path

    return write


@pytest.fixture
def labels() -> np.ndarray:
    """Class indices that show every class."""
    found = np.zeros(SHAPE, dtype=np.uint8)
    found[1:3, 1:4, 1:4] = 1
    found[2, 2, 2] = 2
    return found


@pytest.fixture
def plan(write_series: WriteSeries, labels: np.ndarray, classes: ClassTable) -> ImportPlan:
    """One series each to train, validate and test, and a pool of three."""
    series = []
    for name, status, labeled in (
        ("first", "annotated", True),
        ("val", "validation", True),
        ("exam", "test", True),
        ("pool_a", "unannotated", True),
        ("pool_b", "unannotated", False),
        ("pool_c", "unannotated", False),
    ):
        image = write_series("images", name)
        labelmap = write_series("labels", name, labels) if labeled else None
        series.append(PlannedSeries(SeriesSource(name, image, (image,)), labelmap, status))
    return ImportPlan(classes, tuple(series))


@pytest.fixture
def project(tmp_path: Path, plan: ImportPlan) -> Iterator[Project]:
    """An open project made from ``plan``."""
    with Project.create(tmp_path / "project", plan) as opened:
        yield opened


@pytest.fixture
def run_script(repository: Path) -> RunScript:
    """Runs Python code in a process of its own; what it prints and how it ended come back."""

    def run(code: str, *arguments: object, prefix: tuple[str, ...] = ()) -> object:
        return subprocess.run(
            [*prefix, sys.executable, "-c", code, *map(str, arguments)],
            cwd=repository,
            env={**os.environ, "PYTHONPATH": str(repository)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
