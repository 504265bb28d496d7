"""Training, the learning curve, and the versions of the model."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage

__all__ = ["model_panel"]


def model_panel(campaign: CampaignPage) -> None:
    """How the campaign is doing."""
    html.Div("Training", classes="saim-title")
    _training(campaign)
    html.Div("Learning curve", classes="saim-title")
    html.Div(v_if=("curve",), v_html=("curve",), classes="px-2", raw_attrs=["data-curve"])
    html.Div(
        "It begins with the first model that is measured.",
        v_if=("!curve",),
        classes="saim-small px-3",
    )
    with html.Div(classes="px-3 py-1 text-caption"):
        html.Div("{{ worth }}")
        html.Div("{{ trend }}", classes="mt-1")
        html.Div(
            "{{ share }} % of the series are done"
            "{{ hours === null ? '' : '; the rest takes about ' + hours + ' hours' }}.",
            v_if=("share !== null",),
            classes="mt-1",
        )
    html.Div("Models", classes="saim-title")
    _models(campaign)


def _training(campaign: CampaignPage) -> None:
    with html.Div(classes="px-3 text-caption", v_if=("training",)):
        html.Div("{{ training.sentence }}", raw_attrs=["data-training"])
        v3.VProgressLinear(
            v_if=("training.active",),
            indeterminate=("training.percent === null",),
            model_value=("training.percent || 0",),
            color="primary",
            height=4,
            classes="my-1",
        )
        with html.Div(classes="d-flex py-1", style="gap: 6px"):
            v3.VBtn(
                "{{ training.resumable ? 'Go on' : 'Train' }}",
                v_if=("!training.active",),
                size="small",
                color="primary",
                prepend_icon="mdi-school-outline",
                disabled=("!!read_only_because",),
                click=campaign.train,
                raw_attrs=["data-train"],
            )
            v3.VBtn(
                "Pause",
                v_if=("training.active",),
                size="small",
                disabled=("training.pausing || !!read_only_because",),
                click=campaign.pause_training,
            )
            v3.VBtn(
                "Give up",
                v_if=("training.active || training.resumable",),
                size="small",
                disabled=("!!read_only_because",),
                click=campaign.cancel_training,
                raw_attrs=["data-cancel-training"],
            )


def _models(campaign: CampaignPage) -> None:
    html.Div("There is no model yet.", v_if=("!models.length",), classes="saim-small px-3")
    with html.Div(
        v_for="entry in models",
        key="entry.version",
        classes="d-flex align-center px-3 py-1 text-caption",
        style="gap: 6px",
    ):
        with html.Div(style="flex: 1; min-width: 0"):
            html.Div("{{ entry.version }}", classes="saim-name")
            html.Div(
                "{{ entry.validation ? 'validation ' + entry.validation : 'not measured' }}"
                "{{ entry.test ? ', test ' + entry.test : '' }}",
                classes="saim-small",
            )
        v3.VChip("shared", v_if=("entry.current",), size="x-small", color="success")
        v3.VBtn(
            "Use",
            v_else=True,
            size="x-small",
            disabled=("!!read_only_because",),
            click=(campaign.publish, "[entry.version]"),
            raw_attrs=[':data-use="entry.version"'],
        )
