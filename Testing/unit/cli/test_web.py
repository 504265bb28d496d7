"""``saim web`` starts the page's server, which the engine does not import."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.cli import main, web
from SAIMCore.rounds import runner

# A server that writes down how it was started.
STAND_IN = """
import json, os, pathlib, sys
note = {"arguments": sys.argv[1:], "token": os.environ.get("SAIM_WEB_TOKEN")}
pathlib.Path(os.environ["NOTE"]).write_text(json.dumps(note))
sys.exit(int(os.environ.get("CODE", "0")))
"""

Started = Callable[[], dict[str, Any]]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """How the server was started."""
    (tmp_path / "server_stand_in.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setattr(web, "SERVER", "server_stand_in")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NOTE", str(tmp_path / "note.json"))
    monkeypatch.delenv("SAIM_WEB_TOKEN", raising=False)
    return lambda: json.loads((tmp_path / "note.json").read_text(encoding="utf-8"))


def test_the_server_gets_the_options(started: Started) -> None:
    assert main(["web", "folder", "--port", "0", "--device", "cpu", "--browser"]) == 0
    found = started()
    assert found["arguments"] == (
        ["folder", "--host", "127.0.0.1", "--port", "0", "--device", "cpu", "--browser"]
    )
    assert found["token"] is None


def test_no_list_of_processes_shows_the_token_of_the_server(started: Started) -> None:
    assert main(["web", "folder", "--host", "0.0.0.0", "--token", "not to be seen"]) == 0
    found = started()
    assert found["token"] == "not to be seen"
    assert "not to be seen" not in found["arguments"]


def test_its_exit_code_is_the_command_s(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE", "2")
    assert main(["web", "folder"]) == 2


@pytest.mark.parametrize("absent", ["SAIMWeb", "trame_slicer"])
def test_what_is_not_installed_is_named(
    absent: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == absent else found(name)
    )
    assert main(["web", "folder"]) == 2
    assert f"needs {absent}" in capsys.readouterr().err


def test_without_a_project_there_are_phantoms_with_a_model(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = []

    class Training:
        def __init__(self, project: Any, display: object) -> None:
            self._project = project

        def run(self, options: object) -> Any:
            trained.append(self._project.folder)
            return type("Outcome", (), {"model": "round-001"})()

    monkeypatch.setattr(runner, "TrainingRound", Training)
    assert main(["web", "--demo", str(tmp_path / "demo")]) == 0
    assert len(trained) == 1
    assert started()["arguments"][0] == str(tmp_path / "demo" / "project")
    assert (tmp_path / "demo" / "project" / "project.toml").is_file()


def test_a_training_that_was_stopped_opens_no_page(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped:
        def __init__(self, *_: object) -> None:
            pass

        def run(self, options: object) -> Any:
            return type("Outcome", (), {"model": None})()

    monkeypatch.setattr(runner, "TrainingRound", Stopped)
    assert main(["web", "--demo", str(tmp_path / "demo")]) == 130
    assert not (tmp_path / "note.json").exists()
