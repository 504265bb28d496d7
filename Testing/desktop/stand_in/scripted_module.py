"""Scripted modules: their base class, and how Slicer finds and makes them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

__all__ = ["ScriptedLoadableModule", "load_module"]


class ModuleParent:
    """The C++ half of a module, with the properties that its Python sets."""

    __slots__ = (
        "acknowledgementText",
        "associatedNodeTypes",
        "categories",
        "contributors",
        "dependencies",
        "helpText",
        "hidden",
        "icon",
        "title",
    )


class ScriptedLoadableModule:
    """What a module is to Slicer's list of modules; ``parent`` is the C++ half."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent


def load_module(file: Path) -> Any:
    """The module of ``file``, whose folder Python can import from then on."""
    sys.path.append(str(file.parent))
    kind = getattr(importlib.import_module(file.stem), file.stem)
    return kind(ModuleParent())
