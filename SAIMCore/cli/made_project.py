"""Projects that commands make on the spot, and find again the next time."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.class_argument import CLASSES_HELP, class_table
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project

__all__ = [
    "MADE",
    "add_series_arguments",
    "check_origin",
    "check_series_arguments",
    "full_path",
    "is_project",
    "make_project",
    "name_of",
]

# Where such projects are, below the folder in which a command is given.
MADE = Path("demo")


def add_series_arguments(parser: argparse.ArgumentParser, data: str, folder: Path) -> None:
    """Add PROJECT, which may be left out, and what there may be instead of it.

    data: which series are taken, for the help. folder: below which the project is made.
    """
    parser.add_argument(
        "project", metavar="PROJECT", nargs="?", type=Path, help="folder of the project"
    )
    made = parser.add_argument_group("series", "What a project is made of, without PROJECT.")
    made.add_argument("--data", type=Path, metavar="DIR", help=f"{data} (default: phantoms)")
    made.add_argument(
        "--classes",
        metavar="NAMES",
        help=f"{CLASSES_HELP} (default: as the data's files name them)",
    )
    made.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help=f"where what is made is kept (default: {folder.as_posix()}/NAME, after the data)",
    )


def check_series_arguments(options: argparse.Namespace) -> None:
    """Raise ConfigurationError for options that contradict each other."""
    if options.project is None:
        if options.classes is not None and options.data is None:
            raise ConfigurationError("the phantoms have their classes; give --classes with --data")
        return
    for name in ("data", "classes", "folder"):
        if getattr(options, name) is not None:
            raise ConfigurationError(
                f"--{name} is for a project that is to be made, but {options.project} is to be "
                "one; leave one of the two out"
            )


def full_path(given: Path) -> Path:
    """``given`` as an absolute path in which links stay what they are."""
    # Path.resolve would follow them.
    return Path(os.path.abspath(given.expanduser()))  # noqa: PTH100


def name_of(data: Path) -> str:
    """What a project made from the folder (or dataset.json) ``data`` is called."""
    return (data.parent if data.is_file() else data).name or "series"


def is_project(place: Path) -> bool:
    """Whether there is a project in ``place``."""
    from SAIMCore.project.settings import SETTINGS_FILE

    return (place / SETTINGS_FILE).is_file()


def check_origin(place: Path, data: Path, classes: str | None = None) -> None:
    """Raise ProjectError unless the project in ``place`` was made from ``data``, with ``classes``.

    Two folders of series may have the same name.
    """
    from SAIMCore.project.project import Project

    with Project.open(place, read_only=True) as project:
        source = project.series()[0].source.path
        if (data.parent if data.is_file() else data) not in source.parents:
            raise ProjectError(
                f"{place} was made from other series (in {source.parent}); give another --folder, "
                f"or if they were moved tell it so: saim relocate {place} OLD NEW"
            )
        given = class_table(classes)
        if given is not None and not given.same_structure(project.classes):
            raise ProjectError(
                f"{place} was made with other classes ({', '.join(project.classes.names)}); leave "
                "the classes out, or give another --folder"
            )


def make_project(
    console: Console, place: Path, plan: Callable[[], ImportPlan], **options: Any
) -> Project:
    """Make a project in ``place`` of what ``plan`` finds, with what goes on shown; it is open then.

    options: those of ``Project.create``, which raises what is wrong with the series; nothing is
    left behind then.
    """
    from SAIMCore.data.atomic import disk_errors_named
    from SAIMCore.project.project import Project

    planned = plan()
    with disk_errors_named(place.parent):
        place.parent.mkdir(parents=True, exist_ok=True)
    for note in planned.notes:
        console.say(note)
    with console.progress("importing") as bar:
        return Project.create(
            place,
            planned,
            progress=lambda done, total, name: bar(done, total, f"importing {name}"),
            **options,
        )
