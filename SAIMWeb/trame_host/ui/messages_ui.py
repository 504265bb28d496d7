"""Where the page says something: banners, messages, questions, a lost connection."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.messages import Messages
from SAIMWeb.trame_host.seats import SEAT, TAKE, WATCHING

__all__ = ["ANNOTATES", "LOST", "WATCHES", "banners", "messages", "question"]

# Shown in place of the page; the script in static/page.js looks for it.
LOST = (
    '<div class="saim-lost" id="saim-lost" role="alert">The connection to SAIM is lost.'
    "<small>What was done is kept there. This page comes back by itself when the server answers."
    "</small></div>"
)
WATCHES = f"{SEAT} === '{WATCHING}'"
# Dialogs are shown there alone: those who watch could not close them.
ANNOTATES = f"{SEAT} !== '{WATCHING}'"


def banners() -> None:
    """What holds for as long as it stands there."""
    with v3.VAlert(
        v_if=(WATCHES,),
        type="warning",
        variant="flat",
        density="compact",
        rounded=0,
        raw_attrs=["data-watching"],
    ):
        html.Span(
            "{{ seat_free ? 'Nobody annotates at the moment; this page only shows what is there.' "
            ": 'Another browser annotates; this page only watches.' }}"
        )
        v3.VBtn(
            "Annotate here",
            size="small",
            variant="outlined",
            classes="ml-4",
            click=f"trigger('{TAKE}')",
            raw_attrs=["data-take-seat"],
        )
    v3.VAlert(
        v_if=("read_only_because",),
        text=("'Nothing can be changed: ' + read_only_because",),
        type="warning",
        variant="flat",
        density="compact",
        rounded=0,
        raw_attrs=["data-read-only"],
    )


def messages() -> None:
    """The problem or the news of the last action, until the next one."""
    with html.Div(
        style="position: absolute; left: 12px; right: 12px; bottom: 44px; z-index: 10; "
        "display: grid; justify-items: center; pointer-events: none"
    ):
        # News are quieter than problems.
        for key, kind, color in (("problem", "error", "error"), ("notice", "success", "surface")):
            v3.VAlert(
                v_if=(key,),
                text=(key,),
                type=kind,
                color=color,
                border="start",
                border_color=kind,
                variant="elevated",
                density="compact",
                closable=True,
                max_width=720,
                style="pointer-events: auto",
                raw_attrs=[f"data-{key}", f"@click:close=\"{key} = ''\""],
            )


def question(shown: Messages) -> None:
    """A question that waits for yes or no."""
    with (
        v3.VDialog(model_value=(f"!!question && {ANNOTATES}",), persistent=True, max_width=520),
        v3.VCard(raw_attrs=['role="dialog"', "data-question"]),
    ):
        v3.VCardText("{{ question }}")
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("No", click=(shown.answer, "[false]"), raw_attrs=["data-no"])
            v3.VBtn(
                "Yes",
                color="primary",
                variant="flat",
                click=(shown.answer, "[true]"),
                raw_attrs=["data-yes"],
            )
