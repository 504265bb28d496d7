"""``python -m SAIMWeb PROJECT``: what ``saim web`` starts."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from SAIMCore.device import choose_device
from SAIMCore.errors import SaimError
from SAIMCore.graphics import require_graphics
from SAIMCore.project.settings import ProjectSettings
from SAIMCore.threads import limit_spinning
from SAIMWeb.options import LOOPBACK, ServerOptions
from SAIMWeb.port import require_free_port

__all__ = ["main"]

# So that the token stands in no list of processes.
TOKEN_VARIABLE = "SAIM_WEB_TOKEN"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a project; returns the exit code (2 for a problem that the message names)."""
    limit_spinning()
    given = _parser().parse_args(arguments)
    try:
        options = ServerOptions(
            given.project,
            given.host,
            given.port,
            os.environ.get(TOKEN_VARIABLE, ""),
            given.device,
            given.browser,
        )
        # Before all that takes long.
        require_free_port(options.host, options.port)
        if not given.check:
            ProjectSettings.read(options.project)
        require_graphics()
        choose_device(options.device)
        if given.check:
            return 0
        from SAIMWeb.application import run

        asyncio.run(run(options))
    except SaimError as error:
        print(f"saim: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # What was done is kept as the program ends.
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m SAIMWeb", description=__doc__)
    parser.add_argument("project", type=Path, help="folder of the project")
    parser.add_argument("--host", default=LOOPBACK[0])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--browser", action="store_true", help="open a browser")
    parser.add_argument(
        "--check",
        action="store_true",
        help="only say what is in the way of a server; the project need not be there yet",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
