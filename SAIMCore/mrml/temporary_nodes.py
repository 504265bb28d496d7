"""Nodes that are there to be looked at: neither listed, nor saved with the scene."""

from __future__ import annotations

import slicer

__all__ = ["add_temporary_node", "remove_temporary_node"]


def add_temporary_node(
    scene: slicer.vtkMRMLScene, class_name: str, name: str
) -> slicer.vtkMRMLDisplayableNode:
    """A new displayable node of ``class_name`` in ``scene``, with its display node."""
    node = scene.CreateNodeByClass(class_name)
    node.UnRegister(None)
    node.SetName(name)
    node.SetSaveWithScene(False)
    node.HideFromEditorsOn()
    scene.AddNode(node)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetSaveWithScene(False)
    return node


def remove_temporary_node(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLDisplayableNode) -> None:
    """Take ``node`` out of ``scene``, with its display node; fine when it is gone already."""
    display = node.GetDisplayNode()
    # The display node goes with it in the application, but not where there is only the scene.
    for gone in (node, display):
        if gone is not None and scene.IsNodePresent(gone):
            scene.RemoveNode(gone)
