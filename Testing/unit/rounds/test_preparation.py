"""What a round is told to do, and what is refused before it exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from SAIMCore.errors import ConfigurationError, ProjectError, TrainingError
from SAIMCore.networks.factory import NETWORKS
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from SAIMCore.rounds.preparation import network_size, prepare_job
from SAIMCore.rounds.runner import TrainingRound

Worker = Callable[..., Any]


def names(job: Any, split: str) -> list[str]:
    return [entry.source.name for entry in job.series[split]]


def test_a_job_trains_on_what_is_accepted_and_on_nothing_else(project: Project) -> None:
    job = prepare_job(project, "round-001", RoundOptions())
    assert names(job, "training") == [record.name for record in project.series("annotated")]
    assert names(job, "validation") == [record.name for record in project.series("validation")]
    assert names(job, "test") == [record.name for record in project.series("test")]
    used = {name for split in job.series for name in names(job, split)}
    assert not used & {record.name for record in project.pool()}
    assert job.model.size == 64
    assert job.model.version == "round-001"


def test_options_of_a_round_change_its_job_and_not_the_project(project: Project) -> None:
    before = project.settings
    options = RoundOptions(
        memory="cumulative", epochs=2, size=96, generation="static", learning_rate=0.01
    )
    job = prepare_job(project, "round-001", options)
    assert job.model.network.memory_variant == "cumulative"
    assert job.model.size == 96
    assert (job.training.epochs, job.training.learning_rate) == (2, 0.01)
    assert job.training.generation.kind == "static"
    assert project.settings == before
    assert RoundOptions.from_json(options.to_json()) == options


def test_memories_without_rounds_get_the_plain_decoder(project: Project) -> None:
    options = RoundOptions(memory="none")
    assert prepare_job(project, "round-001", options).model.network.decoder == "unet"


def test_a_decoder_that_needs_no_rounds_stays_with_every_memory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(NETWORKS, "third", NETWORKS["unet"])
    project.change_settings(network=replace(project.settings.network, decoder="third"))
    options = RoundOptions(memory="cumulative")
    assert prepare_job(project, "round-001", options).model.network.decoder == "third"


def test_an_excluded_series_does_not_make_the_network_larger(project: Project) -> None:
    series = project.series()
    large = replace(series[0].geometry, size=(300, 300, 6))
    assert network_size([replace(series[0], geometry=large), *series[1:]]) == 320
    excluded = replace(series[0], geometry=large, status="excluded")
    assert network_size([excluded, *series[1:]]) == 64


def test_validation_series_that_show_nothing_are_refused_before_a_round_begins(
    project: Project,
) -> None:
    for record in project.series("validation"):
        nothing = np.zeros(record.geometry.array_shape, np.uint8)
        project.annotations.accept(record.name, nothing, "someone")
    with pytest.raises(TrainingError, match="show nothing but background"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.all() == []


def test_nothing_to_validate_on_is_said_before_a_round_begins(project: Project) -> None:
    for record in project.series("validation"):
        project.set_status(record.name, "excluded", "test")
    with pytest.raises(TrainingError, match="no series is set aside for validation"):
        TrainingRound(project).run(RoundOptions())
    assert project.rounds.all() == []


def test_nothing_to_train_on_and_nothing_to_fine_tune_are_said(project: Project) -> None:
    with pytest.raises(TrainingError, match="no model to fine-tune yet"):
        prepare_job(project, "round-001", RoundOptions(fine_tune=True))
    for record in project.series("annotated"):
        project.set_status(record.name, "excluded", "test")
    with pytest.raises(ProjectError, match="nothing to train on"):
        prepare_job(project, "round-001", RoundOptions())


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"memory": "base"}, "whose memory is sequential, so the memory cannot become base"),
        ({"encoder": "resnet34"}, "whose encoder is resnet18"),
        ({"decoder": "convlstm"}, "whose decoder is unet"),
        ({"size": 96}, "whose size is 64, so the size cannot become 96"),
    ],
)
def test_options_that_contradict_the_model_to_fine_tune_are_refused(
    project: Project, worker: Worker, asked: dict[str, Any], complaint: str
) -> None:
    worker()
    TrainingRound(project).run(RoundOptions())
    with pytest.raises(ConfigurationError, match=complaint):
        TrainingRound(project).run(RoundOptions(fine_tune=True, **asked))
    assert len(project.rounds.all()) == 1


def test_fine_tuning_keeps_network_and_size_whatever_the_project_says_now(
    project: Project, worker: Worker
) -> None:
    worker()
    TrainingRound(project).run(RoundOptions(memory="cumulative", size=96))
    network = replace(project.settings.network, encoder="resnet34", size=128)
    project.change_settings(network=network)
    job = prepare_job(project, "round-002", RoundOptions(fine_tune=True))
    assert (job.model.network.encoder, job.model.size) == ("resnet18", 96)
    assert job.model.network.memory_variant == "cumulative"
    assert job.model.version == "round-002"


def test_an_unknown_way_of_publishing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="publish cannot be 'maybe'"):
        RoundOptions(publish="maybe")
