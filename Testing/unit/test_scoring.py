"""Scoring a pool: resumable, per model version, unscored is not zero."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from SAIMCore.acquisition import strategy_named
from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import make_phantom
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from SAIMCore.scoring import NO_MODEL, ScoringOutcome, rank_pool, score_pool, score_slices

ENTROPY, RANDOM = strategy_named("entropy"), strategy_named("random")


class BrightnessPredictor:
    """As unsure of a pixel as it is bright; counts the slices it was asked about."""

    num_classes = 2

    def __init__(self, version: str = "round-001") -> None:
        self.version = version
        self.asked = 0

        class Config:
            preprocessing = PreprocessingOptions()

        self.config = Config()

    def automatic(self, slices: np.ndarray, batch_size: int) -> Iterator[torch.Tensor]:
        for start in range(0, len(slices), batch_size):
            batch = torch.from_numpy(np.array(slices[start : start + batch_size], np.float32))
            self.asked += len(batch)
            unsure = torch.sigmoid(batch) / 2
            yield torch.stack([1 - unsure, unsure], dim=1)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    make_phantom(tmp_path / "phantom", 6, 0, size=(32, 32, 5))
    classes = ClassTable.from_names(["background", "organ"])
    plan = plan_import(tmp_path / "phantom" / "images", None, classes=classes)
    with Project.create(tmp_path / "project", plan) as opened:
        yield opened


def score(
    project: Project, predictor: Any, strategy: Any = ENTROPY, **options: Any
) -> ScoringOutcome:
    return score_pool(project, predictor, strategy, **options)


def test_a_score_is_the_mean_over_all_slices_whatever_the_batch() -> None:
    slices = np.random.default_rng(0).normal(size=(7, 8, 9))
    values = [
        score_slices(BrightnessPredictor(), slices, ENTROPY, "a", batch_size=size)  # type: ignore[arg-type]
        for size in (1, 3, 16)
    ]
    unsure = 1 / (1 + np.exp(-slices)) / 2
    expected = -(unsure * np.log(unsure) + (1 - unsure) * np.log(1 - unsure)).mean() / np.log(2)
    assert values == pytest.approx([expected] * 3, rel=1e-5)


def test_every_series_of_the_pool_is_scored_once(project: Project) -> None:
    predictor = BrightnessPredictor()
    told = []
    assert score(project, predictor, report=told.append) == ScoringOutcome()
    assert [(p.done, p.total) for p in told] == [(n, 6) for n in range(1, 7)]
    assert predictor.asked == 6 * 5
    score(project, predictor, report=told.append)
    assert predictor.asked == 6 * 5


def test_a_stopped_scoring_goes_on_where_it_was(project: Project) -> None:
    predictor = BrightnessPredictor()
    told = []
    outcome = score(project, predictor, report=told.append, should_stop=lambda: len(told) == 2)
    assert outcome.stopped
    assert predictor.asked == 2 * 5
    assert not score(project, predictor).stopped
    assert predictor.asked == 6 * 5
    assert all(entry.fresh for entry in rank_pool(project, ENTROPY, "round-001"))


def test_an_error_in_the_middle_keeps_what_was_scored(project: Project) -> None:
    class Killed(BaseException):
        pass

    def report(progress: Any) -> None:
        if progress.done == 3:
            raise Killed

    with pytest.raises(Killed):
        score(project, BrightnessPredictor(), report=report)
    ranked = rank_pool(project, ENTROPY, "round-001")
    assert [entry.score is not None for entry in ranked] == [True] * 3 + [False] * 3


def test_an_image_that_cannot_be_read_does_not_keep_the_others_from_their_scores(
    project: Project,
) -> None:
    moved, damaged = project.pool()[0], project.pool()[2]
    moved.source.path.unlink()
    damaged.source.path.write_bytes(b"no image")
    told = []
    outcome = score(project, BrightnessPredictor(), report=told.append)
    assert not outcome.stopped
    assert list(outcome.unreadable) == [moved.name, damaged.name]
    assert "cannot be read (No such file or directory)" in str(outcome.unreadable[moved.name])
    assert [(p.done, p.total) for p in told] == [(2, 6), (4, 6), (5, 6), (6, 6)]
    ranked = rank_pool(project, ENTROPY, "round-001")
    assert [entry.name for entry in ranked if entry.score is None] == [moved.name, damaged.name]


def test_unscored_series_come_last_and_have_no_score(project: Project) -> None:
    name = project.pool()[3].name
    score(project, BrightnessPredictor(), names=[name])
    ranked = rank_pool(project, ENTROPY, "round-001")
    assert ranked[0].name == name
    assert [entry.score for entry in ranked[1:]] == [None] * 5


def test_scores_of_an_earlier_model_are_stale_until_the_new_one_scores(project: Project) -> None:
    score(project, BrightnessPredictor("round-001"))
    assert not any(entry.fresh for entry in rank_pool(project, ENTROPY, "round-002"))
    score(project, BrightnessPredictor("round-002"))
    assert all(entry.fresh for entry in rank_pool(project, ENTROPY, "round-002"))


def test_easy_first_needs_no_scoring_of_its_own_and_turns_the_order(project: Project) -> None:
    predictor = BrightnessPredictor()
    score(project, predictor)
    easy = strategy_named("easy-first")
    score(project, predictor, easy)
    assert predictor.asked == 6 * 5
    hard_first = [entry.name for entry in rank_pool(project, ENTROPY, "round-001")]
    assert [entry.name for entry in rank_pool(project, easy, "round-001")] == hard_first[::-1]


def test_a_pinned_series_comes_first(project: Project) -> None:
    score(project, BrightnessPredictor())
    last = rank_pool(project, ENTROPY, "round-001")[-1].name
    project.pin(last)
    assert rank_pool(project, ENTROPY, "round-001")[0].name == last


def test_skipped_series_come_last_even_after_those_without_score(project: Project) -> None:
    first, second = (record.name for record in project.pool()[:2])
    score(project, BrightnessPredictor(), names=[first, second])
    project.skip(first)
    project.pin(second)
    ranked = [entry.name for entry in rank_pool(project, ENTROPY, "round-001")]
    assert len(ranked) == 6
    assert (ranked[0], ranked[-1]) == (second, first)


def test_random_order_needs_no_model_and_depends_on_the_seed(project: Project) -> None:
    for seed in (0, 1):
        score(project, None, RANDOM, seed=seed)
    orders = [
        [entry.name for entry in rank_pool(project, RANDOM, "round-009", seed)] for seed in (0, 1)
    ]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert all(entry.fresh for entry in rank_pool(project, RANDOM, NO_MODEL))


def test_annotated_series_are_no_longer_ranked(project: Project) -> None:
    score(project, BrightnessPredictor())
    record = project.pool()[0]
    labels = np.zeros(record.geometry.array_shape, np.uint8)
    project.annotations.accept(record.name, labels, "test")
    assert record.name not in [e.name for e in rank_pool(project, ENTROPY, "round-001")]
