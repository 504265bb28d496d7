"""The list of segments: which one clicks mean, and how each is shown."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.editor_page import EditorPage

__all__ = ["segment_panel"]


def segment_panel(editor: EditorPage) -> None:
    """Segments with color, visibility and lock, and their opacity."""
    html.Div("Segments", classes="saim-title")
    with html.Div(
        v_for="segment_row in segments",
        key="segment_row.id",
        classes=("['saim-segment', segment_row.id === segment ? 'saim-chosen' : '']",),
        click=(editor.select_segment, "[segment_row.id]"),
        raw_attrs=['role="radio"', ':aria-checked="segment_row.id === segment"', "data-segment"],
    ):
        html.Kbd("{{ segment_row.number }}")
        html.Div(classes="saim-color", style=("{background: segment_row.color}",))
        html.Div("{{ segment_row.name }}", classes="saim-name")
        _toggle(
            editor.show_segment,
            "[segment_row.id, !segment_row.visible]",
            "segment_row.visible ? 'mdi-eye' : 'mdi-eye-off'",
            "Show or hide",
        )
        _toggle(
            editor.lock_segment,
            "[segment_row.id, !segment_row.locked]",
            "segment_row.locked ? 'mdi-lock' : 'mdi-lock-open-variant-outline'",
            "Lock or unlock",
        )
    html.Div(
        "Open a series to see its segments.",
        v_if=("!segments.length",),
        classes="saim-small px-3 py-1",
    )
    with html.Div(v_if=("segments.length",), classes="pt-1"):
        with html.Div(classes="d-flex align-center px-3"):
            v3.VIcon("mdi-opacity", size="small", classes="mr-3")
            v3.VSlider(
                v_model=("opacity",),
                min=0,
                max=1,
                step=0.05,
                color="primary",
                raw_attrs=['aria-label="Opacity of the segments"'],
            )
        with html.Div(classes="d-flex align-center px-3"):
            v3.VIcon("mdi-contrast-circle", size="small", classes="mr-3")
            v3.VRangeSlider(
                v_model=("window",),
                min=("window_range[0]",),
                max=("window_range[1]",),
                step=("(window_range[1] - window_range[0]) / 200",),
                color="primary",
                strict=True,
                hide_details=True,
                thumb_size=12,
                track_size=2,
                density="compact",
                raw_attrs=['aria-label="Darkest and brightest intensity of the image"'],
            )


def _toggle(act: object, arguments: str, icon: str, text: str) -> None:
    with v3.VBtn(
        icon=True,
        variant="text",
        size="x-small",
        # A click on the button is none on the row.
        raw_attrs=["@click.stop", f'aria-label="{text}"'],
        click=(act, arguments),
    ):
        v3.VIcon(f"{{{{ {icon} }}}}")
        v3.VTooltip(text, activator="parent", location="top")
