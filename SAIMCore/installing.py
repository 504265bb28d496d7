"""The commands with which a person gets into this Python what is missing in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

__all__ = ["install_command", "python_command"]


def python_command() -> str:
    """How to call the Python that runs this, from any folder.

    ``python`` where that is the one (in a virtual environment that is activated), else its path:
    what ``pip`` and ``python`` stand for elsewhere is another Python, or none.
    """
    this = Path(sys.executable)
    found = shutil.which("python")
    # Not resolved: the Python of every virtual environment is a link to the same file.
    if found is not None and Path(found).absolute() == this.with_name(Path(found).name):
        return "python"
    return f'"{this}"' if " " in str(this) else str(this)


def install_command(*requirements: str) -> str:
    """The command that installs ``requirements``, quoted for every shell."""
    return " ".join([python_command(), "-m pip install", *(f'"{name}"' for name in requirements)])
