"""``saim demo`` (``make run``): the emulated scenario on phantoms or on labeled series."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli.arguments import add_device_argument
from SAIMCore.cli.class_argument import CLASSES_HELP, class_table
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.emulate import REPORT_FOLDER, emulate_and_report
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.experiments.options import EmulationOptions
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

# All of it takes less than 5 minutes on 2 CPU cores: for the sequential memory, for the ConvLSTM
# decoder, and for a simulated user who leaves clicks out, these are too few steps. Every round goes
# on from the shared model, so that the short trainings add up.
PHANTOMS, PHANTOM_SIZE = 20, (64, 64, 8)
ROUNDS, EPOCHS, STEPS_PER_EPOCH, BATCH_SIZE, LEARNING_RATE = 2, 3, 50, 8, 2e-3
ENCODER, MEMORY = "resnet18", "cumulative"
# More clicks than the paper's 3, as the model is weaker, and in a round half as many series as at
# the start: what 150 steps can propose agrees with the reference by half to two thirds, and in
# larger numbers drowns the good annotations (Testing/benchmarks/RESULTS.md, "A loop ...").
CLICKS, QUERY_SHARE = 6, 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Without --data it makes phantoms. Called again it goes on where it was; what is finished "
        "is not computed again."
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="labeled series: a folder with images and labels (and splits.json), or a dataset.json",
    )
    parser.add_argument(
        "--classes",
        metavar="NAMES",
        help=f"{CLASSES_HELP} (default: as the data's files name them)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("demo"),
        metavar="DIR",
        help="where everything is written (default: demo)",
    )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Make or reopen the project, then emulate and report."""
    console = Console(options.json)
    data: Path | None = options.data.absolute() if options.data else None
    name = "phantoms" if data is None else (data.parent if data.is_file() else data).name
    folder = options.folder.absolute() / name
    with _project(console, folder, data, options.classes) as project:
        scenario = _scenario(project, folder / REPORT_FOLDER, options.device)
        emulate_and_report(console, project, scenario)
    return 0


def _project(console: Console, folder: Path, data: Path | None, classes: str | None) -> Project:
    """The demo's project in ``folder``, made when it is not there yet."""
    from SAIMCore.project.project import Project
    from SAIMCore.project.settings import SETTINGS_FILE
    from SAIMCore.training.configuration import GenerationOptions, TrainingConfig

    place = folder / "project"
    if (place / SETTINGS_FILE).is_file():
        project = open_for_writing(console, place)
        try:
            _check_same_data(project, data)
        except ProjectError:
            project.close()
            raise
        return project
    plan = _plan_phantoms(console, folder / "series") if data is None else _plan(data, classes)
    _make_folder(folder)
    for note in plan.notes:
        console.say(note)
    with console.progress("importing") as bar:
        return Project.create(
            place,
            plan,
            name=folder.name,
            training=TrainingConfig(
                generation=GenerationOptions(dropped=0, hold_out_class=False, decreasing=False)
            ),
            progress=lambda done, total, name: bar(done, total, f"importing {name}"),
        )


def _make_folder(folder: Path) -> None:
    from SAIMCore.data.atomic import disk_errors_named

    with disk_errors_named(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _plan_phantoms(console: Console, folder: Path) -> ImportPlan:
    from SAIMCore.data.phantom import make_phantom
    from SAIMCore.experiments.labeled_folder import plan_scenario

    if not folder.exists():
        _make_folder(folder.parent)
        with console.progress("making phantoms") as bar:
            make_phantom(folder, PHANTOMS, size=PHANTOM_SIZE, progress=bar)
    return plan_scenario(folder)


def _plan(data: Path, classes: str | None) -> ImportPlan:
    from SAIMCore.experiments.labeled_folder import plan_scenario

    if not data.exists():
        raise ProjectError(f"{data} does not exist; give a folder of labeled series")
    return plan_scenario(data, class_table(classes))


def _check_same_data(project: Project, data: Path | None) -> None:
    """Two folders of data may have the same name."""
    if data is None:
        return
    source = project.series()[0].source.path
    if (data.parent if data.is_file() else data) not in source.parents:
        raise ProjectError(
            f"{project.folder} was made from other data ({source.parent}); give another --folder"
        )


def _scenario(project: Project, report: Path, device: str) -> EmulationOptions:
    from SAIMCore.experiments.options import EmulationOptions
    from SAIMCore.rounds.options import RoundOptions

    # Also when it goes on, with more of them annotated already.
    initial = sum(
        record.annotation is not None and record.annotation.model_version is None
        for record in project.training_series()
    )
    return EmulationOptions(
        rounds=ROUNDS,
        query_size=max(1, round(initial * QUERY_SHARE)),
        folder=report,
        clicks=CLICKS,
        training=RoundOptions(
            fine_tune=True,
            encoder=ENCODER,
            memory=MEMORY,
            epochs=EPOCHS,
            steps_per_epoch=STEPS_PER_EPOCH,
            batch_size=BATCH_SIZE,
            learning_rate=LEARNING_RATE,
            schedule="cosine",
            # Pretrained weights need more steps than a demo takes.
            pretrained=False,
            device=device,
        ),
    )
