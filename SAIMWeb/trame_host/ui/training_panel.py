"""Training: begin, pause, resume, give up, how it goes, and what came of it."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.ui.messages_ui import ANNOTATES
from SAIMWeb.trame_host.ui.typed import number_field

__all__ = ["log_dialog", "training_panel"]

_READ_ONLY = "!!read_only_because"


def training_panel(campaign: CampaignPage) -> None:
    """The training that is under way, or the next one."""
    html.Div("Training", classes="saim-title")
    with html.Div(classes="px-3 text-caption"):
        html.Div(
            # What the figures below say is not said twice.
            "{{ training.figures.length && !training.pausing "
            "? 'Round ' + training.round + ' is being trained.' : training.sentence }}",
            classes=("training.failed ? 'text-error' : ''",),
            raw_attrs=["data-training", 'role="status"'],
        )
        html.Div(
            "{{ warning }}",
            v_for="warning in training.warnings",
            key="warning",
            classes="text-warning mt-1",
        )
        _progress()
        _buttons(campaign)
        _outcome(campaign)
        html.Div(
            v_if=("training.curve",), v_html=("training.curve",), raw_attrs=["data-live-curve"]
        )
        _automatic(campaign)


def log_dialog() -> None:
    """The end of the training's log."""
    with (
        v3.VDialog(
            model_value=(f"log_open && {ANNOTATES}",),
            max_width=900,
            raw_attrs=['@update:model-value="log_open = false"'],
        ),
        v3.VCard(title="Log of the training", raw_attrs=['role="dialog"', "data-log"]),
    ):
        # The other way round, it stays at its end.
        with v3.VCardText(), html.Div(classes="saim-log", raw_attrs=['tabindex="0"']):
            html.Pre("{{ training_log || 'Nothing was logged so far.' }}")
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("Close", click="log_open = false")


def _progress() -> None:
    v3.VProgressLinear(
        v_if=("training.active",),
        indeterminate=("training.percent === null",),
        model_value=("training.percent || 0",),
        color="primary",
        height=4,
        classes="my-2",
        raw_attrs=['aria-label="Progress of the training"'],
    )
    with (
        html.Div(
            v_if=("training.figures.length",), classes="saim-figures", raw_attrs=["data-figures"]
        ),
        html.Div(v_for="figure in training.figures", key="figure.name"),
    ):
        html.Div("{{ figure.name }}", classes="saim-small")
        html.Div("{{ figure.value }}")


def _buttons(campaign: CampaignPage) -> None:
    with html.Div(classes="d-flex py-2", style="gap: 6px"):
        v3.VBtn(
            "{{ training.resumable ? 'Go on' : 'Train' }}",
            v_if=("!training.active",),
            size="small",
            color="primary",
            prepend_icon="mdi-school-outline",
            disabled=(_READ_ONLY,),
            click=campaign.training.train,
            raw_attrs=["data-train"],
        )
        v3.VBtn(
            "Pause",
            v_if=("training.active",),
            size="small",
            prepend_icon="mdi-pause",
            disabled=(f"training.pausing || {_READ_ONLY}",),
            click=campaign.training.pause,
            raw_attrs=["data-pause-training"],
        )
        v3.VBtn(
            "Give up",
            v_if=("training.active || training.resumable",),
            size="small",
            disabled=(_READ_ONLY,),
            click=campaign.training.give_up,
            raw_attrs=["data-cancel-training"],
        )
        v3.VSpacer()
        v3.VBtn(
            "Log",
            v_if=("training.log",),
            size="small",
            variant="text",
            color=("training.failed ? 'warning' : undefined",),
            click="log_open = true",
            raw_attrs=["data-show-log"],
        )


def _outcome(campaign: CampaignPage) -> None:
    """The new model beside the one before; where it is worse, the user decides."""
    with html.Div(v_if=("outcome",), classes="saim-card", raw_attrs=["data-outcome"]):
        with html.Table(classes="saim-table"):
            with html.Tr():
                for header in ("model", "validation", "test"):
                    html.Th(header, raw_attrs=['scope="col"'])
            with html.Tr(v_for="entry in outcome.models", key="entry.version"):
                html.Td("{{ entry.version }}")
                html.Td("{{ entry.validation || '–' }}")
                html.Td("{{ entry.test || '–' }}")
        with html.Div(v_if=("outcome.waits",), classes="d-flex pt-2", style="gap: 6px"):
            v3.VBtn(
                "Use it all the same",
                size="small",
                color="warning",
                disabled=(_READ_ONLY,),
                click=(campaign.models.publish, "[outcome.version]"),
                raw_attrs=["data-use-worse"],
            )
            v3.VBtn(
                "Keep {{ model }}",
                size="small",
                click=campaign.models.keep_present,
                raw_attrs=["data-keep-present"],
            )


def _automatic(campaign: CampaignPage) -> None:
    settings = campaign.training.train_by_itself
    with html.Div(classes="d-flex align-center saim-options", style="gap: 6px"):
        v3.VCheckbox(
            model_value=("automatic.enabled",),
            label="Train by itself after",
            color="primary",
            disabled=(_READ_ONLY,),
            update_modelValue=(settings, "[$event]"),
            raw_attrs=["data-automatic"],
        )
        number_field(
            "automatic.accepted",
            settings,
            "[], {accepted: text}",
            min=1,
            disabled=(f"{_READ_ONLY} || !automatic.enabled",),
            style="max-width: 64px; flex: none",
            raw_attrs=['aria-label="Accepted series until a training begins"', "data-accepted"],
        )
        html.Span("accepted")
    with html.Div(classes="d-flex align-center saim-options", style="gap: 6px"):
        html.Span("Each further round takes", style="margin-left: 34px")
        number_field(
            "automatic.growth",
            settings,
            "[], {growth: text}",
            min=1,
            max=10,
            step=0.1,
            disabled=(f"{_READ_ONLY} || !automatic.enabled",),
            style="max-width: 64px; flex: none",
            raw_attrs=[
                'aria-label="How many times the series of the round before each further one takes"',
                "data-growth",
            ],
        )
        html.Span("times as many")
    html.Div(
        "{{ accepted_since }} of {{ accepted_needed }} accepted for the next training.",
        classes="saim-small pb-1",
        raw_attrs=["data-accepted-since"],
    )
