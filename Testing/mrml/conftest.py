"""A scene on slicer-core, and a bench for the writer of segments in it."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator

import pytest
import slicer

from Testing.mrml.writer_bench import Bench


@pytest.fixture
def scene() -> Iterator[slicer.vtkMRMLScene]:
    """A new scene with the logics that segmentations need, where Slicer has it."""
    made = slicer.vtkMRMLScene()
    application = slicer.vtkMRMLApplicationLogic()
    application.SetMRMLScene(made)
    logic = slicer.vtkSlicerSegmentationsModuleLogic()
    logic.SetMRMLApplicationLogic(application)
    logic.SetMRMLScene(made)
    made.application = application
    slicer.mrmlScene = made
    volumes = slicer.vtkSlicerVolumesLogic()
    volumes.SetMRMLApplicationLogic(application)
    volumes.SetMRMLScene(made)
    slicer.modules = types.SimpleNamespace(
        segmentations=types.SimpleNamespace(logic=lambda: logic),
        volumes=types.SimpleNamespace(logic=lambda: volumes),
    )
    yield made
    made.Clear()
    del slicer.mrmlScene, slicer.modules


@pytest.fixture
def bench(scene: slicer.vtkMRMLScene) -> Callable[..., Bench]:
    return lambda *arguments, **options: Bench(scene, *arguments, **options)
