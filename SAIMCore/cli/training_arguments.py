"""Options of a training, for every command that trains."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli.arguments import OF_PROJECT, add_network_arguments, positive
from SAIMCore.training.schedule import SCHEDULES

if TYPE_CHECKING:
    from SAIMCore.rounds.options import RoundOptions

__all__ = ["add_training_arguments", "round_options"]


def add_training_arguments(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add what ``round_options`` reads, except for the device."""
    default = f"default: {OF_PROJECT}"
    parser.add_argument(
        "--fine-tune",
        action="store_true",
        help="go on from the current model's weights instead of retraining in full",
    )
    add_network_arguments(parser)
    parser.add_argument(
        "--generation", choices=("dynamic", "static"), help=f"data generation ({default})"
    )
    for name in ("--epochs", "--steps-per-epoch", "--batch-size"):
        parser.add_argument(name, type=positive, metavar="N", help=default)
    parser.add_argument("--learning-rate", type=float, metavar="R", help=default)
    parser.add_argument(
        "--schedule",
        choices=SCHEDULES,
        help=f"how the learning rate changes in the course of a training ({default})",
    )
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument(
        "--encoder-weights",
        type=Path,
        metavar="FILE",
        help=".safetensors file to start the encoder from (default: ImageNet weights, if they "
        "are on this machine)",
    )
    weights.add_argument(
        "--no-pretrained", action="store_true", help="start the encoder from random weights"
    )


def round_options(options: argparse.Namespace) -> RoundOptions:
    """The given options of a training; how to publish and the seed are left to the caller."""
    from SAIMCore.rounds.options import RoundOptions

    return RoundOptions(
        fine_tune=options.fine_tune,
        memory=options.memory,
        decoder=options.decoder,
        encoder=options.encoder,
        encoder_weights=options.encoder_weights and options.encoder_weights.absolute(),
        pretrained=not options.no_pretrained,
        size=options.size,
        generation=options.generation,
        epochs=options.epochs,
        steps_per_epoch=options.steps_per_epoch,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        schedule=options.schedule,
        device=options.device,
    )
