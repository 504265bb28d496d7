"""What the project is: its name, where it is, its classes."""

from __future__ import annotations

from trame.widgets import html
from trame.widgets import vuetify3 as v3

__all__ = ["project_card"]


def project_card() -> None:
    """The project's name, which opens the rest."""
    with v3.VBtn(
        variant="text",
        append_icon="mdi-menu-down",
        raw_attrs=['aria-label="About this project"', "data-project"],
    ):
        html.Span("{{ project_name }}", classes="text-medium-emphasis")
        with (
            v3.VMenu(activator="parent", close_on_content_click=False),
            v3.VCard(max_width=440, raw_attrs=['role="dialog"', "data-project-card"]),
            v3.VCardText(),
        ):
            html.Div("{{ project_name }}", classes="text-subtitle-1")
            html.Div("{{ project_folder }}", classes="text-caption mb-2 saim-path")
            with html.Table(classes="saim-table"):
                with html.Tr():
                    for header in ("", "class", "value in files", "within"):
                        html.Th(header, raw_attrs=['scope="col"'])
                with html.Tr(v_for="entry in classes", key="entry.name"):
                    with html.Td():
                        html.Div(classes="saim-color", style=("{background: entry.color}",))
                    html.Td("{{ entry.name }}")
                    html.Td("{{ entry.value }}")
                    html.Td("{{ entry.within }}")
