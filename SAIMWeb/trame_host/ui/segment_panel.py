"""The list of segments: which one clicks mean, and how each and the image are shown."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.editor_page import EditorPage
from SAIMWeb.trame_host.window_page import WindowPage

__all__ = ["segment_panel"]


def segment_panel(editor: EditorPage) -> None:
    """Segments with color, visibility and lock; how they and the image are drawn."""
    html.Div("Segments", classes="saim-title", raw_attrs=['id="saim-segments"'])
    with html.Div(raw_attrs=['role="radiogroup"', 'aria-labelledby="saim-segments"']):
        _rows(editor)
    html.Div(
        "Open a series to see its segments.",
        v_if=("!segments.length",),
        classes="saim-small px-3 py-1",
    )
    with html.Div(v_if=("segments.length",), classes="pt-1"):
        _opacity()
        _window(editor.views_page.window)


def _rows(editor: EditorPage) -> None:
    select = (editor.select_segment, "[segment_row.id]")
    with html.Div(
        v_for="segment_row in segments",
        key="segment_row.id",
        classes=("['saim-segment', segment_row.id === segment ? 'saim-chosen' : '']",),
        click=select,
        enter=select,
        space=select,
        dblclick=(editor.views_page.jump, "[segment_row.id]"),
        __events=[("enter", "keydown.enter"), ("space", "keydown.space.prevent")],
        raw_attrs=[
            'role="radio"',
            'tabindex="0"',
            ':aria-checked="segment_row.id === segment"',
            ':aria-label="segment_row.name"',
            "data-segment",
        ],
    ):
        html.Kbd("{{ segment_row.number }}")
        html.Div(classes="saim-color", style=("{background: segment_row.color}",))
        html.Div("{{ segment_row.name }}", classes="saim-name")
        _toggle(
            (editor.toggle_segment, "[segment_row.id, $event.altKey]"),
            "segment_row.visible ? 'mdi-eye' : 'mdi-eye-off'",
            "Show or hide (Alt: only this one)",
            "segment_row.visible",
        )
        _toggle(
            (editor.lock_segment, "[segment_row.id, !segment_row.locked]"),
            "segment_row.locked ? 'mdi-lock' : 'mdi-lock-open-variant-outline'",
            "Lock or unlock",
            "segment_row.locked",
        )


def _opacity() -> None:
    with html.Div(classes="d-flex align-center px-3"):
        v3.VIcon("mdi-opacity", size="small", classes="mr-3")
        v3.VSlider(
            v_model=("opacity",),
            min=0,
            max=1,
            step=0.05,
            color="primary",
            disabled=("outlined",),
            raw_attrs=['aria-label="Opacity of the segments"'],
        )
        _toggle(
            "outlined = !outlined",
            "outlined ? 'mdi-circle-outline' : 'mdi-circle'",
            "Filled, or outlines only",
            "outlined",
        )


def _window(window: WindowPage) -> None:
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
    with html.Div(classes="saim-presets"):
        small = {"size": "x-small", "variant": "tonal"}
        v3.VBtn("Auto", click=window.reset, raw_attrs=['data-preset="Auto"'], **small)
        v3.VBtn(
            "{{ preset.name }}",
            v_for="preset in window_presets",
            key="preset.name",
            click=(window.choose, "[preset.low, preset.high]"),
            raw_attrs=[':data-preset="preset.name"'],
            **small,
        )


def _toggle(click: object, icon: str, text: str, pressed: str) -> None:
    with v3.VBtn(
        icon=True,
        variant="text",
        size="x-small",
        # A click on the button, or a key, is none on the row.
        raw_attrs=[
            "@click.stop",
            "@dblclick.stop",
            "@keydown.stop",
            f'aria-label="{text}"',
            f':aria-pressed="{pressed}"',
        ],
        click=click,
    ):
        v3.VIcon(f"{{{{ {icon} }}}}")
        v3.VTooltip(text, activator="parent", location="top")
