"""Where accepted annotations lie, in such a way that a kill at any moment loses none.

``annotations/NAME.nii.gz`` is the current annotation. When a later one is accepted, first the
current file is copied to ``annotations/history/NAME/NUMBER.nii.gz``, then the new file takes its
place, then the database says so. As long as the database calls annotation NUMBER the current one
and its history file exists, the history file is the accepted one: the file in front may be one
that was never accepted.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from SAIMCore.data.atomic import TEMPORARY_PREFIX, atomic_path, disk_errors_named

__all__ = ["AnnotationFiles"]

SUFFIX = ".nii.gz"


class AnnotationFiles:
    """The files in ``folder`` (the project's ``annotations``)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.orphans = folder / "orphans"

    def front(self, name: str) -> Path:
        """``annotations/NAME.nii.gz``: the place of the current annotation."""
        return self.folder / f"{name}{SUFFIX}"

    def history(self, name: str, number: int) -> Path:
        """Where annotation ``number`` lies once a later one has been accepted."""
        return self.folder / "history" / name / f"{number:03d}{SUFFIX}"

    def accepted(self, name: str, number: int, current: bool) -> Path:
        """The file of annotation ``number``, which is the ``current`` one or an earlier one."""
        kept = self.history(name, number)
        return self.front(name) if current and not kept.exists() else kept

    def keep(self, name: str, number: int) -> None:
        """Copy the current annotation ``number`` to the history, before another replaces it.

        A file that is missing (``reconcile`` says so) cannot be kept and does not stop the next
        one. Raises ProjectError when the copy cannot be written.
        """
        front, kept = self.front(name), self.history(name, number)
        # A kept copy is the accepted one, the file in front need not be.
        if kept.exists() or not front.exists():
            return
        self._make_folder("history", name)
        with atomic_path(kept) as temporary:
            shutil.copyfile(front, temporary)

    def reconcile(self, current: Mapping[str, int]) -> list[str]:
        """Make the files agree with the database after a kill.

        ``current`` maps each series to the number of its current annotation. Files that nobody
        accepted move to ``annotations/orphans``; nothing is deleted but unfinished temporary files
        and second copies. Returns one sentence for everything found. Raises ProjectError when the
        disk cannot be written.
        """
        with disk_errors_named(self.folder):
            return self._reconcile(current)

    def _reconcile(self, current: Mapping[str, int]) -> list[str]:
        for leftover in self.folder.rglob(f"{TEMPORARY_PREFIX}*"):
            leftover.unlink()
        sentences = []
        for name, number in sorted(current.items()):
            sentences += self._settle(name, number)
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            if path.name.removesuffix(SUFFIX) not in current:
                sentences.append(self._set_aside(path))
        return sentences

    def _settle(self, name: str, number: int) -> list[str]:
        """End an acceptance that was interrupted before the database knew of it."""
        front, kept = self.front(name), self.history(name, number)
        if not kept.exists():
            if front.exists():
                return []
            return [
                f"the accepted annotation {front} of series {name!r} is missing; restore it from "
                "a backup, or annotate the series again"
            ]
        sentences = []
        if front.exists() and not filecmp.cmp(front, kept, shallow=False):
            sentences.append(self._set_aside(front))
        os.replace(kept, front)
        return sentences

    def _set_aside(self, path: Path) -> str:
        self._make_folder("orphans")
        name = path.name.removesuffix(SUFFIX)
        aside = self.orphans / f"{name}.{uuid4().hex[:8]}{SUFFIX}"
        os.replace(path, aside)
        return (
            f"an annotation of series {name!r} was saved but its acceptance was interrupted; it "
            f"is kept at {aside}; if it is wanted: saim annotate PROJECT {name} --labels {aside}"
        )

    def _make_folder(self, *parts: str) -> None:
        """Make a folder below ``folder``; never ``folder`` itself, where the project was away."""
        folder = self.folder
        for part in parts:
            folder = folder / part
            with disk_errors_named(folder):
                folder.mkdir(exist_ok=True)
