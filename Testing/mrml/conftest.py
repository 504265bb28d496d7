"""A scene on slicer-core, and a bench for the writer of segments in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import slicer

from Testing.mrml.scenes import new_scene
from Testing.mrml.writer_bench import Bench


@pytest.fixture
def scene() -> Iterator[slicer.vtkMRMLScene]:
    """A new scene with the logics that segmentations need, where Slicer has it."""
    with new_scene() as made:
        yield made


@pytest.fixture
def bench(scene: slicer.vtkMRMLScene) -> Callable[..., Bench]:
    return lambda *arguments, **options: Bench(scene, *arguments, **options)
