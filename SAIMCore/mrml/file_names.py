"""Names for files and series that are made of what is in the scene."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

__all__ = ["fitting_names"]


def fitting_names(name: str) -> Iterator[str]:
    """``name`` as a file and a series can have it, then with 2, 3, ... where that is taken.

    As in ``find_series``, whatever is no letter, digit or sign becomes "_".
    """
    # A file whose name begins with a dot is hidden.
    fitting = re.sub(r"[^\w.+-]+", "_", name).strip("._") or "unnamed"
    yield fitting
    yield from (f"{fitting}_{number}" for number in itertools.count(2))
