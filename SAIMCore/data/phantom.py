"""Phantoms: seeded series with labels, written as the files that a scanner's data would be in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from SAIMCore.classes import ClassTable
from SAIMCore.data.atomic import atomic_folder, write_json
from SAIMCore.data.geometry import Geometry, from_slices
from SAIMCore.data.phantom_anatomy import PHANTOM_CLASSES, draw_phantom
from SAIMCore.errors import ConfigurationError

__all__ = ["Phantom", "make_phantom"]

_SMALLEST = 16
# Directions (columns: i, j, k in LPS) in which scanners store slices: axial, sagittal, coronal.
_PLANES = (
    np.eye(3),
    np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
    np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]),
)
_SPACINGS = ((0.8, 3.0), (0.9, 4.0), (0.7, 3.5))


@dataclass(frozen=True)
class Phantom:
    """What was written: ``images`` and ``labels`` hold one NAME.nii.gz for each of ``names``."""

    folder: Path
    names: tuple[str, ...]
    classes: ClassTable
    splits: dict[str, tuple[str, ...]]

    @property
    def images(self) -> Path:
        return self.folder / "images"

    @property
    def labels(self) -> Path:
        return self.folder / "labels"

    @property
    def splits_file(self) -> Path:
        return self.folder / "splits.json"


def make_phantom(
    folder: str | os.PathLike[str],
    count: int = 20,
    seed: int = 0,
    *,
    size: tuple[int, int, int] = (96, 96, 16),
    progress: Callable[[int, int], None] | None = None,
) -> Phantom:
    """Write ``count`` series of ``size`` (columns, rows, slices) with labels and ``splits.json``.

    The series look like thick-slice MR: textured tissue, a bias field, Rician noise, an arbitrary
    intensity scale, thick slices in axial, sagittal, coronal and oblique planes, the slices along
    any array axis. Structures: an organ, a lesion within it, several nodes, a small gland. Series
    n depends on ``seed`` and n only, bit for bit. ``progress`` is told (series written, count).

    Raises ConfigurationError for fewer than 4 series or a side below 16 (slices: 4), ProjectError
    when ``folder`` exists and is not empty or cannot be written.
    """
    if count < 4:
        raise ConfigurationError(f"a phantom needs at least 4 series, one per split; got {count}")
    if min(size[:2]) < _SMALLEST or size[2] < 4:
        raise ConfigurationError(
            f"a phantom of {size[0]} x {size[1]} pixels and {size[2]} slices is too small; "
            f"use at least {_SMALLEST} x {_SMALLEST} pixels and 4 slices"
        )
    names = tuple(f"phantom_{number:03d}" for number in range(1, count + 1))
    splits = _split(names, np.random.default_rng([seed]))
    with atomic_folder(folder) as temporary:
        (temporary / "images").mkdir()
        (temporary / "labels").mkdir()
        for number, name in enumerate(names):
            _write_series(temporary, f"{name}.nii.gz", size, np.random.default_rng([seed, number]))
            if progress is not None:
                progress(number + 1, count)
        write_json(temporary / "splits.json", _description(splits, seed))
    return Phantom(Path(folder), names, PHANTOM_CLASSES, splits)


def _write_series(
    folder: Path, file_name: str, size: tuple[int, int, int], rng: np.random.Generator
) -> None:
    import SimpleITK as sitk

    from SAIMCore.data.reading import write_labelmap
    from SAIMCore.data.writing import write_image

    columns, rows, slices = size
    stack = draw_phantom((slices, rows, columns), rng)
    # Most scanners store slices last; converted files have them anywhere.
    axis = int(rng.choice([2, 2, 1, 0]))
    image = sitk.GetImageFromArray(np.ascontiguousarray(from_slices(stack.intensities, axis)))
    geometry = _geometry(image.GetSize(), axis, rng)
    geometry.apply_to(image)
    write_image(image, folder / "images" / file_name)
    labels = from_slices(stack.labels, axis)
    write_labelmap(folder / "labels" / file_name, labels, geometry, PHANTOM_CLASSES)


def _geometry(size: tuple[int, int, int], axis: int, rng: np.random.Generator) -> Geometry:
    in_plane, between = _SPACINGS[int(rng.integers(len(_SPACINGS)))]
    spacing = [in_plane] * 3
    spacing[axis] = between
    direction = _PLANES[int(rng.integers(len(_PLANES)))]
    if rng.random() < 0.5:
        direction = _small_rotation(rng) @ direction
    x, y, z = rng.uniform(-120, 120, size=3).round(3).tolist()
    return Geometry(
        size,
        (spacing[0], spacing[1], spacing[2]),
        (x, y, z),
        tuple(direction.ravel().tolist()),
    )


def _small_rotation(rng: np.random.Generator) -> np.ndarray:
    """A rotation by up to 20 degrees about a random axis (Rodrigues)."""
    axis = rng.normal(size=3)
    x, y, z = axis / np.linalg.norm(axis)
    angle = rng.uniform(-0.35, 0.35)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turned: np.ndarray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turned


def _split(names: tuple[str, ...], rng: np.random.Generator) -> dict[str, tuple[str, ...]]:
    """A fifth each for the test and to start with, an eighth for validation, the rest to rank."""
    shuffled = [names[place] for place in rng.permutation(len(names))]
    splits = {}
    for split, fraction in (("test", 0.2), ("validation", 0.125), ("train_initial", 0.2)):
        taken = max(1, round(fraction * len(names)))
        splits[split] = tuple(sorted(shuffled[:taken]))
        shuffled = shuffled[taken:]
    splits["pool"] = tuple(sorted(shuffled))
    return splits


def _description(splits: dict[str, tuple[str, ...]], seed: int) -> dict[str, object]:
    return {
        "classes": {str(entry.value): entry.name for entry in PHANTOM_CLASSES},
        "within": {entry.name: entry.within for entry in PHANTOM_CLASSES if entry.within},
        "modality": "MR",
        "group": f"phantom, seed {seed}",
        "splits": {split: list(members) for split, members in splits.items()},
    }
