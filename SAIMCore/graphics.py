"""Whether this machine can draw; where it cannot, VTK ends the program without a word."""

from __future__ import annotations

import ctypes.util
import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from SAIMCore.errors import ConfigurationError

__all__ = ["Graphics", "examine_graphics", "require_graphics"]

# Debian's names; tools/install-system-packages.sh has them, too.
PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
# Draws one picture without a screen, as the page's views do.
TRIAL = (
    "import vtkmodules.vtkRenderingOpenGL2\n"
    "from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow\n"
    "window = vtkRenderWindow()\n"
    "window.SetOffScreenRendering(1)\n"
    "window.AddRenderer(vtkRenderer())\n"
    "window.Render()\n"
)
# A driver may hang instead of crashing.
SECONDS = 60


@dataclass(frozen=True)
class Graphics:
    """What was found: ``remedy`` is what to do about it ("": nothing, this machine can draw)."""

    detail: str
    remedy: str = ""


def examine_graphics() -> Graphics:
    """Draw a picture in a process of its own, which a missing library would take along.

    Without VTK nothing can be drawn to find out; then only the libraries are looked for.
    """
    found, absent = _libraries()
    tried = importlib.util.find_spec("vtkmodules") is not None
    failure = _failure() if tried else ""
    if absent and (failure or not tried):
        remedy = f"on Debian or Ubuntu run: apt-get install {PACKAGES}"
        return Graphics(f"{' and '.join(absent)} not found", remedy)
    if failure:
        return Graphics(f"{found} cannot draw ({failure})", _repair())
    return Graphics(f"{found}, {'drawing works' if tried else 'not tried: VTK is not installed'}")


def require_graphics() -> None:
    """Raise ConfigurationError with what to install where nothing can be drawn."""
    found = examine_graphics()
    if found.remedy:
        raise ConfigurationError(
            f"this machine cannot draw the page's views: {found.detail}; {found.remedy}"
        )


def _libraries() -> tuple[str, list[str]]:
    """What drawing without a screen is done with here, and what of it is absent."""
    if sys.platform != "linux":
        return "graphics of the operating system", []
    egl, nvidia = (ctypes.util.find_library(name) for name in ("EGL", "EGL_nvidia"))
    drivers = [*Path("/usr/lib").glob("*/dri/*_dri.so"), *Path("/usr/lib64/dri").glob("*_dri.so")]
    absent = [] if egl else ["libEGL"]
    if not drivers and not nvidia:
        absent.append("an OpenGL driver")
    return f"{egl or 'no libEGL'}, {nvidia or ('Mesa' if drivers else 'no driver')}", absent


def _repair() -> str:
    if sys.platform != "linux":
        return "update the driver of the graphics card"
    return (
        f"on Debian or Ubuntu run: apt-get install --reinstall {PACKAGES}; with an NVIDIA GPU look "
        "at its driver, too"
    )


def _failure() -> str:
    """How the trial ended; "" where it drew its picture."""
    try:
        trial = subprocess.run(
            [sys.executable, "-c", TRIAL],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"no picture within {SECONDS} seconds"
    return f"exit code {trial.returncode}" if trial.returncode else ""
