"""Keys and the mouse, in a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS
from SAIMWeb.trame_host.editor_page import JUMP_KEY, ONLY_KEY
from SAIMWeb.trame_host.views_page import VIEW_KEYS

__all__ = ["help_dialog"]

_MOUSE = (
    ("Left click", "the class of the selected segment is here"),
    ("Ctrl + left click", "background is here"),
    ("Left drag", "a stroke or a box of the same meaning"),
    ("Wheel", "slices"),
    ("Right drag, Ctrl + wheel", "zoom"),
    ("Middle drag, Shift + left drag", "pan"),
    ("Shift + move", "all views go to the point under the pointer"),
    ("Left drag after W", "window (to the sides) and level (up, down)"),
    ("Drag in 3D", "turn; right: zoom, middle: pan"),
    ("Alt + click on an eye", "only this segment, or all again"),
    ("Double click on a segment", "all views go to it"),
)
_VIEW_TEXTS = {
    "toggle_tool": "the left button clicks, or changes window and level",
    "toggle_crosshair": "crosshair",
    "toggle_3d": "3D view",
    "fit": "all of the slices, in the first window",
}
_KEYS = (
    (f"{SEGMENT_KEYS[0]} - {SEGMENT_KEYS[-1]}", "select a segment"),
    (JUMP_KEY, "go to the selected segment"),
    (ONLY_KEY, "only the selected segment, or all again"),
    ("Z, Y", "undo and redo (also Ctrl+Z, Ctrl+Y)"),
    *((command.key, command.text) for command in COMMANDS),
    *((key, _VIEW_TEXTS[name]) for key, name in VIEW_KEYS.items()),
    ("?", "this help"),
)


def help_dialog() -> None:
    """Opened by its button and by "?"."""
    with (
        v3.VDialog(v_model=("help", False), max_width=960),
        v3.VCard(title="Mouse and keys", raw_attrs=['role="dialog"', "data-help"]),
    ):
        with v3.VCardText():
            html.P(
                "Click in a structure, and all structures of the slice are segmented.",
                classes="mb-3",
            )
            with html.Div(classes="saim-help"):
                for rows in (_MOUSE, _KEYS):
                    _table(rows)
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("Close", click="help = false")


def _table(rows: Sequence[tuple[str, str]]) -> None:
    with html.Table():
        for keys, meaning in rows:
            with html.Tr():
                with html.Td(style="white-space: nowrap"):
                    html.Kbd(keys)
                html.Td(meaning)
