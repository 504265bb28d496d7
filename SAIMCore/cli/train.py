"""``saim train``: train on everything accepted so far, evaluate, publish."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SAIMCore.cli import INTERRUPTED
from SAIMCore.cli.arguments import (
    OF_PROJECT,
    add_device_argument,
    add_project_argument,
    not_negative,
)
from SAIMCore.cli.console import Console, add_json_argument
from SAIMCore.cli.measurements import show_measurements
from SAIMCore.cli.training_arguments import add_training_arguments, round_options
from SAIMCore.cli.training_display import TrainingDisplay
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import SaimError

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.rounds.advice import Advice
    from SAIMCore.rounds.runner import RoundOutcome, TrainingRound

__all__ = ["add_arguments", "run"]

PUBLISH = {"auto": "if not worse", "always": "always", "never": "never"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        "Ctrl+C stops the training with its state saved. The same command then goes on with it, "
        "with the options that it was begun with."
    )
    add_project_argument(parser)
    add_training_arguments(parser)
    parser.add_argument("--seed", type=not_negative, metavar="N", help=f"default: {OF_PROJECT}")
    parser.add_argument(
        "--publish",
        choices=tuple(PUBLISH),
        default="auto",
        help="auto publishes unless validation mIoU is worse by more than the project's margin "
        "(default: auto)",
    )
    parser.add_argument(
        "--discard", action="store_true", help="give up an interrupted round and train anew"
    )
    add_device_argument(parser)
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Train one round and show what came of it."""
    from SAIMCore.rounds.runner import TrainingRound

    console = Console(options.json)
    chosen = replace(round_options(options), publish=PUBLISH[options.publish], seed=options.seed)
    with open_for_writing(console, options.project) as project:
        if options.discard:
            _discard(console, TrainingRound(project))
        interrupted = project.rounds.running()
        if interrupted is not None:
            console.say(
                f"going on with round {interrupted.number}, which was interrupted, with the "
                "options that it was begun with"
            )
        with console.progress("starting") as bar:
            outcome = TrainingRound(project, TrainingDisplay(console, bar)).run(chosen)
        if outcome.model is None:
            return _stopped(console, project, outcome)
        _show(console, project, outcome, _proposer(console, project, options.device))
    return 0


def _discard(console: Console, training: TrainingRound) -> None:
    with console.progress("giving up the interrupted round"):
        cancelled = training.cancel()
    console.say(
        "there is no interrupted round to give up"
        if cancelled is None
        else f"gave up round {cancelled.number}, which was interrupted"
    )


def _stopped(console: Console, project: Project, outcome: RoundOutcome) -> int:
    number = outcome.round.number
    console.warn(
        f"round {number} was stopped and its state is saved: 'saim train {project.folder}' goes "
        "on with it, '--discard' gives it up"
    )
    console.result({"round": number, "model": None, "published": False})
    return INTERRUPTED


def _proposer(console: Console, project: Project, device: str) -> str | None:
    """Who proposes now, where there is an igniter; the model takes over where it is better."""
    from SAIMCore.rounds.proposer import review_igniter, who_proposes

    if project.settings.igniter is None:
        return None
    with console.progress("measuring the igniter") as bar:
        try:
            review_igniter(project, device, bar)
        except SaimError as error:
            # The model is published all the same.
            console.warn(f"the igniter was not compared with the model: {error}")
    return who_proposes(project).sentence


def _show(console: Console, project: Project, outcome: RoundOutcome, proposer: str | None) -> None:
    model = outcome.model
    assert model is not None
    for split, metrics in (("validation", model.validation), ("test", model.test)):
        if metrics is not None:
            show_measurements(console, f"{model.version} on {split}", metrics["clicks"])
    console.say(outcome.sentence)
    if proposer is not None:
        console.say(proposer)
    advice = _advice_if_needed(project)
    if advice is not None:
        console.say(advice.sentence)
    console.result({**_document(outcome, advice), "proposer": proposer})


def _advice_if_needed(project: Project) -> Advice | None:
    """The advice on the initial set, as long as there is one model, or the newest is too weak."""
    from SAIMCore.campaign.starting_advice import starting_advice

    advice = starting_advice(project)
    if advice is None or (advice.good_enough and len(project.models.all()) > 1):
        return None
    return advice


def _document(outcome: RoundOutcome, advice: Advice | None) -> dict[str, Any]:
    assert outcome.model is not None
    return {
        "round": outcome.round.number,
        "model": outcome.model.version,
        "published": outcome.published,
        "sentence": outcome.sentence,
        "validation": outcome.model.validation,
        "test": outcome.model.test,
        "advice": advice.sentence if advice else None,
    }
