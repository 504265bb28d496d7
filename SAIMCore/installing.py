"""What this Python lacks, and the commands with which a person gets it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ANNOTATING",
    "CAMPAIGN",
    "Package",
    "install_command",
    "missing_packages",
    "python_command",
]


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


@dataclass(frozen=True)
class Package:
    """A package by its ``module`` and by its ``requirement`` for pip.

    ``megabytes`` is what its installation downloads, the packages that it needs included.
    """

    module: str
    requirement: str
    megabytes: int


# What the click effect needs and 3D Slicer lacks; requirements as in pyproject.toml. Not here:
# numpy, scipy, SimpleITK and vtk, which Slicer has and which must not be replaced in it.
ANNOTATING = (
    Package("torch", "torch>=2.6", 900),
    Package("torchvision", "torchvision>=0.21", 10),
    Package("segmentation_models_pytorch", "segmentation-models-pytorch>=0.5", 10),
    Package("safetensors", "safetensors>=0.4.5", 1),
    Package("sqlalchemy", "sqlalchemy>=2.0.36", 4),
    Package("filelock", "filelock>=3.16.1", 1),
    Package("psutil", "psutil>=6.1", 1),
    Package("tomli_w", "tomli-w>=1.1", 1),
)

# What a campaign needs, which also trains.
CAMPAIGN = (
    *ANNOTATING,
    Package("cc3d", "connected-components-3d>=3.20", 5),
    Package("tensorboard", "tensorboard>=2.18", 15),
)


def missing_packages(packages: Sequence[Package] = ANNOTATING) -> list[Package]:
    """Those of ``packages`` that this Python cannot import; nothing is imported to find out."""
    return [package for package in packages if importlib.util.find_spec(package.module) is None]
