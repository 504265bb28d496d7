"""From the project to the figures of its emulated scenario, at any point of it."""

from __future__ import annotations

from statistics import fmean
from typing import Any

from SAIMCore.checkpoint import load_config
from SAIMCore.experiments.classical import ClassicalTraining
from SAIMCore.experiments.options import EmulationOptions
from SAIMCore.experiments.result import (
    ClassicalResult,
    EmulationResult,
    RoundResult,
    click_scores,
)
from SAIMCore.experiments.state import EmulationState
from SAIMCore.job import TrainingJob
from SAIMCore.project.project import Project
from SAIMCore.project.records import ModelRecord
from SAIMCore.worker_events import read_events

__all__ = ["collect"]


def collect(project: Project, state: EmulationState, options: EmulationOptions) -> EmulationResult:
    """The figures of all rounds that are finished (at least the initial one)."""
    total = len(state.initial) + len(state.pool)
    rounds: list[RoundResult] = []
    classical: list[ClassicalResult] = []
    series = len(state.initial)
    last: ModelRecord | None = None
    for number, entry in enumerate(state.rounds):
        if entry.model is None or entry.project_round is None:
            break
        last = project.models.named(entry.model)
        assert last.test is not None
        annotated = [state.annotations[name] for name in entry.queue]
        clicks = sum(found["clicks"] for found in annotated)
        slices = sum(found["slices"] for found in annotated)
        series += len(entry.queue)
        share = series / total
        rounds.append(
            RoundResult(
                number=number,
                model=entry.model,
                annotated=tuple(entry.queue),
                series=series,
                share=share,
                clicks=clicks,
                slices=slices,
                minutes=options.minutes(clicks, slices),
                label_iou=_mean([found["mean_iou"] for found in annotated]),
                test=click_scores(last.test),
            )
        )
        metrics = ClassicalTraining(project, entry.project_round).metrics()
        if metrics is not None:
            classical.append(ClassicalResult(number, series, share, click_scores(metrics["test"])))
    assert last is not None
    return EmulationResult(
        options=options,
        classes=project.classes,
        initial=tuple(state.initial),
        pool=tuple(state.pool),
        rounds=tuple(rounds),
        classical=tuple(classical),
        facts=_facts(project, last),
    )


def _mean(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _facts(project: Project, model: ModelRecord) -> dict[str, str]:
    """Data, network and training as people say them."""
    config = load_config(model.folder)
    network = config.network
    run_folder = project.runs_folder / f"round-{model.round:03d}"
    job = TrainingJob.read(run_folder)
    training = job.training
    start = _start_event(project, model)
    rate = training.learning_rate
    series = {status: project.series(status) for status in ("validation", "test")}
    memory = network.memory_variant
    if memory == "sequential":
        memory += f", depth {network.memory_depth}"
    return {
        "project": str(project.folder),
        "classes": ", ".join(config.classes.names[1:]),
        "validation series": ", ".join(record.name for record in series["validation"]),
        "test series": ", ".join(record.name for record in series["test"]),
        "network": f"{network.decoder} decoder on {network.encoder}, input {config.size} x "
        f"{config.size} pixels, memory {memory}",
        "training": f"{training.epochs} epochs of {start.get('steps_per_epoch', '?')} steps, batch "
        f"{training.batch_size}, {training.generation.kind} data generation, learning rate "
        f"{'chosen by the starting weights' if rate is None else f'{rate:g}'}, "
        + ("fine-tuned from the model before" if job.start_from else "from scratch every round"),
        "device": str(start.get("device", "?")),
    }


def _start_event(project: Project, model: ModelRecord) -> dict[str, Any]:
    events = read_events(project.runs_folder / f"round-{model.round:03d}")
    return next((event for event in events if event["event"] == "start"), {})
