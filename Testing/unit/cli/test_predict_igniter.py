"""``saim predict`` with an igniter: somebody else's network or labels segment, clicks obeyed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.geometry import to_slices
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project


@pytest.fixture
def elsewhere(trained_once: tuple[Path, object], tmp_path: Path) -> Path:
    """Another project, with a model."""
    return Path(shutil.copytree(trained_once[0], tmp_path / "elsewhere"))


@pytest.fixture
def network(elsewhere: Path, tmp_path: Path) -> Path:
    """The folder of a model of another project."""
    with Project.open(elsewhere, read_only=True) as project:
        current = project.models.current()
        assert current is not None
        return Path(shutil.copytree(current.folder, tmp_path / "other"))


@pytest.fixture
def ignited(saim, made: Path, network: Path) -> Path:
    """A project without a model of its own, and with that igniter."""
    answer = saim("igniter", made, "set", network, "--device", "cpu")
    assert answer.code == 0, answer.err
    return made


@pytest.fixture
def predict(saim, tmp_path: Path):
    """Runs ``saim predict PROJECT SERIES -o OUT``; the answer, and the slices that it wrote."""

    def run(project: Path, series: str, *options: object):
        output = tmp_path / "out.nii.gz"
        answer = saim(
            "predict", project, series, "-o", output, "--device", "cpu", "--overwrite", *options
        )
        if answer.code:
            return answer, None
        with Project.open(project, read_only=True) as opened:
            axis = opened.series_named(series).geometry.acquisition_axis
        return answer, to_slices(sitk.GetArrayFromImage(sitk.ReadImage(output)), axis)

    return run


@pytest.fixture
def clicks(tmp_path: Path) -> Path:
    """A click and a stroke on one slice, a click on another one."""
    path = tmp_path / "clicks.json"
    entries = [
        {"slice": 1, "row": 20, "column": 21, "class": 3},
        {"type": "stroke", "slice": 1, "points": [[5, 5], [5, 12]], "radius": 0, "class": 2},
        {"slice": 2, "row": 30, "column": 9, "class": 0},
    ]
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def test_the_igniter_segments_where_there_is_no_model(predict, ignited: Path, pool) -> None:
    answer, stack = predict(ignited, pool[0])
    assert answer.code == 0, answer.err
    assert f"{pool[0]} segmented by igniter:round-001-" in answer.out
    assert stack.any()


def test_the_answer_is_that_of_the_igniters_own_network(
    predict, ignited: Path, elsewhere: Path, pool
) -> None:
    _, proposed = predict(ignited, pool[0])
    _, own = predict(elsewhere, pool[0])
    # In batches a convolution may round differently.
    assert (proposed == own).mean() > 0.999


def test_marks_are_obeyed_and_more_than_they_change(
    predict, ignited: Path, pool, clicks: Path
) -> None:
    _, before = predict(ignited, pool[0])
    answer, after = predict(ignited, pool[0], "--clicks", clicks, "--steps", "20")
    assert answer.code == 0, answer.err
    assert after[1, 20, 21] == 3
    assert (after[1, 5, 5:13] == 2).all()
    assert after[2, 30, 9] == 0
    # The network was made to agree, and a network knows of more than the marked pixels.
    assert (before[1] != after[1]).sum() > 50
    assert (before[[0, 3]] == after[[0, 3]]).all()


def test_the_layers_that_are_trained_can_be_named(
    predict, ignited: Path, pool, clicks: Path
) -> None:
    answer, _ = predict(ignited, pool[0], "--clicks", clicks, "--layers", "head, nothing")
    assert answer.code == 2
    assert "nothing" in answer.err
    answer, stack = predict(ignited, pool[0], "--clicks", clicks, "--layers", "head")
    assert answer.code == 0, answer.err
    assert stack[1, 20, 21] == 3


def test_options_of_a_training_need_clicks(predict, ignited: Path, pool) -> None:
    for option, value in (("--layers", "nothing"), ("--steps", "3"), ("--grow", "0.5")):
        answer, _ = predict(ignited, pool[0], option, value)
        assert answer.code == 2
        assert f"nothing to agree with; give --clicks with {option}" in answer.err


def test_the_igniter_is_asked_where_there_is_a_model_too(
    saim, predict, trained: Path, network: Path, pool
) -> None:
    saim("igniter", trained, "set", network, "--device", "cpu")
    answer, _ = predict(trained, pool[0], "--igniter", "--json")
    assert answer.document["model"].startswith("igniter:round-001-")
    answer, _ = predict(trained, pool[0], "--json")
    assert answer.document["model"] == "round-001"
    answer, _ = predict(trained, pool[0], "--igniter", "--model", "round-001")
    assert answer.code == 2
    assert "give one of them" in answer.err


def test_marks_are_written_into_labels_made_elsewhere(
    saim, predict, made: Path, phantom: Phantom, tmp_path: Path, pool, clicks: Path
) -> None:
    folder = Path(shutil.copytree(phantom.labels, tmp_path / "colleague"))
    (folder / f"{pool[1]}.nii.gz").unlink()
    names = {"labels": {"background": 0, "organ": 1, "lesion": 2, "node": 3, "gland": 4}}
    (folder / "dataset.json").write_text(json.dumps(names), encoding="utf-8")
    assert saim("igniter", made, "set", folder, "--device", "cpu").code == 0
    _, before = predict(made, pool[0])
    answer, after = predict(made, pool[0], "--clicks", clicks)
    assert answer.code == 0, answer.err
    changed = np.argwhere(before != after)
    assert after[1, 20, 21] == 3
    assert set(changed[:, 0]) <= {1, 2}
    assert len(changed) < 30
    answer, _ = predict(made, pool[0], "--clicks", clicks, "--layers", "none", "--steps", "3")
    assert answer.code == 2
    assert "the igniter colleague can be trained, and clicks are written" in answer.err
    assert "leave --layers and --steps out" in answer.err
    answer, _ = predict(made, pool[1])
    assert answer.code == 2
    assert f"has no labelmap of the series {pool[1]!r}" in answer.err


def test_an_igniter_that_is_not_there_is_said(predict, made: Path, pool) -> None:
    answer, _ = predict(made, pool[0], "--igniter")
    assert answer.code == 2
    assert "has no igniter" in answer.err
