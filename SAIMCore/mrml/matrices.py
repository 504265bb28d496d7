"""4 x 4 matrices between vtk and numpy."""

from __future__ import annotations

import numpy as np
import vtk
from numpy.typing import NDArray

__all__ = ["array_from_matrix", "matrix_from_array"]


def array_from_matrix(matrix: vtk.vtkMatrix4x4) -> NDArray[np.float64]:
    """The 16 numbers of ``matrix`` as (4, 4)."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def matrix_from_array(values: NDArray[np.float64]) -> vtk.vtkMatrix4x4:
    """A new matrix with the numbers of ``values`` (4, 4)."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(values.ravel().tolist())
    return matrix
