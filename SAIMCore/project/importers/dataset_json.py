"""Data sets described by a ``dataset.json``: Medical Segmentation Decathlon and nnU-Net.

The Decathlon and nnU-Net (version 1) list their files (``training``, ``test``) and map label
values to names. nnU-Net (version 2) maps names to values and finds files in ``imagesTr``,
``labelsTr`` and ``imagesTs``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from SAIMCore.classes import ClassTable
from SAIMCore.data.formats import detached_files, image_suffix, name_without_suffix
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import FIRST_CHANNEL, collect_folders, refuse_channels
from SAIMCore.project.importers.plan import Collection, PlannedSeries

__all__ = ["collect_dataset"]


def collect_dataset(path: Path) -> Collection:
    """The series that the ``dataset.json`` at ``path`` describes, with their labels and classes.

    Series of a test list that have labels get the status "test". Raises ProjectError when the
    file is damaged, the images have several channels, or the labels are no plain classes.
    """
    content = read_json_object(path)
    _refuse_several_channels(path, content)
    classes = _classes(path, content.get("labels"))
    series = _listed(path, content) if "training" in content else _in_folders(path.parent)
    return Collection(series, classes)


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in the file ``path``. Raises ProjectError when there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(f"{path} cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise ProjectError(f"{path} is no JSON file ({error}); correct it") from error
    if not isinstance(content, dict):
        raise ProjectError(f"{path} must hold a JSON object, found {type(content).__name__}")
    return content


def _refuse_several_channels(path: Path, content: Mapping[str, Any]) -> None:
    channels = content.get("channel_names", content.get("modality", {}))
    if isinstance(channels, Mapping) and len(channels) > 1:
        listed = ", ".join(str(name) for name in channels.values())
        raise ProjectError(
            f"{path}: the images have {len(channels)} channels ({listed}); SAIM reads one channel, "
            "so give a folder with the images of one of them"
        )


def _classes(path: Path, labels: object) -> ClassTable:
    if not isinstance(labels, Mapping) or not labels:
        raise ProjectError(f"{path}: labels must map values to names, found {labels!r}")
    values: dict[int, str] = {}
    for key, entry in labels.items():
        # The Decathlon writes {"1": "liver"}, nnU-Net {"liver": 1}.
        name, value = (entry, key) if key.lstrip("-").isdigit() else (key, entry)
        if isinstance(value, list):
            raise ProjectError(
                f"{path}: the label {name!r} is a region of several values {value}; SAIM needs "
                "one value per class (a class may lie within another one), so rewrite the labels"
            )
        if str(name).casefold() == "ignore":
            raise ProjectError(
                f"{path}: the label {name!r} ({value}) marks voxels to ignore, which SAIM cannot; "
                "give labels in which every voxel has its class"
            )
        try:
            number = int(value)
        except (TypeError, ValueError) as error:
            raise ProjectError(
                f"{path}: the label {name!r} has the value {value!r}; give a whole number"
            ) from error
        if number in values:
            raise ProjectError(f"{path}: {values[number]!r} and {name!r} both have value {number}")
        values[number] = str(name)
    return ClassTable.from_values({0: "background", **values})


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
