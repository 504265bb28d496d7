"""Tiny phantoms, a project of them, and one that was trained once; each test gets a copy."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.cli import main, page_process
from SAIMCore.data.phantom import Phantom, make_phantom
from Testing.unit.cli.page_stand_in import STAND_IN, Started

# Small enough for seconds, large enough to hold every structure.
SMALL_NETWORK = ("--encoder", "resnet18", "--size", "64", "--query-size", "2")
SHORT_TRAINING = ("--no-pretrained", "--device", "cpu", "--steps-per-epoch", "2")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What was printed with --json."""
        return json.loads(self.out)


Saim = Callable[..., Answer]


def run_saim(*arguments: object) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            # argparse ends this way.
            code = int(end.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def saim() -> Saim:
    """Runs a command in this process."""
    return run_saim


@pytest.fixture(scope="session")
def short_training() -> tuple[str, ...]:
    """Options with which a training takes seconds."""
    return SHORT_TRAINING


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Phantom:
    """Six series: one each to train, validate and test, three in the pool."""
    return make_phantom(tmp_path_factory.mktemp("series") / "phantom", 6, size=(48, 48, 4))


@pytest.fixture(scope="session")
def pool(phantom: Phantom) -> tuple[str, ...]:
    """Names of the series without an annotation."""
    return phantom.splits["pool"]


@pytest.fixture(scope="session")
def _made_once(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "project"
    answer = run_saim(
        "init", folder, "--images", phantom.images, "--labels", phantom.labels,
        "--splits", phantom.splits_file, *SMALL_NETWORK,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    return folder


@pytest.fixture(scope="session")
def trained_once(_made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A trained project, and what the training printed; not to be changed."""
    folder = tmp_path_factory.mktemp("trained") / "project"
    shutil.copytree(_made_once, folder)
    answer = run_saim("train", folder, *SHORT_TRAINING, "--epochs", "1")
    assert answer.code == 0, answer.err
    return folder, answer


@pytest.fixture
def made(_made_once: Path, tmp_path: Path) -> Path:
    """A project that was never trained."""
    return Path(shutil.copytree(_made_once, tmp_path / "project"))


@pytest.fixture
def trained(trained_once: tuple[Path, Answer], tmp_path: Path) -> Path:
    """A project with one model."""
    return Path(shutil.copytree(trained_once[0], tmp_path / "project"))


@pytest.fixture
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
