"""Time and clicks of each series."""

from __future__ import annotations

import numpy as np
import pytest

from SAIMCore.campaign.work_done import WorkDone
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click
from SAIMCore.project.project import Project
from Testing.unit.campaign.made_up import series_record


def test_all_sittings_and_interactions_of_a_series_count(plain_project: Project) -> None:
    for seconds in (90.0, 30.0):
        sitting = plain_project.sessions.begin("pool_a", "ada")
        plain_project.sessions.add_active(sitting, seconds)
    plain_project.interactions.add("pool_a", [Click(1, 2, 3, 1), Click(2, 2, 3, 1)], "ada")
    plain_project.interactions.add("pool_a", [Click(2, 0, 0, 1)], "bob")
    record, other = (plain_project.series_named(name) for name in ("pool_a", "pool_b"))
    for work in (WorkDone.on_all(plain_project), WorkDone.on_one(plain_project, "pool_a")):
        assert (work.minutes(record), work.clicks(record)) == (2.0, 3)
        assert (work.minutes(other), work.clicks(other)) == (0.0, 0)


def test_the_work_on_an_unknown_series_is_refused(plain_project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        WorkDone.on_one(plain_project, "nobody")


def test_an_annotation_made_elsewhere_has_its_own_figures(
    plain_project: Project, plain_labels: np.ndarray
) -> None:
    plain_project.annotations.accept("pool_a", plain_labels, "ada", minutes=7.5, clicks=12)
    record = plain_project.series_named("pool_a")
    work = WorkDone.on_all(plain_project)
    assert (work.minutes(record), work.clicks(record)) == (7.5, 12)


def test_the_larger_figure_counts() -> None:
    record = series_record("a", minutes=5.0, clicks=4)
    longer = WorkDone({"a": 600.0}, {"a": 9})
    shorter = WorkDone({"a": 60.0}, {"a": 1})
    assert (longer.minutes(record), longer.clicks(record)) == (10.0, 9)
    assert (shorter.minutes(record), shorter.clicks(record)) == (5.0, 4)
