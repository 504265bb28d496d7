"""``saim models``: list, restore, export; and models that cannot be used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from SAIMCore.checkpoint import load_checkpoint
from SAIMCore.project.project import Project


def test_all_models_are_listed_with_their_figures(saim, trained: Path) -> None:
    (entry,) = saim("models", trained, "--json").document
    assert entry["version"] == "round-001"
    assert entry["current"] is True
    assert 0 <= entry["validation_miou"] <= 1
    assert entry["round"] == 1
    assert saim("models", trained, "list", "--json").document == [entry]
    assert "round-001" in saim("models", trained, "list").out


def test_a_project_without_models_says_so(saim, made: Path) -> None:
    assert "there is no model yet" in saim("models", made).out
    assert saim("models", made, "--json").document == []


def test_an_earlier_model_becomes_the_shared_one_again(saim, trained: Path) -> None:
    answer = saim("models", trained, "restore", "round-001", "--json")
    assert answer.code == 0
    assert answer.document["current"] is True
    refused = saim("models", trained, "restore", "round-009")
    assert refused.code == 2
    assert "no model 'round-009'; the models are round-001" in refused.err


def test_a_model_that_was_never_published_is_restored_only_when_insisted(
    saim, trained: Path
) -> None:
    with Project.open(trained) as project:
        folder = project.models_folder / "round-002"
        shutil.copytree(project.models_folder / "round-001", folder)
        project.models.add("round-002", folder)
    refused = saim("models", trained, "restore", "round-002")
    assert refused.code == 2
    assert "--even-if-worse' publishes it all the same" in refused.err
    answer = saim("models", trained, "restore", "round-002", "--even-if-worse", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["current"] is True


def test_a_folder_can_be_exported_and_read(saim, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "mine"
    answer = saim("models", trained, "export", "round-001", "--format", "folder", "-o", output)
    assert answer.code == 0, answer.err
    assert load_checkpoint(output)[1].version == "round-001"
    again = saim("models", trained, "export", "round-001", "--format", "folder", "-o", output)
    assert again.code == 2
    assert "already exists" in again.err


def test_a_torchscript_file_is_written_and_checked(saim, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "model.pt"
    command = ("models", trained, "export", "current", "--format", "torchscript", "-o", output)
    answer = saim(*command, "--json")
    assert answer.code == 0, answer.err
    assert "differ from PyTorch's by" in answer.document["sentence"]
    assert answer.document["model"] == "round-001"
    assert output.stat().st_size > 0
    refused = saim(*command)
    assert refused.code == 2
    assert "model.pt already exists" in refused.err
    assert saim(*command, "--overwrite").code == 0


def test_an_onnx_file_is_written(
    saim, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, Path]] = []

    class Report:
        sentence = "Wrote it."

    def export(folder: Path, out: Path) -> Report:
        asked.append((folder, out))
        return Report()

    # The export itself is slow, and tested where it is.
    monkeypatch.setattr("SAIMCore.export.export_onnx", export)
    output = tmp_path / "model.onnx"
    answer = saim("models", trained, "export", "current", "--format", "onnx", "-o", output)
    assert answer.code == 0
    assert asked == [(trained / "models" / "round-001", output)]


def test_a_place_without_its_folder_is_refused(saim, trained: Path, tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "model.pt"
    answer = saim("models", trained, "export", "current", "--format", "torchscript", "-o", output)
    assert answer.code == 2
    assert "its folder does not exist" in answer.err


def test_there_may_be_no_current_model_to_export(saim, made: Path, tmp_path: Path) -> None:
    answer = saim("models", made, "export", "current", "--format", "folder", "-o", tmp_path / "x")
    assert answer.code == 2
    assert "the project has no model yet" in answer.err


# -- checkpoints that cannot be used --------------------------------------------------------------


def truncate(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])


def lose(folder: Path) -> None:
    (folder / "config.json").unlink()


def with_description(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        description = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        change(description)
        (folder / "config.json").write_text(json.dumps(description), encoding="utf-8")

    return apply


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (truncate, "model.safetensors"),
        (lose, "config.json is missing"),
        (with_description(lambda entry: entry.update(format=99)), "format 99"),
        (
            with_description(lambda entry: entry["classes"][4].update(name="spleen")),
            "2=lesion within organ, 3=node, 4=spleen, but 0=background, 1=organ, ",
        ),
    ],
    ids=["truncated", "incomplete", "newer format", "other classes"],
)
def test_a_model_that_cannot_be_used_is_refused_by_every_command(
    saim, trained: Path, pool, tmp_path: Path, damage: Callable[[Path], None], complaint: str
) -> None:
    damage(trained / "models" / "round-001")
    output = tmp_path / "out.nii.gz"
    for command in (
        ("rank", trained),
        ("evaluate", trained),
        ("annotate", trained, pool[0], "--virtual-user"),
        ("predict", trained, pool[0], "-o", output),
    ):
        answer = saim(*command)
        assert answer.code == 2
        assert complaint in answer.err
    assert not output.exists()
    with Project.open(trained, read_only=True) as project:
        assert project.series_named(pool[0]).status == "unannotated"
