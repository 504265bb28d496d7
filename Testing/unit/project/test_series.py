"""Series, their statuses and what a table of the queue shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.project import Project
from SAIMCore.project.records import STATUSES


def test_series_come_by_name_with_all_that_a_table_shows(project: Project) -> None:
    records = project.series()
    assert [record.name for record in records] == [
        "exam", "first", "pool_a", "pool_b", "pool_c", "val",
    ]  # fmt: skip
    first = project.series_named("first")
    assert first == records[1]
    assert first.num_slices == 4
    assert first.geometry.spacing == pytest.approx((0.7, 0.8, 3.0))
    assert first.source.path.is_absolute()
    assert first.annotation is not None
    assert first.annotation.annotator == "imported"
    assert (first.patient, first.reason, first.pinned) == (None, None, False)


def test_the_status_can_be_set_with_a_reason(project: Project) -> None:
    project.set_status("pool_a", "excluded", "motion artifacts")
    record = project.series_named("pool_a")
    assert (record.status, record.reason) == ("excluded", "motion artifacts")
    assert [entry.name for entry in project.series("excluded")] == ["pool_a"]
    project.set_status("pool_a", "unannotated")
    assert project.series_named("pool_a").reason is None


@pytest.mark.parametrize("status", STATUSES)
def test_an_annotated_series_can_have_every_status(project: Project, status: str) -> None:
    project.set_status("first", status)
    assert project.series_named("first").status == status


def test_a_status_that_does_not_exist_is_refused(project: Project) -> None:
    with pytest.raises(ProjectError, match="unknown status 'done'; choose one of unannotated"):
        project.set_status("first", "done")
    with pytest.raises(ProjectError, match="unknown status 'done'"):
        project.series("done")


@pytest.mark.parametrize("status", ["annotated", "validation", "test"])
def test_a_series_without_annotation_cannot_train_or_test(project: Project, status: str) -> None:
    with pytest.raises(ProjectError, match=f"'pool_a' cannot become '{status}'"):
        project.set_status("pool_a", status)
    assert project.series_named("pool_a").status == "unannotated"


@pytest.fixture
def patients(tmp_path: Path, plan: ImportPlan) -> Iterator[Project]:
    """Patient p has an annotated and a pool series, patient q two test series."""
    of = {"first": "p", "pool_a": "p", "exam": "q", "val": "q"}
    series = tuple(
        replace(
            entry,
            source=replace(entry.source, patient=of.get(entry.name)),
            status="test" if entry.name == "val" else entry.status,
        )
        for entry in plan.series
    )
    with Project.create(tmp_path / "project", replace(plan, series=series)) as project:
        yield project


def statuses(project: Project) -> dict[str, str]:
    return {record.name: record.status for record in project.series()}


@pytest.mark.parametrize(
    ("name", "status", "others"),
    [
        ("first", "test", "'first' in test, 'pool_a' in training"),
        ("exam", "validation", "'exam' in validation, 'val' in test"),
        ("exam", "annotated", "'exam' in training, 'val' in test"),
    ],
)
def test_a_patient_cannot_come_into_two_splits(
    patients: Project, name: str, status: str, others: str
) -> None:
    before = statuses(patients)
    with pytest.raises(ProjectError, match=f"{others}; keep all series of a patient in one split"):
        patients.set_status(name, status)
    assert statuses(patients) == before


def test_the_series_of_a_patient_move_together(patients: Project) -> None:
    assert patients.set_statuses({"exam": "validation", "val": "validation"}) == []
    assert [record.name for record in patients.series("validation")] == ["exam", "val"]
    patients.set_status("exam", "excluded")
    patients.set_status("val", "annotated")
    with pytest.raises(ProjectError, match="'exam' in validation, 'val' in training"):
        patients.set_status("exam", "validation")


def test_changes_are_made_together_or_not_at_all(project: Project) -> None:
    before = statuses(project)
    with pytest.raises(ProjectError, match="'pool_b' cannot become 'test'"):
        project.set_statuses({"first": "excluded", "pool_b": "test"})
    assert statuses(project) == before


def test_a_series_that_does_not_exist_is_named(project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.series_named("nobody")
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.set_status("nobody", "excluded")


def test_a_series_can_be_pinned_and_released(project: Project) -> None:
    project.pin("pool_b")
    assert [record.name for record in project.pool() if record.pinned] == ["pool_b"]
    project.pin("pool_b", False)
    assert not project.series_named("pool_b").pinned


def place(project: Project, name: str) -> tuple[bool, bool, str | None]:
    """Whether the series is pinned, whether skipped, and why."""
    record = project.series_named(name)
    return record.pinned, record.skipped, record.reason


def test_a_series_can_be_skipped_and_taken_back(project: Project) -> None:
    project.skip("pool_b", reason="blurred, ask the radiologist")
    assert place(project, "pool_b") == (False, True, "blurred, ask the radiologist")
    project.close()
    with Project.open(project.folder) as again:
        assert again.series_named("pool_b").skipped
        again.skip("pool_b", False)
        assert place(again, "pool_b") == (False, False, None)


def test_a_series_is_pinned_or_skipped_but_not_both(project: Project) -> None:
    project.skip("pool_b", reason="blurred")
    project.pin("pool_b", reason="urgent")
    assert place(project, "pool_b") == (True, False, "urgent")
    project.skip("pool_b")
    assert place(project, "pool_b") == (False, True, None)
    project.pin("pool_b")
    assert place(project, "pool_b") == (True, False, None)


def test_what_changes_nothing_keeps_the_reason(project: Project) -> None:
    project.pin("pool_b", reason="urgent")
    project.pin("pool_b")
    project.skip("pool_b", False)
    assert place(project, "pool_b") == (True, False, "urgent")
    project.pin("pool_b", reason="very urgent")
    assert place(project, "pool_b") == (True, False, "very urgent")


def test_why_a_series_is_excluded_outlives_its_place_in_the_queue(project: Project) -> None:
    project.pin("pool_b", reason="urgent")
    project.set_status("pool_b", "excluded", "motion")
    project.pin("pool_b", False)
    assert place(project, "pool_b") == (False, False, "motion")


def test_a_series_that_does_not_exist_cannot_be_pinned_or_skipped(project: Project) -> None:
    for change in (project.pin, project.skip):
        with pytest.raises(ProjectError, match="no series 'nobody'"):
            change("nobody")
