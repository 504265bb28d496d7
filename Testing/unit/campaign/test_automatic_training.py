"""When trainings begin by themselves, as users choose it, and as rounds grow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from SAIMCore.campaign.automatic_training import (
    choose_automatic_training,
    round_size,
    round_under_way,
    training_is_due,
)
from SAIMCore.errors import ConfigurationError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import AutomaticTraining, ProjectSettings

Accept = Callable[[str], None]


@pytest.fixture
def accept(plain_project: Project, plain_labels: np.ndarray) -> Accept:
    """Somebody accepts a series."""

    def accept_series(name: str) -> None:
        plain_project.annotations.accept(name, plain_labels, "ada")

    return accept_series


def train(project: Project, status: str = "finished") -> None:
    record = project.rounds.begin()
    project.rounds.finish(record.number, status, "for the test")


def rounds_of(project: Project, accepted: int, growth: float) -> None:
    project.change_settings(automatic_training=AutomaticTraining(accepted=accepted, growth=growth))


def test_the_choice_is_written_to_the_project(plain_project: Project) -> None:
    choose_automatic_training(plain_project, False, 4, 2.0)
    assert plain_project.settings.automatic_training == AutomaticTraining(False, 4, growth=2.0)
    written = ProjectSettings.read(plain_project.folder)
    assert written.automatic_training == AutomaticTraining(False, 4, growth=2.0)


def test_whether_it_fine_tunes_and_how_it_grows_stay_as_they_were(plain_project: Project) -> None:
    plain_project.change_settings(automatic_training=AutomaticTraining(fine_tune=True, growth=3.0))
    choose_automatic_training(plain_project, True, 3)
    assert plain_project.settings.automatic_training == AutomaticTraining(True, 3, True, 3.0)


@pytest.mark.parametrize(
    ("accepted", "growth", "sentence"),
    [
        (0, None, "a training takes at least 1 accepted series, not 0"),
        (3, 0.5, "1 to 10 times as many series as the one before, not 0.5"),
        (3, 12.0, "not 12"),
    ],
)
def test_less_than_one_series_and_shrinking_rounds_are_refused(
    plain_project: Project, accepted: int, growth: float | None, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        choose_automatic_training(plain_project, True, accepted, growth)
    assert plain_project.settings.automatic_training == AutomaticTraining()


def test_a_read_only_project_refuses(plain_project: Project) -> None:
    with Project.open(plain_project.folder, read_only=True) as looked_at:
        choose_automatic_training(looked_at, True, 10)
        with pytest.raises(ProjectError, match="read-only"):
            choose_automatic_training(looked_at, True, 11)


def test_rounds_grow_as_they_are_told_to() -> None:
    sizes = [round_size(15, 1.5, number) for number in range(7)]
    assert sizes == [15, 23, 34, 51, 76, 114, 171]
    # Of the 551 series of the paper the last round gets the rest; there it had 57.
    assert 551 - sum(sizes) == 67
    assert [round_size(7, 1.0, number) for number in range(4)] == [7] * 4
    assert [round_size(1, 1.5, number) for number in range(5)] == [1, 2, 2, 3, 5]


def test_no_round_is_larger_than_any_project() -> None:
    assert round_size(10, 10.0, 5000) == 1_000_000


def test_the_training_that_a_project_begins_with_is_no_round_of_its_annotators(
    plain_project: Project, accept: Accept
) -> None:
    rounds_of(plain_project, 2, 2.0)
    train(plain_project)
    assert round_under_way(plain_project).number == 0
    accept("pool_a")
    assert not training_is_due(plain_project)
    accept("pool_b")
    assert training_is_due(plain_project)
    train(plain_project)
    present = round_under_way(plain_project)
    assert (present.number, present.accepted) == (1, ())


def test_the_next_round_takes_more(plain_project: Project, accept: Accept) -> None:
    rounds_of(plain_project, 1, 2.0)
    train(plain_project)
    accept("pool_a")
    assert training_is_due(plain_project)
    train(plain_project)
    accept("pool_b")
    assert len(round_under_way(plain_project).accepted) == 1
    assert not training_is_due(plain_project)
    rounds_of(plain_project, 1, 1.0)
    assert training_is_due(plain_project)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_training_without_a_model_does_not_make_the_next_round_larger(
    plain_project: Project, accept: Accept, status: str
) -> None:
    rounds_of(plain_project, 1, 2.0)
    train(plain_project)
    accept("pool_a")
    train(plain_project, status)
    assert round_under_way(plain_project).number == 0
    assert not training_is_due(plain_project)
    accept("pool_b")
    assert training_is_due(plain_project)


def test_the_last_round_takes_what_is_left_of_the_pool(
    plain_project: Project, accept: Accept
) -> None:
    rounds_of(plain_project, 50, 1.5)
    train(plain_project)
    for name in ("pool_a", "pool_b"):
        accept(name)
        assert not training_is_due(plain_project)
    plain_project.set_status("pool_c", "excluded", "blurred")
    assert training_is_due(plain_project)


def test_with_an_empty_pool_corrections_alone_wait_for_a_whole_round(
    plain_project: Project, accept: Accept
) -> None:
    rounds_of(plain_project, 3, 1.0)
    for name in ("pool_a", "pool_b", "pool_c"):
        accept(name)
    train(plain_project)
    accept("pool_a")
    accept("first")
    assert not training_is_due(plain_project)
    accept("pool_b")
    assert training_is_due(plain_project)


def test_switched_off_or_while_one_runs_none_is_due(plain_project: Project, accept: Accept) -> None:
    rounds_of(plain_project, 1, 1.0)
    accept("pool_a")
    plain_project.rounds.begin()
    assert not training_is_due(plain_project)
    plain_project.rounds.finish(1, "cancelled", "for the test")
    accept("pool_b")
    choose_automatic_training(plain_project, False, 1)
    assert not training_is_due(plain_project)
