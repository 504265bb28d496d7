"""Which series a command that annotates may take, and their labelmaps, before it takes any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from SAIMCore.errors import InvalidLabelmapError, ProjectError, SaimError

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import AnnotationRecord

__all__ = ["check_labelmaps", "choose_series", "find_labelmaps"]


def choose_series(
    console: Console,
    project: Project,
    names: Sequence[str],
    again: bool,
    alike: Callable[[AnnotationRecord], bool],
) -> tuple[list[str], list[str]]:
    """The series to annotate, and those of several that an earlier call has annotated already.

    ``alike`` tells whether an annotation is one that the same command made. Of those, unless
    ``again``, it is said that they stay as they are, so that a command that was interrupted can
    be given once more. Raises ProjectError for a series that is unknown, excluded, or annotated in
    another way.
    """
    pool = {record.name for record in project.pool()}
    chosen: list[str] = []
    left: list[str] = []
    for name in dict.fromkeys(names):
        record = project.series_named(name)
        if record.status == "excluded":
            raise ProjectError(f"series {name!r} is excluded; include it before annotating it")
        annotation = record.annotation
        if again or name in pool:
            chosen.append(name)
        elif len(names) > 1 and record.status == "annotated" and annotation and alike(annotation):
            left.append(name)
            console.say(
                f"{name} was annotated by {annotation.annotator} before and stays as it is "
                "(--again replaces it)"
            )
        else:
            raise ProjectError(
                f"series {name!r} is not in the pool (its status is {record.status!r}); "
                "add --again to replace its annotation"
            )
    return chosen, left


def find_labelmaps(project: Project, names: Sequence[str], folder: Path) -> dict[str, Path]:
    """The labelmaps in ``folder`` that have the names of the series, as an import matches them.

    Raises ProjectError when the folder is missing or holds no labelmap.
    """
    from SAIMCore.project.importers.folders import find_labels, match_labels

    sources = [project.series_named(name).source for name in names]
    matched = match_labels(sources, find_labels(folder))
    return {entry.name: entry.labels for entry in matched if entry.labels is not None}


def check_labelmaps(console: Console, project: Project, files: Mapping[str, Path]) -> None:
    """Read the labelmap of every series once, before anything is done with the first one.

    Memory holds one of them. Raises what is wrong: the error of one file, or an
    InvalidLabelmapError that lists those of all.
    """
    from SAIMCore.data.reading import read_labelmap

    problems: list[SaimError] = []
    with console.progress("checking the labelmaps") as bar:
        for done, (name, path) in enumerate(files.items()):
            bar(done, len(files), f"checking {path.name}")
            try:
                read_labelmap(path, project.series_named(name).geometry, project.classes)
            except SaimError as error:
                problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        raise InvalidLabelmapError(
            f"{len(problems)} labelmaps cannot be used, so nothing was annotated; correct them:\n"
            f"{listed}"
        )
