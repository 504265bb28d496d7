"""``saim demo`` and ``saim emulate`` from the command line, on tiny phantoms."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.cli import demo
from SAIMCore.data.phantom import Phantom

Saim = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def _tiny_demo() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "PHANTOMS", 5)
        patch.setattr(demo, "PHANTOM_SIZE", (32, 32, 4))
        for name in ("ROUNDS", "EPOCHS", "STEPS_PER_EPOCH"):
            patch.setattr(demo, name, 1)
        yield


@pytest.fixture(scope="module")
def shown(saim: Saim, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of a demo, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, saim("demo", "--folder", folder, "--device", "cpu")


def test_the_demo_runs_to_its_report(shown: tuple[Path, Any]) -> None:
    folder, answer = shown
    assert answer.code == 0, answer.err
    report = folder / "phantoms" / "report" / "report.html"
    assert report.is_file()
    assert f"report: {report}" in answer.out


def test_the_demo_says_which_round_and_step_it_is_at(shown: tuple[Path, Any]) -> None:
    lines = [line.strip() for line in shown[1].out.splitlines()]
    steps = [line for line in lines if line.startswith(("initial model", "round 1 of 1"))]
    assert steps == [
        "initial model: training",
        "round 1 of 1: scoring the pool",
        "round 1 of 1: the virtual user annotates",
        "round 1 of 1: training",
        "round 1 of 1: training on reference labels, for comparison",
    ]
    assert any(line.startswith("round-002: test mIoU in % by clicks") for line in lines)


def test_the_demo_ends_with_a_table_of_the_rounds(shown: tuple[Path, Any]) -> None:
    table = shown[1].out.partition("test mIoU in %\n")[2].splitlines()
    assert table[0].split()[:5] == ["round", "series", "%", "of", "data"]
    assert table[1].split()[:3] == ["initial", "1", "33"]
    assert table[2].split()[:3] == ["1", "2", "67"]


def test_a_second_demo_reuses_everything(shown: tuple[Path, Any], saim: Saim) -> None:
    folder, _ = shown
    page = folder / "phantoms" / "report" / "report.html"
    page.unlink()
    answer = saim("demo", "--folder", folder, "--device", "cpu", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["report"] == str(page)
    assert page.is_file()
    runs = folder / "phantoms" / "project" / "runs"
    assert sorted(path.name for path in runs.iterdir()) == [
        "classical-002",
        "round-001",
        "round-002",
    ]


def test_emulate_goes_on_with_the_same_emulation(shown: tuple[Path, Any], saim: Saim) -> None:
    project = shown[0] / "phantoms" / "project"
    answer = saim(
        "emulate", project, "--report", shown[0] / "phantoms" / "report", "--rounds", 1,
        "--query-size", 1, "--encoder", "resnet18", "--memory", "cumulative", "--epochs", 1,
        "--steps-per-epoch", 1, "--batch-size", demo.BATCH_SIZE, "--no-pretrained",
        "--fine-tune", "--clicks", demo.CLICKS, "--learning-rate", demo.LEARNING_RATE,
        "--schedule", "cosine", "--device", "cpu", "--seconds-per-click", 1.5, "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["options"]["seconds_per_click"] == 1.5
    assert [entry["series"] for entry in document["rounds"]] == [1, 2]
    assert [entry["number"] for entry in document["classical"]] == [1]


def test_emulate_with_other_options_is_refused(shown: tuple[Path, Any], saim: Saim) -> None:
    folder = shown[0] / "phantoms"
    answer = saim(
        "emulate", folder / "project", "--report", folder / "report", "--rounds", 1,
        "--query-size", 1,
    )  # fmt: skip
    assert answer.code == 2
    assert "begun with" in answer.err


def test_emulate_on_a_project_without_a_pool_is_refused(made: Path, saim: Saim) -> None:
    from SAIMCore.project.project import Project

    with Project.open(made) as project:
        for record in project.pool():
            project.set_status(record.name, "excluded")
    answer = saim("emulate", made, "--rounds", 2)
    assert answer.code == 2
    assert answer.err.startswith("saim: the pool is empty")


@pytest.mark.parametrize(
    ("option", "value"), [("--strategy", "psychic"), ("--seconds-per-click", "-1")]
)
def test_impossible_options_are_refused_before_anything_is_done(
    made: Path, saim: Saim, option: str, value: str
) -> None:
    answer = saim("emulate", made, "--rounds", 1, option, value)
    assert answer.code == 2
    assert value.lstrip("-") in answer.err
    assert not list((made / "runs").iterdir())
    assert not (made / "report").exists()


def test_the_demo_refuses_a_folder_without_labels(tmp_path: Path, saim: Saim) -> None:
    answer = saim("demo", "--data", tmp_path, "--folder", tmp_path / "demo")
    assert answer.code == 2
    assert "neither a dataset.json nor the folders images and labels" in answer.err


def test_the_demo_refuses_data_that_is_not_there(tmp_path: Path, saim: Saim) -> None:
    answer = saim("demo", "--data", tmp_path / "nothing", "--folder", tmp_path / "demo")
    assert answer.code == 2
    assert "does not exist" in answer.err


def test_the_demo_does_not_mix_data_of_the_same_name(
    phantom: Phantom, tmp_path: Path, saim: Saim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "emulate_and_report", lambda *_: None)
    first = shutil.copytree(phantom.folder, tmp_path / "a" / "series")
    second = shutil.copytree(phantom.folder, tmp_path / "b" / "series")
    folder = tmp_path / "demo"
    assert saim("demo", "--data", first, "--folder", folder).code == 0
    assert saim("demo", "--data", first, "--folder", folder).code == 0
    answer = saim("demo", "--data", second, "--folder", folder)
    assert answer.code == 2
    assert "was made from other data" in answer.err


def test_a_project_with_work_of_its_own_is_not_used_up(made: Path, saim: Saim, pool) -> None:
    from SAIMCore.project.project import Project

    with Project.open(made) as project:
        project.annotations.accept(pool[0], project.load_reference(pool[0]), "anna", 12.0)
    answer = saim("emulate", made, "--rounds", 1)
    assert answer.code == 2
    assert "has 1 annotations by anna that no emulation in this report folder made" in answer.err
    assert "make a project for it with 'saim init'" in answer.err
    assert not (made / "report").exists()
    with Project.open(made, read_only=True) as project:
        assert project.rounds.all() == []
        assert [record.name for record in project.pool()] == list(pool[1:])


def test_a_project_with_a_model_is_not_used_up(trained: Path, saim: Saim) -> None:
    answer = saim("emulate", trained, "--rounds", 1)
    assert answer.code == 2
    assert "has models (round-001)" in answer.err
    assert not (trained / "report").exists()


def test_the_help_says_that_the_project_is_used_up(saim: Saim) -> None:
    assert "pool is used up" in " ".join(saim("emulate", "--help").out.split())


def test_a_report_cannot_be_a_file(made: Path, saim: Saim, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    for place, complaint in (
        ("notes", "a file of that name is in the way"),
        ("notes/report", "a part of its path is a file"),
    ):
        answer = saim("emulate", made, "--rounds", 1, "--report", tmp_path / place)
        assert answer.code == 2
        assert complaint in answer.err
    assert (tmp_path / "notes").read_text(encoding="utf-8") == "mine"


def test_the_demo_refuses_a_file_for_its_folder(
    phantom: Phantom, tmp_path: Path, saim: Saim
) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    for data in ((), ("--data", phantom.folder)):
        answer = saim("demo", "--folder", tmp_path / "notes", *data)
        assert answer.code == 2
        assert "is in the way" in answer.err or "is a file and no folder" in answer.err
