"""``saim annotate --virtual-user``: annotations that are accepted and logged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import SAIMCore.virtual_annotation
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project


@pytest.fixture
def annotate(saim, trained: Path):
    """Runs ``saim annotate PROJECT ... --virtual-user``."""

    def run(*arguments: object):
        return saim("annotate", trained, *arguments, "--virtual-user", "--device", "cpu")

    return run


def test_annotations_are_accepted_with_clicks_time_and_model(annotate, trained: Path, pool) -> None:
    answer = annotate(*pool[:2], "--clicks", "2", "--seconds-per-click", "6", "--json")
    assert answer.code == 0, answer.err
    results = answer.document["annotations"]
    assert [entry["series"] for entry in results] == list(pool[:2])
    with Project.open(trained, read_only=True) as project:
        for entry in results:
            record = project.series_named(entry["series"])
            logged = project.interactions.of(entry["series"])
            assert record.status == "annotated"
            assert record.annotation is not None
            assert record.annotation.annotator == "virtual user"
            assert record.annotation.model_version == "round-001"
            assert record.annotation.clicks == entry["clicks"] == len(logged) > 0
            assert record.annotation.minutes == pytest.approx(entry["clicks"] * 0.1)
            assert 0 <= entry["against_reference"]["mean_iou"] <= 1


def test_the_clicked_voxels_of_the_file_agree_with_the_reference(
    annotate, trained: Path, pool
) -> None:
    assert annotate(pool[0], "--annotator", "robot").code == 0
    with Project.open(trained, read_only=True) as project:
        labeled = project.labeled(pool[0])
        for record in project.interactions.of(pool[0]):
            assert record.annotator == "robot"
            place = (record.content["row"], record.content["column"])
            assert labeled.labels[record.slice_index][place] == record.class_index


def test_people_get_a_table(annotate, pool) -> None:
    printed = annotate(pool[0], "--clicks", "1").out
    assert pool[0] in printed
    assert "accepted 1 annotation" in printed


def test_reference_labels_may_come_from_a_folder(
    annotate, trained: Path, phantom: Phantom, pool, tmp_path: Path
) -> None:
    folder = tmp_path / "reference"
    folder.mkdir()
    shutil.copyfile(phantom.labels / f"{pool[0]}.nii.gz", folder / f"{pool[0]}.nii.gz")
    answer = annotate(*pool[:2], "--reference", folder)
    assert answer.code == 2
    assert f"series {pool[1]!r} has no reference labels in {folder}" in answer.err
    with Project.open(trained, read_only=True) as project:
        assert {record.name for record in project.pool()} == set(pool)
    assert annotate(pool[0], "--reference", folder).code == 0


def test_an_annotation_is_replaced_only_on_request(annotate, trained: Path, pool) -> None:
    assert annotate(pool[0], "--clicks", "1").code == 0
    refused = annotate(pool[0])
    assert refused.code == 2
    assert "is not in the pool (its status is 'annotated'); add --again" in refused.err
    assert annotate(pool[0], "--again", "--clicks", "0").code == 0
    with Project.open(trained, read_only=True) as project:
        assert len(project.annotations.history(pool[0])) == 2


def test_nothing_is_annotated_when_one_of_the_series_cannot_be(
    saim, annotate, trained: Path, pool
) -> None:
    saim("status", trained, "--set", pool[1], "excluded")
    for other, complaint in (("nobody", "no series 'nobody'"), (pool[1], "is excluded")):
        answer = annotate(pool[0], other)
        assert answer.code == 2
        assert complaint in answer.err
    with Project.open(trained, read_only=True) as project:
        assert project.series_named(pool[0]).status == "unannotated"


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf"])
def test_an_impossible_time_per_click_is_refused(annotate, pool, seconds: str) -> None:
    answer = annotate(pool[0], f"--seconds-per-click={seconds}")
    assert answer.code == 2
    assert "give 0 or more" in answer.err


def test_without_a_model_nobody_can_annotate(saim, made: Path, pool) -> None:
    answer = saim("annotate", made, pool[0], "--virtual-user")
    assert answer.code == 2
    assert "the project has no model yet" in answer.err


# -- several series -------------------------------------------------------------------------------


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch):
    """Presses Ctrl+C while a series is annotated."""
    annotate_series = SAIMCore.virtual_annotation.annotate_with_virtual_user

    def at(series: str) -> None:
        def annotating(project, predictor, name, *rest):
            if name == series:
                raise KeyboardInterrupt
            return annotate_series(project, predictor, name, *rest)

        monkeypatch.setattr(SAIMCore.virtual_annotation, "annotate_with_virtual_user", annotating)

    return at


def test_what_was_accepted_before_ctrl_c_is_shown_and_the_same_command_goes_on(
    annotate, trained: Path, pool, interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(pool[2])
    stopped = annotate(*pool, "--clicks", "1", "--json")
    assert stopped.code == 130
    document = stopped.document
    assert [entry["series"] for entry in document["annotations"]] == list(pool[:2])
    assert document["not_done"] == [pool[2]]
    with Project.open(trained, read_only=True) as project:
        assert [record.name for record in project.pool()] == [pool[2]]

    monkeypatch.undo()
    answer = annotate(*pool, "--clicks", "1")
    assert answer.code == 0, answer.err
    assert f"{pool[0]} was annotated by virtual user before and stays as it is" in answer.out
    assert "accepted 1 annotation" in answer.out
    with Project.open(trained, read_only=True) as project:
        assert project.pool() == []
        assert len(project.annotations.history(pool[0])) == 1


def test_a_person_sees_what_was_accepted_before_ctrl_c(annotate, pool, interrupted) -> None:
    interrupted(pool[1])
    stopped = annotate(*pool[:2], "--clicks", "0")
    assert stopped.code == 130
    assert pool[0] in stopped.out
    assert "accepted 1 annotation" in stopped.out


def test_an_annotation_of_somebody_else_is_not_taken_for_an_earlier_run(
    annotate, trained: Path, pool
) -> None:
    with Project.open(trained) as project:
        shape = project.series_named(pool[0]).geometry.array_shape
        project.annotations.accept(pool[0], np.zeros(shape, np.uint8), "anna")
    refused = annotate(*pool)
    assert refused.code == 2
    assert f"series {pool[0]!r} is not in the pool" in refused.err


def test_a_reference_that_does_not_fit_is_found_before_the_first_acceptance(
    annotate, trained: Path, phantom: Phantom, pool, tmp_path: Path
) -> None:
    folder = tmp_path / "reference"
    folder.mkdir()
    shutil.copyfile(phantom.labels / f"{pool[0]}.nii.gz", folder / f"{pool[0]}.nii.gz")
    for name in pool[1:]:
        (folder / f"{name}.nii.gz").write_bytes(b"")
    answer = annotate(*pool, "--reference", folder)
    assert answer.code == 2
    assert "2 labelmaps cannot be used, so nothing was annotated" in answer.err
    assert all(f"{name}.nii.gz is empty" in answer.err for name in pool[1:])
    with Project.open(trained, read_only=True) as project:
        assert {record.name for record in project.pool()} == set(pool)


# -- the labels that models are measured by -------------------------------------------------------


@pytest.mark.parametrize("split", ["validation", "test"])
@pytest.mark.parametrize("again", [(), ("--again",)])
def test_the_virtual_user_never_replaces_the_labels_that_models_are_measured_by(
    annotate, trained: Path, phantom: Phantom, pool, split: str, again: tuple[str, ...]
) -> None:
    (name,) = phantom.splits[split]
    answer = annotate(pool[0], name, *again)
    assert answer.code == 2
    assert f"series {name!r} is a {split} series" in answer.err
    assert "the virtual user may not replace them" in answer.err
    with Project.open(trained, read_only=True) as project:
        assert len(project.annotations.history(name)) == 1
        assert project.series_named(pool[0]).status == "unannotated"
