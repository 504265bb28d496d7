"""``saim web`` makes what is to be opened, and starts the page's server on it."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk

from SAIMCore.cli import page_process
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project
from SAIMCore.rounds import runner
from Testing.unit.campaign.stand_ins import publish_model

# A server that writes down how it was started, and that it was asked whether it could be.
STAND_IN = """
import json, os, pathlib, sys
note = pathlib.Path(os.environ["NOTE"])
if "--check" in sys.argv:
    note.with_suffix(".check").touch()
    sys.exit(int(os.environ.get("CHECK", "0")))
note.write_text(json.dumps({"arguments": sys.argv[1:], "token": os.environ.get("SAIM_WEB_TOKEN")}))
sys.exit(int(os.environ.get("CODE", "0")))
"""

Started = Callable[[], dict[str, Any] | None]


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """How the server was started; None: it was not."""
    place = tmp_path / "server"
    place.mkdir()
    (place / "server_stand_in.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setattr(page_process, "SERVER", "server_stand_in")
    monkeypatch.setattr("SAIMCore.cli.web.browser_is_here", lambda: False)
    monkeypatch.setenv("PYTHONPATH", str(place))
    monkeypatch.syspath_prepend(place)
    monkeypatch.setenv("NOTE", str(place / "note.json"))
    monkeypatch.delenv("SAIM_WEB_TOKEN", raising=False)
    # What is made without a word on where.
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def read() -> dict[str, Any] | None:
        note = place / "note.json"
        return json.loads(note.read_text(encoding="utf-8")) if note.exists() else None

    return read


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[], bool]:
    """Whether the server was asked if it could be started."""
    return lambda: (tmp_path / "server" / "note.check").exists()


@pytest.fixture
def own(phantom: Phantom, tmp_path: Path) -> Path:
    """Somebody's series, of which half have labels."""
    folder = Path(shutil.copytree(phantom.folder, tmp_path / "own"))
    (folder / "splits.json").unlink()
    for name in ("phantom_001", "phantom_002"):
        (folder / "labels" / f"{name}.nii.gz").unlink()
    return folder


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


def opened(started: Started) -> Path:
    found = started()
    assert found is not None
    return Path(found["arguments"][0])


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


# -- series of one's own --------------------------------------------------------------------------


def test_a_project_is_made_of_a_folder_and_opened_again(
    saim, started: Started, checked: Callable[[], bool], own: Path
) -> None:
    place = Path.cwd() / "demo" / "own" / "project"
    answer = saim("web", "--data", own)
    assert answer.code == 0, answer.err
    assert checked()
    assert opened(started) == place
    assert "no splits were given, so 2 labeled series are for training, 1 for" in answer.out
    assert f"{place}: 6 series, 5 classes" in answer.out
    with Project.open(place) as project:
        assert project.settings.name == "own"
        assert len(project.pool()) == 2
        project.pin("phantom_001")
    again = saim("web", "--data", f"{own}/../own")
    assert again.code == 0
    assert again.out == ""
    with Project.open(place, read_only=True) as project:
        assert project.series_named("phantom_001").pinned


def test_a_project_s_folder_is_opened_as_it_is(saim, started: Started, made: Path) -> None:
    assert saim("web", "--data", made).code == 0
    assert opened(started) == made
    assert list(Path.cwd().iterdir()) == []


def test_images_alone_need_the_names_of_the_classes(saim, started: Started, own: Path) -> None:
    answer = saim("web", "--data", own / "images")
    assert answer.code == 2
    assert "make run CLASSES=background,liver,kidney" in answer.err
    assert list(Path.cwd().iterdir()) == []
    answer = saim("web", "--data", own / "images", "--classes", "background,liver,tumor<liver")
    assert answer.code == 0, answer.err
    with Project.open(opened(started), read_only=True) as project:
        assert project.classes.names == ("background", "liver", "tumor")
        assert len(project.pool()) == 6


def test_that_nothing_is_left_to_annotate_is_said(saim, phantom: Phantom, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(phantom.folder, tmp_path / "all"))
    (folder / "splits.json").unlink()
    assert "none is left to annotate" in saim("web", "--data", folder).out


def test_what_is_wrong_is_said_series_by_series(saim, started: Started, own: Path) -> None:
    (own / "images" / "phantom_003.nii.gz").write_bytes(b"no image")
    path = own / "labels" / "phantom_004.nii.gz"
    sitk.WriteImage(sitk.ReadImage(path)[:-1], path)
    # The classes named, so that the labels are not read for these before.
    answer = saim("web", "--data", own, "--classes", "background,organ,lesion,node,gland")
    assert answer.code == 2
    assert "2 problems, so nothing was imported" in answer.err
    assert "phantom_003" in answer.err
    assert "phantom_004" in answer.err
    assert started() is None
    assert not (Path.cwd() / "demo" / "own" / "project").exists()


def test_series_of_the_same_name_are_not_mixed(
    saim, started: Started, own: Path, tmp_path: Path
) -> None:
    assert saim("web", "--data", own).code == 0
    other = shutil.copytree(own, tmp_path / "elsewhere" / "own")
    answer = saim("web", "--data", other)
    assert answer.code == 2
    assert "was made from other series" in answer.err
    assert saim("web", "--data", other, "--folder", "demo/other").code == 0
    assert opened(started) == Path.cwd() / "demo" / "other" / "project"


def test_phantoms_are_not_mixed_with_series_of_that_name(saim, own: Path) -> None:
    own = own.rename(own.with_name("phantoms"))
    assert saim("web", "--data", own).code == 0
    answer = saim("web")
    assert answer.code == 2
    assert "was made from other series" in answer.err


def test_a_project_with_other_classes_is_not_opened_under_these(saim, own: Path) -> None:
    assert saim("web", "--data", own).code == 0
    answer = saim("web", "--data", own, "--classes", "background,liver")
    assert answer.code == 2
    assert "was made with other classes (background, class 1" in answer.err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--data", "nowhere"), "nowhere does not exist; give a folder of series"),
        (("--classes", "background,liver"), "give --classes with --data"),
        (("project", "--data", "nowhere"), "leave one of the two out"),
        (("project", "--classes", "background,liver"), "leave one of the two out"),
        (("--data", ".", "--classes", "liver,kidney"), "the first class must be 'background'"),
    ],
)
def test_what_cannot_be_opened_is_refused_at_once(
    saim,
    started: Started,
    checked: Callable[[], bool],
    options: tuple[str, ...],
    complaint: str,
) -> None:
    answer = saim("web", *options)
    assert answer.code == 2
    assert complaint in answer.err
    assert not checked()
    assert started() is None
    assert list(Path.cwd().iterdir()) == []
