"""Small pictures of the series, in the project's cache."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from SAIMCore.data.atomic import atomic_path, disk_errors_named
from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import InvalidImageError

if TYPE_CHECKING:
    from SAIMCore.data.sources import SeriesSource
    from SAIMCore.project.project import Project

__all__ = ["SIZE", "Thumbnails"]

# Pixels.
SIZE = 64
WINDOW = (1, 99)
FOLDER = "thumbnails"
# Raise it when the pictures are drawn in another way.
_VERSION = 1

# The axis of LPS that goes to the head. Of the two axes of a picture the later one is its vertical.
_SUPERIOR = 2


class Thumbnails:
    """Makes the thumbnails of the series of ``project``.

    They are named by the state of the image's files, so that a changed image gets a new one. The
    folder may be deleted at any time. ``make`` may run in any thread.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.cache.folder / FOLDER

    def make(self, name: str) -> Path:
        """The thumbnail of the series ``name``, made if it is not there: its middle slice.

        A PNG of 64 x 64 gray pixels, from the 1st to the 99th percentile of that slice. Raises
        ProjectError for an unknown series or when the disk is full or read-only, InvalidImageError
        when the image cannot be used.
        """
        path = self._place(self._project.series_named(name).source)
        if path.is_file():
            return path
        series = self._project.cached(name)
        picture = _picture(series.slices[len(series.slices) // 2], series.geometry)
        with disk_errors_named(path):
            self._folder.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            picture.save(temporary)
        return path

    def _place(self, source: SeriesSource) -> Path:
        try:
            states = [(file.stat().st_size, file.stat().st_mtime_ns) for file in source.files]
        except OSError as error:
            raise InvalidImageError(
                f"{error.filename} cannot be read ({error.strerror}); put it back where it was"
            ) from error
        text = json.dumps([_VERSION, source.name, states])
        return self._folder / f"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}.png"


def _picture(slice_values: NDArray[Any], geometry: Geometry) -> Image.Image:
    """A slice (H, W) as it lies in the patient, centered on black."""
    values = np.asarray(slice_values, dtype=np.float32)
    low, high = np.percentile(values, WINDOW)
    gray = np.clip((values - low) / max(high - low, np.finfo(np.float32).tiny), 0, 1)
    upright, (height, width) = _upright(gray, geometry)
    scale = SIZE / max(height, width)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    drawn = Image.fromarray(np.uint8(np.rint(255 * upright))).resize(shape, Image.Resampling.BOX)
    canvas = Image.new("L", (SIZE, SIZE))
    canvas.paste(drawn, ((SIZE - shape[0]) // 2, (SIZE - shape[1]) // 2))
    return canvas


def _upright(
    pixels: NDArray[np.float32], geometry: Geometry
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """``pixels`` (H, W) turned as radiologists look at them, and their height and width in mm.

    The head is at the top, or the front where that cannot be seen; the patient's left is on the
    right, or else the back. Only whole turns: an oblique slice stays oblique.
    """
    axes = [axis for axis in (2, 1, 0) if axis != geometry.acquisition_axis]
    directions = np.reshape(geometry.direction, (3, 3))[:, axes]
    # For rows and columns, the axis of LPS that they go along.
    along = np.abs(directions).argmax(axis=0)
    sizes = [
        count * step for count, step in zip(pixels.shape, geometry.stack_spacing[1:], strict=True)
    ]
    for place in (0, 1):
        # Rows are counted from the top, so what goes to the head must be reversed.
        toward = -1 if along[place] == _SUPERIOR else 1
        if directions[along[place], place] * toward < 0:
            pixels = np.flip(pixels, place)
    if along[0] < along[1]:
        return pixels.T, (sizes[1], sizes[0])
    return pixels, (sizes[0], sizes[1])
