"""Progress: how good the models are, what annotating takes, and whether to go on."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

from SAIMWeb.trame_host.ui.messages_ui import ANNOTATES

__all__ = ["figures_dialog", "progress_panel"]


def progress_panel() -> None:
    """How the campaign is doing."""
    html.Div("Done", classes="saim-title")
    with html.Div(classes="px-3 text-caption", v_if=("overview",)):
        v3.VProgressLinear(
            v_if=("overview.share !== null",),
            model_value=("overview.share",),
            color="success",
            height=6,
            rounded=True,
            raw_attrs=['aria-label="Share of the pool that is annotated"'],
        )
        html.Div(
            "{{ overview.share === null ? 'There is no pool to annotate.' "
            ": overview.share + ' % of the pool annotated' }}",
            classes="saim-small py-1",
            raw_attrs=["data-share"],
        )
        html.Div("{{ overview.hours }}", raw_attrs=["data-hours"])
    _plot("curve", "learning-curve", "Learning curve", "It begins with the first model.")
    html.Div("Advice", classes="saim-title")
    with html.Div(classes="px-3 text-caption", v_if=("overview",), raw_attrs=["data-advice"]):
        html.Div(
            "{{ sentence }}", v_for="sentence in overview.advice", key="sentence", classes="mb-1"
        )
    _plot("effort", "effort", "Effort", "It begins with the first accepted series.")
    _plans()
    with html.Div(classes="px-2 pt-2 pb-3"):
        _file("queue.csv", "Queue as CSV", "Queue as CSV")


def figures_dialog() -> None:
    """One plot as large as it fits, with its table."""
    with (
        v3.VDialog(
            model_value=(f"!!enlarged && {ANNOTATES}",),
            max_width=1200,
            scrollable=True,
            raw_attrs=["@update:model-value=\"enlarged = ''\""],
        ),
        v3.VCard(raw_attrs=['role="dialog"', "data-enlarged"]),
    ):
        with v3.VCardText():
            html.Div(v_if=("enlarged_plot",), v_html=("enlarged_plot",), classes="saim-large-plot")
            _table()
        with v3.VCardActions():
            v3.VSpacer()
            v3.VBtn("Close", click="enlarged = ''")


def _plot(name: str, file: str, title: str, missing: str) -> None:
    html.Div(title, classes="saim-title")
    with html.Div(classes="d-flex px-2 pb-1", style="gap: 6px"):
        _choice(f"{name}_figure", f"{name}_figures", f"What the {title.lower()} shows")
        if name == "curve":
            _choice("curve_place", "curve_places", "Over what the learning curve is drawn")
    html.Div(
        v_if=(name,),
        v_html=(name,),
        classes="px-2 saim-plot",
        click=f"enlarged = '{name}'",
        raw_attrs=[f"data-{name}"],
    )
    html.Div(missing, v_if=(f"!{name}",), classes="saim-small px-3")
    if name == "curve":
        html.Div("{{ curve_note }}", v_if=("curve_note",), classes="text-caption px-3")
    with html.Div(classes="d-flex px-2", style="gap: 4px"):
        _file(f"{file}.csv", "CSV", f"{title} as CSV")
        _file(f"{file}.png", "PNG", f"{title} as PNG", f"!{name}")
        v3.VSpacer()
        _enlarge(name, title, f"!{name}")


def _plans() -> None:
    """How well the plans of the latest sessions held."""
    html.Div("Plans", classes="saim-title")
    with html.Div(classes="px-3 text-caption", v_if=("overview",), raw_attrs=["data-plans"]):
        html.Div("{{ plan }}", v_for="(plan, place) in overview.plans", key="place", classes="mb-1")
        html.Div(
            "They begin with the first session of limited time.",
            v_if=("!overview.plans.length",),
            classes="saim-small",
        )
    with html.Div(classes="d-flex px-2", style="gap: 4px"):
        _file("plans.csv", "CSV", "Plans as CSV", "!overview || !overview.plans.length")
        v3.VSpacer()
        _enlarge("plans", "Plans", "!overview || !overview.plans.length")


def _enlarge(name: str, title: str, disabled: str) -> None:
    with v3.VBtn(
        icon=True,
        size="x-small",
        variant="text",
        disabled=(disabled,),
        click=f"enlarged = '{name}'",
        raw_attrs=[f'aria-label="Enlarge: {title}"', f"data-enlarge-{name}"],
    ):
        v3.VIcon("mdi-arrow-expand")


def _choice(value: str, choices: str, text: str) -> None:
    v3.VSelect(
        v_model=(value,),
        items=(choices,),
        classes="saim-choice",
        raw_attrs=[f'aria-label="{text}"', f'data-choice="{value}"'],
    )


def _file(name: str, text: str, label: str, disabled: str = "false") -> None:
    v3.VBtn(
        text,
        size="x-small",
        variant="text",
        prepend_icon="mdi-download",
        href=f"downloads/{name}",
        disabled=(disabled,),
        raw_attrs=[f'download="{name}"', f'aria-label="{label}"', f'data-download="{name}"'],
    )


def _table() -> None:
    with html.Div(v_if=("figures",), style="overflow-x: auto"):
        with html.Table(classes="saim-table"):
            with html.Tr():
                html.Th("{{ header }}", v_for="header in figures.headers", key="header")
            with html.Tr(v_for="(cells, place) in figures.rows", key="place"):
                html.Td("{{ cell }}", v_for="(cell, column) in cells", key="column")
        html.Div(
            "{{ figures.left_out }} earlier rows are in the CSV file.",
            v_if=("figures.left_out > 0",),
            classes="saim-small pt-2",
        )
