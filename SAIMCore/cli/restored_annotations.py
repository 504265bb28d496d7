"""``saim annotate --restore``: an earlier annotation becomes the current one again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import AnnotationRecord

__all__ = ["PREVIOUS", "restore_annotations"]

# In place of a number: the annotation before the current one.
PREVIOUS = 0


def restore_annotations(console: Console, options: argparse.Namespace) -> None:
    """Restore annotation ``options.restore`` of every series, after a look at all of them.

    Raises ProjectError when a series has no such annotation and InvalidLabelmapError when its
    file is damaged; then nothing was restored.
    """
    with open_for_writing(console, options.project) as project:
        earlier = [_earlier(project, name, options.restore) for name in _once(options.series)]
        done: list[dict[str, Any]] = []
        try:
            for record in earlier:
                current = project.annotations.restore(record.series, record.number)
                done.append(_entry(record, current))
        finally:
            _show(console, done)
            console.result({"restored": done})


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _earlier(project: Project, name: str, number: int) -> AnnotationRecord:
    """The annotation to restore, which can be read and is not the current one."""
    history = project.annotations.history(name)
    if len(history) < 2:
        raise ProjectError(
            f"series {name!r} has {'one annotation only' if history else 'no annotation'}, so "
            "there is no earlier one to restore"
        )
    wanted = history[-2].number if number == PREVIOUS else number
    found = next((record for record in history if record.number == wanted), None)
    if found is None or found.current:
        listed = ", ".join(f"{record.number} by {record.annotator}" for record in history[:-1])
        raise ProjectError(
            f"annotation {wanted} of series {name!r} "
            f"{'does not exist' if found is None else 'is the current one'}; the earlier ones are "
            f"{listed}"
        )
    project.annotations.load(name, wanted)
    return found


def _entry(restored: AnnotationRecord, current: AnnotationRecord) -> dict[str, Any]:
    return {
        "series": restored.series,
        "restored": restored.number,
        "annotator": restored.annotator,
        "created": restored.created,
        "model": restored.model_version,
        "number": current.number,
    }


def _show(console: Console, done: list[dict[str, Any]]) -> None:
    console.table(
        ("series", "restored", "by", "of", "with model", "is now"),
        [
            (
                entry["series"],
                entry["restored"],
                entry["annotator"],
                f"{entry['created'][:16]} UTC",
                entry["model"],
                entry["number"],
            )
            for entry in done
        ],
    )
    console.say(f"restored {len(done)} annotation{'' if len(done) == 1 else 's'}")
