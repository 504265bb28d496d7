"""The versions of the model: figures, restore and export."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage

__all__ = ["models_panel"]

_READ_ONLY = "!!read_only_because"
# Format, and what it is to a person.
_FORMATS = (
    ("torchscript", "TorchScript (.pt)"),
    ("onnx", "ONNX (.onnx)"),
    ("folder", "Folder for another SAIM"),
)


def models_panel(campaign: CampaignPage) -> None:
    """All models, the newest one first, and the files that were made of them."""
    html.Div("Models", classes="saim-title")
    html.Div("There is no model yet.", v_if=("!models.length",), classes="saim-small px-3")
    with html.Div(
        v_for="entry in models",
        key="entry.version",
        classes="saim-model",
        raw_attrs=[':data-model="entry.version"'],
    ):
        _figures()
        v3.VChip("in use", v_if=("entry.current",), size="x-small", color="success")
        v3.VBtn(
            "{{ entry.published ? 'Restore' : 'Use' }}",
            v_else=True,
            size="x-small",
            disabled=(_READ_ONLY,),
            click=(campaign.models.publish, "[entry.version]"),
            raw_attrs=[':data-use="entry.version"'],
        )
        _export(campaign)
    _exports()


def _figures() -> None:
    with html.Div(style="min-width: 0"):
        html.Div("{{ entry.version }}", classes="saim-name")
        html.Div(
            "{{ entry.validation ? 'validation ' + entry.validation : 'not measured' }}"
            "{{ entry.test ? ', test ' + entry.test : '' }}",
            classes="saim-small",
        )
        v3.VTooltip(
            activator="parent",
            location="end",
            text=(
                "entry.sentence + (entry.published ? '\\nLast put to use '"
                " + entry.published + ' UTC.' : '\\nNever in use.')",
            ),
            content_class="saim-facts",
        )


def _export(campaign: CampaignPage) -> None:
    with v3.VBtn(
        icon=True,
        variant="text",
        size="x-small",
        loading=("exporting",),
        disabled=(f"{_READ_ONLY} || exporting",),
        raw_attrs=[":aria-label=\"'Export ' + entry.version\"", ':data-export="entry.version"'],
    ):
        v3.VIcon("mdi-export-variant")
        with (
            v3.VMenu(activator="parent"),
            v3.VList(density="compact", classes="saim-menu", raw_attrs=["data-export-menu"]),
        ):
            for kind, title in _FORMATS:
                v3.VListItem(
                    title=title,
                    click=(campaign.models.export, f"[entry.version, '{kind}']"),
                    raw_attrs=[f'data-kind="{kind}"'],
                )


def _exports() -> None:
    with html.Div(v_if=("exports.length",), classes="px-3 pb-2", raw_attrs=["data-exports"]):
        html.Div("Exported", classes="saim-small pt-2")
        with html.A(
            v_for="file in exports",
            key="file.name",
            classes="saim-link",
            raw_attrs=[':href="file.address"', ':download="file.name"'],
        ):
            v3.VIcon("mdi-download", size="x-small")
            html.Span("{{ file.name }} ({{ file.size }})")
