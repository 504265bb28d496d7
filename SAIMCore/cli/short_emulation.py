"""``saim emulate`` without a project: one on phantoms or on labeled series, in a few minutes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from SAIMCore.cli.class_argument import class_table
from SAIMCore.cli.console import Console
from SAIMCore.cli.made_project import (
    MADE,
    check_origin,
    full_path,
    is_project,
    make_project,
    name_of,
)
from SAIMCore.cli.writable_project import open_for_writing

if TYPE_CHECKING:
    from SAIMCore.project.importers.plan import ImportPlan
    from SAIMCore.project.project import Project
    from SAIMCore.rounds.options import RoundOptions

__all__ = ["CLICKS", "EMULATED", "ROUNDS", "short_project", "short_query_size", "short_training"]

# All of it takes less than 5 minutes on 2 CPU cores: for the sequential memory, for the ConvLSTM
# decoder, and for a simulated user who leaves clicks out, these are too few steps. Every round goes
# on from the shared model, so that the short trainings add up.
PHANTOMS, PHANTOM_SIZE = 20, (64, 64, 8)
ROUNDS, EPOCHS, STEPS_PER_EPOCH, BATCH_SIZE, LEARNING_RATE = 2, 3, 50, 8, 2e-3
ENCODER, MEMORY, SCHEDULE = "resnet18", "cumulative", "cosine"
# More clicks than the paper's 3, as the model is weaker, and in a round half as many series as at
# the start: what 150 steps can propose agrees with the reference by half to two thirds, and in
# larger numbers drowns the good annotations (Testing/benchmarks/RESULTS.md, "A loop ...").
CLICKS, QUERY_SHARE = 6, 0.5
# Beside the projects that people annotate, which an emulation would use up.
EMULATED = MADE / "emulated"


def short_project(
    console: Console, data: Path | None, classes: str | None, folder: Path | None
) -> Project:
    """The project ``folder``/project, open; made when it is not there yet.

    data: labeled series (``plan_scenario``), None: phantoms. folder: by default in ``EMULATED``.
    Raises ProjectError when the project there was made from other series.
    """
    from SAIMCore.training.configuration import GenerationOptions, TrainingConfig

    data = None if data is None else full_path(data)
    folder = full_path(folder or EMULATED / ("phantoms" if data is None else name_of(data)))
    place, series = folder / "project", data or folder / "series"
    if is_project(place):
        check_origin(place, series, classes)
        return open_for_writing(console, place)
    return make_project(
        console,
        place,
        lambda: _plan(console, series, classes, phantoms=data is None),
        name=folder.name,
        training=TrainingConfig(
            generation=GenerationOptions(dropped=0, hold_out_class=False, decreasing=False)
        ),
    )


def short_training(given: RoundOptions) -> RoundOptions:
    """``given`` with what it leaves open chosen for few minutes."""
    usual: dict[str, Any] = {
        "encoder": ENCODER,
        "memory": MEMORY,
        "epochs": EPOCHS,
        "steps_per_epoch": STEPS_PER_EPOCH,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "schedule": SCHEDULE,
    }
    return replace(
        given,
        fine_tune=True,
        # Those need more steps than this takes.
        pretrained=False,
        **{name: value for name, value in usual.items() if getattr(given, name) is None},
    )


def short_query_size(project: Project) -> int:
    """Series per round, by how many were annotated at the start."""
    # Also when it goes on, with more of them annotated already.
    initial = sum(
        record.annotation is not None and record.annotation.model_version is None
        for record in project.training_series()
    )
    return max(1, round(initial * QUERY_SHARE))


def _plan(console: Console, series: Path, classes: str | None, *, phantoms: bool) -> ImportPlan:
    from SAIMCore.data.atomic import disk_errors_named
    from SAIMCore.data.phantom import make_phantom
    from SAIMCore.experiments.labeled_folder import plan_scenario

    if phantoms and not series.exists():
        with disk_errors_named(series.parent):
            series.parent.mkdir(parents=True, exist_ok=True)
        with console.progress("making phantoms") as bar:
            make_phantom(series, PHANTOMS, size=PHANTOM_SIZE, progress=bar)
    table = class_table(classes)
    with console.progress("looking for series") as bar:
        return plan_scenario(
            series, table, progress=lambda done, total, name: bar(done, total, f"reading {name}")
        )
