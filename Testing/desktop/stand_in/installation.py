"""Puts the stand-in where Slicer has its modules, and takes it away again."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import shiboken6
import slicer
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QMainWindow, QMessageBox

from Testing.desktop.stand_in import connections, printing, translation
from Testing.desktop.stand_in.application import QFileDialog, ctkMessageBox, running_application
from Testing.desktop.stand_in.mrml_widgets import (
    LayoutManager,
    SegmentEditorModule,
    qMRMLPlotView,
)
from Testing.desktop.stand_in.objects import class_of, wrapped
from Testing.desktop.stand_in.scripted_effect import (
    AbstractScriptedSegmentEditorEffect,
    qSlicerSegmentEditorEffectFactory,
    qSlicerSegmentEditorScriptedEffect,
)
from Testing.desktop.stand_in.scripted_module import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleWidget,
)
from Testing.desktop.stand_in.toolkits import Toolkit, ctk_module, qt_module
from Testing.mrml.scenes import new_scene

__all__ = ["SlicerStandIn", "installed"]

# How often events are processed before a condition that does not come true is given up: the
# heart beats every 2 ms, so this is at least 10 s.
ROUNDS = 5_000
HEARTBEAT_MS = 2

SLICERS_OWN = (
    "SegmentEditorEffects",
    "ctk",
    "qSlicerSegmentationsEditorEffectsPythonQt",
    "qt",
    "slicer.ScriptedLoadableModule",
    "slicer.i18n",
)
EXTENSION = (
    "SAIMActiveLearning",
    "SAIMActiveLearningLib",
    "SAIMSegmentEditor",
    "SAIMSegmentEditorLib",
)


class SlicerStandIn:
    """Slicer as it stands there, for tests."""

    def __init__(self, scene: slicer.vtkMRMLScene, settings_folder: Path) -> None:
        self.application = running_application(settings_folder)
        self.scene = scene
        self.factory = qSlicerSegmentEditorEffectFactory()
        self.window = QMainWindow()
        self.window.setObjectName("qSlicerMainWindow")
        self.pip_installed: list[list[str]] = []
        self.segment_editor = SegmentEditorModule(scene, self.factory, self.window)
        # The name of the module that is shown.
        self.selected_module = ""
        self._heart = QTimer()
        self._heart.start(HEARTBEAT_MS)

    def until(self, condition: Callable[[], object]) -> None:
        """Let Qt work until ``condition`` is true. Fails after so many rounds, and on errors."""
        for _ in range(ROUNDS):
            if condition():
                return
            assert not printing.printed, f"meanwhile was printed: {printing.printed!r}"
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        raise AssertionError("this did not come true while events were processed")

    def process(self, rounds: int = 5) -> None:
        """Let Qt do what waits, deletions included."""
        for _ in range(rounds):
            self.application.processEvents()
            self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def answer(self, button: QMessageBox.StandardButton) -> None:
        """Press this in the next dialog."""
        ctkMessageBox.answers.append(button)

    def choose(self, path: Path) -> None:
        """Choose this in the next dialog for files."""
        QFileDialog.answers.append(str(path))

    def select_module(self, name: str) -> None:
        """Show the module ``name``."""
        if self.selected_module != name and self.segment_editor.made is not None:
            self.segment_editor.made.leave()
        self.selected_module = name

    def dialogs(self) -> list[str]:
        """What dialogs said since the last call."""
        shown, ctkMessageBox.shown[:] = list(ctkMessageBox.shown), []
        return shown

    def printed(self) -> list[BaseException]:
        """The errors that Slicer printed since the last call."""
        found, printing.printed[:] = list(printing.printed), []
        return found

    def close(self) -> None:
        """Everything that hangs on it goes."""
        self._heart.stop()
        self.segment_editor.close()
        connections.forget_all()
        ctkMessageBox.answers.clear()
        QFileDialog.answers.clear()
        self.dialogs()
        self.printed()
        for effect in self.factory.registered:
            effect.let_go()
        if shiboken6.isValid(self.window):
            shiboken6.delete(self.window)
        self.process()


@contextlib.contextmanager
def installed(settings_folder: Path) -> Iterator[SlicerStandIn]:
    """Importable as in Slicer; afterwards, Python is as it was."""
    with _python_as_it_was(), new_scene() as scene, printing.noted_by_interpreter():
        stand_in = SlicerStandIn(scene, settings_folder)
        modules = _modules()
        sys.modules.update(modules)
        slicer.app = wrapped(stand_in.application)
        slicer.i18n = modules["slicer.i18n"]
        slicer.ScriptedLoadableModule = modules["slicer.ScriptedLoadableModule"]
        slicer.qSlicerSegmentEditorEffectFactory = types.SimpleNamespace(
            instance=lambda: wrapped(stand_in.factory)
        )
        slicer.modules.segmenteditor = stand_in.segment_editor
        slicer.qMRMLPlotView = class_of(qMRMLPlotView)
        slicer.util.pip_install = stand_in.pip_installed.append
        slicer.util.selectModule = stand_in.select_module
        stand_in.application.layout_manager = LayoutManager(scene, stand_in.segment_editor)
        try:
            yield stand_in
        finally:
            stand_in.close()


@contextlib.contextmanager
def _python_as_it_was() -> Iterator[None]:
    """Takes away what is imported from Slicer or from the extension, and set in slicer-core."""
    path, attributes, util = list(sys.path), dict(vars(slicer)), dict(vars(slicer.util))
    try:
        yield
    finally:
        sys.path[:] = path
        _restore(slicer, attributes)
        _restore(slicer.util, util)
        for name in list(sys.modules):
            if name in SLICERS_OWN or name.partition(".")[0] in EXTENSION:
                del sys.modules[name]


def _modules() -> dict[str, types.ModuleType]:
    scripted = types.SimpleNamespace(
        ScriptedLoadableModule=ScriptedLoadableModule,
        ScriptedLoadableModuleWidget=ScriptedLoadableModuleWidget,
    )
    base = types.SimpleNamespace(
        AbstractScriptedSegmentEditorEffect=AbstractScriptedSegmentEditorEffect
    )
    effects = types.SimpleNamespace(
        qSlicerSegmentEditorScriptedEffect=qSlicerSegmentEditorScriptedEffect
    )
    made = [
        qt_module(),
        ctk_module(),
        Toolkit("slicer.i18n", translation),
        Toolkit("slicer.ScriptedLoadableModule", scripted),
        Toolkit("SegmentEditorEffects", base),
        Toolkit("qSlicerSegmentationsEditorEffectsPythonQt", effects),
    ]
    assert sorted(module.__name__ for module in made) == sorted(SLICERS_OWN)
    return {module.__name__: module for module in made}


def _restore(module: types.ModuleType, attributes: dict[str, Any]) -> None:
    for name in set(vars(module)) - set(attributes):
        delattr(module, name)
    for name, value in attributes.items():
        setattr(module, name, value)
