"""A plan that is proposed without a session."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.acquisition import STRATEGIES
from SAIMCore.campaign.effort import EffortModel
from SAIMCore.campaign.plan_proposal import propose_plan
from SAIMCore.project.project import Project
from Testing.unit.campaign.stand_ins import publish_model

ENTROPY, EASY, HARD, MARGIN = (
    STRATEGIES[name] for name in ("entropy", "easy-first", "hard-first", "margin")
)


@pytest.fixture
def measured(plain_project: Project, plain_labels: np.ndarray) -> Project:
    """Every slice takes 2 minutes, and pool_b is half done; v1 has scored all of the pool."""
    publish_model(plain_project, "v1")
    scores = {"pool_a": 0.3, "pool_b": 0.2, "pool_c": 0.1}
    plain_project.scores.record("entropy", "v1", scores)
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=8.0)
    sitting = plain_project.sessions.begin("pool_b", "ada")
    plain_project.sessions.add_active(sitting, 4 * 60.0)
    return plain_project


@pytest.mark.parametrize(
    ("strategy", "minutes", "names"),
    [
        (EASY, 12.0, ["pool_b", "pool_c"]),
        (HARD, 12.0, ["pool_a", "pool_b"]),
        (ENTROPY, 12.0, ["pool_a", "pool_b"]),
        (EASY, 3.0, ["pool_b"]),
        (HARD, 100.0, ["pool_a", "pool_c", "pool_b"]),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_the_time_is_filled_in_every_order(
    measured: Project, strategy, minutes: float, names: list[str]
) -> None:
    proposal = propose_plan(measured, strategy, minutes)
    assert proposal.fitting is not None
    assert [row.name for row in proposal.fitting] == names
    assert len(proposal.rows) == 3


def test_a_project_that_is_looked_at_is_not_changed(measured: Project) -> None:
    folder = measured.folder
    with Project.open(folder, read_only=True) as looked_at:
        propose_plan(looked_at, EASY, 12.0)
    assert not (folder / "plans.json").exists()


def test_without_measured_minutes_nothing_is_promised(plain_project: Project) -> None:
    publish_model(plain_project, "v1")
    plain_project.scores.record("entropy", "v1", {"pool_a": 0.3, "pool_b": 0.2, "pool_c": 0.1})
    proposal = propose_plan(plain_project, EASY, 60.0)
    assert proposal.fitting is None
    assert [row.name for row in proposal.rows] == ["pool_c", "pool_b", "pool_a"]
    (sentence,) = proposal.unknown
    assert sentence.startswith("how many minutes a series takes is not known before one was")
    assert sentence.endswith("the order is that of uncertainty x slices")
    (sentence,) = propose_plan(plain_project, ENTROPY, 60.0).unknown
    assert "uncertainty x slices" not in sentence


def test_how_rough_the_minutes_are_is_said(
    measured: Project, plain_labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sentence,) = propose_plan(measured, EASY, 12.0).unknown
    assert sentence.startswith("the minutes are those of a usual slice, from 1 annotated series")
    monkeypatch.setattr("SAIMCore.campaign.plan_proposal.LEAST_RELATED", 1)
    (sentence,) = propose_plan(measured, EASY, 12.0).unknown
    assert "do not follow the model's uncertainty" in sentence
    related = EffortModel(2.0, 1.0, 1.0)
    monkeypatch.setattr(EffortModel, "fit", classmethod(lambda cls, efforts: related))
    assert propose_plan(measured, EASY, 12.0).unknown == ()


def test_missing_and_old_scores_are_said_with_the_command_for_them(
    measured: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    related = EffortModel(2.0, 1.0, 1.0)
    monkeypatch.setattr(EffortModel, "fit", classmethod(lambda cls, efforts: related))
    measured.scores.record("margin", "v1", {"pool_a": 0.3})
    (sentence,) = propose_plan(measured, MARGIN, 12.0).unknown
    assert sentence.startswith("2 of 3 series have no margin score yet: saim rank ")
    assert sentence.endswith("--strategy margin")
    publish_model(measured, "v2", seed=1)
    sentences = propose_plan(measured, EASY, 12.0).unknown
    assert any("the scores of 3 series are by an earlier model" in text for text in sentences)


def test_minutes_that_follow_the_uncertainty_need_it_whatever_the_order(
    plain_project: Project, plain_labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    related = EffortModel(2.0, 1.0, 1.0)
    monkeypatch.setattr(EffortModel, "fit", classmethod(lambda cls, efforts: related))
    plain_project.annotations.accept("first", plain_labels, "ada", minutes=8.0)
    plain_project.scores.record("random", "none", dict.fromkeys(("pool_a", "pool_b", "pool_c"), 1))
    (sentence,) = propose_plan(plain_project, STRATEGIES["random"], 60.0).unknown
    assert sentence.startswith("3 of 3 series have no entropy score yet")


def test_an_empty_pool_has_nothing_to_plan(plain_project: Project) -> None:
    for record in plain_project.pool():
        plain_project.set_status(record.name, "excluded", "for the test")
    proposal = propose_plan(plain_project, EASY, 60.0)
    assert proposal.fitting == []
    assert proposal.unknown == ()
