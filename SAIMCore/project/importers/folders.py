"""Series from a folder of images, with labels matched by name from another folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from SAIMCore.data.formats import image_suffix, name_without_suffix
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import Collection, PlannedSeries

__all__ = ["FIRST_CHANNEL", "collect_folders", "find_labels", "match_labels"]

FIRST_CHANNEL = "_0000"
_LATER_CHANNEL = re.compile(r"_0*[1-9]\d*$")


def collect_folders(images: Path, labels: Path | None = None) -> Collection:
    """The series in ``images``, each with the labelmap in ``labels`` that has its name.

    A channel suffix ``_0000`` of an image counts as no part of its name. Raises ProjectError when
    a folder is missing or holds nothing, an image has several channels, two labelmaps have the
    same name, or no labelmap at all matches.
    """
    sources = find_series(images)
    refuse_channels(sources)
    if labels is None:
        return Collection(tuple(PlannedSeries(source) for source in sources))
    found = find_labels(labels)
    series = match_labels(sources, found)
    matched = {entry.labels for entry in series}
    if matched == {None}:
        raise ProjectError(
            f"none of the {len(found)} labelmaps in {labels} has the name of a series in {images} "
            f"(such as {sources[0].name!r}); name each labelmap like its image"
        )
    spare = sorted(name for name, path in found.items() if path not in matched)
    notes = () if not spare else (_spare_note(spare),)
    return Collection(series, notes=notes)


def find_labels(folder: Path) -> dict[str, Path]:
    """The labelmap files in ``folder`` and below it, under the names that their series have.

    Raises ProjectError when the folder is missing or empty, or two files have the same name.
    """
    if not folder.is_dir():
        raise ProjectError(f"the folder of labels {folder} does not exist; check the path")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if image_suffix(path) is None or any(part.startswith(".") for part in parts):
            continue
        name = "_".join((*parts[:-1], name_without_suffix(path)))
        if name in found:
            raise ProjectError(
                f"the labelmaps {found[name]} and {path} belong to the same series {name!r}; "
                "remove one"
            )
        found[name] = path
    if not found:
        raise ProjectError(f"no labelmaps found in {folder}; check the path")
    return found


def match_labels(
    sources: Sequence[SeriesSource], labels: Mapping[str, Path]
) -> tuple[PlannedSeries, ...]:
    """Each series with the labelmap of its name, or of its name without ``_0000``."""
    return tuple(
        PlannedSeries(
            source,
            labels.get(source.name) or labels.get(source.name.removesuffix(FIRST_CHANNEL)),
        )
        for source in sources
    )


def refuse_channels(sources: Iterable[SeriesSource]) -> None:
    """Raise ProjectError when some files are the further channels of another series."""
    sources = list(sources)
    names = {source.name for source in sources}
    for source in sources:
        first = _LATER_CHANNEL.sub(FIRST_CHANNEL, source.name)
        if first != source.name and first in names:
            raise ProjectError(
                f"the image {source.path} is a further channel of series {first!r}; SAIM reads "
                f"one channel, so keep only the files that end with {FIRST_CHANNEL}"
            )


def _spare_note(names: Sequence[str]) -> str:
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return f"{len(names)} labelmaps belong to no series and were left out: {listed}"
