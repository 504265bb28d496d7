"""Names that a file and a series can have."""

from __future__ import annotations

import re

__all__ = ["fitting_name"]


def fitting_name(name: str) -> str:
    """``name`` with "_" for whatever is no letter, digit or sign; it may be empty."""
    return re.sub(r"[^\w.+-]+", "_", name).strip("_")
