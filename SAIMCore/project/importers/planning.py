"""From what the user gives (folders, a data set, splits, classes) to one import plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.agreement import agreed_classes
from SAIMCore.project.importers.dataset_json import collect_dataset
from SAIMCore.project.importers.folders import collect_folders
from SAIMCore.project.importers.initial import with_initial_set
from SAIMCore.project.importers.plan import Collection, ImportPlan, PlannedSeries
from SAIMCore.project.importers.proposal import propose_splits
from SAIMCore.project.importers.splits import Splits, apply_splits, read_splits
from SAIMCore.project.patients import patients_across

__all__ = ["plan_collection", "plan_import"]


def plan_import(
    images: Path | None = None,
    labels: Path | None = None,
    *,
    dataset: Path | None = None,
    splits: str | None = None,
    classes: ClassTable | None = None,
    initial: float | None = None,
    labeled_only: bool = False,
    seed: int = 0,
) -> ImportPlan:
    """Plan a project from ``images`` (and ``labels``), or from a ``dataset`` (dataset.json).

    The other arguments are those of ``plan_collection``, which raises what is wrong with them.
    Raises ProjectError or ClassTableError when the sources cannot be read or contradict each other.
    """
    return plan_collection(
        _collect(images, labels, dataset),
        splits=splits,
        classes=classes,
        initial=initial,
        labeled_only=labeled_only,
        seed=seed,
    )


def plan_collection(
    collection: Collection,
    *,
    splits: str | None = None,
    classes: ClassTable | None = None,
    initial: float | None = None,
    labeled_only: bool = False,
    seed: int = 0,
) -> ImportPlan:
    """Plan a project from the series of ``collection``.

    splits: ``FILE`` or ``FILE:GROUP``; without it splits are proposed with ``seed``. classes: may
    be left out where the data set or the splits file names them. initial: how many (an ``int``) or
    which share (a ``float``) of the training series are annotated at the start, the others being
    the pool (see ``with_initial_set``). labeled_only: leave out series without labels.

    Raises ProjectError or ClassTableError when the splits cannot be read or contradict the rest;
    what is wrong with single series stands in the plan's ``problems``.
    """
    chosen = None if splits is None else read_splits(splits)
    if chosen is not None and initial is not None:
        raise ProjectError(
            f"{chosen.path} says which series are annotated at the start; give a splits file or "
            "the number of initial series"
        )
    named: dict[str, ClassTable | None] = {"the given class table": classes}
    if chosen is not None:
        named[str(chosen.path)] = chosen.classes
    named["the data set"] = collection.classes
    planned, notes, problems = _with_statuses(collection.series, chosen, labeled_only, seed)
    across = patients_across((entry.name, entry.source.patient, entry.status) for entry in planned)
    plan = ImportPlan(
        agreed_classes(named),
        tuple(planned),
        (*collection.notes, *notes),
        (*problems, *_repeated_names(planned), *across.values()),
    )
    return plan if initial is None else with_initial_set(plan, initial, seed)


def _with_statuses(
    series: Sequence[PlannedSeries], splits: Splits | None, labeled_only: bool, seed: int
) -> tuple[list[PlannedSeries], list[str], list[str]]:
    """The series with the statuses of their splits or of a proposal; (series, notes, problems)."""
    if splits is not None:
        planned, notes, problems = apply_splits(series, splits)
        kept, left_out = _labeled(planned) if labeled_only else (planned, [])
        return kept, notes + left_out, problems
    # Before the proposal, whose notes count the series.
    found, left_out = _labeled(series) if labeled_only else (list(series), [])
    planned, notes = propose_splits(found, seed)
    return planned, left_out + notes, []


def _labeled(series: Sequence[PlannedSeries]) -> tuple[list[PlannedSeries], list[str]]:
    """The series with labels, and a note when there are others."""
    kept = [entry for entry in series if entry.labels is not None]
    if not kept:
        raise ProjectError(
            f"none of the {len(series)} series has labels, which are needed here; add labelmaps"
        )
    lost = len(series) - len(kept)
    return kept, [f"{lost} series without labels were left out"] if lost else []


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
