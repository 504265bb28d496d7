"""What the accuracy benchmarks share: their training budget, their processes, their figures."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from SAIMCore.data.atomic import write_text
from SAIMCore.training.configuration import GenerationOptions
from SAIMCore.training.schedule import SCHEDULES

__all__ = ["NO_RULES", "mean_and_deviation", "parser_for", "prepare_output", "run_tasks"]

# Rules 2 to 4 of the simulated clicks off: no click is left out. In a short training they leave too
# few clicks to learn from (RESULTS.md).
NO_RULES = GenerationOptions(decreasing=False, hold_out_class=False, dropped=0.0)

OPTIONS_FILE = "options.txt"
# These change how fast or how much is computed, but no result.
_OF_NO_EFFECT = {
    "data", "out", "seeds", "systems", "strategies", "variants", "split", "arms", "device",
    "processes", "threads", "table",
}  # fmt: skip


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


def prepare_output(options: argparse.Namespace) -> None:
    """Make the output folder; refuse one whose results were made with other options."""
    options.data, options.out = options.data.resolve(), options.out.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = "".join(
        f"{name} = {value}\n"
        for name, value in sorted(vars(options).items())
        if name not in _OF_NO_EFFECT
    )
    kept = options.out / OPTIONS_FILE
    if not kept.exists():
        write_text(kept, chosen)
    elif kept.read_text(encoding="utf-8") != chosen:
        sys.exit(
            f"the results in {options.out} were made with other options ({kept}); give another one"
        )


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
    """In percent, like "57.7 ± 0.4" (sample standard deviation over seeds); "" for no values."""
    if not values:
        return ""
    mean = f"{100 * np.mean(values):.1f}"
    return f"{mean} ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else mean
