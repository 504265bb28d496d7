"""Models of a project that were written for other programs, in a folder of the project."""

from __future__ import annotations

import contextlib
from pathlib import Path

from SAIMCore.data.atomic import TEMPORARY_PREFIX, disk_errors_named

__all__ = ["FOLDER", "SUFFIXES", "Exports"]

FOLDER = "exports"
# Of the formats of ``model_export``; what has no suffix is a folder.
SUFFIXES = {"torchscript": ".pt", "onnx": ".onnx", "folder": ""}


class Exports:
    """What lies in the folder "exports" of the folder ``project``."""

    def __init__(self, project: Path) -> None:
        self._folder = project / FOLDER

    def place(self, version: str, kind: str) -> Path:
        """Where the model ``version`` is written to as one of ``SUFFIXES``.

        The folder is made. Raises ProjectError when it cannot be.
        """
        with disk_errors_named(self._folder):
            self._folder.mkdir(exist_ok=True)
        return self._folder / f"{version}{SUFFIXES[kind]}"

    def files(self) -> dict[str, int]:
        """The files that can be fetched, by name, and how many bytes each has."""
        found = {}
        # It may be away, and files may be deleted meanwhile.
        with contextlib.suppress(OSError):
            for path in sorted(self._folder.iterdir()):
                # A link may lead out of the project; what is being written is not complete.
                if (
                    path.suffix
                    and path.suffix in SUFFIXES.values()
                    and not path.name.startswith(TEMPORARY_PREFIX)
                    and not path.is_symlink()
                    and path.is_file()
                ):
                    found[path.name] = path.stat().st_size
        return found

    def file(self, name: str) -> Path | None:
        """The file ``name``, None where there is no such file in the folder itself."""
        return self._folder / name if name in self.files() else None
