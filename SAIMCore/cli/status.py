"""``saim status``: what a project holds and what to do next."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import add_project_argument
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.igniter_display import igniter_document
from SAIMCore.cli.measurements import show_measurements
from SAIMCore.cli.next_step import count_statuses, next_step, ranked_queue
from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import RoundRecord

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    # argparse would put PROJECT behind --set, which takes all the words that follow it.
    parser.usage = "saim status [-h] PROJECT [--series] [--set SERIES [SERIES ...] STATUS] [--json]"
    add_project_argument(parser)
    parser.add_argument("--series", action="store_true", help="list all series")
    parser.add_argument(
        "--set",
        nargs="+",
        action="append",
        default=[],
        metavar=("SERIES", "STATUS"),
        help="give one or several series another status, which comes last: unannotated, 'in "
        "progress', annotated, validation, test or excluded (may be repeated; the series of a "
        "patient must be named together)",
    )
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Show the project, after the changes that were asked for."""
    from SAIMCore.project.project import Project

    console = Console(options.json)
    warnings: tuple[str, ...] = ()
    if options.set:
        with Project.open(options.project) as project:
            warnings = (*project.warnings, *project.set_statuses(_changes(options.set)))
    with Project.open(options.project, read_only=True) as project:
        document = _document(project, warnings, options.series)
        _show(console, document)
    console.result(document)
    return 0


def _changes(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """The status of each series from groups of names with their status at the end."""
    changes = {}
    for *names, status in groups:
        if not names:
            raise ProjectError(
                f"--set {status} names no series or no status; write --set SERIES STATUS"
            )
        changes.update(dict.fromkeys(names, status))
    return changes


def _document(project: Project, warnings: tuple[str, ...], all_series: bool) -> dict[str, Any]:
    current = project.models.current()
    document: dict[str, Any] = {
        "project": str(project.folder),
        "name": project.settings.name,
        "classes": project.classes.to_json(),
        "series": count_statuses(project),
        "model": None,
        "proposer": igniter_document(project),
        "round": _round(project),
        "scores": None,
        "warnings": [*warnings, *_missing_files(project)],
        "next": next_step(project),
    }
    if current is not None:
        document["model"] = {
            "version": current.version,
            "published": current.published,
            "validation": current.validation,
            "test": current.test,
        }
        document["scores"] = _scores(project, current.version)
    if all_series:
        document["all_series"] = [
            {
                "name": record.name,
                "status": record.status,
                "reason": record.reason,
                "slices": record.num_slices,
                "pinned": record.pinned,
                "skipped": record.skipped,
                "annotator": record.annotation.annotator if record.annotation else None,
                "minutes": record.annotation.minutes if record.annotation else None,
                "image": str(record.source.path),
            }
            for record in project.series()
        ]
    return document


def _round(project: Project) -> dict[str, Any] | None:
    """The round that has begun and not ended, and how far it is."""
    record = project.rounds.running()
    if record is None:
        return None
    from SAIMCore.project.lock import current_writer
    from SAIMCore.training.run_lock import is_at_work

    writer = current_writer(project.folder)
    running = writer is not None or is_at_work(record.run_folder)
    return {
        "number": record.number,
        "status": "running" if running else "interrupted",
        "writer": writer,
        "started": record.started,
        **_progress(record),
    }


def _progress(record: RoundRecord) -> dict[str, Any]:
    """Epoch and number of epochs, from the last lines that the worker wrote."""
    from SAIMCore.worker_events import read_events

    found: dict[str, Any] = {"epoch": 0, "epochs": None}
    for event in read_events(record.run_folder):
        found["epochs"] = event.get("epochs", found["epochs"])
        if event["event"] == "epoch":
            found["epoch"] = event["epoch"]
    return found


def _scores(project: Project, version: str) -> dict[str, Any]:
    queue = ranked_queue(project, version)
    return {
        "strategy": project.settings.selection.strategy,
        "fresh": sum(entry.fresh for entry in queue),
        "stale": sum(entry.score is not None and entry.score.stale for entry in queue),
        "unscored": sum(entry.score is None for entry in queue),
    }


def _missing_files(project: Project) -> list[str]:
    """A sentence for every series whose image or annotation is not where it was."""
    found = []
    for record in project.series():
        lost: list[Path] = [file for file in record.source.files if not file.is_file()]
        if record.annotation is not None:
            annotation = project.annotations.path(record.name)
            lost += [] if annotation.is_file() else [annotation]
        if lost:
            found.append(
                f"series {record.name!r} lacks {lost[0]}; put the file back where it was, say "
                f"where it is now (saim relocate {project.folder} OLD NEW), or exclude the series: "
                f"saim status {project.folder} --set {record.name} excluded"
            )
    return found


def _show(console: Console, document: dict[str, Any]) -> None:
    classes = ", ".join(
        entry["name"] + (f" (within {entry['within']})" if "within" in entry else "")
        for entry in document["classes"]
    )
    console.say(f"Project {document['name']} in {document['project']}")
    console.say(f"Classes: {classes}")
    console.table(("status", "series"), list(document["series"].items()))
    if "all_series" in document:
        columns = ("series", "status", "slices", "annotator", "reason")
        console.table(
            columns,
            [
                [
                    entry["name"],
                    entry["status"],
                    entry["slices"],
                    entry["annotator"],
                    entry["reason"],
                ]
                for entry in document["all_series"]
            ],
        )
    _show_model(console, document)
    running = document["round"]
    if running is not None:
        console.say(
            f"Round {running['number']} is {running['status']}, after epoch {running['epoch']}"
            + (f" of {running['epochs']}" if running["epochs"] else "")
        )
    for warning in document["warnings"]:
        console.warn(warning)
    console.say(f"Next: {document['next']}")


def _show_model(console: Console, document: dict[str, Any]) -> None:
    model, scores = document["model"], document["scores"]
    if document["proposer"]["igniter"] is not None:
        console.say(document["proposer"]["sentence"])
    if model is None:
        console.say("There is no model yet.")
        return
    console.say(f"Current model: {model['version']}, published {model['published'][:16]} UTC")
    for split in ("validation", "test"):
        if model[split] is not None:
            show_measurements(console, split, model[split]["clicks"])
    console.say(
        f"Scores of the pool ({scores['strategy']}): {scores['fresh']} by this model, "
        f"{scores['stale']} stale (by an earlier model), {scores['unscored']} missing"
    )
