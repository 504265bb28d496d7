"""Colors that Slicer reads from its own files, which slicer-core does not bring along."""

from __future__ import annotations

import matplotlib
import slicer

__all__ = ["add_inferno"]

COLORS = 256
# With the class's name before it, the ID by which Slicer's table is asked for.
TAG = "FileInferno.txt"


def add_inferno(scene: slicer.vtkMRMLScene) -> None:
    """Add the table in which the uncertainty is shown, as it is called in Slicer."""
    node = slicer.vtkMRMLColorTableNode()
    node.SetName("Inferno")
    node.SetSingletonTag(TAG)
    node.SetTypeToUser()
    node.SetNumberOfColors(COLORS)
    node.SetSaveWithScene(False)
    for number, color in enumerate(matplotlib.colormaps["inferno"](range(COLORS))):
        node.SetColor(number, str(number), *(float(part) for part in color))
    scene.AddNode(node)
