"""A series with all that is needed to annotate it, read before it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.reading import Volume

__all__ = ["PreparedSeries"]


@dataclass(frozen=True, eq=False)
class PreparedSeries:
    """The series ``name`` of a project, ready to be shown.

    labels: (K, J, I) class indices that its segments are to begin with (those of an earlier
    annotation); None: they begin empty. problem: what could not be prepared, "" when all was.
    """

    name: str
    volume: Volume
    labels: NDArray[np.uint8] | None
    classes: ClassTable
    problem: str = ""
