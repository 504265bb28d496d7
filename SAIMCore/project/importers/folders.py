"""Series from a folder of images, with labels matched by name from another folder."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

from SAIMCore.data.formats import image_suffix, name_without_suffix
from SAIMCore.data.sources import FIRST_CHANNEL, SeriesSource, find_series
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import Collection, PlannedSeries

__all__ = ["collect_folders", "find_labels", "match_labels"]

_LATER_CHANNEL = re.compile(r"_(?!0000$)\d{4}$")
_NNUNET_FOLDERS = ("imagesTr", "imagesTs")


def collect_folders(images: Path, labels: Path | None = None) -> Collection:
    """The series in ``images``, each with the labelmap in ``labels`` that has its name.

    A channel suffix ``_0000`` of an image counts as no part of its name. Where one folder lies
    within the other, its files are no part of the outer one. Raises ProjectError when a folder is
    missing or holds nothing, both are the same, an image has several channels, two labelmaps have
    the same name, or no labelmap at all matches.
    """
    passed_over: list[str] = []
    if labels is None:
        sources = find_series(images, note=passed_over.append)
        refuse_channels(sources, images)
        series = tuple(PlannedSeries(source) for source in sources)
        return Collection(series, notes=tuple(passed_over))
    nested = _nested(images, labels)
    found = find_labels(labels, images)
    sources = find_series(images, labels, passed_over.append)
    refuse_channels(sources, images, found)
    series = match_labels(sources, found)
    matched = {entry.labels for entry in series}
    if matched == {None}:
        raise ProjectError(
            f"none of the {len(found)} labelmaps in {labels} has the name of a series in {images} "
            f"(such as {sources[0].name!r}); name each labelmap like its image"
        )
    spare = sorted(name for name, path in found.items() if path not in matched)
    spares = [_spare_note(spare)] if spare else []
    return Collection(series, notes=(*nested, *passed_over, *spares))


def find_labels(folder: Path, without: Path | None = None) -> dict[str, Path]:
    """The labelmap files in ``folder`` and below it, under the names that their series have.

    without: a folder (or file) below it that is passed over. Raises ProjectError when the folder is
    missing or empty, or two files have the same name.
    """
    if not folder.is_dir():
        raise ProjectError(f"the folder of labels {folder} does not exist; check the path")
    found: dict[str, Path] = {}
    for path in _label_files(folder, without):
        name = "_".join((*path.relative_to(folder).parts[:-1], name_without_suffix(path)))
        if name in found:
            raise ProjectError(
                f"the labelmaps {found[name]} and {path} belong to the same series {name!r}; "
                "remove one"
            )
        found[name] = path
    if not found:
        raise ProjectError(f"no labelmaps found in {folder}; check the path")
    return found


def _label_files(folder: Path, without: Path | None) -> Iterator[Path]:
    real, passed = folder.resolve(), None if without is None else without.resolve()
    if passed is not None and not passed.is_relative_to(real):
        passed = None
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        inside = passed is not None and real.joinpath(*parts).is_relative_to(passed)
        if image_suffix(path) is not None and not hidden and not inside:
            yield path


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


def refuse_channels(
    sources: Sequence[SeriesSource], folder: Path, labels: Container[str] | None = None
) -> None:
    """Raise ProjectError when some images in ``folder`` are the further channels of others.

    Series may as well be numbered ``case_0000``, ``case_0001``, ... What tells the two apart is the
    names of ``labels``: those of channels belong to ``case``. Without labels it is the folder of
    nnU-Net, or that more than one name is numbered from 0.
    """
    names = {source.name for source in sources}
    later = [
        (source, stem)
        for source in sources
        if (stem := _LATER_CHANNEL.sub("", source.name)) != source.name
        and stem + FIRST_CHANNEL in names
    ]
    if labels is not None:
        later = [(s, stem) for s, stem in later if stem in labels and s.name not in labels]
    elif folder.name not in _NNUNET_FOLDERS and len({stem for _, stem in later}) < 2:
        return
    if later:
        source, stem = later[0]
        raise ProjectError(
            f"the image {source.path} is a further channel of series {stem + FIRST_CHANNEL!r}; "
            f"SAIM reads one channel, so keep only the files that end with {FIRST_CHANNEL}"
        )


def _nested(images: Path, labels: Path) -> tuple[str, ...]:
    """A note when one of the two folders lies within the other. Refuses one folder for both."""
    outer, inner = images.resolve(), labels.resolve()
    if outer == inner:
        raise ProjectError(
            f"{images} is given for the images and for the labels; put the labelmaps into a folder "
            "of their own"
        )
    if inner.is_relative_to(outer):
        return (f"the labelmaps in {labels} were not taken for images of {images}",)
    if outer.is_relative_to(inner):
        return (f"the images in {images} were not taken for labelmaps of {labels}",)
    return ()


def _spare_note(names: Sequence[str]) -> str:
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return f"{len(names)} labelmaps belong to no series and were left out: {listed}"
