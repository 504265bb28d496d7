"""From a project to the job of its next training."""

from __future__ import annotations

from collections.abc import Sequence

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.errors import TrainingError
from SAIMCore.job import LabeledSource, TrainingJob
from SAIMCore.networks.config import SIZE_MULTIPLE, NetworkConfig
from SAIMCore.project.checks import check_classes_present
from SAIMCore.project.project import Project
from SAIMCore.project.records import SeriesRecord
from SAIMCore.project.settings import ProjectSettings
from SAIMCore.rounds.options import RoundOptions

__all__ = ["network_size", "prepare_job"]


def prepare_job(project: Project, version: str, options: RoundOptions) -> TrainingJob:
    """The job that trains model ``version`` on everything that was accepted so far.

    Raises ProjectError when no series is annotated or a class is without a voxel in the training
    set, TrainingError when there is no validation series, or no model to fine-tune.
    """
    settings = options.applied_to(project.settings)
    training = project.training_series()
    validation = project.series("validation")
    check_classes_present(training, project.classes)
    if not validation:
        raise TrainingError(
            "no series is set aside for validation; give at least one annotated series the status "
            "validation, so that the best epoch can be chosen"
        )
    current = project.models.current()
    if options.fine_tune and current is None:
        raise TrainingError("there is no model to fine-tune yet; train without fine-tuning first")
    return TrainingJob(
        model=_model_config(project, settings, version),
        training=settings.training,
        cache=project.cache.folder,
        series={
            "training": _sources(project, training),
            "validation": _sources(project, validation),
            "test": _sources(project, project.series("test")),
        },
        device=options.device,
        start_from=current.folder if options.fine_tune and current else None,
        pretrained=options.pretrained,
        encoder_weights=options.encoder_weights,
    )


def _model_config(project: Project, settings: ProjectSettings, version: str) -> ModelConfig:
    return ModelConfig(
        network=NetworkConfig(
            num_classes=len(project.classes),
            memory_variant=settings.memory.variant,
            memory_depth=settings.memory.depth,
            decoder=settings.network.decoder,
            encoder=settings.network.encoder,
        ),
        classes=project.classes,
        preprocessing=settings.preprocessing,
        size=settings.network.size or network_size(project.series()),
        version=version,
        training={},
    )


def network_size(series: Sequence[SeriesRecord]) -> int:
    """The smallest multiple of 32 that holds the slices of all ``series``."""
    largest = max(max(record.geometry.stack_shape[1:]) for record in series)
    return -(-largest // SIZE_MULTIPLE) * SIZE_MULTIPLE


def _sources(project: Project, series: Sequence[SeriesRecord]) -> tuple[LabeledSource, ...]:
    return tuple(
        LabeledSource(record.source, project.annotations.path(record.name)) for record in series
    )
