"""``saim plan``: what to annotate in so many minutes, and how well earlier plans held."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import STRATEGIES_HELP, add_project_argument, positive_number
from SAIMCore.cli.console import Console, add_json_argument

if TYPE_CHECKING:
    from SAIMCore.campaign.plan_proposal import PlanProposal
    from SAIMCore.campaign.queue import QueueRow
    from SAIMCore.campaign.time_plan import TimePlan
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

SHORT_NAMES = {"easy": "easy-first", "hard": "hard-first"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Nothing is changed, and nothing scored: 'saim rank' does that. The panel and the page "
        "follow such a plan once they are told the time of the session, and keep how well it held."
    )
    add_project_argument(parser)
    parser.add_argument(
        "--minutes",
        type=positive_number,
        metavar="M",
        help="how long the session shall take (default: the project's)",
    )
    parser.add_argument(
        "--order",
        metavar="ORDER",
        help=f"easy (short for easy-first), hard (hard-first), or {STRATEGIES_HELP} "
        "(default: the project's)",
    )
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Show the plan, and how the earlier ones held."""
    from SAIMCore.acquisition import strategy_named
    from SAIMCore.campaign.plan_proposal import propose_plan
    from SAIMCore.campaign.time_plans import read_plans
    from SAIMCore.project.project import Project

    console = Console(options.json)
    document: dict[str, Any] = {"plan": None}
    with Project.open(options.project, read_only=True) as project:
        selection = project.settings.selection
        order = options.order or selection.strategy
        strategy = strategy_named(SHORT_NAMES.get(order, order))
        minutes = options.minutes or selection.budget_minutes
        earlier = read_plans(project.folder)
        if minutes is None:
            console.say("How long shall the session take? Say it with --minutes M.")
        else:
            proposal = propose_plan(project, strategy, minutes)
            _show(console, project, proposal, minutes, strategy.description)
            document["plan"] = _document(proposal, minutes, strategy.name)
    _show_earlier(console, earlier)
    console.result({**document, "earlier": [_earlier(plan) for plan in earlier]})
    return 0


def _show(
    console: Console, project: Project, proposal: PlanProposal, minutes: float, description: str
) -> None:
    from SAIMCore.campaign.plan_display import what_fits

    # Without a plan, what one would begin with.
    rows = proposal.fitting
    if not proposal.rows:
        console.say("The pool is empty: every series is annotated.")
    elif rows is None:
        _show_rows(console, proposal.rows[: project.settings.selection.query_size], description)
    else:
        _show_rows(console, rows, description)
        console.say(_sentence(what_fits(proposal.rows, minutes, 0.0)))
    for sentence in proposal.unknown:
        console.say(_sentence(sentence))


def _show_rows(console: Console, rows: Sequence[QueueRow], description: str) -> None:
    table = [
        (
            row.rank,
            row.name,
            "not known" if row.minutes_left is None else f"{row.minutes_left:.1f}",
            row.slices,
            "not scored" if row.score is None else f"{row.score:.4f}",
            ", ".join(_marks(row)),
        )
        for row in rows
    ]
    console.table(("rank", "series", "minutes", "slices", "score", ""), table, title=description)


def _marks(row: QueueRow) -> list[str]:
    marks = {"pinned": row.pinned, "skipped": row.skipped, "stale": row.stale}
    found = [name for name, is_so in marks.items() if is_so]
    return found if row.status == "unannotated" else [*found, row.status]


def _show_earlier(console: Console, plans: Sequence[TimePlan]) -> None:
    from SAIMCore.campaign.plan_display import told_plans

    told = told_plans(plans)
    for sentence in told:
        console.say(f"Session of {sentence}.")
    if len(plans) > len(told):
        console.say(f"{len(plans) - len(told)} earlier ones are told with --json.")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _document(proposal: PlanProposal, minutes: float, order: str) -> dict[str, Any]:
    fitting = proposal.fitting
    needed = None if fitting is None else sum(row.minutes_left or 0.0 for row in fitting)
    # A session begins with one series, also where none fits.
    fits = needed is None or needed <= minutes
    return {
        "minutes": minutes,
        "order": order,
        "predicted_minutes": needed,
        "series": [
            {
                "rank": row.rank,
                "name": row.name,
                "fits": fits and row.within_budget,
                "minutes": row.minutes_left,
                "slices": row.slices,
                "score": row.score,
                "stale": row.stale,
                "pinned": row.pinned,
                "skipped": row.skipped,
                "status": row.status,
            }
            for row in proposal.rows
        ],
        "unknown": list(proposal.unknown),
    }


def _earlier(plan: TimePlan) -> dict[str, Any]:
    return {
        "began": plan.began,
        "latest": plan.latest,
        "minutes": plan.minutes,
        "order": plan.order,
        "model": plan.model_version,
        "predicted_minutes": plan.predicted_minutes,
        "measured_minutes": plan.measured_minutes,
        "series": [
            {
                "name": entry.series,
                "planned": entry.planned,
                "predicted_minutes": entry.predicted,
                "measured_minutes": entry.measured,
                "accepted": entry.accepted,
            }
            for entry in plan.series
        ],
    }
