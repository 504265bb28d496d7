"""Whether the voxel sizes that a NIfTI header gives agree with each other.

A header gives them twice, as ``pixdim`` and as the lengths of the columns of the sform. ITK takes
the sizes from the one and the directions from the other, other tools take both from the sform.
"""

from __future__ import annotations

import struct

import numpy as np

__all__ = ["nifti_grid_defect"]

_SCANNER = 1
_TOLERANCE = 0.01


def nifti_grid_defect(header: bytes, order: str) -> str | None:
    """What is wrong with the voxel sizes in a NIfTI-1 header in byte order ``order``."""
    dimensions = struct.unpack_from(f"{order}8h", header, 40)
    pixdim = struct.unpack_from(f"{order}8f", header, 76)
    qform, sform = struct.unpack_from(f"{order}2h", header, 252)
    rows = struct.unpack_from(f"{order}12f", header, 280)
    axes = min(dimensions[0], 3)
    # The length of an axis with a single voxel says nothing.
    counted = np.array([size > 1 for size in dimensions[1 : axes + 1]])
    sizes = np.abs(np.array(pixdim[1 : axes + 1]))
    if not np.all(sizes[counted] > 0) or not np.isfinite(sizes[counted]).all():
        return f"does not say how large its voxels are (pixdim {_times(sizes)} mm)"
    if sform > 0 and (qform <= 0 or sform == _SCANNER):
        columns = np.linalg.norm(np.reshape(rows, (3, 4))[:, :axes], axis=0)
        if not np.all(np.abs(columns / sizes - 1)[counted] <= _TOLERANCE):
            return (
                f"contradicts itself: voxels of {_times(sizes)} mm in its pixdim, "
                f"of {_times(columns)} mm in its sform"
            )
    return None


def _times(sizes: np.ndarray) -> str:
    return " x ".join(f"{size:.4g}" for size in sizes)
