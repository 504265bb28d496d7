"""``saim emulate`` from the command line, with a project and without, on tiny phantoms."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.cli import emulate, short_emulation
from SAIMCore.data.phantom import Phantom

Saim = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def _tiny_phantoms() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(short_emulation, "PHANTOMS", 5)
        patch.setattr(short_emulation, "PHANTOM_SIZE", (32, 32, 4))
        patch.setattr(emulate, "ROUNDS", 1)
        for name in ("EPOCHS", "STEPS_PER_EPOCH"):
            patch.setattr(short_emulation, name, 1)
        yield


@pytest.fixture(scope="module")
def shown(saim: Saim, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of an emulation without a project, and what it printed."""
    folder = tmp_path_factory.mktemp("emulated") / "phantoms"
    return folder, saim("emulate", "--folder", folder, "--device", "cpu")


def test_without_a_project_phantoms_are_emulated_to_the_report(shown: tuple[Path, Any]) -> None:
    folder, answer = shown
    assert answer.code == 0, answer.err
    report = folder / "report" / "report.html"
    assert report.is_file()
    assert f"report: {report}" in answer.out


def test_it_says_which_round_and_step_it_is_at(shown: tuple[Path, Any]) -> None:
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


def test_it_ends_with_a_table_of_the_rounds(shown: tuple[Path, Any]) -> None:
    table = shown[1].out.partition("test mIoU in %\n")[2].splitlines()
    assert table[0].split()[:5] == ["round", "series", "%", "of", "data"]
    assert table[1].split()[:3] == ["initial", "1", "33"]
    assert table[2].split()[:3] == ["1", "2", "67"]


def test_a_second_call_reuses_everything(shown: tuple[Path, Any], saim: Saim) -> None:
    folder, _ = shown
    page = folder / "report" / "report.html"
    page.unlink()
    answer = saim("emulate", "--folder", folder, "--device", "cpu", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["report"] == str(page)
    assert page.is_file()
    runs = folder / "project" / "runs"
    assert sorted(path.name for path in runs.iterdir()) == [
        "classical-002",
        "round-001",
        "round-002",
    ]


def test_the_made_project_can_be_given_with_the_same_options(
    shown: tuple[Path, Any], saim: Saim
) -> None:
    project = shown[0] / "project"
    answer = saim(
        "emulate", project, "--report", shown[0] / "report", "--rounds", 1,
        "--query-size", 1, "--encoder", "resnet18", "--memory", "cumulative", "--epochs", 1,
        "--steps-per-epoch", 1, "--batch-size", short_emulation.BATCH_SIZE, "--no-pretrained",
        "--fine-tune", "--clicks", emulate.CLICKS, "--learning-rate",
        short_emulation.LEARNING_RATE,
        "--schedule", "cosine", "--device", "cpu", "--seconds-per-click", 1.5, "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["options"]["seconds_per_click"] == 1.5
    assert [entry["series"] for entry in document["rounds"]] == [1, 2]
    assert [entry["number"] for entry in document["classical"]] == [1]


def test_emulate_with_other_options_is_refused(shown: tuple[Path, Any], saim: Saim) -> None:
    folder = shown[0]
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


def test_given_options_win_over_the_short_ones(
    tmp_path: Path, saim: Saim, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setattr(emulate, "_emulate_and_report", lambda *given: told.append(given[-1]))
    command = ("emulate", "--folder", tmp_path, "--device", "cpu")
    assert saim(*command).code == 0
    assert saim(
        *command, "--rounds", 3, "--query-size", 2, "--clicks", 0, "--epochs", 7, "--strategy",
        "random", "--report", tmp_path / "elsewhere", "--no-classical",
    ).code == 0  # fmt: skip
    usual, other = told
    assert (usual.rounds, usual.query_size, usual.clicks) == (1, 1, emulate.CLICKS)
    assert usual.folder == tmp_path / "report"
    assert usual.training.fine_tune
    assert not usual.training.pretrained
    assert (other.rounds, other.query_size, other.clicks) == (3, 2, 0)
    assert (other.strategy, other.training.epochs, other.classical) == ("random", 7, False)
    assert other.training.encoder == usual.training.encoder == short_emulation.ENCODER
    assert other.folder == tmp_path / "elsewhere"


def test_what_is_emulated_lies_beside_what_people_annotate(
    phantom: Phantom, tmp_path: Path, saim: Saim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulate, "_emulate_and_report", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    assert saim("emulate", "--data", phantom.folder).code == 0
    assert (tmp_path / "demo" / "emulated" / phantom.folder.name / "project").is_dir()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--data", "{empty}"), "neither a dataset.json nor a folder of labels"),
        (("--data", "{empty}/nothing"), "does not exist"),
        (("--classes", "background,liver"), "give --classes with --data"),
        (("{empty}", "--rounds", "1", "--data", "{empty}"), "leave one of the two out"),
        (("{empty}", "--rounds", "1", "--folder", "{empty}"), "leave one of the two out"),
        (("{empty}",), "say how many rounds are to be emulated, like --rounds 4"),
    ],
)
def test_what_cannot_be_emulated_is_refused(
    tmp_path: Path, saim: Saim, options: tuple[str, ...], complaint: str
) -> None:
    answer = saim("emulate", *(word.format(empty=tmp_path) for word in options))
    assert answer.code == 2
    assert complaint in answer.err
    assert list(tmp_path.iterdir()) == []


def test_series_of_the_same_name_are_not_mixed(
    phantom: Phantom, tmp_path: Path, saim: Saim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulate, "_emulate_and_report", lambda *_: None)
    first = shutil.copytree(phantom.folder, tmp_path / "a" / "series")
    second = shutil.copytree(phantom.folder, tmp_path / "b" / "series")
    folder = tmp_path / "demo"
    assert saim("emulate", "--data", first, "--folder", folder).code == 0
    assert saim("emulate", "--data", first, "--folder", folder).code == 0
    answer = saim("emulate", "--data", second, "--folder", folder)
    assert answer.code == 2
    assert "was made from other series" in answer.err


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


def test_the_folder_cannot_be_a_file(phantom: Phantom, tmp_path: Path, saim: Saim) -> None:
    (tmp_path / "notes").write_text("mine", encoding="utf-8")
    for data in ((), ("--data", phantom.folder)):
        answer = saim("emulate", "--folder", tmp_path / "notes", *data)
        assert answer.code == 2
        assert "is in the way" in answer.err or "is a file and no folder" in answer.err
