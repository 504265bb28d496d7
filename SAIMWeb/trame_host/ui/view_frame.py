"""What stands around one slice view: its name, the sides of the patient, the slice's slider."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3
from trame_server import Server
from trame_slicer.views import AbstractView

from SAIMWeb.trame_host.view_state import slice_key, view_key
from SAIMWeb.trame_host.views import SLICE_VIEWS
from SAIMWeb.trame_host.views_page import WINDOW

__all__ = ["enlarge_button", "view_frame"]

_PLACES = {
    "left": "left: 6px; top: 50%",
    "right": "right: 6px; top: 50%",
    # In a narrow view it would run into the title.
    "top": "top: 20px; left: 50%; transform: translateX(-50%)",
    "bottom": "bottom: 30px; left: 50%; transform: translateX(-50%)",
}


def view_frame(server: Server, template: str, view: AbstractView) -> None:
    """Fill the frame of ``view``; trame-slicer calls it where the view's picture is."""
    name = view.get_singleton_tag()
    state, place = view_key(name), slice_key(name)
    shown = f"{state}.sides"
    html.Div(
        f"{SLICE_VIEWS[name]} &nbsp;{{{{ {shown} ? {place} + ' / ' + {state}.slices : '' }}}}",
        classes="saim-mark",
        style="left: 8px; top: 4px",
    )
    html.Div(
        "Left drag: window and level (W)",
        v_if=(f"{shown} && mouse_tool === '{WINDOW}'",),
        classes="saim-mark",
        style="left: 8px; bottom: 48px",
    )
    for side, where in _PLACES.items():
        html.Div(
            f"{{{{ {shown}.{side} }}}}",
            v_if=(shown,),
            classes="saim-mark saim-side",
            style=where,
        )
    enlarge_button(name, SLICE_VIEWS[name])
    v3.VSlider(
        v_if=(shown,),
        v_model=(place,),
        min=1,
        max=(f"{state}.slices",),
        step=1,
        color="primary",
        classes="saim-slider",
        raw_attrs=[f'aria-label="Slice of the {SLICE_VIEWS[name]} view"'],
    )


def enlarge_button(name: str, shown_name: str) -> None:
    """Make a view the large one, then the only one, then as it was."""
    with v3.VBtn(
        icon=True,
        variant="text",
        size="x-small",
        classes="saim-corner",
        click=f"alone = main_view === '{name}' && !alone; main_view = '{name}'",
        raw_attrs=[f'aria-label="Enlarge the {shown_name} view"', f'data-enlarge="{name}"'],
    ):
        alone = f"main_view === '{name}' && alone"
        v3.VIcon(f"{{{{ {alone} ? 'mdi-view-dashboard-outline' : 'mdi-arrow-expand' }}}}")
