"""Whether this machine can draw; without its libraries VTK ends the program without a word."""

from __future__ import annotations

import subprocess
import sys

from SAIMCore.doctor import graphics_libraries
from SAIMCore.errors import ConfigurationError

__all__ = ["require_graphics"]

# Draws one picture without a screen, as the views do.
_TRIAL = (
    "import vtk; window = vtk.vtkRenderWindow(); window.SetOffScreenRendering(1); "
    "window.AddRenderer(vtk.vtkRenderer()); window.Render()"
)


def require_graphics() -> None:
    """Raise ConfigurationError with what to install where nothing can be drawn."""
    found = graphics_libraries()
    if found.status != "ok":
        raise ConfigurationError(f"{found.detail}; {found.remedy}")
    # In a process of its own, since it would take this one along.
    trial = subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, text=True)
    if trial.returncode != 0:
        raise ConfigurationError(
            f"this machine's graphics libraries ({found.detail}) cannot draw (exit code "
            f"{trial.returncode}); on Debian or Ubuntu run: apt-get install --reinstall libegl1 "
            "libgl1-mesa-dri"
        )
