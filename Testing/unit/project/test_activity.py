"""The log of interactions and the time of sittings."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Box, Click, Stroke, interaction_from_json
from SAIMCore.project.project import Project


def test_logged_interactions_can_be_replayed(project: Project) -> None:
    made = [Click(1, 2, 3, 1), Stroke(2, ((0, 0), (3, 4)), 0, 1), Box(1, 2, 3, 4, 5, 2)]
    project.interactions.add("pool_a", made, "ada", "round-001")
    project.interactions.add("pool_a", [Click(3, 0, 0, 2)], "bob")
    log = project.interactions.of("pool_a")
    assert [interaction_from_json(record.content) for record in log] == [*made, Click(3, 0, 0, 2)]
    assert [(record.kind, record.slice_index, record.class_index) for record in log] == [
        ("click", 1, 1),
        ("stroke", 2, 0),
        ("box", 1, 2),
        ("click", 3, 2),
    ]
    assert [record.annotator for record in log] == ["ada", "ada", "ada", "bob"]
    assert [record.model_version for record in log] == ["round-001"] * 3 + [None]
    assert project.interactions.of("pool_b") == []


def test_interactions_on_an_unknown_series_are_refused(project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.interactions.add("nobody", [Click(0, 0, 0, 0)], "ada")
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.interactions.of("nobody")


def test_active_time_adds_up(project: Project) -> None:
    sitting = project.sessions.begin("pool_a", "ada", Path("runs/session.json"))
    project.sessions.add_active(sitting, 12.5)
    project.sessions.add_active(sitting, 7.5)
    other = project.sessions.begin("pool_b", "bob")
    records = project.sessions.all()
    assert [(record.id, record.series, record.seconds_active) for record in records] == [
        (sitting, "pool_a", 20.0),
        (other, "pool_b", 0.0),
    ]
    assert records[0].file == project.folder / "runs" / "session.json"
    assert records[1].file is None
    assert project.sessions.all("pool_b") == records[1:]


def test_active_time_that_cannot_be_is_refused(project: Project) -> None:
    sitting = project.sessions.begin("pool_a", "ada")
    for seconds in (-1.0, float("nan")):
        with pytest.raises(ProjectError, match="give at least 0"):
            project.sessions.add_active(sitting, seconds)
    with pytest.raises(ProjectError, match="no session 99"):
        project.sessions.add_active(99, 1.0)


def test_interactions_are_counted_for_each_series(project: Project) -> None:
    assert project.interactions.counts() == {}
    project.interactions.add("pool_a", [Click(1, 2, 3, 1), Click(1, 2, 3, 2)], "ada")
    project.interactions.add("pool_a", [Click(3, 0, 0, 2)], "bob")
    project.interactions.add("pool_c", [Click(3, 0, 0, 2)], "bob")
    assert project.interactions.counts() == {"pool_a": 3, "pool_c": 1}


def test_active_time_is_summed_for_each_series(project: Project) -> None:
    assert project.sessions.seconds_by_series() == {}
    for name, seconds in (("pool_a", 12.5), ("pool_a", 7.5), ("pool_c", 1.0)):
        project.sessions.add_active(project.sessions.begin(name, "ada"), seconds)
    assert project.sessions.seconds_by_series() == {"pool_a": 20.0, "pool_c": 1.0}
