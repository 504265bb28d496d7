"""``saim doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import argparse

from SAIMCore.cli.console import Console, add_json_argument

__all__ = ["add_arguments", "run"]

SOMETHING_MISSING = 1


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
    console.table(
        ("", "", "found", "what to do"),
        [(entry.status, entry.name, entry.detail, entry.remedy) for entry in findings],
    )
    missing = [entry.name for entry in findings if entry.status == "missing"]
    console.say(
        f"SAIM does not work without what is missing: {', '.join(missing)}"
        if missing
        else "SAIM has all that it needs"
    )
    console.result({"usable": not missing, "findings": [entry.to_json() for entry in findings]})
    return SOMETHING_MISSING if missing else 0
