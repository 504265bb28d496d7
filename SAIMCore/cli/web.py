"""``saim web``: annotate a project in the browser."""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.cli import INTERRUPTED
from SAIMCore.cli.arguments import add_device_argument
from SAIMCore.cli.console import Console
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ConfigurationError
from SAIMCore.installing import install_command

if TYPE_CHECKING:
    from SAIMCore.project.project import Project

__all__ = ["add_arguments", "run"]

HOST, PORT = "127.0.0.1", 8080
# A host of its own, which the engine starts and never imports.
SERVER = "SAIMWeb"
TOKEN_VARIABLE = "SAIM_WEB_TOKEN"
DEMO = Path("demo") / "web"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.epilog = (
        f"The page is on this machine only, unless --host and --token are given. The token can "
        f"also be given in the environment variable {TOKEN_VARIABLE}, where no list of processes "
        "shows it."
    )
    parser.add_argument(
        "project",
        nargs="?",
        type=Path,
        metavar="PROJECT",
        help="folder of the project (default: a small one on phantoms, made and trained first, "
        "which takes about 2 minutes)",
    )
    parser.add_argument(
        "--demo",
        type=Path,
        default=DEMO,
        metavar="DIR",
        help=f"where the phantoms are kept (default: {DEMO.as_posix()})",
    )
    parser.add_argument("--host", default=HOST, help=f"address to be reached at (default: {HOST})")
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"default: {PORT}; 0: any free one"
    )
    parser.add_argument(
        "--token", metavar="SECRET", help="what the page asks for before it shows anything"
    )
    parser.add_argument("--browser", action="store_true", help="open a browser on this machine")
    add_device_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl+C."""
    _check_installed()
    project = options.project
    if project is None:
        project = _phantoms(Console(), options.demo.absolute(), options.device)
        if project is None:
            return INTERRUPTED
    command = [sys.executable, "-m", SERVER, str(project), "--host", options.host]
    command += ["--port", str(options.port), "--device", options.device]
    if options.browser:
        command.append("--browser")
    environment = dict(os.environ)
    if options.token is not None:
        environment[TOKEN_VARIABLE] = options.token
    with subprocess.Popen(command, env=environment) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The server has got it, too, and ends when everything is kept.
                continue


def _check_installed() -> None:
    for module, requirement in (
        (SERVER, "saim[web]"),
        ("trame_slicer", "trame-slicer[standalone]"),
    ):
        if importlib.util.find_spec(module) is None:
            raise ConfigurationError(
                f"the page needs {module}, which is not installed; run: "
                f"{install_command(requirement)}"
            )


def _phantoms(console: Console, folder: Path, device: str) -> Path | None:
    """A project on phantoms with a first model; None when its training was stopped."""
    from SAIMCore.campaign.phantom_campaign import make_phantom_campaign

    with console.progress("making phantoms") as bar:
        place = make_phantom_campaign(
            folder, lambda done, total, name: bar(done, total, f"importing {name}")
        )
    with open_for_writing(console, place) as project:
        if project.models.current() is None and not _train(console, project, device):
            return None
    return place


def _train(console: Console, project: Project, device: str) -> bool:
    """Train the first model; whether it came to its end."""
    from SAIMCore.cli.training_display import TrainingDisplay
    from SAIMCore.rounds.options import RoundOptions
    from SAIMCore.rounds.runner import TrainingRound

    console.say("Training a first model; this takes about 2 minutes on 2 processor cores.")
    with console.progress("starting") as bar:
        # Pretrained weights need more steps than this takes.
        options = RoundOptions(pretrained=False, device=device)
        outcome = TrainingRound(project, TrainingDisplay(console, bar)).run(options)
    if outcome.model is None:
        console.warn("the training was stopped; the same command goes on with it")
    return outcome.model is not None
