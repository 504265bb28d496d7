"""``saim annotate``: the virtual user's annotations, accepted and logged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
            place = (record.slice_index, record.content["row"], record.content["column"])
            assert labeled.labels[place] == record.class_index


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


def test_without_the_virtual_user_it_says_where_people_annotate(saim, trained: Path, pool) -> None:
    answer = saim("annotate", trained, pool[0])
    assert answer.code == 2
    assert "people annotate in 3D Slicer or in the browser" in answer.err


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
