"""``saim init``: a project from folders of images and labels, or from a dataset.json."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.arguments import (
    STRATEGIES_HELP,
    add_network_arguments,
    add_project_argument,
    count_or_share,
    not_negative,
    positive,
)
from SAIMCore.cli.class_argument import CLASSES_HELP, class_table
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.next_step import count_statuses, next_step

if TYPE_CHECKING:
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project
    from SAIMCore.project.settings import MemorySettings, NetworkSettings

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "The images stay where they are and are never changed. When anything is wrong with them, "
        "all of it is listed and nothing is created."
    )
    add_project_argument(parser)
    parser.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="folder of NIfTI, NRRD or MetaImage files or DICOM series",
    )
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="folder of labelmaps named like their images"
    )
    parser.add_argument(
        "--dataset",
        type=Path,
        metavar="FILE",
        help="dataset.json (Medical Segmentation Decathlon, nnU-Net) instead of folders",
    )
    parser.add_argument(
        "--classes",
        metavar="NAMES",
        help=f"{CLASSES_HELP} (may be left out where the dataset or the splits file names the "
        "classes)",
    )
    parser.add_argument(
        "--splits",
        metavar="FILE[:GROUP]",
        help="JSON file with the series of train_initial, pool, validation and test "
        "(default: a proposal by patient)",
    )
    parser.add_argument(
        "--initial",
        type=count_or_share,
        metavar="N|SHARE",
        help="annotate only so many of the labeled training series at the start (5), or this share "
        "of them (0.15); the others are the pool, with reference labels for the virtual user",
    )
    parser.add_argument(
        "--seed",
        type=not_negative,
        metavar="N",
        default=0,
        help="seed of the proposed splits and the initial series (default: 0)",
    )
    parser.add_argument(
        "--skip-unusable",
        action="store_true",
        help="leave out the series that cannot be used, with a note on each, instead of creating "
        "nothing (all series are then read twice)",
    )
    parser.add_argument("--name", help="name of the project (default: that of its folder)")
    _add_settings(parser)
    add_json_argument(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    settings = parser.add_argument_group(
        "settings", "Defaults of the project, written to its project.toml."
    )
    add_network_arguments(
        settings,
        memory="sequential",
        decoder="convlstm with the sequential memory, else unet",
        encoder="resnet34",
    )
    settings.add_argument("--strategy", metavar="S", help=f"{STRATEGIES_HELP} (default: entropy)")
    settings.add_argument(
        "--query-size", type=positive, metavar="N", help="series per round (default: 10)"
    )
    settings.add_argument(
        "--bias-correction", action="store_true", help="remove the bias field (N4), for MR"
    )
    settings.add_argument(
        "--database",
        metavar="URL",
        help="SQLAlchemy URL of a database that a team shares (default: a file in the project)",
    )


def run(options: argparse.Namespace) -> int:
    """Plan, check everything, create, and say what the project holds."""
    from SAIMCore.project.importers.planning import plan_import
    from SAIMCore.project.importers.preflight import without_unusable
    from SAIMCore.project.project import Project

    console = Console(options.json)
    classes = class_table(options.classes)
    settings = _settings(options)
    with console.progress("looking for series"):
        plan = plan_import(
            options.images,
            options.labels,
            dataset=options.dataset,
            splits=options.splits,
            classes=classes,
            initial=options.initial,
            seed=options.seed,
        )
    if options.skip_unusable:
        with console.progress("checking the series") as bar:
            plan = without_unusable(plan, bar)
    with (
        console.progress("reading the series") as bar,
        Project.create(
            options.project, plan, name=options.name, progress=bar, **settings
        ) as project,
    ):
        _show(console, project, plan)
    return 0


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Fields of ``ProjectSettings`` that differ from their defaults.

    Raises ConfigurationError for names and combinations that cannot work, before images are read.
    """
    from SAIMCore.acquisition import strategy_named
    from SAIMCore.data.preprocessing import PreprocessingOptions
    from SAIMCore.networks.factory import decoder_for_memory
    from SAIMCore.project.settings import MemorySettings, NetworkSettings, SelectionSettings

    memory = MemorySettings(**_given(variant=options.memory))
    network = NetworkSettings(
        **_given(encoder=options.encoder, decoder=options.decoder, size=options.size)
    )
    if options.decoder is None:
        fitting = decoder_for_memory(network.decoder, memory.variant)
        network = replace(network, decoder=fitting)
    selection = SelectionSettings(
        **_given(strategy=options.strategy, query_size=options.query_size)
    )
    strategy_named(selection.strategy)
    _check_network(memory, network)
    return {
        "memory": memory,
        "network": network,
        "selection": selection,
        "preprocessing": PreprocessingOptions(bias_correction=options.bias_correction),
        "database": options.database,
    }


def _check_network(memory: MemorySettings, network: NetworkSettings) -> None:
    from SAIMCore.networks.config import NetworkConfig

    NetworkConfig(
        num_classes=2,
        memory_variant=memory.variant,
        memory_depth=memory.depth,
        decoder=network.decoder,
        encoder=network.encoder,
    )


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _show(console: Console, project: Project, plan: ImportPlan) -> None:
    counts = count_statuses(project)
    step = next_step(project)
    console.say(f"{project.folder}: {len(plan.series)} series, {len(project.classes)} classes")
    console.table(("status", "series"), list(counts.items()))
    for note in plan.notes:
        console.say(note)
    console.say(step)
    console.result(
        {
            "project": str(project.folder),
            "classes": project.classes.to_json(),
            "series": counts,
            "notes": list(plan.notes),
            "next": step,
        }
    )
