"""One row of the queue, and its menu."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.campaign_page import CampaignPage
from SAIMWeb.trame_host.ui.messages_ui import ANNOTATES

__all__ = ["queue_row", "reason_dialog"]

# As a click on it, so nothing where it is disabled.
_PRESS_OK = "$event.target.closest('[role=dialog]').querySelector('[data-give-reason]').click()"


def queue_row(campaign: CampaignPage) -> None:
    """The rows that are on the screen: ``row`` is what ``shown_row`` says of each."""
    with html.Div(
        v_for="row in rows",
        key="row.name",
        classes=(
            "['saim-row', row.name === series ? 'saim-open' : '', row.late ? 'saim-late' : '']",
        ),
        raw_attrs=['role="listitem"'],
    ):
        with html.Div(
            classes="saim-row-main",
            click=(campaign.open_series, "[row.name]"),
            raw_attrs=[
                'role="button"',
                'tabindex="0"',
                '@keydown.enter="$event.target.click()"',
                '@keydown.space.prevent="$event.target.click()"',
                ':data-series="row.name"',
                ':aria-current="row.name === series"',
                # Read aloud in place of its parts.
                ":aria-label=\"'Open ' + row.facts\"",
            ],
        ):
            html.Img(v_if=("row.thumbnail",), src=("row.thumbnail",), raw_attrs=['alt=""'])
            html.Div(v_else=True, classes="saim-empty")
            with html.Div(style="min-width: 0"):
                _first_line()
                _second_line()
            v3.VTooltip(
                activator="parent", location="end", text=("row.facts",), content_class="saim-facts"
            )
        _menu(campaign)


def reason_dialog(campaign: CampaignPage) -> None:
    """Asks why something is done to a series."""
    menu = campaign.queue.menu
    missing = "asked && asked.required && !reason.trim()"
    with (
        v3.VDialog(
            model_value=(f"!!asked && {ANNOTATES}",),
            max_width=440,
            # The server forgets it, not the page alone, which may be closed a moment later.
            update_modelValue=(menu.forget, "[]"),
        ),
        v3.VCard(v_if=("asked",), raw_attrs=['role="dialog"', "data-reason"]),
    ):
        with v3.VCardText(classes="pb-0"):
            html.Div("{{ asked.text }}", classes="mb-3", raw_attrs=['id="saim-reason-question"'])
            v3.VTextField(
                v_model=("reason",),
                label=("asked.required ? 'Reason' : 'Reason (may be left empty)'",),
                autofocus=True,
                maxlength=200,
                raw_attrs=[
                    'aria-labelledby="saim-reason-question"',
                    f'@keydown.enter="{_PRESS_OK}"',
                ],
            )
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("Cancel", click=menu.forget)
            v3.VBtn(
                "OK",
                color="primary",
                variant="flat",
                disabled=(missing,),
                click=(menu.give_reason, "[reason]"),
                raw_attrs=["data-give-reason"],
            )


def _first_line() -> None:
    with html.Div(classes="saim-line"):
        with html.Div(classes="saim-name"):
            html.Span("{{ row.rank ? row.rank + '. ' : '' }}{{ row.name }}")
        v3.VIcon("mdi-pin", v_if=("row.pinned",), size="x-small", aria_label="pinned")
        v3.VIcon("mdi-debug-step-over", v_if=("row.skipped",), size="x-small", aria_label="skipped")
        html.Span(
            "{{ row.score }}{{ row.stale ? ' *' : '' }}",
            classes="saim-small saim-figure",
            raw_attrs=["data-score"],
        )


def _second_line() -> None:
    with html.Div(classes="saim-line saim-small"):
        with html.Div(classes="saim-cut"):
            html.Span(
                "{{ row.status }}",
                classes=("['saim-status', 'saim-' + row.status.replace(' ', '-')]",),
            )
            html.Span("{{ ' · ' + row.details }}", raw_attrs=["data-details"])
        # By which model the score is; elsewhere the tooltip says it.
        html.Span("{{ row.score ? row.model : '' }}", classes="saim-on-large")


def _menu(campaign: CampaignPage) -> None:
    with (
        v3.VBtn(
            icon=True,
            variant="text",
            size="x-small",
            raw_attrs=[":aria-label=\"'Commands for ' + row.name\"", ':data-menu-of="row.name"'],
        ),
    ):
        v3.VIcon("mdi-dots-vertical")
        with (
            v3.VMenu(activator="parent", location="end"),
            v3.VList(
                density="compact", classes="saim-menu", raw_attrs=['role="menu"', "data-row-menu"]
            ),
        ):
            v3.VListItem(
                v_for="command in row.menu",
                key="command",
                title=("series_commands[command].text",),
                prepend_icon=("series_commands[command].icon",),
                disabled=("!row.can.includes(command)",),
                click=(campaign.queue.menu.do, "[command, row.name]"),
                raw_attrs=[
                    'role="menuitem"',
                    ':aria-disabled="!row.can.includes(command)"',
                    ':data-row-command="command"',
                ],
            )
