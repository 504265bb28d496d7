"""Times that never run backwards, though the computer's clock may."""

from __future__ import annotations

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from SAIMCore.interactions import Click
from SAIMCore.project import database
from SAIMCore.project.clock import Clock, computer_time
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project

LONG_AGO = "2001-01-01T00:00:00.000000+00:00"
# As if the computer's battery had been empty.
set_back = partial(str, LONG_AGO)


def test_the_time_is_that_of_the_computer() -> None:
    before = computer_time()
    clock = Clock()
    assert before < clock.now() < clock.now()


def test_a_clock_that_stands_still_or_goes_back_gives_later_times_all_the_same() -> None:
    readings = iter(
        [
            "2025-03-01T10:00:00.999999+00:00",
            "2025-03-01T10:00:00.999999+00:00",
            "2025-02-01T10:00:00.000000+00:00",
            "2025-03-01T10:00:05.000000+00:00",
        ]
    )
    clock = Clock(lambda: next(readings))
    assert [clock.now() for _ in range(4)] == [
        "2025-03-01T10:00:00.999999+00:00",
        "2025-03-01T10:00:01.000000+00:00",
        "2025-03-01T10:00:01.000001+00:00",
        "2025-03-01T10:00:05.000000+00:00",
    ]


def test_what_is_passed_over_is_earlier_than_what_comes() -> None:
    clock = Clock(set_back)
    clock.pass_over("2025-03-01T10:00:00.000000+00:00")
    clock.pass_over("2024-03-01T10:00:00.000000+00:00")
    assert clock.now() == "2025-03-01T10:00:00.000001+00:00"


def test_no_two_threads_get_the_same_time() -> None:
    clock = Clock(set_back)
    clock.pass_over(LONG_AGO)
    with ThreadPoolExecutor(8) as threads:
        times = list(threads.map(lambda _: clock.now(), range(400)))
    assert len(set(times)) == 400


@pytest.fixture
def with_the_clock_set_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project, opened again after the computer's clock was set back."""
    project.rounds.begin()
    project.close()
    opened = partial(database.Database, read_time=set_back)
    monkeypatch.setattr("SAIMCore.project.project.Database", opened)
    return Project.open(project.folder)


def test_what_is_done_later_has_a_later_time(
    with_the_clock_set_back: Project, labels: np.ndarray
) -> None:
    with with_the_clock_set_back as project:
        times = [project.rounds.all()[0].started]
        times.append(project.annotations.accept("pool_a", labels, "bob").created)
        times.append(str(project.rounds.finish(1, "failed", "power cut").finished))
        times.append(project.rounds.begin().started)
        times.append(project.annotations.restore("pool_a", 1).created)
        project.scores.record("entropy", "round-001", {"pool_b": 0.5})
        times.append(project.scores.latest("entropy", "round-001")["pool_b"].created)
        project.sessions.begin("pool_b", "ada")
        times.append(project.sessions.all("pool_b")[0].started)
        assert times == sorted(set(times))


def fill_all_tables(project: Project) -> None:
    folder = project.models_folder / "round-001"
    folder.mkdir()
    for name in MODEL_FILES:
        (folder / name).write_text("{}")
    project.rounds.begin()
    project.models.add("round-001", folder, 1)
    project.rounds.finish(1, "finished", "well", "round-001")
    project.scores.record("entropy", "round-001", {"pool_b": 0.5})
    project.sessions.begin("pool_b", "ada")
    project.interactions.add("pool_b", [Click(0, 1, 2, 2)], "ada")


# Every time, at the place where it stands.
@pytest.mark.parametrize(
    "latest",
    [
        "UPDATE series SET added = :time WHERE name = 'pool_b'",
        "UPDATE annotations SET created = :time",
        "UPDATE rounds SET finished = :time",
        "UPDATE rounds SET started = :time",
        "UPDATE models SET created = :time",
        "UPDATE models SET published = :time",
        "UPDATE scores SET created = :time",
        "UPDATE sessions SET started = :time",
        "UPDATE interactions SET created = :time",
    ],
)
def test_whatever_was_last_nothing_gets_an_earlier_time(project: Project, latest: str) -> None:
    fill_all_tables(project)
    future = "2100-01-01T00:00:00.000000+00:00"
    project.close()
    connection = sqlite3.connect(project.folder / "saim.sqlite")
    with contextlib.closing(connection), connection:
        assert connection.execute(latest, {"time": future}).rowcount > 0
    with Project.open(project.folder) as again:
        assert again.rounds.begin().started > future
