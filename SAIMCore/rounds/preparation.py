"""From a project to the job of its next training."""

from __future__ import annotations

from collections.abc import Sequence

from SAIMCore.checkpoint import ModelConfig, load_config
from SAIMCore.errors import ConfigurationError, TrainingError
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

    Raises InvalidImageError when the image of a series is gone or was changed, ProjectError when no
    series is annotated or a class is without a voxel in the training set, TrainingError when there
    is no validation series, or none that shows anything, or no model to fine-tune,
    ConfigurationError when the options are not those of the model to fine-tune.
    """
    settings = options.applied_to(project.settings)
    training = project.training_series()
    validation = project.series("validation")
    check_classes_present(training, project.classes)
    _check_validation(validation)
    test = project.series("test")
    for record in (*training, *validation, *test):
        project.require_unchanged(record)
    current = project.models.current()
    if options.fine_tune and current is None:
        raise TrainingError("there is no model to fine-tune yet; train without fine-tuning first")
    start_from = current.folder if options.fine_tune and current else None
    return TrainingJob(
        model=_model_config(project, settings, version)
        if start_from is None
        else _fine_tuned_config(project, load_config(start_from), options, version, training),
        training=settings.training,
        cache=project.cache.folder,
        series={
            "training": _sources(project, training),
            "validation": _sources(project, validation),
            "test": _sources(project, test),
        },
        device=options.device,
        start_from=start_from,
        pretrained=options.pretrained,
        encoder_weights=options.encoder_weights,
    )


def _check_validation(validation: Sequence[SeriesRecord]) -> None:
    """The best epoch is chosen, and published, by what the validation series show."""
    if not validation:
        raise TrainingError(
            "no series is set aside for validation; give at least one annotated series the status "
            "validation, so that the best epoch can be chosen"
        )
    annotations = [record.annotation for record in validation if record.annotation is not None]
    if not any(sum(annotation.class_voxels[1:]) for annotation in annotations):
        raise TrainingError(
            f"the validation series ({', '.join(record.name for record in validation)}) show "
            "nothing but background, so the best epoch cannot be chosen by them; give an annotated "
            "series that shows a class the status validation"
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


def _fine_tuned_config(
    project: Project,
    current: ModelConfig,
    options: RoundOptions,
    version: str,
    training: Sequence[SeriesRecord],
) -> ModelConfig:
    """The model that goes on from ``current``: of the same network and size."""
    network = current.network
    for name, asked, found in (
        ("memory", options.memory, network.memory_variant),
        ("decoder", options.decoder, network.decoder),
        ("encoder", options.encoder, network.encoder),
        ("size", options.size, current.size),
    ):
        if asked is not None and asked != found:
            raise ConfigurationError(
                f"fine-tuning goes on with {current.version}, whose {name} is {found}, so the "
                f"{name} cannot become {asked}; leave it as it is, or retrain in full"
            )
    needed = network_size(training)
    if needed > current.size:
        raise ConfigurationError(
            f"{current.version} was trained at a size of {current.size}, and there are training "
            f"series that need {needed}; retrain in full"
        )
    return ModelConfig(
        network=network,
        classes=project.classes,
        preprocessing=project.settings.preprocessing,
        size=current.size,
        version=version,
        training={},
    )


def network_size(series: Sequence[SeriesRecord]) -> int:
    """The smallest multiple of 32 that holds the slices of all ``series`` but excluded ones."""
    largest = max(
        max(record.geometry.stack_shape[1:]) for record in series if record.status != "excluded"
    )
    return -(-largest // SIZE_MULTIPLE) * SIZE_MULTIPLE


def _sources(project: Project, series: Sequence[SeriesRecord]) -> tuple[LabeledSource, ...]:
    return tuple(
        LabeledSource(record.source, project.annotations.path(record.name)) for record in series
    )
