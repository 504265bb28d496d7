"""Accepting, reading and restoring annotations."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.errors import InvalidLabelmapError, ProjectError
from SAIMCore.project.project import Project


def test_an_accepted_annotation_is_filed_and_counted(project: Project, labels: np.ndarray) -> None:
    record = project.annotations.accept("pool_b", labels, "ada", 2.5, 14, "round-001")
    assert record == project.series_named("pool_b").annotation
    assert (record.number, record.current, record.annotator) == (1, True, "ada")
    assert (record.minutes, record.clicks, record.model_version) == (2.5, 14, "round-001")
    assert record.class_voxels == tuple(np.bincount(labels.ravel()).tolist())
    assert project.annotations.path("pool_b") == project.folder / "annotations" / "pool_b.nii.gz"
    assert np.array_equal(project.annotations.load("pool_b"), labels)


def test_the_file_lies_on_the_grid_of_the_image(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("pool_b", labels, "ada")
    filed = sitk.ReadImage(str(project.annotations.path("pool_b")))
    image = sitk.ReadImage(str(project.series_named("pool_b").source.path))
    assert filed.GetSize() == image.GetSize()
    assert filed.GetOrigin() == pytest.approx(image.GetOrigin())


def test_a_series_leaves_the_pool_when_it_is_annotated(
    project: Project, labels: np.ndarray
) -> None:
    project.set_status("pool_b", "in progress")
    assert "pool_b" in [record.name for record in project.pool()]
    project.annotations.accept("pool_b", labels, "ada")
    assert project.series_named("pool_b").status == "annotated"
    assert "pool_b" in [record.name for record in project.training_series()]
    assert "pool_b" not in [record.name for record in project.pool()]


def test_a_test_series_that_is_corrected_stays_a_test_series(
    project: Project, labels: np.ndarray
) -> None:
    project.annotations.accept("exam", labels, "ada")
    assert project.series_named("exam").status == "test"


def test_earlier_annotations_are_kept(project: Project, labels: np.ndarray) -> None:
    versions = [labels, np.zeros_like(labels), np.ones_like(labels)]
    for version in versions:
        project.annotations.accept("pool_b", version, "ada")
    assert [record.number for record in project.annotations.history("pool_b")] == [1, 2, 3]
    assert [record.current for record in project.annotations.history("pool_b")] == [
        False, False, True,
    ]  # fmt: skip
    for number, version in enumerate(versions, start=1):
        assert np.array_equal(project.annotations.load("pool_b", number), version)
    assert np.array_equal(project.annotations.load("pool_b"), versions[-1])


def test_an_earlier_annotation_can_be_restored(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("pool_b", labels, "ada", 3.0, 9, "round-001")
    project.annotations.accept("pool_b", np.zeros_like(labels), "bob")
    restored = project.annotations.restore("pool_b", 1)
    assert (restored.number, restored.restored_from, restored.annotator) == (3, 1, "ada")
    assert (restored.minutes, restored.clicks) == (0.0, 0)
    assert np.array_equal(project.annotations.load("pool_b"), labels)
    assert np.array_equal(project.annotations.load("pool_b", 2), np.zeros_like(labels))


def test_annotations_survive_closing(project: Project, labels: np.ndarray) -> None:
    project.annotations.accept("pool_b", labels, "ada")
    project.annotations.accept("pool_b", np.zeros_like(labels), "ada")
    project.close()
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert not again.annotations.load("pool_b").any()
        assert np.array_equal(again.annotations.load("pool_b", 1), labels)


def test_labels_that_do_not_fit_are_refused(project: Project, labels: np.ndarray) -> None:
    for wrong, sentence in (
        (labels[:, :, :-1], r"shape \(4, 6, 4\); uint8 of shape \(4, 6, 5\) is needed"),
        (labels.transpose(2, 1, 0), r"shape \(5, 6, 4\)"),
        (labels.astype(np.int16), "int16"),
        (labels + np.uint8(1), "hold class 3; the project's classes go from 0 to 2"),
    ):
        with pytest.raises(InvalidLabelmapError, match=sentence):
            project.annotations.accept("pool_b", wrong, "ada")
    assert project.annotations.history("pool_b") == []
    assert not (project.folder / "annotations" / "pool_b.nii.gz").exists()


@pytest.mark.parametrize(("minutes", "clicks"), [(-1.0, 0), (float("nan"), 0), (1.0, -1)])
def test_time_and_clicks_that_cannot_be_are_refused(
    project: Project, labels: np.ndarray, minutes: float, clicks: int
) -> None:
    with pytest.raises(ProjectError, match="cannot have taken"):
        project.annotations.accept("pool_b", labels, "ada", minutes, clicks)


def test_an_excluded_series_cannot_be_annotated(project: Project, labels: np.ndarray) -> None:
    project.set_status("pool_b", "excluded", "motion")
    with pytest.raises(ProjectError, match="'pool_b' is excluded"):
        project.annotations.accept("pool_b", labels, "ada")


def test_unknown_series_and_numbers_are_named(project: Project, labels: np.ndarray) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.annotations.accept("nobody", labels, "ada")
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.annotations.history("nobody")
    with pytest.raises(ProjectError, match="'first' has no annotation 7"):
        project.annotations.restore("first", 7)


def test_nothing_is_accepted_read_only(project: Project, labels: np.ndarray) -> None:
    project.close()
    with Project.open(project.folder, read_only=True) as reader:
        with pytest.raises(ProjectError, match="read-only"):
            reader.annotations.accept("pool_b", labels, "ada")
        assert np.array_equal(reader.annotations.load("first"), labels)
    assert not (project.folder / "annotations" / "pool_b.nii.gz").exists()


def test_a_file_that_nobody_accepted_is_set_aside_and_reported(
    project: Project, labels: np.ndarray
) -> None:
    project.annotations.accept("pool_b", labels, "ada")
    project.close()
    stray = project.folder / "annotations" / "pool_c.nii.gz"
    stray.write_bytes(project.annotations.path("pool_b").read_bytes())
    with Project.open(project.folder) as again:
        (sentence,) = again.warnings
        assert "'pool_c' was saved but its acceptance was interrupted" in sentence
        (aside,) = (project.folder / "annotations" / "orphans").iterdir()
        assert str(aside) in sentence
        assert aside.name.startswith("pool_c.")
    with Project.open(project.folder) as again:
        assert again.warnings == ()


def test_a_missing_annotation_is_reported_and_the_rest_opens(project: Project) -> None:
    project.close()
    (project.folder / "annotations" / "val.nii.gz").unlink()
    with Project.open(project.folder) as again:
        (sentence,) = again.warnings
        assert "val.nii.gz of series 'val' is missing" in sentence
        assert again.annotations.load("first").any()
        with pytest.raises(InvalidLabelmapError, match="does not exist"):
            again.annotations.load("val")


def test_a_missing_annotation_does_not_stop_the_next_one(
    project: Project, labels: np.ndarray
) -> None:
    (project.folder / "annotations" / "val.nii.gz").unlink()
    project.annotations.accept("val", labels, "ada")
    assert np.array_equal(project.annotations.load("val"), labels)
    with pytest.raises(InvalidLabelmapError, match="does not exist"):
        project.annotations.load("val", 1)
