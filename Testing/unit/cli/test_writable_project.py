"""Every command that opens a project for writing says what was found in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from SAIMCore.cli import emulate
from SAIMCore.data.phantom import Phantom


@pytest.fixture
def orphan(phantom: Phantom, pool):
    """Leaves an annotation that was saved, but whose acceptance was interrupted, in a project."""

    def leave(project: Path) -> None:
        file = f"{pool[0]}.nii.gz"
        shutil.copyfile(phantom.labels / file, project / "annotations" / file)

    return leave


@pytest.mark.parametrize(
    "command",
    [
        ("annotate", "{project}", "{series}", "--labels", "{labels}"),
        ("annotate", "{project}", "{series}", "--restore"),
        ("annotate", "{project}", "{series}", "--virtual-user"),
        ("rank", "{project}", "--strategy", "random"),
        ("models", "{project}", "restore", "round-009"),
        ("train", "{project}", "--encoder", "resnet35"),
        ("emulate", "{project}", "--rounds", "1", "--strategy", "psychic"),
        ("add", "{project}", "--images", "{project}"),
        ("relocate", "{project}", "/nowhere", "{labels}"),
        ("status", "{project}", "--set", "{series}", "excluded"),
    ],
    ids=lambda command: " ".join(word for word in command if "{" not in word),
)
def test_an_interrupted_acceptance_is_said(
    saim, made: Path, orphan, phantom: Phantom, pool, command: tuple[str, ...]
) -> None:
    orphan(made)
    words = {"project": made, "series": pool[1], "labels": phantom.labels}
    answer = saim(*(word.format(**words) for word in command))
    assert answer.err.count("warning: an annotation of series") == 1
    assert "its acceptance was interrupted" in answer.err


def test_an_emulation_that_made_its_project_says_it_too(
    saim, phantom: Phantom, orphan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulate, "_emulate_and_report", lambda *_: None)
    command = ("emulate", "--data", phantom.folder, "--folder", tmp_path / "demo")
    assert saim(*command).code == 0
    orphan(tmp_path / "demo" / "project")
    assert "its acceptance was interrupted" in saim(*command).err


def test_a_project_without_a_fault_is_opened_in_silence(saim, made: Path) -> None:
    assert saim("rank", made, "--strategy", "random").err == ""


def test_the_warning_says_how_to_accept_it_after_all(saim, made: Path, orphan, pool) -> None:
    orphan(made)
    warning = saim("rank", made, "--strategy", "random").err
    command = warning.partition("saim ")[2].split()
    assert command[:3] == ["annotate", "PROJECT", pool[0]]
    answer = saim(command[0], made, *command[2:])
    assert answer.code == 0, answer.err
    assert "accepted 1 annotation" in answer.out
