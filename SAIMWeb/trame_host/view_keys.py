"""Keys that VTK would take for its own."""

from __future__ import annotations

import vtk

__all__ = ["drop_characters"]

# Before whoever else listens.
FIRST = 100.0


def drop_characters(interactor: vtk.vtkRenderWindowInteractor) -> None:
    """Keep typed characters from VTK's own style; Slicer's keys are presses, and stay.

    At E and Q it would end the program (without a screen the process dies in X11), at W and S draw
    surfaces as wires, at 3 in red and blue. Here these are keys of the annotator.
    """
    tags: list[int] = []

    def drop(caller: vtk.vtkRenderWindowInteractor, _: str) -> None:
        caller.GetCommand(tags[0]).AbortFlagOn()

    tags.append(interactor.AddObserver(vtk.vtkCommand.CharEvent, drop, FIRST))
