"""The process that serves the page, which the engine starts and never imports."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path

from SAIMCore.errors import ConfigurationError
from SAIMCore.installing import install_command

__all__ = ["TOKEN_VARIABLE", "PageProcess", "browser_is_here"]

SERVER = "SAIMWeb"
TOKEN_VARIABLE = "SAIM_WEB_TOKEN"


class PageProcess:
    """A server for the project ``place``; ``options`` are further words of its command line.

    token: what the page asks for (None: what the environment says). Raises ConfigurationError when
    what it consists of is not installed.
    """

    def __init__(self, place: Path, *options: str, token: str | None = None) -> None:
        _check_installed()
        self._command = [sys.executable, "-m", SERVER, str(place), *options]
        # In the environment, where no list of processes shows it.
        self._environment = {**os.environ, **({} if token is None else {TOKEN_VARIABLE: token})}

    def check(self) -> int:
        """Whether it could serve, before the project is made; its exit code, 0 if it could."""
        command = [*self._command, "--check"]
        return subprocess.run(command, env=self._environment).returncode

    def serve(self) -> int:
        """Serve until Ctrl+C or a signal; the exit code."""
        with subprocess.Popen(self._command, env=self._environment) as server:
            signal.signal(signal.SIGTERM, lambda *_: server.terminate())
            while True:
                try:
                    return server.wait()
                except KeyboardInterrupt:
                    # The server has got it, too, and ends when everything is kept.
                    continue


def browser_is_here(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether who started this sees this machine's screen, and it has a browser to open."""
    if "SSH_CONNECTION" in environment:
        return False
    if sys.platform not in ("win32", "darwin") and not (
        environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    # One that draws into the terminal, and holds up the program until it ends.
    return type(found) is not webbrowser.GenericBrowser


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
