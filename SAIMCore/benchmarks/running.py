"""Running a benchmark by its name, and saying on what it ran."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Iterator

import torch

from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.device import choose_device, describe_device

__all__ = ["run_benchmark", "surroundings"]


def run_benchmark(name: str, options: BenchmarkOptions) -> Iterator[Figure]:
    """The figures of the benchmark ``name``, each as soon as it is measured."""
    module = importlib.import_module(f"SAIMCore.benchmarks.{name}")
    found: Iterator[Figure] = module.measure(options)
    return found


def surroundings(device: str) -> dict[str, str]:
    """Device and versions: what a figure means nothing without."""
    return {
        "device": describe_device(choose_device(device)),
        "cores": str(os.cpu_count()),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
