"""The views of the page and the scene that they show."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import slicer
import vtk
from trame_slicer.core import SlicerApp
from trame_slicer.views import AbstractView, IViewFactory, SliceView, ViewLayoutDefinition

from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.temporary_nodes import add_temporary_node
from SAIMWeb.trame_host.colors import add_inferno
from SAIMWeb.trame_host.view_3d import SAMPLES, View3D
from SAIMWeb.trame_host.view_keys import drop_characters

__all__ = ["SLICE_VIEWS", "Views"]

# Slicer's names for its three slice views, by what they show of an upright patient.
SLICE_VIEWS = {"Red": "Axial", "Green": "Coronal", "Yellow": "Sagittal"}
# What Slicer makes dots and lines of, as a part of the screen.
SCREEN_SCALE = 0.2


class Views:
    """Three slice views and a 3D view of one scene, made by the ``factories``.

    ``on_view_changed`` hears of moves. The 3D view is not there before it is first shown.
    """

    def __init__(self, factories: Callable[[SlicerApp], Sequence[IViewFactory]]) -> None:
        self.on_view_changed: Callable[[str], None] = lambda name: None
        with _warnings_silenced():
            self.app = SlicerApp()
            self.scene = self.app.scene
            _complete_slicer(self.app)
            # What the application's logics put into a new scene is in the way of the effects.
            self.scene.Clear()
            add_inferno(self.scene)
            self._nothing = _no_volume(self.scene)
            for factory in factories(self.app):
                self.app.view_manager.register_factory(factory)
            self.slices = {name: self._make(name) for name in SLICE_VIEWS}
        self.solid = View3D(self.app)
        self.show_3d(False)
        self.clear()

    def show(self, volume: slicer.vtkMRMLScalarVolumeNode) -> None:
        """Show a series in all views, each along the voxels and as large as fits."""
        self.app.display_manager.show_volume_in_slice_background(volume)
        self.reset()

    def clear(self) -> None:
        """Show nothing."""
        # A view without any volume cannot be drawn.
        self.app.display_manager.show_volume_in_slice_background(self._nothing)

    def shows_series(self, name: str) -> bool:
        """Whether there is anything to be seen in a view."""
        return self.slices[name].get_background_volume_id() != self._nothing.GetID()

    def show_3d(self, wanted: bool) -> None:
        """Draw the 3D view from now on, or do not."""
        names = list(self.slices)
        if wanted:
            names.append(self.solid.view.get_singleton_tag())
        self.app.view_manager.set_current_view_ids(names)

    def adjust_window(self, wanted: bool) -> None:
        """Let dragging with the left button change the window of the image, or do not."""
        node = self.app.app_logic.GetInteractionNode()
        node.SetCurrentInteractionMode(node.AdjustWindowLevel if wanted else node.ViewTransform)

    def reset(self) -> None:
        """All views as they were when the series was opened."""
        for view in self._all:
            view.reset_view()

    def fit(self) -> None:
        """The same, but slice views stay on their slices, exactly."""
        offsets = {name: view.get_slice_value() for name, view in self.slices.items()}
        self.reset()
        for name, view in self.slices.items():
            (low, high), step = view.get_slice_range(), view.get_slice_step()
            snapped = low + round((offsets[name] - low) / step) * step
            view.set_slice_value(min(max(snapped, low), high))

    def draw(self) -> None:
        """Send the pictures of all views once more."""
        for view in self._all:
            view.schedule_render()

    def magnify(self, pixel_ratio: float) -> None:
        """Draw dots and lines larger where the browser's screen has that many pixels for one."""
        for view in self.slices.values():
            view.get_view_node().SetScreenScaleFactor(SCREEN_SCALE * pixel_ratio)

    def along_slices(self, grid: SliceGrid) -> str:
        """The name of the view in which the slices of ``grid`` lie."""
        for name, view in self.slices.items():
            if grid.shows_one_slice(view.get_view_node()):
                return name
        return next(iter(self.slices))

    def node(self, name: str) -> slicer.vtkMRMLSliceNode:
        """The slice node of a view."""
        return self.slices[name].get_view_node()

    def close(self) -> None:
        """Let go of the windows and of the scene."""
        self.on_view_changed = lambda name: None
        for view in self._all:
            view.set_render_blocked(True)
        with _warnings_silenced():
            self.scene.Clear()
            for view in self._all:
                view.finalize()

    @property
    def _all(self) -> list[AbstractView]:
        return [*self.slices.values(), *self.solid.made]

    def _make(self, name: str) -> SliceView:
        definition = ViewLayoutDefinition.slice_view(SLICE_VIEWS[name], label=name)
        view = self.app.view_manager.create_view(definition)
        view.render_window().SetMultiSamples(SAMPLES)
        drop_characters(view.interactor())
        view.get_view_node().AddObserver(
            vtk.vtkCommand.ModifiedEvent, lambda *_: self.on_view_changed(name)
        )
        return view


def _no_volume(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLScalarVolumeNode:
    """What views show when no series is open: one black voxel."""
    volume = add_temporary_node(scene, "vtkMRMLScalarVolumeNode", "nothing")
    image = vtk.vtkImageData()
    image.SetDimensions(1, 1, 1)
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(0)
    volume.SetAndObserveImageData(image)
    volume.GetDisplayNode().SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
    return volume


def _complete_slicer(app: SlicerApp) -> None:
    """Put into ``slicer`` what its helper functions expect there."""
    slicer.mrmlScene = app.scene
    slicer.modules = types.SimpleNamespace(
        segmentations=types.SimpleNamespace(logic=lambda: app.segmentations_logic),
        volumes=types.SimpleNamespace(logic=lambda: app.volumes_logic),
    )


@contextmanager
def _warnings_silenced() -> Iterator[None]:
    """Without what VTK says about missing X servers and old events of trame-slicer."""
    shown = vtk.vtkObject.GetGlobalWarningDisplay()
    vtk.vtkObject.GlobalWarningDisplayOff()
    try:
        yield
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(shown)
