"""What the accuracy benchmarks share: their training budget, their processes, their figures."""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SAIMCore.training.schedule import SCHEDULES

__all__ = ["mean_and_deviation", "parser_for", "run_tasks"]


def parser_for(description: str | None, **defaults: Any) -> argparse.ArgumentParser:
    """A parser with the options that every accuracy benchmark has; ``defaults`` change theirs."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with images, labels and splits.json")
    parser.add_argument("--splits", default="splits", help="group in splits.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=400, help="of every training")
    parser.add_argument("--epochs", type=int, default=2, help="validations, evenly spread")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--schedule", default="cosine", choices=SCHEDULES)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--encoder", default="resnet18")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--threads", type=int, default=1, help="torch threads per process")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.set_defaults(**defaults)
    return parser


def run_tasks(
    run: Callable[[Any, argparse.Namespace], None],
    tasks: Sequence[Any],
    options: argparse.Namespace,
) -> None:
    """Run every task in a new process, ``options.processes`` at a time."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, maxtasksperchild=1) as pool:
        pool.starmap(run, [(task, options) for task in tasks], chunksize=1)


def mean_and_deviation(values: Sequence[float]) -> str:
    """In percent, like "57.7 ± 0.4" (standard deviation over the seeds); "" for no values."""
    if not values:
        return ""
    return f"{100 * np.mean(values):.1f} ± {100 * np.std(values):.1f}"
