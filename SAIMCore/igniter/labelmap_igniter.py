"""A folder of labelmaps made elsewhere (TotalSegmentator, nnU-Net, a colleague) as an igniter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.data.contents import content_digest
from SAIMCore.data.geometry import to_slices
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.labelmap_files import LabelmapFiles, find_labelmaps
from SAIMCore.igniter.labelmap_reading import labels_of_classes, labels_of_values
from SAIMCore.igniter.proposer import IgniterSeries, go_on, tell_nobody

__all__ = ["LabelmapIgniter", "is_labelmap_folder", "open_labelmaps"]


def is_labelmap_folder(path: Path) -> bool:
    """Whether ``path`` may hold labelmaps: any folder may."""
    return path.is_dir()


def open_labelmaps(
    path: Path, device: str | torch.device = "auto", description: Path | None = None
) -> LabelmapIgniter:
    """The labelmaps in the folder ``path``; no network runs on ``device``.

    Raises what ``find_labelmaps`` raises.
    """
    if description is not None:
        raise ConfigurationError(
            f"the labelmaps in {path} need no description of a network; leave {description} out"
        )
    return LabelmapIgniter(find_labelmaps(path))


class LabelmapIgniter:
    """The labelmaps ``files``, each of which is sure of its labels."""

    def __init__(self, files: LabelmapFiles) -> None:
        self._files = files
        self.name = files.folder.resolve().name
        self.version = _digest(files)
        self.class_names = files.classes.names

    def no_proposal(self, name: str) -> str | None:
        if self._files.of(name) is not None:
            return None
        return (
            f"the folder {self._files.folder} has no labelmap of the series {name!r}, so nothing "
            "is proposed for it"
        )

    def propose(
        self,
        series: IgniterSeries,
        progress: Callable[[int, int], None] = tell_nobody,
        should_stop: Callable[[], bool] = go_on,
    ) -> Iterator[tuple[int, Tensor]]:
        labels = self._labels(series)
        if labels is None:
            return
        stack = to_slices(labels, series.geometry.acquisition_axis)
        for index, plane in enumerate(stack):
            sure = torch.zeros(len(self.class_names), *plane.shape)
            sure.scatter_(0, torch.from_numpy(plane.astype(np.int64))[None], 1.0)
            yield index, sure
            progress(index + 1, len(stack))
            if should_stop():
                return

    def trainable(self, series: IgniterSeries) -> None:
        return None

    def _labels(self, series: IgniterSeries) -> NDArray[np.uint8] | None:
        """Class indices (K, J, I) of the series, None where there is no labelmap."""
        found = self._files.of(series.name)
        if found is None:
            return None
        read = labels_of_values if isinstance(found, Path) else labels_of_classes
        return read(found, series.geometry, self._files.classes)  # type: ignore[arg-type]


def _digest(files: LabelmapFiles) -> str:
    """Of the contents and of the names, which say what belongs to which series and class."""
    paths = files.all_files
    names = [path.relative_to(files.folder).as_posix() for path in paths]
    text = json.dumps([names, content_digest(paths)])
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
