"""From what the user gives (folders, a data set, splits, classes) to one import plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ClassTableError, ProjectError
from SAIMCore.project.importers.dataset_json import collect_dataset
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.plan import Collection, ImportPlan, PlannedSeries
from SAIMCore.project.importers.proposal import propose_splits
from SAIMCore.project.importers.splits import apply_splits, read_splits

__all__ = ["plan_import"]


def plan_import(
    images: Path | None = None,
    labels: Path | None = None,
    *,
    dataset: Path | None = None,
    splits: str | None = None,
    classes: ClassTable | None = None,
    seed: int = 0,
) -> ImportPlan:
    """Plan a project from ``images`` (and ``labels``), or from a ``dataset`` (dataset.json).

    splits: ``FILE`` or ``FILE:GROUP``; without it splits are proposed with ``seed``. classes: may
    be left out where the data set or the splits file names them. Raises ProjectError or
    ClassTableError when the sources cannot be read or contradict each other; what is wrong with
    single series stands in the plan's ``problems``.
    """
    collection = _collect(images, labels, dataset)
    named: dict[str, ClassTable | None] = {"the given class table": classes}
    if splits is None:
        planned, notes = propose_splits(collection.series, seed)
        problems: list[str] = []
    else:
        chosen = read_splits(splits)
        named[str(chosen.path)] = chosen.classes
        planned, notes, problems = apply_splits(collection.series, chosen)
    named["the data set"] = collection.classes
    return ImportPlan(
        _agreed_classes(named),
        tuple(planned),
        (*collection.notes, *notes),
        (*problems, *_repeated_names(planned), *_patients_across(planned)),
    )


def _collect(images: Path | None, labels: Path | None, dataset: Path | None) -> Collection:
    if (images is None) == (dataset is None):
        raise ProjectError(
            "a project is made from a folder of images or from a dataset.json; give one of the two"
        )
    if dataset is not None:
        if labels is not None:
            raise ProjectError(f"{dataset} says where its labels are; give no folder of labels")
        return collect_dataset(dataset)
    assert images is not None
    return collect_folders(images, labels)


def _agreed_classes(named: Mapping[str, ClassTable | None]) -> ClassTable:
    """The first of the tables; all must have the same label values.

    Names may differ, since users may call the classes of a data set as they like.
    """
    tables = {where: table for where, table in named.items() if table is not None}
    if not tables:
        raise ClassTableError(
            "nothing says which classes there are; name them, like background,liver,spleen"
        )
    (first, chosen), *others = tables.items()
    for where, other in others:
        if [entry.value for entry in chosen] != [entry.value for entry in other]:
            raise ClassTableError(
                f"the classes of {first}, {chosen!r}, have other label values than those of "
                f"{where}, {other!r}; name the classes in one place only"
            )
    return chosen


def _repeated_names(series: Sequence[PlannedSeries]) -> list[str]:
    first: dict[str, PlannedSeries] = {}
    problems = []
    for entry in series:
        # Without regard to case: some file systems have none.
        other = first.setdefault(entry.name.casefold(), entry)
        if other is not entry:
            problems.append(
                f"duplicate series {entry.name!r}: {other.source.path} and {entry.source.path} "
                "have the same name; rename or remove one"
            )
    return problems


def _patients_across(series: Sequence[PlannedSeries]) -> list[str]:
    """A sentence for every patient whose series are in more than one split."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in series:
        if entry.source.patient is not None:
            side = entry.status if entry.status in ("validation", "test") else "training"
            found[entry.source.patient].setdefault(side, entry.name)
    return [
        f"patient {patient!r} is in more than one split: "
        + ", ".join(f"{name!r} in {side}" for side, name in sides.items())
        + "; keep all series of a patient in one split"
        for patient, sides in found.items()
        if len(sides) > 1
    ]
