"""Scripted modules: their base class, and how Slicer finds and makes them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from Testing.desktop.stand_in.objects import wrapped

__all__ = [
    "ScriptedLoadableModule",
    "ScriptedLoadableModuleWidget",
    "load_module",
    "show_module",
]


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


class ScriptedLoadableModuleWidget:
    """The panel of a module; its ``parent`` has a layout for what ``setup`` makes."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent
        self.layout = parent.layout()

    def setup(self) -> None:
        """Without what developers see."""

    def cleanup(self) -> None:
        """Nothing to clean up."""


def show_module(file: Path) -> Any:
    """The panel of the module in ``file``, which is loaded, as when a user chooses it."""
    parent = QWidget()
    QVBoxLayout(parent)
    kind = getattr(sys.modules[file.stem], f"{file.stem}Widget")
    made = kind(wrapped(parent))
    made.setup()
    return made


def load_module(file: Path) -> Any:
    """The module of ``file``, whose folder Python can import from then on."""
    sys.path.append(str(file.parent))
    kind = getattr(importlib.import_module(file.stem), file.stem)
    return kind(ModuleParent())
