"""When trainings begin by themselves, as users choose it."""

from __future__ import annotations

import pytest

from SAIMCore.campaign.automatic_training import choose_automatic_training
from SAIMCore.errors import ConfigurationError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining, ProjectSettings


def test_the_choice_is_written_to_the_project(plain_project: Project) -> None:
    choose_automatic_training(plain_project, False, 4)
    assert plain_project.settings.automatic_training == AutomaticTraining(False, 4)
    written = ProjectSettings.read(plain_project.folder)
    assert written.automatic_training == AutomaticTraining(False, 4)


def test_whether_it_fine_tunes_stays_as_it_was(plain_project: Project) -> None:
    plain_project.change_settings(automatic_training=AutomaticTraining(fine_tune=True))
    choose_automatic_training(plain_project, True, 3)
    assert plain_project.settings.automatic_training == AutomaticTraining(True, 3, True)


def test_less_than_one_series_is_refused(plain_project: Project) -> None:
    with pytest.raises(ConfigurationError, match="at least 1, found 0"):
        choose_automatic_training(plain_project, True, 0)
    assert plain_project.settings.automatic_training == AutomaticTraining()


def test_a_read_only_project_refuses(plain_project: Project) -> None:
    with Project.open(plain_project.folder, read_only=True) as looked_at:
        choose_automatic_training(looked_at, True, 10)
        with pytest.raises(ProjectError, match="read-only"):
            choose_automatic_training(looked_at, True, 11)
