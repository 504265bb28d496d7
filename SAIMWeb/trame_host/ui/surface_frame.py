"""What stands around the 3D view: whether it is old, and how opaque its surfaces are."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.surface_page import SurfacePage
from SAIMWeb.trame_host.ui.view_frame import enlarge_button
from SAIMWeb.trame_host.view_3d import VIEW_3D

__all__ = ["surface_frame"]


def surface_frame(surfaces: SurfacePage) -> None:
    """Fill the frame over the 3D view's picture."""
    html.Div("3D", classes="saim-mark", style="left: 8px; top: 4px")
    enlarge_button(VIEW_3D, "3D")
    html.Div(
        "{{ surfaces_busy ? 'The surfaces are made …' : 'Nothing is segmented yet.' }}",
        v_if=("surfaces_busy || surfaces_empty",),
        classes="saim-mark saim-middle",
        raw_attrs=['role="status"'],
    )
    with v3.VBtn(
        v_if=("surfaces_old && !surfaces_busy",),
        size="small",
        variant="flat",
        color="warning",
        prepend_icon="mdi-refresh",
        classes="saim-update",
        click=surfaces.update,
        raw_attrs=["data-update-surfaces"],
    ):
        html.Span("Update")
        v3.VTooltip(
            "The segments have changed since these surfaces were made",
            activator="parent",
            location="bottom",
        )
    v3.VSlider(
        v_if=("!surfaces_empty && ready",),
        v_model=("surface_opacity",),
        min=0.1,
        max=1,
        step=0.1,
        color="primary",
        classes="saim-slider",
        raw_attrs=['aria-label="Opacity of the surfaces"'],
    )
