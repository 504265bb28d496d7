"""The command line ``saim``: one file a command, listed in ``COMMANDS``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from SAIMCore import __version__
from SAIMCore.errors import SaimError
from SAIMCore.threads import limit_spinning

__all__ = ["COMMANDS", "main"]

# Name and one-line summary; the module of the same name is imported when the command is used, so
# that ``saim --help`` answers at once.
COMMANDS: dict[str, str] = {
    "web": "annotate in the browser: phantoms, your own series or a project",
    "init": "make a project from folders of images and labels",
    "add": "add series to a project",
    "relocate": "tell a project where its images are now",
    "status": "show what a project holds and what to do next",
    "train": "train on everything accepted so far and publish the model",
    "igniter": "begin with the proposals of somebody else's model",
    "rank": "score the pool and list the series to annotate next",
    "plan": "plan a session of so many minutes, and show how earlier plans held",
    "annotate": "accept labelmaps, annotate with the virtual user, restore annotations",
    "evaluate": "measure a model after 0 to n clicks",
    "emulate": "play the whole loop with a virtual user and write its report",
    "predict": "segment one series and write the labelmap",
    "models": "list, restore and export models",
    "bench": "measure the speed of clicks, training steps and ranking",
    "doctor": "say what is installed, what is missing and how to get it",
}

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (2 for a problem that the message names)."""
    limit_spinning()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in arguments if not word.startswith("-")), None)
    parser = _parser(name)
    options = _parsed(parser, arguments)
    try:
        code: int = options.run(options)
    except SaimError as error:
        print(f"saim: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("saim: interrupted; what was accepted or saved is kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        return 0
    return code


def _parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The options; series that are named behind an option belong to the command's list of them.

    argparse takes a list that may be empty for empty at the first option, and does not know what
    to do with names that follow.
    """
    options, late = parser.parse_known_args(arguments)
    if late:
        series: object = getattr(options, "series", None)
        if not isinstance(series, list) or any(word.startswith("-") for word in late):
            parser.error(f"unrecognized arguments: {' '.join(late)}")
        options.series = [*series, *late]
    return options


def _parser(name: str | None) -> argparse.ArgumentParser:
    """The parser, with the options of the command ``name`` only."""
    parser = argparse.ArgumentParser(
        prog="saim",
        description="One shared model that selects, annotates, is retrained and is deployed.",
        epilog="'saim COMMAND --help' explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"saim {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command, summary in COMMANDS.items():
        subparser = commands.add_parser(command, help=summary, description=summary)
        if command == name:
            module = importlib.import_module(f"SAIMCore.cli.{command}")
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser
