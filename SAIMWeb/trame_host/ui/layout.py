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
from SAIMWeb.trame_host.ui.queue_panel import queue_panel, series_buttons
from SAIMWeb.trame_host.ui.segment_panel import segment_panel
from SAIMWeb.trame_host.ui.theme import VUETIFY
from SAIMWeb.trame_host.views import SLICE_VIEWS

__all__ = ["build_page"]

LEFT, RIGHT = 300, 304
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
    server.trigger("press_key")(editor.press)
    with VAppLayout(server, vuetify_config=VUETIFY) as layout:
        _bar(editor)
        with (
            v3.VNavigationDrawer(permanent=True, width=LEFT, location="left", raw_attrs=[_INERT]),
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
            _views()
            html.Div(
                "Choose Next series, or a series of the queue.",
                v_if=("!series && !awaited",),
                classes="saim-hint",
            )
            messages()
        question(shown)
        help_dialog()
    return layout


def _bar(editor: EditorPage) -> None:
    with v3.VAppBar(density="compact", flat=True, border="b"):
        html.Img(src="saim/SAIM.svg", height=26, classes="ml-3 mr-2", raw_attrs=['alt=""'])
        html.Strong("SAIM", classes="mr-3")
        html.Span("{{ project_name }}", classes="text-medium-emphasis")
        v3.VDivider(vertical=True, classes="mx-3 my-3")
        html.Span(
            "{{ awaited ? 'Opening ' + awaited + ' …' : series || 'No series is open' }}",
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
        _bar_button(editor.reset_views, "mdi-fit-to-screen-outline", "Fit the views")
        _bar_button("help = true", "mdi-keyboard-outline", "Mouse and keys (?)")


def _bar_button(click: object, icon: str, text: str) -> None:
    with v3.VBtn(
        icon=True, variant="text", size="small", click=click, raw_attrs=[f'aria-label="{text}"']
    ):
        v3.VIcon(icon)
        v3.VTooltip(text, activator="parent", location="bottom")


def _left(campaign: CampaignPage) -> None:
    series_buttons(campaign)
    with v3.VTabs(
        v_model=("tab", "queue"), density="compact", grow=True, color="primary", style="flex: none"
    ):
        v3.VTab("Queue", value="queue")
        v3.VTab("Model", value="model", raw_attrs=["data-model-tab"])
    for name, panel in (("queue", queue_panel), ("model", model_panel)):
        with html.Div(v_show=(f"tab === '{name}'",), classes="saim-tab"):
            panel(campaign)


def _views() -> None:
    with html.Div(
        classes=("['saim-views', alone ? 'saim-alone' : '']",),
        style="flex: 1; min-height: 0",
        raw_attrs=[_INERT],
    ):
        for name in SLICE_VIEWS:
            with html.Div(
                classes=(f"['saim-view', main_view === '{name}' ? 'saim-main' : '']",),
                raw_attrs=[f'data-view="{name}"'],
            ):
                client.ServerTemplate(name=name)
