"""``saim rank``: score the pool and list the series to annotate next."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import (
    STRATEGIES_HELP,
    add_device_argument,
    add_project_argument,
    not_negative,
    positive,
)
from SAIMCore.cli.chosen_model import load_predictor
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.writable_project import open_for_writing

if TYPE_CHECKING:
    from SAIMCore.acquisition import Strategy
    from SAIMCore.igniter.mapped import MappedIgniter
    from SAIMCore.predictor import Predictor
    from SAIMCore.project.project import Project
    from SAIMCore.scoring import RankedSeries, ScoringOutcome

__all__ = ["add_arguments", "run", "score"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Scores are kept as they are made; after Ctrl+C the same command goes on. A series whose "
        "image cannot be read is named and left without a score. Before the first model, the "
        "project's igniter scores."
    )
    add_project_argument(parser)
    parser.add_argument(
        "--strategy", metavar="S", help=f"{STRATEGIES_HELP} (default: the project's)"
    )
    parser.add_argument(
        "--top", type=positive, metavar="N", help="series to list (default: the project's query)"
    )
    parser.add_argument(
        "--seed",
        type=not_negative,
        metavar="N",
        default=0,
        help="seed of the random strategies (default: 0)",
    )
    for name, text in (
        ("pin", "put a series at the head of the queue"),
        ("unpin", "undo --pin"),
        ("skip", "put a series at the end of the queue"),
        ("unskip", "undo --skip"),
    ):
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar="SERIES", help=f"{text} (repeatable)"
        )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Score what this model has not scored yet, and print the queue."""
    from SAIMCore.acquisition import strategy_named
    from SAIMCore.campaign.pool_order import ordered_pool
    from SAIMCore.project.igniter import igniter_before_model

    console = Console(options.json)
    with open_for_writing(console, options.project) as project:
        strategy = strategy_named(options.strategy or project.settings.selection.strategy)
        for change, names, wanted in (
            (project.pin, options.pin, True),
            (project.pin, options.unpin, False),
            (project.skip, options.skip, True),
            (project.skip, options.unskip, False),
        ):
            for name in names:
                change(name, wanted)
        predictor: Predictor | MappedIgniter | None = None
        if strategy.slice_scores is not None:
            predictor = igniter_before_model(project, options.device) or load_predictor(
                project, None, options.device
            )
        outcome = score(console, project, predictor, strategy, options.seed)
        version = predictor.version if predictor else ""
        queue = ordered_pool(project, strategy, version, options.seed)
        top = options.top or project.settings.selection.query_size
    _show(console, queue[:top], strategy)
    if not queue:
        console.say("the pool is empty: every series is annotated")
    elif len(queue) > top:
        console.say(f"{len(queue) - top} more series are in the pool (--top {len(queue)})")
    unreadable = _unreadable(outcome, options.project)
    for sentence in unreadable.values():
        console.warn(sentence)
    console.result(
        {
            "strategy": strategy.name,
            "model": predictor.version if predictor else None,
            "pool": len(queue),
            "queue": [_entry(place, ranked) for place, ranked in enumerate(queue[:top], start=1)],
            "unreadable": unreadable,
        }
    )
    return 2 if unreadable and not any(ranked.fresh for ranked in queue) else 0


def score(
    console: Console,
    project: Project,
    predictor: Predictor | MappedIgniter | None,
    strategy: Strategy,
    seed: int = 0,
) -> ScoringOutcome:
    """Score what ``predictor`` has not scored yet, with its progress on the screen."""
    from SAIMCore.scoring import score_pool

    with console.progress("scoring the pool") as bar:
        return score_pool(
            project,
            predictor,
            strategy,
            seed=seed,
            report=lambda progress: bar(progress.done, progress.total, f"scored {progress.name}"),
        )


def _unreadable(outcome: ScoringOutcome, project: Path) -> dict[str, str]:
    """For each series that could not be scored a sentence that says why and what to do."""
    return {
        name: f"series {name!r} was not scored: {error}, or exclude the series: "
        f"saim status {project} --set {name} excluded"
        for name, error in outcome.unreadable.items()
    }


def _entry(place: int, ranked: RankedSeries) -> dict[str, Any]:
    score = ranked.score
    return {
        "rank": place,
        "series": ranked.name,
        "score": None if score is None else score.value,
        "stale": score is not None and score.stale,
        "model": None if score is None else score.model_version,
        "slices": ranked.series.num_slices,
        "pinned": ranked.series.pinned,
        "skipped": ranked.series.skipped,
        "status": ranked.series.status,
    }


def _show(console: Console, queue: Sequence[RankedSeries], strategy: Strategy) -> None:
    rows = [
        (
            place,
            ranked.name,
            "not scored" if ranked.score is None else f"{ranked.score.value:.4f}",
            ranked.series.num_slices,
            ", ".join(_marks(ranked)),
        )
        for place, ranked in enumerate(queue, start=1)
    ]
    console.table(("rank", "series", "score", "slices", ""), rows, title=strategy.description)


def _marks(ranked: RankedSeries) -> list[str]:
    marks = []
    if ranked.series.pinned:
        marks.append("pinned")
    if ranked.series.skipped:
        marks.append("skipped")
    if ranked.score is not None and ranked.score.stale:
        marks.append(f"stale ({ranked.score.model_version})")
    if ranked.series.status != "unannotated":
        marks.append(ranked.series.status)
    return marks
