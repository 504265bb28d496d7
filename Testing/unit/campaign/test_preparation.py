"""Series are read, checked and segmented before they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.preparation import SeriesPreparation
from SAIMCore.campaign.prepared_series import PreparedSeries
from SAIMCore.errors import InvalidImageError
from SAIMCore.interactions import Click
from SAIMCore.predictor import Predictor
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.campaign.stand_ins import publish_model


@pytest.fixture
def preparation(plain_project: Project) -> Iterator[SeriesPreparation]:
    with polite_executor("test") as executor:
        made = SeriesPreparation(plain_project, executor, "cpu")
        yield made
        made.end()


def take(preparation: SeriesPreparation, name: str) -> PreparedSeries:
    preparation.begin(name)
    assert preparation.wait(60)
    return preparation.take()


def saved(project: Project, name: str) -> InteractiveSession:
    model = project.models.current()
    assert model is not None
    predictor = Predictor.load(model.folder, "cpu")
    slices = project.cached(name, predictor.preprocessing).slices
    return InteractiveSession.restore(session_path(project, name), predictor, slices, name)


def test_without_a_model_a_series_is_read(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    prepared = take(preparation, "pool_a")
    assert prepared.name == "pool_a"
    assert prepared.volume.array.shape == (4, 6, 5)
    assert prepared.labels is None
    assert prepared.classes == plain_project.classes
    assert not session_path(plain_project, "pool_a").exists()


def test_what_the_model_says_is_saved_as_the_session(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    take(preparation, "pool_a")
    session = saved(plain_project, "pool_a")
    assert session.proposals_only
    assert not session.can_undo
    assert all(session.result(index).stored is not None for index in range(4))


def test_another_model_proposes_anew(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    take(preparation, "pool_a")
    before = saved(plain_project, "pool_a").labels()
    publish_model(plain_project, "round-002", seed=3)
    take(preparation, "pool_a")
    after = saved(plain_project, "pool_a")
    assert after.proposals_only
    assert not np.array_equal(before, after.labels())


def test_what_somebody_has_worked_on_stays(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    take(preparation, "pool_a")
    session = saved(plain_project, "pool_a")
    session.add(Click(1, 2, 2, 1))
    session.save(session_path(plain_project, "pool_a"))
    kept = session_path(plain_project, "pool_a").read_bytes()
    publish_model(plain_project, "round-002", seed=3)
    take(preparation, "pool_a")
    assert session_path(plain_project, "pool_a").read_bytes() == kept


def test_an_annotated_series_comes_with_its_labels(
    plain_project: Project, preparation: SeriesPreparation, plain_labels: np.ndarray
) -> None:
    publish_model(plain_project)
    prepared = take(preparation, "first")
    assert prepared.labels is not None
    np.testing.assert_array_equal(prepared.labels, plain_labels)
    assert not session_path(plain_project, "first").exists()


def test_a_series_in_a_hurry_is_read_and_no_more(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    preparation.begin("pool_b")
    preparation.begin("pool_a")
    preparation.hurry()
    assert preparation.wait(60)
    assert preparation.take().name == "pool_a"


def test_the_same_series_is_prepared_once(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    preparation.begin("pool_a")
    assert preparation.wait(60)
    written = session_path(plain_project, "pool_a").stat().st_mtime_ns
    preparation.begin("pool_a")
    assert not preparation.busy
    assert preparation.take().name == "pool_a"
    assert session_path(plain_project, "pool_a").stat().st_mtime_ns == written


def test_an_image_that_is_gone_or_was_changed_is_refused(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    path = plain_project.series_named("pool_a").source.path
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(InvalidImageError):
        take(preparation, "pool_a")
    path.write_bytes(plain_project.series_named("pool_b").source.path.read_bytes())
    with pytest.raises(InvalidImageError, match="changed"):
        take(preparation, "pool_a")
    path.write_bytes(content)
    assert take(preparation, "pool_a").name == "pool_a"


def test_a_damaged_session_is_left_to_whoever_opens_it(
    plain_project: Project, preparation: SeriesPreparation
) -> None:
    publish_model(plain_project)
    file = session_path(plain_project, "pool_a")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"damaged")
    take(preparation, "pool_a")
    assert file.read_bytes() == b"damaged"
