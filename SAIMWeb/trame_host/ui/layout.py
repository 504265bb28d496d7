"""The page as a whole."""

from __future__ import annotations

from trame.ui.vuetify3 import VAppLayout
from trame.widgets import client, html
from trame.widgets import vuetify3 as v3
from trame_server import Server

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.editor_page import EditorPage
from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.ui.effect_panel import effect_panel
from SAIMWeb.trame_host.ui.help_dialog import help_dialog
from SAIMWeb.trame_host.ui.messages_ui import LOST, WATCHES, banners, messages, question
from SAIMWeb.trame_host.ui.model_panel import model_panel
from SAIMWeb.trame_host.ui.progress_panel import figures_dialog, progress_panel
from SAIMWeb.trame_host.ui.project_card import project_card
from SAIMWeb.trame_host.ui.queue_panel import queue_panel, series_buttons
from SAIMWeb.trame_host.ui.queue_row import reason_dialog
from SAIMWeb.trame_host.ui.segment_panel import segment_panel
from SAIMWeb.trame_host.ui.surface_frame import surface_frame
from SAIMWeb.trame_host.ui.theme import VUETIFY
from SAIMWeb.trame_host.ui.training_panel import log_dialog
from SAIMWeb.trame_host.ui.view_tools import bar_button, view_tools
from SAIMWeb.trame_host.view_3d import VIEW_3D
from SAIMWeb.trame_host.views import SLICE_VIEWS

__all__ = ["build_page"]

LEFT, RIGHT = 300, 304
# On a large screen there is room for whole names.
_LEFT_WIDTH = f"$vuetify.display.width > 1900 ? {4 * LEFT // 3} : {LEFT}"
# Who watches touches nothing; the picture stays.
_INERT = f':inert="{WATCHES}"'


def build_page(
    server: Server, campaign: CampaignPage, editor: EditorPage, shown: Messages
) -> VAppLayout:
    """Bar, queue, views and tools."""
    state = server.state
    state.trame__template_error = LOST
    state.setdefault("alone", False)
    # Nobody wants it back after a reload.
    state.client_only("help")
    # What static/page.js calls.
    server.trigger("press_key")(editor.press)
    server.trigger("open_series")(campaign.open_series)
    with VAppLayout(server, vuetify_config=VUETIFY) as layout:
        _bar(editor)
        with (
            v3.VNavigationDrawer(
                permanent=True, width=(_LEFT_WIDTH,), location="left", raw_attrs=[_INERT]
            ),
            html.Div(classes="d-flex flex-column fill-height"),
        ):
            _left(campaign)
        with v3.VNavigationDrawer(
            permanent=True, width=RIGHT, location="right", raw_attrs=[_INERT]
        ):
            segment_panel(editor)
            effect_panel(editor)
        with (
            v3.VMain(style="height: 100vh"),
            html.Div(classes="d-flex flex-column fill-height", style="position: relative"),
        ):
            banners()
            _views(editor)
            html.Div(
                "Choose Next series, or a series of the queue.",
                v_if=("!series && !awaited",),
                classes="saim-hint",
            )
            messages()
        reason_dialog(campaign)
        log_dialog()
        figures_dialog()
        question(shown)
        help_dialog()
    return layout


def _bar(editor: EditorPage) -> None:
    with v3.VAppBar(density="compact", flat=True, border="b"):
        html.Img(src="saim/SAIM.svg", height=26, classes="ml-3 mr-2", raw_attrs=['alt=""'])
        html.Strong("SAIM", classes="mr-3")
        project_card()
        v3.VDivider(vertical=True, classes="mx-3 my-3")
        html.Span(
            "{{ awaited ? series_status : series || 'No series is open' }}",
            raw_attrs=["data-open-series"],
        )
        v3.VSpacer()
        html.Span("{{ effect_status }}", classes="saim-small mr-3", raw_attrs=["data-status"])
        v3.VChip(
            "{{ training.sentence }}",
            v_if=("training && training.active",),
            size="small",
            color="primary",
            prepend_icon="mdi-school-outline",
            classes="mr-2",
            style="max-width: 360px",
        )
        view_tools(editor.views_page)
        bar_button("help = true", "mdi-keyboard-outline", "Mouse and keys (?)")


def _left(campaign: CampaignPage) -> None:
    series_buttons(campaign)
    with v3.VTabs(
        v_model=("tab", "queue"), density="compact", grow=True, color="primary", style="flex: none"
    ):
        v3.VTab("Queue", value="queue")
        with v3.VTab(value="model", raw_attrs=["data-model-tab"]):
            html.Span("Model")
            # A model waits for the user's decision.
            v3.VBadge(v_if=("outcome && outcome.waits",), dot=True, inline=True, color="warning")
        v3.VTab("Progress", value="progress", raw_attrs=["data-progress-tab"])
    with html.Div(v_show=("tab === 'queue'",), classes="saim-tab"):
        queue_panel(campaign)
    with html.Div(v_show=("tab === 'model'",), classes="saim-tab"):
        model_panel(campaign)
    with html.Div(v_show=("tab === 'progress'",), classes="saim-tab"):
        progress_panel()


def _views(editor: EditorPage) -> None:
    with html.Div(
        classes=("['saim-views', alone ? 'saim-alone' : '', shows_3d ? 'saim-with-3d' : '']",),
        style="flex: 1; min-height: 0",
        raw_attrs=[_INERT],
    ):
        for name in SLICE_VIEWS:
            with _view(name):
                client.ServerTemplate(name=name)
        with _view(VIEW_3D, "shows_3d"):
            client.ServerTemplate(name=VIEW_3D)
            surface_frame(editor.views_page.surfaces)


def _view(name: str, shown: str = "true") -> html.Div:
    return html.Div(
        v_if=(shown,),
        classes=(f"['saim-view', main_view === '{name}' ? 'saim-main' : '']",),
        raw_attrs=[f'data-view="{name}"'],
    )
