"""``saim emulate``: the emulated scenario, from the initial model to the report.

Without a project it makes one on phantoms, or of labeled series.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import (
    OF_PROJECT,
    STRATEGIES_HELP,
    add_device_argument,
    not_negative,
    positive,
)
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.emulation_display import EmulationDisplay
from SAIMCore.cli.made_project import add_series_arguments, check_series_arguments
from SAIMCore.cli.measurements import percent
from SAIMCore.cli.short_emulation import (
    CLICKS,
    EMULATED,
    ROUNDS,
    short_project,
    short_query_size,
    short_training,
)
from SAIMCore.cli.training_arguments import add_training_arguments, round_options
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ConfigurationError

if TYPE_CHECKING:
    from SAIMCore.experiments.options import EmulationOptions
    from SAIMCore.experiments.result import EmulationResult
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

REPORT_FOLDER = "report"
# SAIM, section 4.2.
PAPER_CLICKS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Without PROJECT it makes phantoms, or takes the labeled series of --data, and plays the "
        "whole loop in minutes, with short trainings and more clicks; called again it goes on "
        "where it was, and what is finished is not computed again. "
        "A PROJECT belongs to the emulation from then on: the virtual user's labels become its "
        "accepted annotations, its pool is used up and every model is published. So make a project "
        "for it with 'saim init'; one with models or annotations of its own is refused. Every "
        "series of the pool needs reference labels, which the virtual user sees and the model does "
        "not. Killed at any point, the same command goes on where it was; with more "
        "--rounds a finished emulation is continued."
    )
    add_series_arguments(
        parser,
        "labeled series: a folder with images and labels (and splits.json), or a dataset.json",
        EMULATED,
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        metavar="R",
        help="rounds after the initial training, fewer when the pool is used up (needed with "
        f"PROJECT; without: {ROUNDS})",
    )
    parser.add_argument(
        "--query-size",
        type=positive,
        metavar="N",
        help=f"series to annotate per round (default: {OF_PROJECT}; without PROJECT: half as "
        "many as at the start)",
    )
    parser.add_argument(
        "--strategy", metavar="S", help=f"{STRATEGIES_HELP} (default: {OF_PROJECT})"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help=f"folder of the report (default: {REPORT_FOLDER} in the project; without PROJECT: "
        "beside it)",
    )
    _add_scenario_arguments(parser)
    training = parser.add_argument_group("training", "How every model is trained.")
    add_training_arguments(training)
    add_device_argument(parser)
    add_json_argument(parser)


def _add_scenario_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the virtual user, of the time estimate and of the comparison."""
    parser.add_argument(
        "--clicks",
        type=not_negative,
        metavar="N",
        help=f"the virtual user's clicks per class and slice (default: {PAPER_CLICKS}; without "
        f"PROJECT: {CLICKS})",
    )
    parser.add_argument(
        "--seed",
        type=not_negative,
        default=0,
        metavar="N",
        help="seed of trainings, virtual user and random strategies (default: 0)",
    )
    for name, default, text in (
        ("--seconds-per-click", 3.0, "assumed time for a click"),
        ("--seconds-per-slice", 2.0, "assumed time to look at a slice and accept it"),
        ("--classical-minutes", 25.0, "time to annotate a series with classical tools, in minutes"),
    ):
        parser.add_argument(
            name, type=float, default=default, metavar="T", help=f"{text} (default: %(default)g)"
        )
    parser.add_argument(
        "--no-classical",
        action="store_true",
        help="leave out the trainings on reference labels at the first, middle and last round",
    )


def run(options: argparse.Namespace) -> int:
    """Emulate, write the report, and show the rounds."""
    check_series_arguments(options)
    console = Console(options.json)
    if options.project is None:
        with short_project(console, options.data, options.classes, options.folder) as project:
            _emulate_and_report(console, project, _short_scenario(options, project))
        return 0
    if options.rounds is None:
        raise ConfigurationError("say how many rounds are to be emulated, like --rounds 4")
    with open_for_writing(console, options.project) as project:
        _emulate_and_report(console, project, _scenario(options, project))
    return 0


def _scenario(options: argparse.Namespace, project: Project) -> EmulationOptions:
    """What the options and the project's settings say."""
    from SAIMCore.experiments.options import EmulationOptions

    selection = project.settings.selection
    return EmulationOptions(
        rounds=options.rounds,
        query_size=options.query_size or selection.query_size,
        folder=(options.report or options.project / REPORT_FOLDER).absolute(),
        strategy=options.strategy or selection.strategy,
        clicks=PAPER_CLICKS if options.clicks is None else options.clicks,
        training=round_options(options),
        **_common(options),
    )


def _short_scenario(options: argparse.Namespace, project: Project) -> EmulationOptions:
    """What the options say, with the rest chosen for few minutes."""
    from SAIMCore.experiments.options import EmulationOptions

    return EmulationOptions(
        rounds=options.rounds or ROUNDS,
        query_size=options.query_size or short_query_size(project),
        folder=(options.report or project.folder.parent / REPORT_FOLDER).absolute(),
        strategy=options.strategy or project.settings.selection.strategy,
        clicks=CLICKS if options.clicks is None else options.clicks,
        training=short_training(round_options(options)),
        **_common(options),
    )


def _common(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "seed": options.seed,
        "classical": not options.no_classical,
        "seconds_per_click": options.seconds_per_click,
        "seconds_per_slice": options.seconds_per_slice,
        "classical_minutes": options.classical_minutes,
    }


def _emulate_and_report(console: Console, project: Project, options: EmulationOptions) -> None:
    """Run the scenario with progress on the screen, write its report and print its table."""
    from SAIMCore.experiments.emulation import emulate
    from SAIMCore.experiments.findings import findings, initial_advice
    from SAIMCore.experiments.report import write_report

    with console.progress("starting") as bar:
        result = emulate(project, options, EmulationDisplay(console, bar))
        bar(0, label="writing the report")
        page = write_report(project, result, options.training.device)
    _show_rounds(console, result)
    for finding in findings(result):
        console.say(f"{finding.figure} {finding.title}: {finding.sentence}")
    console.say(initial_advice(result))
    console.say(f"report: {page}")
    console.result({"report": str(page), **result.to_json()})


def _show_rounds(console: Console, result: EmulationResult) -> None:
    counts = sorted(result.rounds[0].test)
    classical = {point.number: point.test[result.clicks].mean_iou for point in result.classical}
    rows = [
        [
            "initial" if entry.number == 0 else entry.number,
            entry.series,
            f"{100 * entry.share:.0f}",
            entry.clicks,
            f"{result.saim_minutes(entry.number):.0f}",
            *(percent(entry.test[count].mean_iou) for count in counts),
            *([percent(classical.get(entry.number))] if classical else []),
        ]
        for entry in result.rounds
    ]
    columns = ["round", "series", "% of data", "clicks", "minutes so far"]
    columns += [f"{count} click{'' if count == 1 else 's'}" for count in counts]
    columns += ["classical"] if classical else []
    console.table(columns, rows, title="test mIoU in %")
