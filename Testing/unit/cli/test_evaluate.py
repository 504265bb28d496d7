"""``saim evaluate``: the numbers that the training recorded, and their spread."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.cli.evaluate import _deviation
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project


def test_it_finds_what_the_training_recorded(saim, trained: Path, phantom: Phantom) -> None:
    answer = saim("evaluate", trained, "--device", "cpu", "--json")
    assert answer.code == 0, answer.err
    document = answer.document
    with Project.open(trained, read_only=True) as project:
        model = project.models.current()
    assert model is not None
    assert model.test is not None
    assert document["model"] == "round-001"
    assert document["series"] == list(phantom.splits["test"])
    for clicks, entry in document["clicks"].items():
        recorded = model.test["clicks"][clicks]
        assert entry["iou"] == pytest.approx(recorded["iou"], abs=1e-3)
        assert entry["clicks_per_slice"] == pytest.approx(recorded["clicks_per_slice"], abs=0.3)


def test_only_the_numbers_of_clicks_asked_for_are_shown(saim, trained: Path) -> None:
    answer = saim("evaluate", trained, "--clicks", "1,0", "--split", "validation")
    assert "round-001 on 1 validation series, IoU in %" in answer.out
    assert "round-001 on 1 validation series, Dice in %" in answer.out
    header = answer.out.splitlines()[1].split("  ")
    assert [cell.strip() for cell in header if cell.strip()] == ["0 clicks", "1 click"]
    assert "±" not in answer.out


def test_with_several_series_the_spread_is_shown(saim, trained: Path, phantom: Phantom) -> None:
    (name,) = phantom.splits["validation"]
    saim("status", trained, "--set", name, "test")
    answer = saim("evaluate", trained, "--clicks", "1", "--json")
    entry = answer.document["clicks"]["1"]
    assert len(answer.document["series"]) == 2
    per_series = [scores["mean_iou"] for scores in entry["per_series"].values()]
    low, high = sorted(per_series)
    assert entry["spread"]["mean_iou"] == pytest.approx((high - low) / 2**0.5)
    assert "±" in saim("evaluate", trained, "--clicks", "1").out


def test_the_spread_leaves_out_what_is_missing() -> None:
    assert _deviation([1.0, float("nan"), 3.0]) == pytest.approx(2**0.5)
    assert _deviation([1.0, float("nan")]) is None


def test_a_model_can_be_given_as_a_folder(saim, trained: Path, tmp_path: Path) -> None:
    exported = tmp_path / "exported"
    assert (
        saim("models", trained, "export", "current", "--format", "folder", "-o", exported).code == 0
    )
    answer = saim("evaluate", trained, "--clicks", "0", "--model", exported)
    assert answer.code == 0
    assert "round-001 on 1 test series" in answer.out


def test_it_works_while_somebody_writes_to_the_project(saim, trained: Path) -> None:
    with Project.open(trained):
        assert saim("evaluate", trained, "--clicks", "0").code == 0


def test_without_series_there_is_nothing_to_measure_on(
    saim, trained: Path, phantom: Phantom
) -> None:
    saim("status", trained, "--set", phantom.splits["test"][0], "annotated")
    answer = saim("evaluate", trained)
    assert answer.code == 2
    assert "no series has the status 'test'" in answer.err


def test_an_unknown_model_is_refused_with_the_known_ones(saim, trained: Path) -> None:
    answer = saim("evaluate", trained, "--model", "round-009")
    assert answer.code == 2
    assert "no model 'round-009'; the models are round-001" in answer.err
