"""Names for files and series that are made of what is in the scene."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from SAIMCore.data.file_names import fitting_name

__all__ = ["fitting_names"]


def fitting_names(name: str) -> Iterator[str]:
    """``name`` as a file and a series can have it, then with 2, 3, ... where that is taken."""
    # A file whose name begins with a dot is hidden.
    fitting = fitting_name(name).strip("._") or "unnamed"
    yield fitting
    yield from (f"{fitting}_{number}" for number in itertools.count(2))
