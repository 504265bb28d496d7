"""The campaign to learn with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from SAIMCore.campaign.automatic_training import training_is_due
from SAIMCore.campaign.phantom_campaign import make_phantom_campaign
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project


def test_a_project_with_a_small_labeled_set_is_made(tmp_path: Path) -> None:
    told = []
    folder = make_phantom_campaign(
        tmp_path / "here" / "phantoms", lambda done, count, name: told.append(count)
    )
    with Project.open(folder) as project:
        statuses = Counter(record.status for record in project.series())
        assert statuses == {"annotated": 4, "validation": 2, "test": 4, "unannotated": 10}
        assert project.settings.name == "Phantoms"
        assert project.settings.automatic_training.accepted == 3
        # With what is annotated from the start.
        assert training_is_due(project)
        pool = project.pool()[0]
        assert project.load_reference(pool.name).any()
    assert told


def test_it_is_made_once(tmp_path: Path) -> None:
    folder = make_phantom_campaign(tmp_path)
    with Project.open(folder) as project:
        name = project.pool()[0].name
        project.pin(name)
    assert make_phantom_campaign(tmp_path) == folder
    with Project.open(folder) as project:
        assert project.series_named(name).pinned


def test_what_was_interrupted_is_gone_on_with(tmp_path: Path) -> None:
    folder = make_phantom_campaign(tmp_path)
    folder.rename(tmp_path / "elsewhere")
    assert make_phantom_campaign(tmp_path) == folder


def test_a_place_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="not empty"):
        make_phantom_campaign(tmp_path)
