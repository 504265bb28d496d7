"""Keys that a browser sends to a view: Slicer's are heard there, VTK's own are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import vtk

from SAIMWeb.trame_host.views import SLICE_VIEWS
from Testing.web.workbench import Workbench


@pytest.fixture
def interactors(shared_workbench: Workbench) -> Iterator[list[vtk.vtkRenderWindowInteractor]]:
    """Those of all views."""
    shared_workbench.program.editor_page.press("m")
    shared_workbench.settle()
    views = shared_workbench.program.views
    yield [view.interactor() for view in (*views.slices.values(), *views.solid.made)]
    shared_workbench.program.editor_page.press("m")
    shared_workbench.settle()


def send(interactor: vtk.vtkRenderWindowInteractor, key: str) -> None:
    """A key as trame sends it."""
    interactor.SetKeyEventInformation(0, 0, key, 0, key)
    for event in ("KeyPressEvent", "CharEvent", "KeyReleaseEvent"):
        interactor.InvokeEvent(event)


def test_no_key_ends_the_program(interactors: list[vtk.vtkRenderWindowInteractor]) -> None:
    assert len(interactors) == len(SLICE_VIEWS) + 1
    ended: list[str] = []
    for interactor in interactors:
        # Without somebody who hears it, VTK would end the process of the tests here.
        tag = interactor.AddObserver("ExitEvent", lambda *_: ended.append("exit"))
        for key in "eEqQ":
            send(interactor, key)
        interactor.RemoveObserver(tag)
    assert ended == []


def test_slicers_own_keys_move_the_slices_as_before(
    shared_workbench: Workbench, interactors: list[vtk.vtkRenderWindowInteractor]
) -> None:
    name = shared_workbench.state.main_view
    node = shared_workbench.program.views.node(name)
    before = node.GetSliceOffset()
    view = shared_workbench.program.views.slices[name].interactor()
    send(view, "f")
    assert node.GetSliceOffset() != before
    send(view, "b")
    assert node.GetSliceOffset() == before
