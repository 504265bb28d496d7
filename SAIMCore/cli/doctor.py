"""``saim doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import argparse

from SAIMCore.cli.console import Console, add_json_argument

__all__ = ["add_arguments", "run"]

SOMETHING_MISSING = 1
# The longest status and a gap.
WIDTH = len("warning") + 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = "Exit code 1 when something is missing without which SAIM does not work."
    add_json_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Look around and say what was found."""
    from SAIMCore.doctor import diagnose

    console = Console(options.json)
    with console.progress("looking around"):
        findings = diagnose()
    for entry in findings:
        console.say(f"{entry.status:<{WIDTH}}{entry.name}: {entry.detail}")
        if entry.remedy:
            # On a line of its own, so that it can be copied.
            console.say(f"{'':<{WIDTH}}{entry.remedy}")
    missing = [entry.name for entry in findings if entry.status == "missing"]
    console.say(
        f"SAIM does not work without what is missing: {', '.join(missing)}"
        if missing
        else "SAIM has all that it needs"
    )
    console.result({"usable": not missing, "findings": [entry.to_json() for entry in findings]})
    return SOMETHING_MISSING if missing else 0
