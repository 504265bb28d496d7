"""``saim add``: new series for a project that exists."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli.arguments import add_project_argument
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.next_step import count_statuses, next_step
from SAIMCore.cli.writable_project import open_for_writing

if TYPE_CHECKING:
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Series with labels become annotated ones, the others go to the pool. When anything is "
        "wrong with them, all of it is listed and nothing is added."
    )
    add_project_argument(parser)
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        required=True,
        help="folder of NIfTI, NRRD or MetaImage files or DICOM series",
    )
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="folder of labelmaps named like their images"
    )
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Plan, check everything, add, and say what the project holds now."""
    from SAIMCore.project.importers.addition import plan_addition

    console = Console(options.json)
    with open_for_writing(console, options.project) as project:
        with console.progress("looking for series"):
            plan = plan_addition(project.series(), project.classes, options.images, options.labels)
        with console.progress("reading the series") as bar:
            project.add_series(plan, bar)
        _show(console, project, plan)
    return 0


def _show(console: Console, project: Project, plan: ImportPlan) -> None:
    counts, step = count_statuses(project), next_step(project)
    console.say(f"{project.folder}: {len(plan.series)} series added")
    console.table(("status", "series"), list(counts.items()))
    for note in plan.notes:
        console.say(note)
    console.say(f"Next: {step}")
    console.result(
        {
            "project": str(project.folder),
            "added": [entry.name for entry in plan.series],
            "series": counts,
            "notes": list(plan.notes),
            "next": step,
        }
    )
