"""The queue: which series come next, and what can be done with them."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage

__all__ = ["queue_panel", "series_buttons"]

_CAN_WRITE = "!read_only_because"


def queue_panel(campaign: CampaignPage) -> None:
    """The queue with its order and its filters."""
    with html.Div(classes="d-flex px-2 pt-3 pb-2", style="gap: 6px"):
        v3.VSelect(
            v_model=("strategy", None),
            items=("strategies", []),
            label="Order",
            disabled=(f"!({_CAN_WRITE})",),
            raw_attrs=["data-strategy"],
        )
        with v3.VBtn(
            icon=True,
            size="small",
            disabled=(f"!({_CAN_WRITE}) || (ranking && ranking.running)",),
            click=campaign.rank,
            raw_attrs=['aria-label="Score the pool with the current model"', "data-rank"],
        ):
            v3.VIcon("mdi-sort-variant")
            v3.VTooltip("Score the pool with the current model", activator="parent")
    _ranking(campaign)
    with html.Div(classes="d-flex px-2 pb-1", style="gap: 6px"):
        v3.VTextField(
            v_model=("queue_text",),
            placeholder="Name or patient",
            prepend_inner_icon="mdi-magnify",
            clearable=True,
            raw_attrs=['aria-label="Filter the queue by name or patient"'],
        )
        v3.VSelect(
            v_model=("queue_status",),
            items=("queue_statuses",),
            placeholder="Status",
            clearable=True,
            style="max-width: 45%",
            raw_attrs=['aria-label="Filter the queue by status"'],
        )
    _rows(campaign)
    with html.Div(
        v_if=("queue_pages > 1",), classes="d-flex align-center justify-center saim-small"
    ):
        v3.VPagination(
            v_model=("queue_page",),
            length=("queue_pages",),
            density="compact",
            size="small",
            total_visible=4,
        )


def series_buttons(campaign: CampaignPage) -> None:
    """Next, Accept and Later."""
    with html.Div(classes="pa-2 d-flex flex-column", style="gap: 6px"):
        v3.VBtn(
            "Next series",
            block=True,
            color="primary",
            variant="flat",
            prepend_icon="mdi-skip-next",
            disabled=(f"!({_CAN_WRITE})",),
            loading=("!!awaited",),
            click=campaign.next,
            raw_attrs=["data-next"],
        )
        with html.Div(classes="d-flex", style="gap: 6px"):
            v3.VBtn(
                "Accept series",
                color="success",
                prepend_icon="mdi-check-all",
                style="flex: 1",
                disabled=(f"!series || !({_CAN_WRITE})",),
                click=campaign.accept_series,
                raw_attrs=["data-accept"],
            )
            v3.VBtn(
                "Later",
                prepend_icon="mdi-content-save-outline",
                disabled=(f"!series || !({_CAN_WRITE})",),
                click=campaign.save_for_later,
                raw_attrs=["data-later"],
            )


def _ranking(campaign: CampaignPage) -> None:
    with html.Div(v_if=("ranking && ranking.running",), classes="px-3 pb-2"):
        v3.VProgressLinear(
            indeterminate=("ranking.percent === null",),
            model_value=("ranking.percent || 0",),
            color="primary",
            height=3,
        )
        with html.Div(classes="d-flex align-center justify-space-between saim-small"):
            html.Span("{{ ranking.sentence }}")
            v3.VBtn("Stop", size="x-small", variant="text", click=campaign.stop_ranking)


def _rows(campaign: CampaignPage) -> None:
    with html.Div(style="flex: 1; overflow-y: auto; min-height: 0", raw_attrs=["data-queue"]):
        v3.VSkeletonLoader(v_if=("queue_loading",), type="list-item-avatar-two-line@6")
        html.Div(
            "No series like that.",
            v_if=("!queue_loading && !rows.length",),
            classes="saim-small px-3 py-2",
        )
        with html.Div(
            v_for="row in rows",
            key="row.name",
            classes=("['saim-row', row.name === series ? 'saim-open' : '']",),
            click=(campaign.open_series, "[row.name]"),
            keydown_enter=(campaign.open_series, "[row.name]"),
            raw_attrs=['role="button"', 'tabindex="0"', ':data-series="row.name"'],
        ):
            html.Img(v_if=("row.thumbnail",), src=("row.thumbnail",), raw_attrs=['alt=""'])
            html.Div(v_else=True, classes="saim-empty")
            with html.Div(style="min-width: 0"):
                with html.Div(classes="saim-name"):
                    html.Span("{{ row.rank ? row.rank + '. ' : '' }}{{ row.name }}")
                    v3.VIcon("mdi-pin", v_if=("row.pinned",), size="x-small", classes="ml-1")
                html.Div("{{ row.details }}", classes="saim-small")
            with html.Div(classes="text-right"):
                html.Div(
                    "{{ row.score }}{{ row.stale ? ' *' : '' }}",
                    classes="saim-small",
                    raw_attrs=[":title=\"row.stale ? 'by an earlier model' : 'score'\""],
                )
                v3.VChip(
                    "{{ row.status }}",
                    size="x-small",
                    variant="tonal",
                    color=(
                        "row.status === 'annotated' ? 'success' : row.status === 'in progress' "
                        "? 'warning' : undefined",
                    ),
                )
