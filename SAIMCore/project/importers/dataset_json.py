"""Data sets described by a ``dataset.json``: Medical Segmentation Decathlon and nnU-Net.

The Decathlon and nnU-Net (version 1) list their files (``training``, ``test``) and map label
values to names. nnU-Net (version 2) maps names to values and finds files in ``imagesTr``,
``labelsTr`` and ``imagesTs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from SAIMCore.classes import ClassTable
from SAIMCore.data.formats import detached_files, image_suffix, name_without_suffix
from SAIMCore.data.label_names import classes_of_labels
from SAIMCore.data.sources import FIRST_CHANNEL, SeriesSource, find_series
from SAIMCore.data.tables import read_table
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders, refuse_channels
from SAIMCore.project.importers.plan import Collection, PlannedSeries

__all__ = ["collect_dataset"]


def collect_dataset(path: Path) -> Collection:
    """The series that the ``dataset.json`` at ``path`` describes, with their labels and classes.

    Series of a test list that have labels get the status "test". Raises ConfigurationError when
    the file is damaged or the labels are no plain classes, ProjectError when they mark voxels to
    ignore, the images have several channels, or files are missing.
    """
    content = read_table(path)
    _refuse_several_channels(path, content)
    classes = classes_of_labels(path, content.get("labels"))
    _refuse_ignored_voxels(path, classes)
    series = _listed(path, content) if "training" in content else _in_folders(path.parent)
    return Collection(series, classes)


def _refuse_several_channels(path: Path, content: Mapping[str, Any]) -> None:
    channels = content.get("channel_names", content.get("modality", {}))
    if isinstance(channels, Mapping) and len(channels) > 1:
        listed = ", ".join(str(name) for name in channels.values())
        raise ProjectError(
            f"{path}: the images have {len(channels)} channels ({listed}); SAIM reads one channel, "
            "so give a folder with the images of one of them"
        )


def _refuse_ignored_voxels(path: Path, classes: ClassTable) -> None:
    for entry in classes:
        if entry.name.casefold() == "ignore":
            raise ProjectError(
                f"{path}: the label {entry.name!r} ({entry.value}) marks voxels to ignore, which "
                "SAIM cannot; give labels in which every voxel has its class"
            )


def _listed(path: Path, content: Mapping[str, Any]) -> tuple[PlannedSeries, ...]:
    training, test = content["training"], content.get("test", [])
    if not isinstance(training, list) or not isinstance(test, list):
        raise ProjectError(f"{path}: training and test must be lists of files")
    series = [_listed_series(path, entry, "unannotated") for entry in training]
    for entry in test:
        planned = _listed_series(path, entry, "test")
        series.append(planned if planned.labels else replace(planned, status="unannotated"))
    return tuple(series)


def _listed_series(path: Path, entry: object, status: str) -> PlannedSeries:
    image = entry.get("image") if isinstance(entry, Mapping) else entry
    labels = entry.get("label") if isinstance(entry, Mapping) else None
    if not isinstance(image, str) or not isinstance(labels, str | None):
        raise ProjectError(
            f"{path}: the entry {entry!r} is no series; write an image and its label, or an image"
        )
    file = _existing(path, _first_channel(path, image))
    name = name_without_suffix(file).removesuffix(FIRST_CHANNEL)
    source = SeriesSource(name, file, (file, *detached_files(file)))
    return PlannedSeries(source, None if labels is None else _existing(path, labels), status)


def _first_channel(path: Path, name: str) -> str:
    """``name``, or the file of its first channel: nnU-Net (version 1) lists images without it."""
    file = Path(name)
    channel = f"{name_without_suffix(file)}{FIRST_CHANNEL}{image_suffix(file) or ''}"
    with_channel = str(file.with_name(channel))
    exists = (path.parent / name).is_file() or not (path.parent / with_channel).is_file()
    return name if exists else with_channel


def _existing(path: Path, name: str) -> Path:
    file = path.parent / name
    if not file.is_file():
        raise ProjectError(f"{path} lists {name!r}, but {file} does not exist; complete the data")
    if image_suffix(file) is None:
        raise ProjectError(f"{path} lists {name!r}, which is no image file")
    return file


def _in_folders(folder: Path) -> tuple[PlannedSeries, ...]:
    series = list(collect_folders(folder / "imagesTr", folder / "labelsTr").series)
    if (folder / "imagesTs").is_dir() and any((folder / "imagesTs").iterdir()):
        if (folder / "labelsTs").is_dir():
            test = collect_folders(folder / "imagesTs", folder / "labelsTs").series
            series += [replace(entry, status="test") if entry.labels else entry for entry in test]
        else:
            sources = find_series(folder / "imagesTs")
            refuse_channels(sources, folder / "imagesTs")
            series += [PlannedSeries(source) for source in sources]
    return tuple(series)
