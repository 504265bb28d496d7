"""``saim annotate``: accept labelmaps, let the virtual user annotate, restore what was before."""

from __future__ import annotations

import argparse
from pathlib import Path

from SAIMCore.cli.arguments import (
    add_device_argument,
    add_project_argument,
    not_negative,
    positive,
)
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.labelmap_annotations import accept_labelmaps
from SAIMCore.cli.restored_annotations import PREVIOUS, restore_annotations
from SAIMCore.cli.virtual_user_annotations import VIRTUAL_USER, annotate_with_clicks
from SAIMCore.errors import ConfigurationError

__all__ = ["add_arguments", "run"]

SECONDS_PER_CLICK = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "All series and labelmaps are checked before the first annotation is accepted. Given "
        "again after Ctrl+C, the command goes on with the series that are left. Every earlier "
        "annotation is kept."
    )
    add_project_argument(parser)
    parser.add_argument(
        "series",
        nargs="*",
        metavar="SERIES",
        help="names of series (with --labels DIR by default all of the pool that have a labelmap "
        "there)",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--labels",
        type=Path,
        metavar="DIR|FILE",
        help="accept what a person annotated: a folder of labelmaps named like their series, or "
        "the labelmap of one series",
    )
    ways.add_argument(
        "--virtual-user",
        action="store_true",
        help="let the virtual user click, with the reference labels before its eyes, and accept "
        "what comes of it",
    )
    ways.add_argument(
        "--restore",
        nargs="?",
        type=positive,
        const=PREVIOUS,
        metavar="NUMBER",
        help="make an earlier annotation the current one again (default: the one before)",
    )
    parser.add_argument(
        "--annotator",
        metavar="NAME",
        help=f"who annotated (default: your login name, or '{VIRTUAL_USER}')",
    )
    parser.add_argument(
        "--again", action="store_true", help="also series that have an annotation already"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help="with --labels: time that each series took (default: not known, counted as 0)",
    )
    _add_virtual_user_arguments(parser)
    add_json_argument(parser)


def _add_virtual_user_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("virtual user")
    group.add_argument(
        "--clicks",
        type=not_negative,
        default=3,
        metavar="N",
        help="most clicks per class and slice (default: 3)",
    )
    group.add_argument(
        "--reference",
        type=Path,
        metavar="DIR",
        help="folder of reference labels named like the series (default: those that the project "
        "was made with)",
    )
    group.add_argument(
        "--seconds-per-click",
        type=float,
        default=SECONDS_PER_CLICK,
        metavar="S",
        help="what a click counts for in annotation time (default: %(default)s)",
    )
    group.add_argument(
        "--seed", type=not_negative, metavar="N", default=0, help="seed of the virtual user"
    )
    add_device_argument(group)


def run(options: argparse.Namespace) -> int:
    """Annotate in the way that was asked for."""
    _check(options)
    console = Console(options.json)
    if options.restore is not None:
        restore_annotations(console, options)
    elif options.labels is not None:
        accept_labelmaps(console, options)
    else:
        annotate_with_clicks(console, options)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raise ConfigurationError for options that do not belong together."""
    if options.labels is None and options.restore is None and not options.virtual_user:
        raise ConfigurationError(
            "say where the annotation comes from: --labels DIR accepts labelmaps that a person "
            "made (in 3D Slicer, say), --virtual-user lets the virtual user annotate from "
            "reference labels"
        )
    if not options.series and options.labels is None:
        raise ConfigurationError(
            f"name the series; 'saim status {options.project} --series' lists them"
        )
    if options.minutes is not None and options.labels is None:
        raise ConfigurationError(
            "--minutes is for --labels; the virtual user's time follows from --seconds-per-click"
        )
    if options.reference is not None and not options.virtual_user:
        raise ConfigurationError(
            "--reference is what the virtual user sees; a person's labelmaps are given with "
            "--labels"
        )
