"""What Slicer's C++ gives a scripted effect, and how it finds and calls the Python of one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import slicer
from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QWidget

from Testing.desktop.stand_in.objects import class_of, wrapped
from Testing.desktop.stand_in.printing import printing

__all__ = [
    "AbstractScriptedSegmentEditorEffect",
    "qSlicerSegmentEditorEffectFactory",
    "qSlicerSegmentEditorScriptedEffect",
]

# What Slicer calls in Python. It takes the methods when the effect is made, not when it calls.
METHODS = (
    "activate",
    "cleanup",
    "clone",
    "deactivate",
    "helpText",
    "icon",
    "processInteractionEvents",
    "processViewNodeEvents",
    "setMRMLDefaults",
    "setupOptionsFrame",
    "sourceVolumeNodeChanged",
)


def _stored(kind: type, name: str) -> Property:
    def read(effect: Any) -> Any:
        return effect.values[name]

    def write(effect: Any, value: Any) -> None:
        effect.values[name] = value

    return Property(kind, read, write)


class qSlicerSegmentEditorScriptedEffect(QObject):
    """The C++ half of an effect; the Python half is ``self()``."""

    name = _stored(str, "name")
    title = _stored(str, "title")
    perSegment = _stored(bool, "perSegment")
    requireSegments = _stored(bool, "requireSegments")
    showEffectCursorInSliceView = _stored(bool, "showEffectCursorInSliceView")
    showEffectCursorInThreeDView = _stored(bool, "showEffectCursorInThreeDView")

    def __init__(self, parent: QObject | None = None) -> None:
        self.values: dict[str, Any] = {
            "name": "UnnamedScriptedEffect",
            "title": "",
            "perSegment": True,
            "requireSegments": True,
            "showEffectCursorInSliceView": True,
            "showEffectCursorInThreeDView": False,
        }
        super().__init__(parent)
        self._python: Any = None
        self._methods: dict[str, Any] = {}
        self._node: slicer.vtkMRMLSegmentEditorNode | None = None
        self._editor_logic: slicer.vtkSlicerSegmentEditorLogic | None = None
        self._frame: QFrame | None = None

    # -- the Python half --------------------------------------------------------------------------

    def setPythonSource(self, path: str) -> bool:
        """Make an object of the class that is called like the file.

        It is looked for in the module that is called like the file's folder, which has to be
        imported before (slicer-facts.md, B).
        """
        source = Path(path)
        if source.suffix != ".py" or "\\" in path:
            return False
        package, name = source.parent.name, source.stem
        kind = getattr(sys.modules.get(package), name, None)
        if not isinstance(kind, type):
            raise AssertionError(f"Slicer would run {source.name} as the module {package} itself")
        with printing():
            made = kind(wrapped(self))
            self._methods = {
                method: getattr(made, method) for method in METHODS if hasattr(made, method)
            }
            self._python = made
            setattr(slicer, package, made)
        return self._python is not None

    def self(self) -> Any:
        return self._python

    def call(self, method: str, *arguments: Any) -> Any:
        """Call Python; its errors are printed, and None is the answer then."""
        if method in self._methods:
            with printing():
                return self._methods[method](*map(wrapped, arguments))
        return None

    def let_go(self) -> None:
        """The C++ half is deleted."""
        self._python, self._methods = None, {}

    # -- for the Python half ----------------------------------------------------------------------

    def parameterSetNode(self) -> slicer.vtkMRMLSegmentEditorNode | None:
        return self._node

    def scene(self) -> slicer.vtkMRMLScene | None:
        return None if self._node is None else self._node.GetScene()

    def optionsFrame(self) -> QFrame:
        if self._frame is None:
            self._frame = QFrame()
            QFormLayout(self._frame)
        return self._frame

    def addOptionsWidget(self, widget: QWidget) -> None:
        self.optionsFrame().layout().addRow(widget)

    def saveStateForUndo(self) -> None:
        assert self._editor_logic is not None
        self._editor_logic.SaveStateForUndo()

    def viewNode(self, viewWidget: QWidget) -> slicer.vtkMRMLAbstractViewNode:
        return viewWidget.mrmlSliceNode()

    # -- for the editor ---------------------------------------------------------------------------

    def setParameterSetNode(self, node: slicer.vtkMRMLSegmentEditorNode) -> None:
        self._node = node

    def setSegmentEditorLogic(self, logic: slicer.vtkSlicerSegmentEditorLogic) -> None:
        self._editor_logic = logic


class qSlicerSegmentEditorEffectFactory(QObject):
    """Where effects are registered; every editor has its own clones of them."""

    effectRegistered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.registered: list[qSlicerSegmentEditorScriptedEffect] = []

    def registerEffect(self, effect: qSlicerSegmentEditorScriptedEffect) -> bool:
        if any(known.values["name"] == effect.values["name"] for known in self.registered):
            return False
        self.registered.append(effect)
        self.effectRegistered.emit(effect.values["name"])
        return True

    def copyEffects(self) -> list[qSlicerSegmentEditorScriptedEffect]:
        """A clone of every registered effect, as its Python makes it."""
        clones = []
        for effect in self.registered:
            clone = effect.call("clone")
            if not isinstance(clone, class_of(qSlicerSegmentEditorScriptedEffect)):
                raise AssertionError(f"clone of {effect.values['name']} gave {clone!r}")
            clones.append(clone._qt)
        return clones


class AbstractScriptedSegmentEditorEffect:
    """The base class of the Python half."""

    def __init__(self, scriptedEffect: Any) -> None:
        self.scriptedEffect = scriptedEffect

    def register(self) -> None:
        factory = slicer.qSlicerSegmentEditorEffectFactory.instance()
        factory.registerEffect(self.scriptedEffect)

    def cleanup(self) -> None:
        """Nothing to clean up."""
