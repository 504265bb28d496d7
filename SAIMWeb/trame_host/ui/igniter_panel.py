"""The igniter: who proposes now, and choosing somebody else's model to begin with."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.igniter_page import IgniterPage
from SAIMWeb.trame_host.ui.typed import typed

__all__ = ["igniter_panel"]

_READ_ONLY = "!!read_only_because"
_OFF = f"{_READ_ONLY} || igniter.running"
_HELP = (
    "The folder of a model of SAIM, a TorchScript (.pt, .ts) or ONNX file with its description "
    "(.toml) beside it, or a folder of labelmaps made elsewhere; on the computer that runs SAIM."
)


def igniter_panel(campaign: CampaignPage) -> None:
    """Who proposes, and the igniter of the project."""
    html.Div("Proposals", classes="saim-title")
    with html.Div(classes="px-3 text-caption"):
        html.Div("{{ igniter.sentence }}", raw_attrs=["data-proposer", 'role="status"'])
        v3.VProgressLinear(
            v_if=("igniter.running",),
            indeterminate=True,
            color="primary",
            height=4,
            classes="my-2",
            raw_attrs=['aria-label="Progress of the igniter"'],
        )
        with html.Div(v_if=("igniter.running",), classes="d-flex align-center"):
            html.Div("{{ igniter.doing }}", style="flex: 1", raw_attrs=["data-igniter-doing"])
            v3.VBtn(
                "Stop",
                size="small",
                variant="text",
                disabled=(_READ_ONLY,),
                click=campaign.igniter.stop,
                raw_attrs=["data-stop-igniter", 'title="What was set before stays"'],
            )
        with html.Div(v_if=("!igniter.found",)):
            _choice(campaign.igniter)
        with html.Div(v_if=("igniter.found",), classes="saim-card mt-2", raw_attrs=["data-found"]):
            _mapping(campaign.igniter)


def _choice(page: IgniterPage) -> None:
    with html.Div(classes="d-flex align-center py-1", style="gap: 6px"):
        v3.VTextField(
            v_model=("igniter_path",),
            label="Somebody else's model",
            placeholder="path of a file or folder",
            density="compact",
            hide_details=True,
            disabled=(_OFF,),
            raw_attrs=["data-igniter-path", f'title="{_HELP}"'],
        )
        v3.VBtn(
            "Look",
            size="small",
            disabled=(f"{_OFF} || !igniter_path",),
            click=(page.look_at, "[igniter_path, igniter_description]"),
            raw_attrs=["data-look-at-igniter"],
        )
    v3.VTextField(
        v_if=("igniter_path",),
        v_model=("igniter_description",),
        label="Description, if not beside it",
        placeholder="path of a .toml file",
        density="compact",
        hide_details=True,
        disabled=(_OFF,),
        raw_attrs=["data-igniter-description"],
    )
    with html.Div(v_if=("igniter.chosen",), classes="d-flex align-center py-1", style="gap: 6px"):
        html.Span(
            "Igniter {{ igniter.name }}",
            classes="saim-small",
            style="flex: 1",
            raw_attrs=[':title="igniter.chosen"', "data-igniter"],
        )
        v3.VBtn(
            "Remove",
            size="x-small",
            disabled=(_OFF,),
            click=page.remove,
            raw_attrs=["data-remove-igniter"],
        )


def _mapping(page: IgniterPage) -> None:
    html.Div("What do the classes of {{ igniter.found }} become here?")
    with html.Div(
        v_for="row in igniter.rows",
        key="row.name",
        classes="d-flex align-center pt-1",
        style="gap: 6px",
        raw_attrs=[':data-igniter-class="row.name"'],
    ):
        html.Span(
            "{{ row.name }}", classes="saim-small", style="flex: 1", raw_attrs=[':title="row.name"']
        )
        with (
            typed("row.becomes", page.map_class, "[row.name, text]"),
            v3.VCombobox(
                model_value=("typed.text",),
                items=("igniter_targets",),
                density="compact",
                hide_details=True,
                placeholder="choose",
                error=("!typed.text",),
                disabled=(_OFF,),
                style="max-width: 150px",
                update_modelValue="typed.type($event)",
                blur="typed.done()",
                raw_attrs=[
                    '@keydown.enter="typed.done()"',
                    ":aria-label=\"'What ' + row.name + ' becomes'\"",
                ],
            ),
            v3.Template(v_slot_item="{ props }"),
        ):
            # What is chosen is done; the menu also closes while somebody types.
            v3.VListItem(v_bind=("props",), click="typed.done()")
    html.Div("A class, several with + in between, or background.", classes="saim-small pt-1")
    with html.Div(classes="d-flex pt-2", style="gap: 6px"):
        v3.VBtn(
            "Use it",
            size="small",
            color="primary",
            disabled=(_OFF,),
            click=page.use,
            raw_attrs=["data-use-igniter"],
        )
        v3.VBtn(
            "Do not use it",
            size="small",
            disabled=(_OFF,),
            click=page.forget,
            raw_attrs=["data-forget-igniter"],
        )
