"""What the mouse does in the views, and what is shown there: buttons of the bar."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.ui.messages_ui import WATCHES
from SAIMWeb.trame_host.views_page import CLICKS, WINDOW, ViewsPage

__all__ = ["bar_button", "view_tools"]

_TOOLS = (
    (CLICKS, "mdi-cursor-default-click-outline", "Left button: clicks and strokes (W)"),
    (WINDOW, "mdi-contrast-circle", "Left button: window and level of the image (W)"),
)


def view_tools(views: ViewsPage) -> None:
    """Mouse tool, crosshair, 3D view, and all views as they were."""
    with html.Div(classes="d-flex align-center", raw_attrs=[f':inert="{WATCHES}"']):
        with v3.VBtnToggle(
            v_model=("mouse_tool",),
            mandatory=True,
            density="compact",
            variant="outlined",
            divided=True,
            color="primary",
            classes="saim-tools mr-2",
            raw_attrs=['role="group"', 'aria-label="What the left mouse button does"'],
        ):
            for tool, icon, text in _TOOLS:
                with v3.VBtn(
                    value=tool,
                    icon=icon,
                    size="small",
                    raw_attrs=[
                        f'aria-label="{text}"',
                        f""":aria-pressed="mouse_tool === '{tool}'" """,
                        f'data-tool="{tool}"',
                    ],
                ):
                    v3.VIcon(icon)
                    v3.VTooltip(text, activator="parent", location="bottom")
        bar_button(
            views.toggle_crosshair, "mdi-crosshairs", "Crosshair in all views (C)", "crosshair"
        )
        bar_button(views.toggle_3d, "mdi-cube-outline", "3D view of the segments (M)", "shows_3d")
        bar_button(views.fit, "mdi-fit-to-screen-outline", "Fit the views (R)")


def bar_button(click: object, icon: str, text: str, state: str = "") -> None:
    """A button of the bar; with ``state`` one that stays pressed while that is true."""
    pressed = [f':aria-pressed="{state}"', f'data-toggle="{state}"'] if state else []
    with v3.VBtn(
        icon=True,
        variant=(f"{state} ? 'tonal' : 'text'",) if state else "text",
        color=(f"{state} ? 'primary' : undefined",) if state else None,
        size="small",
        click=click,
        raw_attrs=[f'aria-label="{text}"', *pressed],
    ):
        v3.VIcon(icon)
        v3.VTooltip(text, activator="parent", location="bottom")
