"""Igniter and sustainer of the transfer study are trained and measured."""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from SAIMCore.job import LabeledSource, TrainingJob
from SAIMCore.training.processes import Processes
from SAIMCore.training_run import METRICS_FILE, RESULT_FILE, TrainingRun
from Testing.benchmarks import ablation
from Testing.benchmarks.series import BenchmarkSeries

__all__ = ["figures", "train"]

# Of igniter and sustainer; their clicks are answered by conditioned inference.
NETWORK = "Auto"


def train(
    name: str,
    series: BenchmarkSeries,
    annotated_series: tuple[LabeledSource, ...],
    seed: int,
    options: argparse.Namespace,
) -> Path:
    """The folder of the checkpoint; trains, or goes on training, where it is missing.

    Arms with the same series share it.
    """
    names = sorted(entry.source.name for entry in annotated_series)
    digest = zlib.crc32(" ".join(names).encode())
    folder = options.out / "runs" / f"{name}_{seed}_{digest:08x}"
    with FileLock(f"{folder}.lock"):
        _train(folder, series, annotated_series, seed, options)
    outcome = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
    checkpoint: Path = folder / outcome["checkpoint"]
    return checkpoint


def _train(
    folder: Path,
    series: BenchmarkSeries,
    annotated_series: tuple[LabeledSource, ...],
    seed: int,
    options: argparse.Namespace,
) -> None:
    if not (folder / RESULT_FILE).exists():
        job = ablation.job_for(ablation.Task(NETWORK, seed), series, options)
        training = replace(job.training, validation_clicks=1)
        used = {split: series.splits[split] for split in ("validation", "test")}
        replace(job, training=training, series={"training": annotated_series, **used}).write(folder)
        TrainingRun(
            TrainingJob.read(folder), folder, Processes(), lambda event: None, lambda: False
        ).run()


def figures(checkpoint: Path, split: str) -> dict[str, Any]:
    """mIoU and Dice (mean over the classes) after 0 and 1 clicks."""
    metrics = json.loads((checkpoint / METRICS_FILE).read_text(encoding="utf-8"))
    clicks = metrics[split]["clicks"]
    return {
        number: {"miou": entry["mean_iou"], "dice": float(np.mean(list(entry["dice"].values())))}
        for number, entry in clicks.items()
    }
