"""The series of an igniter and those of the project that begins with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.atomic import atomic_path, write_json
from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.labeled import LabeledSeries, open_labeled
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.data.reading import read_series
from SAIMCore.job import LabeledSource
from Testing.benchmarks.series import BenchmarkSeries, read_benchmark

__all__ = ["fewer_classes", "intensity_groups", "opened", "other_intensities"]

LEVEL_PERCENTILE = 99


def intensity_groups(levels: Mapping[str, float], count: int) -> list[set[str]]:
    """``count`` groups of series, parted at the largest ratios between neighboring ``levels``.

    Lowest first; levels are positive.
    """
    names = sorted(levels, key=lambda name: levels[name])
    steps = np.diff(np.log([levels[name] for name in names]))
    cuts = sorted(np.argsort(-steps, kind="stable")[: count - 1] + 1)
    ends = [0, *cuts, len(names)]
    return [set(names[start:end]) for start, end in pairwise(ends)]


def other_intensities(
    data: Path, splits: str, sizes: Mapping[str, int], kept: Path
) -> tuple[BenchmarkSeries, BenchmarkSeries]:
    """Igniter: series of the lowest of three intensity scales; project: series of the others.

    sizes: how many series there are of train_initial (the igniter's), pool, validation (of each)
    and test (the project's). Splits stay splits, so no patient is on both sides of an evaluation.
    kept: the file in which the intensities are kept once they were measured.
    """
    found = read_benchmark(data, splits)
    known = [entry for split in found.splits.values() for entry in split]
    if not kept.exists():
        write_json(kept, {entry.source.name: _level(entry) for entry in known})
    lowest = intensity_groups(json.loads(kept.read_text(encoding="utf-8")), 3)[0]
    theirs, ours = (
        {
            split: tuple(e for e in entries if (e.source.name in lowest) is inside)
            for split, entries in found.splits.items()
        }
        for inside in (True, False)
    )
    igniter = {
        "train_initial": (theirs["train_initial"] + theirs["pool"])[: sizes["train_initial"]],
        "pool": (),
        "validation": theirs["validation"][: sizes["validation"]],
        "test": (),
    }
    project = {
        "train_initial": (),
        "pool": (ours["train_initial"] + ours["pool"])[: sizes["pool"]],
        "validation": ours["validation"][: sizes["validation"]],
        "test": ours["test"][: sizes["test"]],
    }
    return BenchmarkSeries(found.classes, igniter), BenchmarkSeries(found.classes, project)


def _level(entry: LabeledSource) -> float:
    return float(np.percentile(read_series(entry.source).array, LEVEL_PERCENTILE))


def fewer_classes(
    data: Path, splits: str, kept: Sequence[str], folder: Path
) -> tuple[BenchmarkSeries, BenchmarkSeries]:
    """Igniter: the initial series with the classes ``kept`` only; project: the pool with all.

    The igniter's labelmaps are written to ``folder``. Both have the same validation series.
    """
    found = read_benchmark(data, splits)
    values = {entry.value: entry.name for entry in found.classes if entry.name in kept}
    background = found.classes[0]
    classes = ClassTable.from_values({background.value: background.name, **values})
    igniter = {
        "train_initial": _relabeled(found.splits["train_initial"], set(values), folder),
        "pool": (),
        "validation": _relabeled(found.splits["validation"], set(values), folder),
        "test": (),
    }
    project = {**found.splits, "train_initial": ()}
    return BenchmarkSeries(classes, igniter), BenchmarkSeries(found.classes, project)


def _relabeled(
    entries: Iterable[LabeledSource], kept: set[int], folder: Path
) -> tuple[LabeledSource, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(
        LabeledSource(entry.source, _only(kept, entry.labels, folder / entry.labels.name))
        for entry in entries
    )


def _only(kept: set[int], labels: Path, file: Path) -> Path:
    if not file.exists():
        image = sitk.ReadImage(str(labels))
        values = sitk.GetArrayFromImage(image)
        reduced = sitk.GetImageFromArray(np.where(np.isin(values, list(kept)), values, 0))
        reduced.CopyInformation(image)
        with atomic_path(file) as path:
            sitk.WriteImage(reduced, str(path))
    return file


def opened(entry: LabeledSource, series: BenchmarkSeries, cache: SeriesCache) -> LabeledSeries:
    """``entry`` with the classes of ``series``, from the cache."""
    return open_labeled(cache, entry.source, PreprocessingOptions(), entry.labels, series.classes)
