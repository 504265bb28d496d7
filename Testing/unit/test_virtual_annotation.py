"""The virtual user annotates whole series, with the clicks that evaluation would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.data.geometry import to_slices
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.data.phantom import make_phantom
from SAIMCore.errors import ConfigurationError, InvalidLabelmapError, ProjectError
from SAIMCore.evaluation import evaluate
from SAIMCore.metrics import SegmentationScores
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import Predictor
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.virtual_annotation import annotate_with_virtual_user


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("virtual")
    phantom = make_phantom(folder / "phantom", 6, size=(48, 40, 5))
    plan = plan_import(phantom.images, phantom.labels, splits=str(phantom.splits_file))
    with Project.create(folder / "project", plan) as opened:
        yield opened


@pytest.fixture(scope="module")
def predictor(project: Project) -> Predictor:
    torch.manual_seed(0)
    network = NetworkConfig(
        len(project.classes), encoder="resnet18", decoder_channels=(16, 16, 8, 8, 8)
    )
    config = ModelConfig(
        network, project.classes, project.settings.preprocessing, size=64, version="untrained"
    )
    return Predictor(create_network(network), config, "cpu")


@pytest.fixture(params=range(3))
def name(project: Project, request: pytest.FixtureRequest) -> str:
    """Each series of the pool; their slices lie along different axes."""
    return project.pool()[request.param].name


def test_every_clicked_pixel_has_the_class_of_its_click_and_of_the_reference(
    project: Project, predictor: Predictor, name: str
) -> None:
    reference = project.load_reference(name)
    outcome = annotate_with_virtual_user(project, predictor, name, reference, 2, seed=1)
    axis = project.series_named(name).geometry.acquisition_axis
    stack, references = to_slices(outcome.labels, axis), to_slices(reference, axis)
    assert outcome.labels.shape == reference.shape
    assert outcome.labels.dtype == np.uint8
    assert outcome.clicks == len(outcome.interactions) > 0
    for click in outcome.interactions:
        place = (click.slice_index, click.row, click.column)
        assert stack[place] == references[place] == click.class_index


def test_clicks_are_counted_per_slice(project: Project, predictor: Predictor, name: str) -> None:
    reference = project.load_reference(name)
    outcome = annotate_with_virtual_user(project, predictor, name, reference, 1, seed=1)
    counted = Counter(click.slice_index for click in outcome.interactions)
    assert outcome.clicks_per_slice == tuple(counted[index] for index in range(5))
    assert sum(outcome.clicks_per_slice) == outcome.clicks


def test_evaluation_gives_the_same_clicks_and_the_same_answer(
    project: Project, predictor: Predictor, name: str
) -> None:
    reference = project.load_reference(name)
    outcome = annotate_with_virtual_user(project, predictor, name, reference, 2, seed=4)
    cached = project.cached(name)
    labels = to_slices(reference, cached.geometry.acquisition_axis)
    evaluation = evaluate(predictor, [LabeledSeries(name, cached.slices, labels)], 2, seed=4)
    measured = SegmentationScores(project.classes)
    measured.add(outcome.labels, reference)
    assert evaluation.series[2][name] == measured.scores()
    assert evaluation.clicks_given[2] * 5 == pytest.approx(outcome.clicks)


def test_the_seed_decides_the_clicks(project: Project, predictor: Predictor) -> None:
    name = project.pool()[0].name
    reference = project.load_reference(name)
    first, again, other = (
        annotate_with_virtual_user(project, predictor, name, reference, 2, seed)
        for seed in (1, 1, 2)
    )
    assert first.interactions == again.interactions
    assert (first.labels == again.labels).all()
    assert first.interactions != other.interactions


def test_without_clicks_the_predictor_answers_alone(project: Project, predictor: Predictor) -> None:
    name = project.pool()[0].name
    outcome = annotate_with_virtual_user(
        project, predictor, name, project.load_reference(name), 0, seed=1
    )
    cached = project.cached(name)
    (probabilities,) = predictor.automatic(cached.slices, 16)
    expected = probabilities.argmax(dim=1).numpy()
    assert outcome.clicks == 0
    assert (to_slices(outcome.labels, cached.geometry.acquisition_axis) == expected).all()


def test_progress_counts_slices(project: Project, predictor: Predictor) -> None:
    name = project.pool()[0].name
    seen: list[tuple[int, int]] = []
    annotate_with_virtual_user(
        project,
        predictor,
        name,
        project.load_reference(name),
        1,
        seed=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(5, 5)]


def test_nothing_is_stored(project: Project, predictor: Predictor) -> None:
    name = project.pool()[0].name
    annotate_with_virtual_user(project, predictor, name, project.load_reference(name), 1, seed=1)
    assert project.series_named(name).status == "unannotated"
    assert project.interactions.of(name) == []


def test_reference_labels_of_another_shape_are_refused(
    project: Project, predictor: Predictor
) -> None:
    name = project.pool()[0].name
    wrong = project.load_reference(name)[:, :-1]
    with pytest.raises(InvalidLabelmapError, match="do not fit series"):
        annotate_with_virtual_user(project, predictor, name, wrong, 1, seed=1)


def test_a_negative_number_of_clicks_is_refused(project: Project, predictor: Predictor) -> None:
    name = project.pool()[0].name
    with pytest.raises(ConfigurationError, match="cannot give -1 clicks"):
        annotate_with_virtual_user(
            project, predictor, name, project.load_reference(name), -1, seed=1
        )


def test_an_unknown_series_is_refused(project: Project, predictor: Predictor) -> None:
    nothing = np.zeros((1, 1, 1), dtype=np.uint8)
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        annotate_with_virtual_user(project, predictor, "nobody", nothing, 1, seed=1)
