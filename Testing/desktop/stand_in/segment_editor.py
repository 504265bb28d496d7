"""The Segment Editor's widget, as far as effects notice it (``qMRMLSegmentEditorWidget.cxx``)."""

from __future__ import annotations

from typing import Any

import shiboken6
import slicer
import vtk
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from Testing.desktop.stand_in.objects import wrapped
from Testing.desktop.stand_in.printing import printed
from Testing.desktop.stand_in.scripted_effect import (
    qSlicerSegmentEditorEffectFactory,
    qSlicerSegmentEditorScriptedEffect,
)

__all__ = ["SegmentEditor"]

SINGLETON_TAG = "SegmentEditor"
UNDO_STATES = 10


class SegmentEditor:
    """One editor with its own clones of the registered effects, in the panel of ``window``."""

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        factory: qSlicerSegmentEditorEffectFactory,
        window: QMainWindow,
    ) -> None:
        self.scene = scene
        self.panel = QWidget(window)
        QVBoxLayout(self.panel)
        self.shortcuts: list[QShortcut] = []
        self._window = window
        self._effects: list[qSlicerSegmentEditorScriptedEffect] = []
        self._active: qSlicerSegmentEditorScriptedEffect | None = None
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLScene(scene)
        self.logic.SetMaximumNumberOfUndoStates(UNDO_STATES)
        self.node = self._parameter_node()
        self.logic.SetSegmentEditorNode(self.node)
        self._observers = [
            (self.node, self.node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._update)),
            (scene, scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, self._closing)),
        ]
        for effect in factory.copyEffects():
            self._add(effect)

    # -- what modules and users do with it --------------------------------------------------------

    def effect(self, name: str) -> Any:
        """The Python half of this editor's clone."""
        return self._named(name).self()

    def active_effect(self) -> Any:
        """``activeEffect``."""
        return None if self._active is None else wrapped(self._active)

    def activate(self, name: str | None) -> None:
        """``setActiveEffectByName``; None: no effect."""
        self.node.SetActiveEffectName(name or "")

    def set_segmentation(self, node: slicer.vtkMRMLSegmentationNode | None) -> None:
        """``setSegmentationNode``, which ends the active effect."""
        self.logic.SetSegmentationNode(node)
        self.activate(None)

    def set_source_volume(self, node: slicer.vtkMRMLScalarVolumeNode | None) -> None:
        """``setSourceVolumeNode``; all effects are told."""
        with slicer.util.NodeModify(self.node):
            self.logic.SetSourceVolumeNode(node)
            for effect in self._effects:
                effect.call("sourceVolumeNodeChanged")

    def undo(self) -> None:
        self.logic.Undo()

    def redo(self) -> None:
        self.logic.Redo()

    def enter(self) -> None:
        """The module is shown: its keys 1 to 9 switch effects."""
        self.delete_shortcuts()
        self.shortcuts = [
            QShortcut(QKeySequence(str(number)), self._window) for number in range(1, 10)
        ]

    def leave(self) -> None:
        """Another module is shown."""
        self.activate(None)
        self.delete_shortcuts()

    def delete_shortcuts(self) -> None:
        """``uninstallKeyboardShortcuts``."""
        for shortcut in self.shortcuts:
            shiboken6.delete(shortcut)
        self.shortcuts = []

    def close(self) -> None:
        """The widget is deleted, with its effects; an active one is not deactivated before."""
        if not shiboken6.isValid(self.panel):
            return
        for observed, tag in self._observers:
            observed.RemoveObserver(tag)
        for effect in self._effects:
            effect.call("cleanup")
            effect.let_go()
            shiboken6.delete(effect)
        self._effects, self._active = [], None
        self.logic.SetSegmentEditorNode(None)
        shiboken6.delete(self.panel)

    # -- events of views --------------------------------------------------------------------------

    def send(self, view: QWidget, event: int) -> bool:
        """An event of the view's interactor; whether nobody else gets it."""
        if self._active is None:
            return False
        errors = len(printed)
        answer = self._active.call("processInteractionEvents", view.interactor, event, view)
        if type(answer) is not bool and len(printed) == errors:
            raise AssertionError(f"Slicer expects True or False, not {answer!r}")
        return bool(answer)

    def send_view_change(self, view: QWidget) -> None:
        """The node of the view was modified."""
        if self._active is not None:
            modified = int(vtk.vtkCommand.ModifiedEvent)
            self._active.call("processViewNodeEvents", view.viewNode(), modified, view)

    # -- parts ------------------------------------------------------------------------------------

    def _parameter_node(self) -> slicer.vtkMRMLSegmentEditorNode:
        node = self.scene.GetSingletonNode(SINGLETON_TAG, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.vtkMRMLSegmentEditorNode()
            node.SetSingletonTag(SINGLETON_TAG)
            node = self.scene.AddNode(node)
        return node

    def _add(self, effect: qSlicerSegmentEditorScriptedEffect) -> None:
        effect.setSegmentEditorLogic(self.logic)
        effect.setParameterSetNode(self.node)
        effect.call("setMRMLDefaults")
        effect.call("setupOptionsFrame")
        effect.optionsFrame().setVisible(False)
        self.panel.layout().addWidget(effect.optionsFrame())
        self._effects.append(effect)

    def _named(self, name: str) -> qSlicerSegmentEditorScriptedEffect:
        return next(effect for effect in self._effects if effect.values["name"] == name)

    def _update(self, *_: object) -> None:
        """``updateEffectsSectionFromMRML``; the node's events wait until it is done."""
        with slicer.util.NodeModify(self.node):
            name = self.node.GetActiveEffectName()
            # None, too, for the editor's own tools, which are not here.
            wanted = next((one for one in self._effects if one.values["name"] == name), None)
            if wanted is self._active:
                return
            if self._active is not None:
                self._active.call("deactivate")
                self._active.optionsFrame().setVisible(False)
            self._active = None
            if wanted is not None:
                wanted.optionsFrame().setVisible(True)
                wanted.call("activate")
                wanted.call("helpText")
                _check_cursor(wanted)
            self._active = wanted

    def _closing(self, *_: object) -> None:
        """``onSceneStartClose`` of the module."""
        self.set_segmentation(None)


def _check_cursor(effect: qSlicerSegmentEditorScriptedEffect) -> None:
    """``createCursor`` of the effect's base class, which slice views call."""
    icon = effect.call("icon")
    if effect.values["showEffectCursorInSliceView"] and icon and not icon.isNull():
        assert icon.availableSizes(), "Slicer would read beyond the end of an empty list"
