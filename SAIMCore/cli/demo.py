"""``saim demo`` (``make run``): the emulated scenario on phantoms or on labeled series."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli.arguments import add_device_argument
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.emulate import REPORT_FOLDER, emulate_and_report
from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.experiments.options import EmulationOptions
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

# All of it takes less than 5 minutes on 2 CPU cores.
PHANTOMS, PHANTOM_SIZE = 16, (64, 64, 10)
ROUNDS, EPOCHS, STEPS_PER_EPOCH, BATCH_SIZE = 2, 5, 24, 8
ENCODER, DECODER = "resnet18", "unet"


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
        help="class names of the data in the order of their label values from 0, like "
        "background,liver (default: as its files name them)",
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
    name = "phantoms" if data is None else data.name.removesuffix(".json")
    folder = options.folder.absolute() / name
    folder.mkdir(parents=True, exist_ok=True)
    with _project(console, folder, data, options.classes) as project:
        scenario = _scenario(folder / REPORT_FOLDER, len(project.pool()), options.device)
        emulate_and_report(console, project, scenario)
    return 0
