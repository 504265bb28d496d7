"""How the campaign is doing, on the page: curves, effort, what is left, and advice."""

from __future__ import annotations

from typing import Any

from trame_server.state import State

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.campaign.overview import Overview
from SAIMCore.campaign.plan_display import told_plans
from SAIMCore.campaign.plots import (
    EFFORT_FIGURES,
    PLACES,
    Plot,
    curve_figures,
    curve_plot,
    effort_plot,
    left_out_of_plots,
)
from SAIMCore.campaign.starting_advice import starting_advice
from SAIMCore.campaign.tables import Cell, Table, cell_text, curve_table, effort_table, plan_table
from SAIMWeb.curve_drawing import LARGE, draw
from SAIMWeb.first_steps import first_steps
from SAIMWeb.sentences import as_sentence

__all__ = ["ProgressPage"]

# Of the tables' rows the page gets so many, the latest; files have them all.
MOST_ROWS = 40
DIGITS = 3


class ProgressPage:
    """The overview of ``campaign`` in the page's state; it is read with the queue."""

    def __init__(self, state: State, campaign: Campaign) -> None:
        self._state = state
        self._campaign = campaign
        self._overview: Overview | None = None
        state.update(
            {
                "curve": "",
                "curve_figures": [],
                "curve_figure": "",
                "curve_places": list(PLACES),
                "curve_place": PLACES[1],
                "effort": "",
                "effort_figures": list(EFFORT_FIGURES),
                "effort_figure": EFFORT_FIGURES[0],
                "overview": None,
                "first_steps": "",
                # "curve", "effort" or "plans", as large as the page; "" for none.
                "enlarged": "",
                "enlarged_plot": "",
                "figures": None,
            }
        )
        state.change("curve_figure", "curve_place", "effort_figure")(self._draw)
        state.change("enlarged")(self._enlarge)
        self.show()

    def show(self) -> None:
        """Show the overview, if it is another one."""
        overview = self._campaign.queue.overview
        if overview is None or overview is self._overview:
            return
        self._overview = overview
        plans = [*told_plans(overview.plans), overview.plans_problem]
        state = self._state
        figures = [str(figure) for figure in curve_figures(overview.curve)]
        state.curve_figures = figures
        if state.curve_figure not in figures:
            state.curve_figure = figures[0]
        state.curve_note = as_sentence(left_out_of_plots(overview.curve))
        state.overview = {
            "share": None if overview.share is None else round(100 * overview.share),
            "hours": _hours_left(overview),
            "advice": [*map(as_sentence, self._advice(overview))],
            "plans": [*map(as_sentence, filter(None, plans))],
        }
        state.first_steps = first_steps(
            self._campaign.project.folder,
            self._campaign.queue.rows,
            overview.models,
            bool(self._campaign.igniter.chosen),
        )
        self._draw()

    # -- what is drawn, and its tables ----------------------------------------------------------

    def curve(self) -> Plot | None:
        """The curves that are chosen of the learning curve, None before they are known."""
        if self._overview is None:
            return None
        figures = {str(figure): figure for figure in curve_figures(self._overview.curve)}
        figure = figures.get(self._state.curve_figure, next(iter(figures.values())))
        return curve_plot(self._overview.curve, figure, self._state.curve_place)

    def effort(self) -> Plot | None:
        """The curves that are chosen of the effort, None before they are known."""
        if self._overview is None:
            return None
        return effort_plot(self._overview.efforts, self._state.effort_figure)

    def _draw(self, **_: Any) -> None:
        curve, effort = self.curve(), self.effort()
        self._state.curve = "" if curve is None else draw(curve)
        self._state.effort = "" if effort is None else draw(effort)
        self._enlarge()

    def _enlarge(self, **_: Any) -> None:
        """A plot as large as the page with its table; they are seldom looked at."""
        overview, table, plot = self._overview, None, None
        if overview is not None and self._state.enlarged == "curve":
            table, plot = curve_table(overview.curve), self.curve()
        elif overview is not None and self._state.enlarged == "effort":
            table, plot = effort_table(overview.efforts), self.effort()
        elif overview is not None and self._state.enlarged == "plans":
            table = plan_table(overview.plans)
        self._state.figures = None if table is None else _shown(table)
        self._state.enlarged_plot = "" if plot is None else draw(plot, LARGE)

    def _advice(self, overview: Overview) -> list[str]:
        sentences = [overview.worth.sentence, overview.trend]
        # It is about the series to start with; after more rounds it is what they bring that counts.
        start = starting_advice(self._campaign.project) if len(overview.curve) <= 1 else None
        if start is not None and not start.good_enough:
            sentences.insert(0, start.sentence)
        return sentences


def _hours_left(overview: Overview) -> str:
    if overview.hours is None:
        return "How long the rest will take cannot be said yet."
    return f"Annotating the rest takes about {overview.hours:.1f} hours."


def _shown(table: Table) -> dict[str, Any]:
    """The latest rows of ``table`` as text, the latest one first."""
    rows = table.rows[: -MOST_ROWS - 1 : -1]
    return {
        "headers": list(table.headers),
        "rows": [list(map(_text, table.headers, row)) for row in rows],
        "left_out": len(table.rows) - len(rows),
    }


def _text(header: str, cell: Cell) -> str:
    text = cell_text(cell, DIGITS)
    # Nobody reads the seconds of a time.
    return text[:16].replace("T", " ") if header.endswith("(UTC)") else text
