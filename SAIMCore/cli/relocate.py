"""``saim relocate``: tell a project where its images are now."""

from __future__ import annotations

import argparse
from pathlib import Path

from SAIMCore.cli.arguments import add_project_argument
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.writable_project import open_for_writing

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Every image and labelmap is looked for in the new folder; images must be the same, "
        "labelmaps lie on their grids. When one is missing or differs, nothing is changed."
    )
    add_project_argument(parser)
    parser.add_argument(
        "old", type=Path, metavar="OLD", help="folder in which the project looks for its images"
    )
    parser.add_argument("new", type=Path, metavar="NEW", help="folder in which they are now")
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Check everything in the new folder, then change the paths."""
    console = Console(options.json)
    with open_for_writing(console, options.project) as project:
        with console.progress("checking the files") as bar:
            names = project.relocate(options.old, options.new, bar)
        console.say(f"{len(names)} series are taken from {options.new} now")
        console.result({"project": str(project.folder), "relocated": names})
    return 0
