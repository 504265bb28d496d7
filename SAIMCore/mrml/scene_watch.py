"""What happens to a scene under somebody who works in it."""

from __future__ import annotations

from collections.abc import Callable

import slicer
import vtk

from SAIMCore.mrml.node_journal import remove_texts

__all__ = ["SceneWatch"]


class SceneWatch:
    """Calls ``closing`` before the scene is closed, and ``removing`` before a node leaves it.

    What was kept of a segmentation in the scene goes with it.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        closing: Callable[[], object],
        removing: Callable[[slicer.vtkMRMLNode], object],
    ) -> None:
        self._scene = scene

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def about_to_be_removed(_: object, __: str, node: slicer.vtkMRMLNode) -> None:
            removing(node)

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def removed(_: object, __: str, node: slicer.vtkMRMLNode) -> None:
            if node.IsA("vtkMRMLSegmentationNode"):
                remove_texts(scene, node.GetID())

        events = slicer.vtkMRMLScene
        self._observers = [
            scene.AddObserver(events.StartCloseEvent, lambda *_: closing()),
            scene.AddObserver(events.NodeAboutToBeRemovedEvent, about_to_be_removed),
            scene.AddObserver(events.NodeRemovedEvent, removed),
        ]

    def end(self) -> None:
        """Call nobody any more."""
        for observer in self._observers:
            self._scene.RemoveObserver(observer)
