"""The anatomy of a phantom: structures, contrast, bias field and noise of one series.

Everything is a stack (S, H, W) in the series' own frame: slices, rows and columns run from -1 to
1, whatever the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable

__all__ = ["PHANTOM_CLASSES", "PhantomStack", "draw_phantom"]

PHANTOM_CLASSES = ClassTable.from_names(["background", "organ", "lesion<organ", "node", "gland"])
_ORGAN, _LESION, _NODE, _GLAND = range(1, 5)

# Mean intensities. Neighbors overlap once texture, bias and noise are added, and the decoys share
# theirs with labeled structures, so that intensity alone does not segment.
_AIR, _FAT, _MUSCLE, _BONE = 4.0, 215.0, 85.0, 25.0
_TISSUE = {_ORGAN: 140.0, _LESION: 190.0, _NODE: 175.0, _GLAND: 135.0}
_TEXTURE = 0.06
_NOISE = 9.0
_BIAS = 0.3

Field = NDArray[np.float64]
Place = Sequence[float] | Field


@dataclass(frozen=True)
class PhantomStack:
    """One series: intensities int16 and class indices uint8, both (S, H, W)."""

    intensities: NDArray[np.int16]
    labels: NDArray[np.uint8]


class _Canvas:
    """Bent coordinates of all voxels, on which ellipsoids become organs."""

    def __init__(self, shape: tuple[int, int, int], rng: np.random.Generator) -> None:
        self.rng = rng
        lines = [np.linspace(-1, 1, count) for count in shape]
        self.straight = np.meshgrid(*lines, indexing="ij")
        self._bent = [axis + 0.05 * self.waves(2.5) for axis in self.straight]

    def waves(self, frequency: float, count: int = 6) -> Field:
        """A smooth random field with mean about 0 and standard deviation about 1."""
        total = np.zeros(self.straight[0].shape)
        for _ in range(count):
            direction = self.rng.normal(size=3) * frequency * (0.4, 1.0, 1.0)
            phase = self.rng.uniform(0, 2 * np.pi)
            total += np.cos(
                sum(d * x for d, x in zip(direction, self.straight, strict=True)) + phase
            )
        return total * np.sqrt(2 / count)

    def ellipsoid(self, center: Place, radii: Place) -> NDArray[np.bool_]:
        """Inside of a bent ellipsoid, turned in the plane of the slices at random."""
        z, y, x = (axis - c for axis, c in zip(self._bent, center, strict=True))
        angle = self.rng.uniform(-0.5, 0.5)
        y, x = np.cos(angle) * y - np.sin(angle) * x, np.sin(angle) * y + np.cos(angle) * x
        return (z / radii[0]) ** 2 + (y / radii[1]) ** 2 + (x / radii[2]) ** 2 < 1

    def near(self, center: Place, spread: float) -> tuple[float, float, float]:
        z, y, x = (float(c + self.rng.uniform(-spread, spread)) for c in center)
        return z, y, x


def draw_phantom(shape: tuple[int, int, int], rng: np.random.Generator) -> PhantomStack:
    """Draw one series of ``shape`` (S, H, W); position, size and contrast vary with ``rng``."""
    canvas = _Canvas(shape, rng)
    scale = rng.uniform(0.88, 1.1)
    body = canvas.ellipsoid(canvas.near((0, 0, 0), 0.03), (9, 0.8 * scale, 0.9 * scale))
    muscle = canvas.ellipsoid(canvas.near((0, 0, 0), 0.03), (9, 0.7 * scale, 0.8 * scale)) & body
    signal = np.where(muscle, _MUSCLE, np.where(body, _FAT, _AIR))
    signal[canvas.ellipsoid(canvas.near((0, 0.45, 0), 0.05), (9, 0.13, 0.15)) & muscle] = _BONE
    _draw_decoys(canvas, muscle, signal)
    labels = _draw_structures(canvas, muscle, scale)
    for structure, intensity in _TISSUE.items():
        signal[labels == structure] = intensity * rng.uniform(0.92, 1.08)
    return PhantomStack(_acquire(canvas, signal), labels)


def _draw_structures(canvas: _Canvas, muscle: NDArray[np.bool_], scale: float) -> NDArray[np.uint8]:
    rng = canvas.rng
    labels = np.zeros(muscle.shape, dtype=np.uint8)
    # What is drawn later gives way to what is there, except for the lesion in its organ.
    center = canvas.near((0, -0.05, -0.32), 0.07)
    radii = np.array((0.75, 0.42, 0.36)) * scale * rng.uniform(0.88, 1.12, size=3)
    organ = canvas.ellipsoid(center, radii) & muscle
    labels[organ] = _ORGAN
    inside = np.array(center) + rng.uniform(-0.3, 0.3, size=3) * radii
    lesion = canvas.ellipsoid(inside, rng.uniform(0.28, 0.45) * radii)
    labels[lesion & organ] = _LESION
    gland = canvas.ellipsoid(canvas.near((0.1, -0.4, 0.28), 0.06), (0.5, 0.13, 0.17))
    labels[gland & muscle & (labels == 0)] = _GLAND
    for place in range(int(rng.integers(3, 6))):
        height = -0.1 + 0.22 * (place % 3)
        node = canvas.ellipsoid(
            canvas.near((rng.uniform(-0.8, 0.8), height, 0.45), 0.1),
            np.array((0.3, 0.085, 0.085)) * rng.uniform(0.85, 1.35),
        )
        labels[node & muscle & (labels == 0)] = _NODE
    return labels


def _draw_decoys(canvas: _Canvas, muscle: NDArray[np.bool_], signal: Field) -> None:
    """Unlabeled structures that look like nodes and the gland but lie elsewhere."""
    for intensity in (_TISSUE[_NODE], _TISSUE[_GLAND]):
        decoy = canvas.ellipsoid(canvas.near((0, 0.45, -0.1), 0.3), (0.4, 0.08, 0.1))
        signal[decoy & muscle] = intensity


def _acquire(canvas: _Canvas, signal: Field) -> NDArray[np.int16]:
    """Texture, coil sensitivity, Rician noise and the arbitrary scale of an MR scanner."""
    rng = canvas.rng
    signal = signal * (1 + _TEXTURE * canvas.waves(18.0, 12))
    signal = signal * np.exp(_BIAS * canvas.waves(1.2))
    noisy = np.hypot(
        signal + rng.normal(0, _NOISE, signal.shape), rng.normal(0, _NOISE, signal.shape)
    )
    return np.rint(np.clip(noisy * rng.uniform(0.6, 4.0), 0, 32767)).astype(np.int16)
