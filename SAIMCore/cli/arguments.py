"""Arguments that several commands share, and the checks of their values."""

from __future__ import annotations

import argparse
import contextlib
import math
from pathlib import Path

from SAIMCore.memory import MEMORY_VARIANTS

__all__ = [
    "DECODERS",
    "MEMORIES",
    "OF_PROJECT",
    "STRATEGIES_HELP",
    "add_device_argument",
    "add_model_argument",
    "add_network_arguments",
    "add_project_argument",
    "click_counts",
    "count_or_share",
    "not_negative",
    "positive",
    "positive_number",
]

MEMORIES = tuple(MEMORY_VARIANTS)
# Written out, because the modules that define them import torch, which --help must not wait for.
# A test compares.
DECODERS = ("unet", "convlstm")
STRATEGIES_HELP = (
    "entropy, least-confidence, margin, class-balanced-entropy, random, foreground-random, "
    "easy-first or hard-first"
)
OF_PROJECT = "the project's"


def add_project_argument(parser: argparse.ArgumentParser) -> None:
    """Add PROJECT, the folder of the project."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help="folder of the project")


def add_device_argument(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add ``--device``."""
    parser.add_argument(
        "--device",
        default="auto",
        metavar="D",
        help="auto, cpu, cuda, cuda:1 or mps (default: the fastest that is there)",
    )


def add_model_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--model``."""
    parser.add_argument(
        "--model", metavar="M", help="version of the model, or a model folder (default: current)"
    )


def add_network_arguments(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup,
    *,
    memory: str = OF_PROJECT,
    decoder: str = OF_PROJECT,
    encoder: str = OF_PROJECT,
) -> None:
    """Add ``--memory``, ``--decoder``, ``--encoder`` and ``--size``, with their defaults named."""
    parser.add_argument(
        "--memory", choices=MEMORIES, help=f"interaction memory (default: {memory})"
    )
    parser.add_argument("--decoder", choices=DECODERS, help=f"decoder (default: {decoder})")
    parser.add_argument(
        "--encoder",
        metavar="NAME",
        help=f"an encoder of segmentation-models-pytorch (default: {encoder})",
    )
    parser.add_argument(
        "--size",
        type=positive,
        metavar="N",
        help="height and width that slices are padded to, a multiple of 32 "
        "(default: the smallest that holds all slices)",
    )


def positive(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, 1)


def positive_number(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text.strip()!r} is no number above 0")
    return value


def not_negative(text: str) -> int:
    """A whole number of at least 0."""
    return _whole(text, 0)


def count_or_share(text: str) -> int | float:
    """A number of series like ``5``, or a share of them between 0 and 1 like ``0.15``."""
    try:
        return positive(text)
    except argparse.ArgumentTypeError as error:
        with contextlib.suppress(ValueError):
            share = float(text)
            if 0 < share < 1:
                return share
        raise argparse.ArgumentTypeError(
            f"{text.strip()!r} is neither a whole number of at least 1 nor a share between 0 and 1"
        ) from error


def click_counts(text: str) -> tuple[int, ...]:
    """Numbers of clicks like ``0,1,3``, in ascending order."""
    return tuple(sorted({_whole(part, 0) for part in text.split(",")}))


def _whole(text: str, smallest: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = smallest - 1
    if value < smallest:
        raise argparse.ArgumentTypeError(
            f"{text.strip()!r} is no whole number of at least {smallest}"
        )
    return value
