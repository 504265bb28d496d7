"""The queue: which series come next, and what can be done with them."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.ui.queue_row import queue_row
from SAIMWeb.trame_host.ui.typed import number_field

__all__ = ["queue_panel", "series_buttons"]

_CAN_WRITE = "!read_only_because"


def queue_panel(campaign: CampaignPage) -> None:
    """The queue with its order and its filters."""
    _order(campaign)
    _filters()
    with html.Div(classes="d-flex align-center px-3 saim-small", style="height: 32px; flex: none"):
        _ranking(campaign)
        _count()
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
    """Next, Accept and Later; and what has to be done before they are of use."""
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
                # A series that is waited for can be given up, too.
                disabled=(f"!(series || awaited) || !({_CAN_WRITE})",),
                click=campaign.save_for_later,
                raw_attrs=["data-later"],
            )
        html.Div(
            "{{ first_steps }}",
            v_if=("first_steps",),
            classes="saim-advice",
            raw_attrs=['role="note"', "data-first-steps"],
        )


def _order(campaign: CampaignPage) -> None:
    with html.Div(classes="d-flex px-2 pt-3", style="gap: 6px"):
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
            click=campaign.queue.rank,
            raw_attrs=['aria-label="Score the pool with the current model"', "data-rank"],
        ):
            v3.VIcon("mdi-sort-variant")
            v3.VTooltip("Score the pool with the current model", activator="parent")
    with html.Div(classes="d-flex pr-2", style="gap: 6px"):
        html.Div(
            "{{ strategy_sentence }}",
            classes="saim-hint-line",
            style="flex: 1; padding-right: 0",
            raw_attrs=["data-strategy-text"],
        )
        number_field(
            "budget",
            campaign.queue.set_budget,
            label="Minutes",
            min=0,
            placeholder="any",
            persistent_placeholder=True,
            disabled=(f"!({_CAN_WRITE})",),
            style="max-width: 84px; flex: none",
            classes="pt-2 pb-1",
            raw_attrs=[
                'aria-label="Minutes that this session may take"',
                'title="The time of this session; empty: no matter how long"',
                "data-budget",
            ],
        )
    html.Div(
        "{{ budget_sentence }} {{ plan_sentence }}",
        v_if=("budget_sentence || plan_sentence",),
        classes="saim-hint-line",
        style="min-height: 0; padding-right: 12px",
        raw_attrs=['role="status"', "data-budget-text"],
    )


def _filters() -> None:
    with html.Div(classes="d-flex px-2", style="gap: 6px"):
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


def _count() -> None:
    """How many series are shown, and by what they are sorted; not while the pool is ranked."""
    ranking = "ranking && ranking.running"
    html.Span(
        "{{ queue_count === queue_total ? '' : queue_count + ' of ' }}{{ queue_total }} series"
        "{{ ranking.sentence ? ' · ' + ranking.sentence : '' }}",
        v_if=(f"!({ranking})",),
        classes="saim-cut",
        raw_attrs=["data-count", ':title="ranking.sentence"'],
    )
    _sorting()


def _sorting() -> None:
    with v3.VBtn(
        size="x-small",
        variant="text",
        append_icon="mdi-menu-down",
        raw_attrs=['aria-label="Sort the list"', "data-sort"],
    ):
        html.Span("by {{ queue_sort }}")
        with (
            v3.VMenu(activator="parent"),
            v3.VList(density="compact", classes="saim-menu", raw_attrs=["data-sort-menu"]),
        ):
            v3.VListItem(
                v_for="sort in queue_sorts",
                key="sort",
                title=("sort",),
                active=("sort === queue_sort",),
                click="queue_sort = sort",
            )
    with v3.VBtn(
        icon=True,
        size="x-small",
        variant="text",
        disabled=("queue_sort === queue_sorts[0]",),
        click="queue_descending = !queue_descending",
        raw_attrs=[
            ":aria-label=\"queue_descending ? 'Sort upward' : 'Sort downward'\"",
            "data-descending",
        ],
    ):
        v3.VIcon(
            "{{ queue_descending && queue_sort !== queue_sorts[0] ? 'mdi-sort-descending' "
            ": 'mdi-sort-ascending' }}"
        )


def _ranking(campaign: CampaignPage) -> None:
    """How the ranking goes, in the place of the count: nothing jumps."""
    with html.Div(
        v_if=("ranking && ranking.running",), classes="saim-cut", raw_attrs=["data-ranking"]
    ):
        html.Div("{{ ranking.sentence }}", classes="saim-small")
        v3.VProgressLinear(
            indeterminate=("ranking.percent === null",),
            model_value=("ranking.percent || 0",),
            color="primary",
            height=3,
            raw_attrs=['aria-label="Progress of the ranking"'],
        )
    v3.VBtn(
        "Stop",
        v_if=("ranking && ranking.running",),
        size="x-small",
        variant="text",
        click=campaign.queue.stop_ranking,
        raw_attrs=["data-stop-ranking"],
    )


def _rows(campaign: CampaignPage) -> None:
    with html.Div(
        style="flex: 1; overflow-y: auto; min-height: 0",
        raw_attrs=['role="list"', 'aria-label="Series"', "data-queue"],
    ):
        v3.VSkeletonLoader(v_if=("queue_state === 'loading'",), type="list-item-avatar-two-line@6")
        with html.Div(v_if=("queue_state === 'no match'",), classes="saim-nothing"):
            html.Div("No series like that.")
            v3.VBtn("Show all", size="small", click=campaign.queue.clear_filter)
        with html.Div(v_if=("queue_state === 'failed'",), classes="saim-nothing"):
            html.Div("The series could not be read.")
            v3.VBtn("Try again", size="small", click=campaign.queue.read_again)
        html.Div("There are no series.", v_if=("queue_state === 'empty'",), classes="saim-nothing")
        queue_row(campaign)
