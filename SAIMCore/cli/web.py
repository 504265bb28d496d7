"""``saim web`` (``make run``): annotate in the browser, a project or phantoms or own series."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli import INTERRUPTED
from SAIMCore.cli.arguments import add_device_argument
from SAIMCore.cli.class_argument import class_table
from SAIMCore.cli.console import Console
from SAIMCore.cli.made_project import (
    MADE,
    add_series_arguments,
    check_origin,
    check_series_arguments,
    full_path,
    is_project,
    make_project,
    name_of,
)
from SAIMCore.cli.page_process import TOKEN_VARIABLE, PageProcess, browser_is_here
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ClassTableError

if TYPE_CHECKING:
    from SAIMCore.campaign.series_folder import SeriesFolder
    from SAIMCore.classes import ClassTable
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

HOST, PORT = "127.0.0.1", 8080

# Makes what the page opens; whether it came to its end.
Making = Callable[[], bool]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Without PROJECT and --data it makes phantoms and trains a first model on them, which "
        "takes about 2 minutes; what was made is opened again the next time. The page is on this "
        "machine only, unless --host and --token are given. The token can also be given in the "
        f"environment variable {TOKEN_VARIABLE}, where no list of processes shows it."
    )
    add_series_arguments(
        parser,
        "series to annotate: a folder with images (and labels, and splits.json), with a "
        "dataset.json, or of image files; a project's folder is opened as it is",
        MADE,
    )
    parser.add_argument("--host", default=HOST, help=f"address to be reached at (default: {HOST})")
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"default: {PORT}; 0: any free one"
    )
    parser.add_argument(
        "--token", metavar="SECRET", help="what the page asks for before it shows anything"
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="open no browser (one is opened where this machine has one and a screen)",
    )
    add_device_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Make what there is to be opened, if need be, and serve the page until Ctrl+C."""
    check_series_arguments(options)
    place, make = _wanted(Console(), options)
    words = ["--host", options.host, "--port", str(options.port), "--device", options.device]
    if not options.no_browser and browser_is_here():
        words.append("--browser")
    page = PageProcess(place, *words, token=options.token)
    if make is not None:
        # Whatever is in the way of the page is said before the minutes that this takes.
        code = page.check()
        if code:
            return code
        if not make():
            return INTERRUPTED
    return page.serve()


def _wanted(console: Console, options: argparse.Namespace) -> tuple[Path, Making | None]:
    """The project that is to be opened, and what makes it where that has to be done first.

    Raises SaimError for whatever can be seen at once to be wrong.
    """
    if options.project is not None:
        return options.project, None
    if options.data is None:
        folder = full_path(options.folder or MADE / "phantoms")
        place = folder / "project"
        if is_project(place):
            check_origin(place, folder / "series")
            if _has_model(place):
                return place, None
        return place, lambda: _make_phantoms(console, folder, options.device)
    data = full_path(options.data)
    if is_project(data):
        return data, None
    place = full_path(options.folder or MADE / name_of(data)) / "project"
    if is_project(place):
        check_origin(place, data, options.classes)
        return place, None
    found, classes = _series_folder(data, options.classes)
    return place, lambda: _make_of(console, place, found, classes)


# -- phantoms -------------------------------------------------------------------------------------


def _has_model(place: Path) -> bool:
    from SAIMCore.project.project import Project

    with Project.open(place, read_only=True) as project:
        return project.models.current() is not None


def _make_phantoms(console: Console, folder: Path, device: str) -> bool:
    """Make a project on phantoms with a first model; whether its training came to its end."""
    from SAIMCore.campaign.phantom_campaign import make_phantom_campaign

    with console.progress("making phantoms") as bar:
        place = make_phantom_campaign(
            folder, lambda done, total, name: bar(done, total, f"importing {name}")
        )
    with open_for_writing(console, place) as project:
        if not _train(console, project, device):
            return False
        _rank(console, project, device)
    return True


def _train(console: Console, project: Project, device: str) -> bool:
    from SAIMCore.cli.training_display import TrainingDisplay
    from SAIMCore.rounds.options import RoundOptions
    from SAIMCore.rounds.runner import TrainingRound

    console.say(
        "Training a first model; this takes about 2 minutes on 2 processor cores, once. The page "
        "opens after that."
    )
    with console.progress("starting") as bar:
        # Pretrained weights need more steps than this takes.
        options = RoundOptions(pretrained=False, device=device)
        outcome = TrainingRound(project, TrainingDisplay(console, bar)).run(options)
    if outcome.model is None:
        console.warn("the training was stopped; the same command goes on with it")
    return outcome.model is not None


def _rank(console: Console, project: Project, device: str) -> None:
    """So that the page begins with the series from which there is most to learn."""
    from SAIMCore.acquisition import strategy_named
    from SAIMCore.cli.chosen_model import load_predictor
    from SAIMCore.cli.rank import score

    strategy = strategy_named(project.settings.selection.strategy)
    score(console, project, load_predictor(project, None, device), strategy)


# -- series of one's own --------------------------------------------------------------------------


def _series_folder(data: Path, classes: str | None) -> tuple[SeriesFolder, ClassTable | None]:
    from SAIMCore.campaign.series_folder import look_into

    found, table = look_into(data), class_table(classes)
    if table is None and not found.tells_classes:
        raise ClassTableError(
            f"{data} has no labels, so nothing says which classes there are; name them: --classes "
            "background,liver,kidney, or make run CLASSES=background,liver,kidney"
        )
    return found, table


def _make_of(
    console: Console, place: Path, found: SeriesFolder, classes: ClassTable | None
) -> bool:
    def plan() -> ImportPlan:
        with console.progress("looking for series") as bar:
            return found.plan(
                classes,
                progress=lambda done, total, name: bar(done, total, f"reading labels of {name}"),
            )

    with make_project(console, place, plan, name=place.parent.name) as project:
        _show(console, project)
    return True


def _show(console: Console, project: Project) -> None:
    from SAIMCore.cli.next_step import count_statuses

    series = len(project.series())
    console.say(f"{project.folder}: {series} series, {len(project.classes)} classes")
    console.table(("status", "series"), list(count_statuses(project).items()))
    if not project.pool():
        console.say(
            "every series has labels, so that none is left to annotate; 'saim init PROJECT "
            "--initial 5' with --images and --labels makes a project that knows only so many"
        )
