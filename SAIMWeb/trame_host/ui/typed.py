"""Fields that send what was typed when it is done, and never take away what is being typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trame.widgets import vuetify3 as v3
from trame_client.widgets.core import AbstractElement

__all__ = ["number_field", "typed"]


def typed(value: str, send: Callable[..., None], arguments: str = "[text]") -> AbstractElement:
    """The frame of one field that shows ``value``, an expression (static/typed.js).

    In it, ``typed.text`` is what the field shows, ``typed.type`` takes what somebody types, and
    ``typed.done`` sends it. arguments: what ``send`` is called with, where ``text`` was typed; it
    answers once the page's state says what came of it.
    """
    frame = AbstractElement(
        "saim-typed",
        __properties=["value", "send"],
        value=(value,),
        raw_attrs=['v-slot="typed"'],
    )
    name = frame.server.trigger_name(send)
    frame["send"] = (f"text => trigger('{name}', {arguments})",)
    return frame


def number_field(
    value: str, send: Callable[..., None], arguments: str = "[text]", **attributes: Any
) -> None:
    """A number that is sent with Enter, its arrows, or when the field is left."""
    with typed(value, send, arguments):
        v3.VTextField(
            model_value=("typed.text",),
            type="number",
            update_modelValue="typed.type($event)",
            change="typed.done($event)",
            blur="typed.done($event)",
            **attributes,
        )
