"""``saim web`` makes what is to be opened, and starts the page's server on it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.project.project import Project
from SAIMCore.rounds import runner
from Testing.unit.campaign.stand_ins import publish_model
from Testing.unit.cli.page_stand_in import Started, opened

pytestmark = pytest.mark.usefixtures("started")


# -- a project that is there ----------------------------------------------------------------------


def test_the_server_gets_the_options(saim, started: Started, checked: Callable[[], bool]) -> None:
    assert saim("web", "folder", "--port", "0", "--device", "cpu").code == 0
    assert started() == {
        "arguments": ["folder", "--host", "127.0.0.1", "--port", "0", "--device", "cpu"],
        "token": None,
    }
    # It finds out by itself what is in its way.
    assert not checked()


def test_no_list_of_processes_shows_the_token_of_the_server(saim, started: Started) -> None:
    assert saim("web", "folder", "--host", "0.0.0.0", "--token", "not to be seen").code == 0
    found = started()
    assert found is not None
    assert found["token"] == "not to be seen"
    assert "not to be seen" not in found["arguments"]


def test_its_exit_code_is_the_command_s(saim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE", "2")
    assert saim("web", "folder").code == 2


@pytest.mark.parametrize("absent", ["server_stand_in", "trame_slicer"])
def test_what_is_not_installed_is_named(saim, absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == absent else found(name)
    )
    answer = saim("web", "folder")
    assert answer.code == 2
    assert f"needs {absent}" in answer.err


@pytest.mark.parametrize(
    ("here", "options", "opened"),
    [(True, (), True), (True, ("--no-browser",), False), (False, (), False)],
)
def test_a_browser_is_opened_where_there_is_one(
    saim,
    started: Started,
    monkeypatch: pytest.MonkeyPatch,
    here: bool,
    options: tuple[str, ...],
    opened: bool,
) -> None:
    monkeypatch.setattr("SAIMCore.cli.web.browser_is_here", lambda: here)
    assert saim("web", "folder", *options).code == 0
    found = started()
    assert found is not None
    assert ("--browser" in found["arguments"]) == opened


# -- phantoms -------------------------------------------------------------------------------------


@pytest.fixture
def trained_on(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Projects that were trained, by a training that takes no time."""
    trained: list[Path] = []

    class Training:
        def __init__(self, project: Project, display: object) -> None:
            self._project = project

        def run(self, options: object) -> Any:
            trained.append(self._project.folder)
            publish_model(self._project)
            return type("Outcome", (), {"model": "round-001"})()

    monkeypatch.setattr(runner, "TrainingRound", Training)
    return trained


@pytest.fixture
def stopped_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every training is stopped before its end."""

    class Stopped:
        def __init__(self, *_: object) -> None:
            pass

        def run(self, options: object) -> Any:
            return type("Outcome", (), {"model": None})()

    monkeypatch.setattr(runner, "TrainingRound", Stopped)


def test_without_a_project_there_are_phantoms_with_a_model_and_they_are_kept(
    saim, started: Started, checked: Callable[[], bool], trained_on: list[Path]
) -> None:
    place = Path.cwd() / "demo" / "phantoms" / "project"
    answer = saim("web")
    assert answer.code == 0, answer.err
    assert "Training a first model; this takes about 2 minutes" in answer.out
    assert checked()
    assert opened(started) == place
    with Project.open(place, read_only=True) as project:
        assert project.scores.missing("entropy", "round-001") == []
    assert saim("web").code == 0
    assert trained_on == [place], "once"


@pytest.mark.usefixtures("stopped_training")
def test_a_training_that_was_stopped_opens_no_page(saim, started: Started, tmp_path: Path) -> None:
    answer = saim("web", "--folder", tmp_path / "demo")
    assert answer.code == 130
    assert "the same command goes on with it" in answer.err
    assert started() is None


def test_what_was_interrupted_is_gone_on_with(
    saim, started: Started, tmp_path: Path, trained_on: list[Path]
) -> None:
    from SAIMCore.campaign.phantom_campaign import make_phantom_campaign

    place = make_phantom_campaign(tmp_path / "demo")
    assert saim("web", "--folder", tmp_path / "demo").code == 0
    assert trained_on == [place]
    assert opened(started) == place


def test_what_is_in_the_way_of_the_page_is_said_before_anything_is_made(
    saim, started: Started, monkeypatch: pytest.MonkeyPatch, own: Path
) -> None:
    monkeypatch.setenv("CHECK", "2")
    for options in ((), ("--data", own)):
        assert saim("web", *options).code == 2
        assert started() is None
        assert list(Path.cwd().iterdir()) == []
