"""Buttons and options of the click effect."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMCore.mrml.effect_commands import COMMANDS
from SAIMWeb.trame_host.editor_page import EDITOR_KEYS, EditorPage
from SAIMWeb.trame_host.ui.effect_options_panel import effect_options_panel

__all__ = ["effect_panel"]

_KEYS = {command.name: command.key for command in COMMANDS} | {
    name: key for key, name in EDITOR_KEYS.items()
}
# Command, what stands on its button, icon.
_BUTTONS = (
    ("undo", "Undo", "mdi-undo"),
    ("redo", "Redo", "mdi-redo"),
    ("segment_slice", "Segment slice", "mdi-auto-fix"),
    ("segment_series", "Segment all", "mdi-layers-triple-outline"),
    ("next_uncertain_slice", "Least certain", "mdi-help-circle-outline"),
    ("reset_slice", "Reset slice", "mdi-eraser"),
)


def effect_panel(editor: EditorPage) -> None:
    """The part of the panel that acts on the shown slice."""
    html.Div("Slice", classes="saim-title")
    with html.Div(classes="px-2 pb-1"):
        _accept_button(editor)
    with html.Div(classes="saim-buttons"):
        for command, text, icon in _BUTTONS:
            _button(editor, command, text, icon)
    _progress(editor)
    with html.Div(classes="px-2 saim-options"):
        effect_options_panel()


def _accept_button(editor: EditorPage) -> None:
    with v3.VBtn(
        block=True,
        disabled=("!ready",),
        variant=("slice_accepted ? 'flat' : 'tonal'",),
        color="success",
        prepend_icon=("slice_accepted ? 'mdi-check-circle' : 'mdi-check-circle-outline'",),
        click=(editor.do, "['toggle_accepted']"),
        raw_attrs=['data-command="toggle_accepted"'],
    ):
        html.Span("{{ slice_accepted ? 'Slice accepted' : 'Accept slice' }}")
        html.Span(
            "{{ accepted ? accepted[0] + ' / ' + accepted[1] : '' }}",
            classes="ml-2 text-caption",
            style="opacity: .8",
        )
        html.Kbd(_KEYS["toggle_accepted"], classes="ml-2")


def _button(editor: EditorPage, command: str, text: str, icon: str) -> None:
    with v3.VBtn(
        disabled=("!ready",),
        prepend_icon=icon,
        click=(editor.do, f"['{command}']"),
        raw_attrs=[f'data-command="{command}"'],
    ):
        html.Span(text)
        if command in _KEYS:
            html.Kbd(_KEYS[command])


def _progress(editor: EditorPage) -> None:
    """What the network is doing, or what there is to say of the last click.

    A place is kept for it, so that nothing jumps.
    """
    with html.Div(classes="px-3 py-1", style="height: 34px"):
        _work(editor)
        html.Div(
            "{{ effect_busy ? '' : remark }}",
            classes="saim-remark",
            raw_attrs=["data-remark", 'role="status"'],
        )


def _work(editor: EditorPage) -> None:
    with html.Div(v_if=("effect_busy",)):
        v3.VProgressLinear(
            indeterminate=("!effect_progress",),
            model_value=("effect_progress ? 100 * effect_progress[0] / effect_progress[1] : 0",),
            color="primary",
            height=3,
        )
        with html.Div(classes="saim-small d-flex align-center justify-space-between"):
            html.Span(
                "{{ ready ? '' : effect_status }} "
                "{{ effect_progress ? effect_progress[0] + ' of ' + effect_progress[1] "
                ": ready ? 'The model is asked.' : '' }}"
            )
            v3.VBtn(
                "Stop",
                v_if=("effect_progress",),
                size="x-small",
                variant="text",
                click=(editor.do, "['cancel']"),
            )
