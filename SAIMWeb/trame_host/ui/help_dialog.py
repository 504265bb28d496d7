"""Keys and the mouse, in a dialog."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMCore.mrml.effect_commands import COMMANDS, SEGMENT_KEYS

__all__ = ["help_dialog"]

_MOUSE = (
    ("Left click", "the class of the selected segment is here"),
    ("Ctrl + left click", "background is here"),
    ("Left drag", "a stroke of the same meaning"),
    ("Wheel", "slices"),
    ("Right drag, Ctrl + wheel", "zoom"),
    ("Middle drag, Shift + left drag", "pan"),
    ("Shift + move", "all views go to the point under the pointer"),
)
_KEYS = (
    (f"{SEGMENT_KEYS[0]} - {SEGMENT_KEYS[-1]}", "select a segment"),
    ("Z, Y", "undo and redo (also Ctrl+Z, Ctrl+Y)"),
    *((command.key, command.text) for command in COMMANDS),
    ("?", "this help"),
)


def help_dialog() -> None:
    """Opened by its button and by "?"."""
    with (
        v3.VDialog(v_model=("help", False), max_width=640),
        v3.VCard(title="Mouse and keys", raw_attrs=['role="dialog"', "data-help"]),
    ):
        with v3.VCardText():
            html.P(
                "Click in a structure, and all structures of the slice are segmented.",
                classes="mb-3",
            )
            with html.Table(style="border-spacing: 12px 4px"):
                for keys, meaning in (*_MOUSE, *_KEYS):
                    with html.Tr():
                        with html.Td(style="white-space: nowrap"):
                            html.Kbd(keys)
                        html.Td(meaning)
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("Close", click="help = false")
