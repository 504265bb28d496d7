"""What the user of the click effect switches on: ``EffectOptions`` as boxes and sliders."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMCore.mrml.effect_commands import COMMANDS

__all__ = ["effect_options_panel"]

_KEYS = {command.name: command.key for command in COMMANDS}
_OPTIONS = (
    ("shows_uncertainty", f"Show uncertainty ({_KEYS['toggle_uncertainty']})"),
    ("predict_on_arrival", "Segment slices as I arrive"),
    ("start_from_neighbor", "Begin like the neighboring slice"),
    ("draws_boxes", f"A drag draws a box ({_KEYS['toggle_boxes']})"),
)
_CONDITIONED = "conditioned || always_conditioned"


def effect_options_panel() -> None:
    """The boxes, and what more there is to say where the network is to agree with the marks."""
    for name, text in _OPTIONS:
        v3.VCheckbox(v_model=(name, False), label=text, color="primary", disabled=("!ready",))
    v3.VCheckbox(
        model_value=(_CONDITIONED,),
        label="Make the network agree with my marks",
        color="primary",
        disabled=("!ready || always_conditioned",),
        raw_attrs=['@update:model-value="conditioned = $event"'],
    )
    with html.Div(v_if=(_CONDITIONED,), classes="pl-6", raw_attrs=["data-conditioned"]):
        html.Div(
            "From the next click on; it takes longer, and the model itself stays as it is.",
            classes="saim-small text-wrap",
        )
        v3.VCheckbox(
            v_model=("grows", False),
            label="Marks grow into what looks alike",
            color="primary",
            disabled=("!ready",),
        )
        with html.Div(v_if=("grows",)):
            _number(
                "growth_threshold",
                "Differs by less than {{ growth_threshold }} SD",
                "Intensity difference up to which marks grow, in standard deviations",
                (0.05, 2, 0.05),
            )
            _number(
                "growth_reach",
                "At most {{ growth_reach }} pixels far",
                "Pixels that marks grow at most",
                (1, 100, 1),
            )


def _number(name: str, text: str, label: str, steps: tuple[float, float, float]) -> None:
    low, high, step = steps
    html.Div(text, classes="saim-small")
    v3.VSlider(
        v_model=(name,),
        min=low,
        max=high,
        step=step,
        color="primary",
        disabled=("!ready",),
        raw_attrs=[f'aria-label="{label}"'],
    )
