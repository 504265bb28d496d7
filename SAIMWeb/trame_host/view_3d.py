"""The 3D view of the page, and the surfaces in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import slicer
import vtk
from trame_slicer.core import SlicerApp
from trame_slicer.views import ThreeDView, ViewLayoutDefinition

from SAIMCore.mrml.temporary_nodes import add_temporary_node, remove_temporary_node
from SAIMWeb.trame_host.view_keys import drop_characters

__all__ = ["SAMPLES", "VIEW_3D", "SurfaceView", "View3D"]

VIEW_3D = "ThreeD"
# Above these, drawing in software takes five times as long.
SAMPLES = 0
BACKGROUND = ("#0d0f12", "#262c34")
# What else trame-slicer puts into a 3D view draws it anew with every click: for markers 11 times.
MANAGERS = [
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLViewDisplayableManager",
]
Color = tuple[float, float, float]


class SurfaceView(ThreeDView):
    """A 3D view that knows of models alone."""

    def _initialize_displayable_manager_group(
        self, factory_type: Any, app_logic: Any, manager_types: Any
    ) -> None:
        super()._initialize_displayable_manager_group(factory_type, app_logic, MANAGERS)


class View3D:
    """A view of surfaces in the scene of ``app``, which is made when it is first needed."""

    def __init__(self, app: SlicerApp) -> None:
        self._app = app
        self._view: ThreeDView | None = None
        self._models: dict[str, slicer.vtkMRMLModelNode] = {}

    @property
    def view(self) -> ThreeDView:
        """The view itself."""
        if self._view is None:
            definition = ViewLayoutDefinition.threed_view(name=VIEW_3D, background_color=BACKGROUND)
            self._view = self._app.view_manager.create_view(definition)
            self._view.render_window().SetMultiSamples(SAMPLES)
            drop_characters(self._view.interactor())
            node = self._view.get_view_node()
            node.SetOrientationMarkerType(node.OrientationMarkerTypeAxes)
            node.SetOrientationMarkerSize(node.OrientationMarkerSizeSmall)
        return self._view

    @property
    def made(self) -> list[ThreeDView]:
        """The view, if it is there."""
        return [] if self._view is None else [self._view]

    @property
    def models(self) -> dict[str, slicer.vtkMRMLModelNode]:
        """The surfaces that are there, by the ID of their segment."""
        return dict(self._models)

    def place(self, surfaces: Mapping[str, vtk.vtkPolyData], opacity: float) -> None:
        """Show ``surfaces`` instead of those before; they are colored by ``style``."""
        for segment_id in self._models.keys() - surfaces.keys():
            remove_temporary_node(self._app.scene, self._models.pop(segment_id))
        for segment_id, surface in surfaces.items():
            if segment_id not in self._models:
                self._models[segment_id] = self._new_model()
            self._models[segment_id].SetAndObservePolyData(surface)
        self.fade(opacity)

    def style(self, segment_id: str, color: Color, visible: bool) -> None:
        """Color the surface of a segment, if it has one, and show or hide it."""
        if segment_id in self._models:
            display = self._models[segment_id].GetDisplayNode()
            display.SetColor(*color)
            display.SetVisibility(visible)

    def fade(self, opacity: float) -> None:
        """Let all surfaces be as opaque as this (0 to 1)."""
        for model in self._models.values():
            model.GetDisplayNode().SetOpacity(opacity)

    def reset(self) -> None:
        """All of the surfaces, seen from the front."""
        for view in self.made:
            view.reset_view()

    def _new_model(self) -> slicer.vtkMRMLModelNode:
        model = add_temporary_node(self._app.scene, "vtkMRMLModelNode", "SAIM surface")
        # Slice views have nothing to do with it.
        model.GetDisplayNode().AddViewNodeID(self.view.get_view_node_id())
        return model
