"""What is measured: a series in a scene, its classes, and the labels that are written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import slicer
from numpy.typing import NDArray

from SAIMCore.benchmarks.subjects import model_config, phantom_stack
from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from Testing.mrml.scenes import add_volume
from Testing.mrml.writer_bench import Bench

__all__ = ["FLAT", "NESTED", "SIZE", "SLICES", "flat_config", "labels_of", "series", "staged"]

SIZE = 512
SLICES = 60
# Drawing all of 60 large slices would take longer than measuring.
DRAWN = 4

NESTED = PHANTOM_CLASSES
# The same classes side by side, so that their segments share a layer.
FLAT = ClassTable.from_names(NESTED.names)


def flat_config(size: int, encoder: str, decoder: str = "unet") -> ModelConfig:
    """The model of ``saim bench``, for classes side by side."""
    return replace(model_config(size, encoder, decoder), classes=FLAT)


def series(size: int) -> NDArray[np.float16]:
    """A prepared stack (60, size, size), in which a few phantom slices come again and again."""
    stack = phantom_stack(DRAWN, size, seed=0)
    prepared = preprocess(stack.intensities.astype(np.float32), PreprocessingOptions())
    return prepared.astype(np.float16)[np.arange(SLICES) % DRAWN]


def labels_of(size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Labels (size, size) of two slices that differ."""
    stack = phantom_stack(DRAWN, size, seed=0)
    return stack.labels[1], stack.labels[2]


def staged(scene: slicer.vtkMRMLScene, size: int, classes: ClassTable = FLAT, *names: str) -> Bench:
    """A volume of 60 slices and its segmentation, empty, with further segments ``names``."""
    volume = add_volume(scene, (size, size, SLICES))
    made = Bench(scene, classes, *names, volume=volume)
    made.segments.ensure()
    return made
