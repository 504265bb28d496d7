"""Labelmaps as other programs write them, and what an igniter makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
import torch
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry
from SAIMCore.igniter.proposer import Igniter, IgniterSeries

__all__ = ["VALUES", "Labels", "proposed", "without_image", "write"]

Labels = NDArray[np.uint8]
# Of background, liver and spleen in the files.
VALUES = np.array([0, 3, 7], dtype=np.uint8)


def write(path: Path, labels: NDArray, geometry: Geometry) -> Path:
    image = sitk.GetImageFromArray(np.ascontiguousarray(labels))
    geometry.apply_to(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return path


def without_image(name: str, geometry: Geometry) -> IgniterSeries:
    def unread() -> NDArray[np.float32]:
        raise AssertionError("the image was read")

    return IgniterSeries(name, geometry, unread)


def proposed(igniter: Igniter, series: IgniterSeries) -> Labels:
    """Labels (S, h, w); each voxel is sure of its own."""
    labels = np.zeros(series.geometry.stack_shape, dtype=np.uint8)
    for index, probabilities in igniter.propose(series):
        assert probabilities.dtype == torch.float32
        sure = probabilities.max(dim=0)
        assert (sure.values == 1).all()
        assert float(probabilities.sum()) == labels[index].size
        labels[index] = sure.indices
    return labels
