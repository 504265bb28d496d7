"""Images that have moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import GeometryMismatchError, InvalidImageError, ProjectError
from SAIMCore.project.project import Project

WriteSeries = Callable[..., Path]


@pytest.fixture
def moved(project: Project, tmp_path: Path) -> Path:
    """The project's images and labels are in ``moved/`` now."""
    (tmp_path / "moved").mkdir()
    for part in ("images", "labels"):
        shutil.move(tmp_path / part, tmp_path / "moved" / part)
    return tmp_path / "moved"


def paths(project: Project) -> list[Path | None]:
    records = project.series()
    return [path for record in records for path in (*record.source.files, record.reference)]


def test_images_and_reference_labels_are_found_again(
    project: Project, moved: Path, tmp_path: Path, labels: np.ndarray
) -> None:
    seen: list[tuple[int, int]] = []
    names = project.relocate(tmp_path, moved, lambda done, total, _: seen.append((done, total)))
    assert names == [record.name for record in project.series()]
    assert seen == [(done, 6) for done in range(6)]
    assert all(path is None or moved in path.parents for path in paths(project))
    assert project.series_named("first").source.path == moved / "images" / "first.nii.gz"
    assert np.array_equal(project.load_reference("pool_a"), labels)


def test_only_what_lies_in_the_old_folder_is_moved(
    project: Project, moved: Path, tmp_path: Path
) -> None:
    shutil.move(moved / "labels", tmp_path / "labels")
    project.relocate(tmp_path / "images", moved / "images")
    assert project.series_named("pool_a").reference == tmp_path / "labels" / "pool_a.nii.gz"


def test_all_that_is_missing_is_named_and_nothing_changes(
    project: Project, moved: Path, tmp_path: Path
) -> None:
    before = paths(project)
    for name in ("first", "pool_b"):
        (moved / "images" / f"{name}.nii.gz").unlink()
    with pytest.raises(ProjectError, match="2 problems, so nothing was changed") as caught:
        project.relocate(tmp_path, moved)
    assert f"{moved / 'images' / 'pool_b.nii.gz'} does not exist" in str(caught.value)
    assert paths(project) == before


def test_another_grid_is_refused(
    project: Project, moved: Path, tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    before = paths(project)
    image = moved / "images" / "val.nii.gz"
    content = image.read_bytes()
    write_series("moved/images", "val", origin=(0.0, 5.0, 7.5))
    with pytest.raises(ProjectError, match="is not the image of series 'val': origin"):
        project.relocate(tmp_path, moved)
    image.write_bytes(content)
    write_series("moved/labels", "val", labels, origin=(0.0, 5.0, 7.5))
    with pytest.raises(GeometryMismatchError):
        project.relocate(tmp_path, moved)
    assert paths(project) == before


def test_a_folder_without_series_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no series of the project lies in .*; 'exam' is in "):
        project.relocate(tmp_path / "elsewhere", tmp_path)


def test_another_image_on_the_same_grid_is_refused(
    project: Project, moved: Path, tmp_path: Path, write_series: WriteSeries
) -> None:
    before = paths(project)
    checksum = project.series_named("val").checksum
    image = moved / "images" / "val.nii.gz"
    content = image.read_bytes()
    write_series("moved/images", "val")
    with pytest.raises(InvalidImageError, match=rf"'val' has changed since .*\({image}\)"):
        project.relocate(tmp_path, moved)
    assert paths(project) == before
    image.write_bytes(content)
    project.relocate(tmp_path, moved)
    assert project.series_named("val").checksum == checksum
    project.verify("val")
