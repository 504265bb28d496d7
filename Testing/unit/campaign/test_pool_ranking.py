"""The pool is scored in the background."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from SAIMCore.acquisition import strategy_named
from SAIMCore.campaign.polite_thread import polite_executor
from SAIMCore.campaign.pool_ranking import PoolRanking
from SAIMCore.errors import CheckpointError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.scoring import ScoringProgress
from Testing.unit.campaign.stand_ins import publish_model

ENTROPY, RANDOM = strategy_named("entropy"), strategy_named("random")


@pytest.fixture
def ranking(plain_project: Project) -> Iterator[PoolRanking]:
    with polite_executor("test") as executor:
        made = PoolRanking(plain_project, executor)
        yield made
        made.end()


def finish(ranking: PoolRanking) -> list[ScoringProgress]:
    found = []
    for _ in range(1000):
        found += ranking.poll(timeout=1)
        if not ranking.state.running:
            return found
    raise AssertionError("it never ended")


def test_the_whole_pool_gets_scores(plain_project: Project, ranking: PoolRanking) -> None:
    publish_model(plain_project)
    ranking.start(ENTROPY, "cpu")
    assert ranking.state.running
    found = finish(ranking)
    assert sorted(progress.name for progress in found) == ["pool_a", "pool_b", "pool_c"]
    assert ranking.model_version == "round-001"
    assert plain_project.scores.missing("entropy", "round-001") == []
    assert ranking.state.sentence == "Ranking done."


def test_a_random_order_needs_no_model(plain_project: Project, ranking: PoolRanking) -> None:
    with pytest.raises(ProjectError, match="there is no model yet"):
        ranking.start(ENTROPY, "cpu")
    assert not ranking.state.running
    ranking.start(RANDOM)
    assert len(finish(ranking)) == 3


def test_stopped_and_started_again_it_goes_on(plain_project: Project, ranking: PoolRanking) -> None:
    publish_model(plain_project)
    ranking.start(ENTROPY, "cpu")
    ranking.cancel()
    scored = finish(ranking)
    assert "stopped" in ranking.state.sentence
    ranking.start(ENTROPY, "cpu")
    assert len(scored) + len(finish(ranking)) == 3


def test_a_new_model_scores_as_soon_as_the_old_one_has_stopped(
    plain_project: Project, ranking: PoolRanking
) -> None:
    publish_model(plain_project)
    ranking.start(ENTROPY, "cpu")
    publish_model(plain_project, "round-002", seed=1)
    ranking.start(ENTROPY, "cpu")
    assert ranking.model_version == "round-002"
    finish(ranking)
    assert plain_project.scores.missing("entropy", "round-002") == []


def test_series_that_cannot_be_read_are_named(plain_project: Project, ranking: PoolRanking) -> None:
    publish_model(plain_project)
    plain_project.series_named("pool_b").source.path.write_bytes(b"no image")
    ranking.start(ENTROPY, "cpu")
    assert len(finish(ranking)) == 2
    assert [name for name, _ in ranking.state.unreadable] == ["pool_b"]
    assert "1 series could not be read" in ranking.state.sentence


def test_a_damaged_model_is_an_error_and_ends_the_ranking(
    plain_project: Project, ranking: PoolRanking
) -> None:
    publish_model(plain_project)
    model = plain_project.models.current()
    assert model is not None
    (model.folder / "model.safetensors").write_bytes(b"damaged")
    ranking.start(ENTROPY, "cpu")
    with pytest.raises(CheckpointError):
        finish(ranking)
    assert not ranking.state.running


def test_a_project_that_can_only_be_looked_at_is_not_scored(plain_project: Project) -> None:
    with (
        Project.open(plain_project.folder, read_only=True) as looked_at,
        polite_executor("test") as executor,
        pytest.raises(ProjectError, match="read-only"),
    ):
        PoolRanking(looked_at, executor).start(RANDOM)
