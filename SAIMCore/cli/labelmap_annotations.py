"""``saim annotate --labels``: labelmaps that a person made become accepted annotations."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.series_to_annotate import check_labelmaps, choose_series, find_labelmaps
from SAIMCore.cli.writable_project import open_for_writing
from SAIMCore.errors import ConfigurationError, ProjectError

if TYPE_CHECKING:
    from SAIMCore.cli.console import Console
    from SAIMCore.project.project import Project

__all__ = ["accept_labelmaps"]


def accept_labelmaps(console: Console, options: argparse.Namespace) -> None:
    """Check all labelmaps, then accept one after the other.

    Raises ConfigurationError for options that contradict each other, ProjectError for a series
    that may not be annotated or has no labelmap, InvalidLabelmapError for a labelmap that does not
    fit; then nothing was accepted.
    """
    _check(options)
    annotator = options.annotator or _person()
    with open_for_writing(console, options.project) as project:
        names = options.series or [record.name for record in project.pool()]
        chosen, left = choose_series(
            console,
            project,
            names,
            options.again,
            lambda found: found.annotator == annotator and found.model_version is None,
        )
        files = _files(project, chosen, options.labels, named=bool(options.series))
        check_labelmaps(console, project, files)
        done: list[dict[str, Any]] = []
        try:
            with console.progress("accepting") as bar:
                for name, path in files.items():
                    bar(len(done), len(files), f"accepting {name}")
                    done.append(_accept(project, name, path, annotator, options.minutes or 0.0))
        finally:
            # Also after an error or Ctrl+C: what was accepted stays accepted.
            _show(console, done, annotator)
            accepted = {entry["series"] for entry in done}
            console.result(
                {
                    "annotations": done,
                    "annotated_before": left,
                    "not_done": [name for name in files if name not in accepted],
                }
            )


def _person() -> str:
    from SAIMCore.project.lock import login_name

    return login_name()


def _check(options: argparse.Namespace) -> None:
    minutes = options.minutes
    if minutes is not None and not 0 <= minutes < float("inf"):
        raise ConfigurationError(f"a series cannot take {minutes} minutes; give 0 or more")
    if options.labels.is_file() and len(options.series) != 1:
        raise ConfigurationError(
            f"{options.labels} is one labelmap; name the one series that it belongs to"
        )
    if options.again and not options.series:
        raise ConfigurationError("--again replaces annotations; name the series that it is for")


def _files(project: Project, names: Sequence[str], labels: Path, named: bool) -> dict[str, Path]:
    """The labelmap of every series; of series that were not ``named``, of those that have one."""
    if labels.is_file():
        return dict.fromkeys(names, labels)
    found = find_labelmaps(project, names, labels)
    missing = [name for name in names if name not in found]
    if named and missing:
        raise ProjectError(
            f"{labels} has no labelmap of series {missing[0]!r}; name it like the series "
            f"({missing[0]}.nii.gz), or give the file itself with --labels"
        )
    if not named and not found:
        raise ProjectError(
            f"{labels} has no labelmap that is named like a series of the pool"
            + (f" (such as {names[0]}.nii.gz)" if names else ", which is empty")
            + f"; 'saim status {project.folder} --series' lists the series"
        )
    return found


def _accept(
    project: Project, name: str, path: Path, annotator: str, minutes: float
) -> dict[str, Any]:
    from SAIMCore.data.reading import read_labelmap

    record = project.series_named(name)
    labels = read_labelmap(path, record.geometry, project.classes)
    accepted = project.annotations.accept(name, labels, annotator, minutes)
    return {
        "series": name,
        "file": str(path),
        "number": accepted.number,
        "annotator": annotator,
        "minutes": minutes,
        "slices": record.num_slices,
        "voxels": dict(zip(project.classes.names, accepted.class_voxels, strict=True)),
    }


def _show(console: Console, done: Sequence[Mapping[str, Any]], annotator: str) -> None:
    console.table(
        ("series", "slices", "voxels per class", "labelmap"),
        [
            (
                entry["series"],
                entry["slices"],
                ", ".join(f"{name} {count}" for name, count in list(entry["voxels"].items())[1:]),
                entry["file"],
            )
            for entry in done
        ],
    )
    console.say(f"accepted {len(done)} annotation{'' if len(done) == 1 else 's'} by {annotator}")
