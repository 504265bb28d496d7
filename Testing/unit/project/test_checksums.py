"""Images that are gone or have changed since their series were added."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.data.contents import content_digest
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import InvalidImageError, ProjectError
from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
from SAIMCore.project.project import Project

WriteSeries = Callable[..., Path]


@pytest.fixture
def image(project: Project) -> Path:
    """The file of series "pool_b"."""
    return project.series_named("pool_b").source.path


def forget_checksums(project: Project) -> None:
    """Make the project one that an early SAIM made."""
    database = sqlite3.connect(project.folder / "saim.sqlite")
    with contextlib.closing(database), database:
        database.execute("UPDATE series SET checksum = NULL")


def test_every_series_has_the_checksum_of_its_files(project: Project) -> None:
    for record in project.series():
        assert record.checksum == content_digest(record.source.files)
        project.verify(record.name)
    assert len({record.checksum for record in project.series()}) == 6


def test_a_series_that_is_added_later_has_one_too(
    project: Project, write_series: WriteSeries, classes: ClassTable
) -> None:
    path = write_series("new", "late")
    source = SeriesSource("late", path, (path,))
    project.add_series(ImportPlan(classes, (PlannedSeries(source),)))
    assert project.series_named("late").checksum == content_digest([path])


@pytest.mark.parametrize("read_only", [False, True])
def test_an_image_that_was_changed_is_told_from_the_one_that_was_added(
    project: Project, image: Path, read_only: bool
) -> None:
    project.close()
    content = image.read_bytes()
    with Project.open(project.folder, read_only=read_only) as again:
        # One bit differs, so the length is the same.
        image.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(InvalidImageError, match="series 'pool_b' has changed since it was add"):
            again.verify("pool_b")
        with pytest.raises(InvalidImageError, match=str(image)):
            again.verify("pool_b")
        again.verify("pool_a")
        image.write_bytes(content)
        again.verify("pool_b")


def test_a_changed_image_is_not_taken_for_the_one_that_was_added_when_slices_are_read(
    project: Project, image: Path
) -> None:
    content = image.read_bytes()
    before = np.array(project.cached("pool_b").slices)
    image.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(InvalidImageError, match="series 'pool_b' has changed since it was added"):
        project.cached("pool_b")
    record = project.series_named("pool_b")
    with pytest.raises(InvalidImageError, match=str(image)):
        project.require_unchanged(record)
    image.write_bytes(content)
    project.require_unchanged(record)
    assert np.array_equal(project.cached("pool_b").slices, before)


def test_an_image_that_is_gone_is_named_with_what_to_do(project: Project, image: Path) -> None:
    image.unlink()
    with pytest.raises(InvalidImageError, match=rf"{image} \(No such file.*saim relocate"):
        project.verify("pool_b")


def test_all_files_of_a_series_count_in_their_order(
    project: Project, tmp_path: Path, write_series: WriteSeries
) -> None:
    parts = (write_series("parts", "a"), write_series("parts", "b"))
    assert content_digest(parts) != content_digest(parts[::-1])
    assert content_digest(parts) != content_digest(parts[:1])


def test_a_series_of_an_early_project_gets_its_checksum_when_it_is_first_verified(
    project: Project, image: Path
) -> None:
    known = project.series_named("pool_b").checksum
    forget_checksums(project)
    assert project.series_named("pool_b").checksum is None
    project.verify("pool_b")
    assert project.series_named("pool_b").checksum == known
    assert project.series_named("pool_a").checksum is None
    image.write_bytes(b"something else")
    with pytest.raises(InvalidImageError, match="has changed"):
        project.verify("pool_b")


def test_a_series_without_checksum_can_be_verified_read_only(project: Project) -> None:
    forget_checksums(project)
    project.close()
    with Project.open(project.folder, read_only=True) as reader:
        reader.verify("pool_b")
        assert reader.series_named("pool_b").checksum is None


def test_a_series_without_checksum_can_be_moved(
    project: Project, image: Path, tmp_path: Path
) -> None:
    forget_checksums(project)
    image.parent.rename(tmp_path / "moved")
    project.relocate(image.parent, tmp_path / "moved")
    assert project.series_named("pool_b").source.path == tmp_path / "moved" / image.name


def test_a_series_that_does_not_exist_cannot_be_verified(project: Project) -> None:
    with pytest.raises(ProjectError, match="no series 'nobody'"):
        project.verify("nobody")
