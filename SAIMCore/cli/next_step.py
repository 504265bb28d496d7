"""One sentence on what to do next with a project."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from SAIMCore.errors import ProjectError

if TYPE_CHECKING:
    from SAIMCore.project.project import Project
    from SAIMCore.project.records import ModelRecord, RoundRecord, SeriesRecord
    from SAIMCore.scoring import RankedSeries

__all__ = ["count_statuses", "next_step", "ranked_queue"]


def count_statuses(project: Project) -> dict[str, int]:
    """Series per status, those without series included."""
    from SAIMCore.project.records import STATUSES

    counts = Counter(record.status for record in project.series())
    return {status: counts[status] for status in STATUSES}


def next_step(project: Project) -> str:
    """What the user should do now, with the command for it."""
    folder = project.folder
    interrupted = project.rounds.running()
    if interrupted is not None:
        return _about_round(project, interrupted)
    lacking = _lacking(project)
    if lacking is not None:
        return lacking
    current = project.models.current()
    if current is None:
        return f"train the first model: saim train {folder}"
    pool = project.pool()
    new = _annotated_since(project, current)
    if new and (not pool or len(new) >= project.settings.selection.query_size):
        return (
            f"train on what was annotated since {current.version} ({len(new)} series): "
            f"saim train {folder}"
        )
    if not pool:
        return (
            f"every series is annotated; segment new ones with {current.version}: "
            f"saim predict {folder} IMAGE -o FILE"
        )
    queue = ranked_queue(project, current.version)
    names = [entry.name for entry in queue[: project.settings.selection.query_size]]
    if any(not entry.fresh for entry in queue):
        return f"find out which series to annotate next: saim rank {folder}"
    return f"annotate next: {', '.join(names)}; then accept the labelmaps: {_accepting(project)}"


def ranked_queue(project: Project, model_version: str) -> list[RankedSeries]:
    """The pool in the order of the project's own strategy, as ``model_version`` sees it."""
    from SAIMCore.acquisition import strategy_named
    from SAIMCore.campaign.pool_order import ordered_pool

    strategy = strategy_named(project.settings.selection.strategy)
    return ordered_pool(project, strategy, model_version)


def _about_round(project: Project, record: RoundRecord) -> str:
    from SAIMCore.project.lock import current_writer
    from SAIMCore.training.run_lock import is_at_work

    writer = current_writer(project.folder)
    if writer is not None:
        return f"wait: round {record.number} has begun, and {writer} is at work on the project"
    if is_at_work(record.run_folder):
        return (
            f"wait: round {record.number} is being trained in the background; it is concluded by "
            f"whoever opens the project next, or with 'saim train {project.folder}' when it is done"
        )
    return (
        f"go on with round {record.number}, which was interrupted: saim train {project.folder} "
        "(--discard gives it up and trains anew)"
    )


def _lacking(project: Project) -> str | None:
    """What stands in the way of a training, or None."""
    from SAIMCore.project.checks import check_classes_present

    training = project.training_series()
    if not training:
        return _first_annotations(project)
    try:
        check_classes_present(training, project.classes)
    except ProjectError as error:
        return f"{error}; labelmaps are accepted with: {_accepting(project)}"
    if not project.series("validation"):
        return (
            "set an annotated series aside for validation, by which the best epoch is chosen: "
            f"saim status {project.folder} --set SERIES validation"
        )
    return None


def _first_annotations(project: Project) -> str:
    if project.settings.igniter is not None:
        return (
            "no series is annotated, so there is nothing to train on; correct and accept what the "
            f"igniter proposes, in 3D Slicer or the browser: saim web {project.folder}"
        )
    return (
        "no series is annotated, so there is nothing to train on; begin with somebody else's model "
        f"(saim igniter {project.folder} set FILE), or annotate some and accept the labelmaps: "
        f"{_accepting(project)}"
    )


def _accepting(project: Project) -> str:
    return f"saim annotate {project.folder} --labels DIR"


def _annotated_since(project: Project, model: ModelRecord) -> list[SeriesRecord]:
    """Training series that were annotated after the training of ``model`` began."""
    started = {record.number: record.started for record in project.rounds.all()}
    since = model.created if model.round is None else started[model.round]
    return [
        record
        for record in project.training_series()
        if record.annotation is not None and record.annotation.created > since
    ]
