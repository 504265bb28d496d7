"""What a view shows, as pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from scipy import ndimage
from vtk.util.numpy_support import vtk_to_numpy

__all__ = ["extents", "picture"]


def picture(view: Any) -> NDArray[np.int_]:
    """The colors (rows from the top, columns, 3) that a view of trame-slicer shows."""
    window = view.render_window()
    window.Render()
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(window)
    grab.ReadFrontBufferOff()
    grab.Update()
    columns, rows, _ = grab.GetOutput().GetDimensions()
    colors = vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
    return colors.reshape(rows, columns, -1)[::-1].astype(int)


def extents(seen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Heights and widths of the parts of ``seen`` that do not touch each other."""
    labels, _ = ndimage.label(seen, np.ones((3, 3)))
    return [
        (rows.stop - rows.start, columns.stop - columns.start)
        for rows, columns in ndimage.find_objects(labels)
    ]
