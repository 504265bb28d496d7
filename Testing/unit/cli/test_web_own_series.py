"""``saim web --data``: a project is made of somebody's own series, and opened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import SimpleITK as sitk

from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project
from Testing.unit.cli.page_stand_in import Started, opened

pytestmark = pytest.mark.usefixtures("started")


def test_a_project_is_made_of_a_folder_and_opened_again(
    saim, started: Started, checked: Callable[[], bool], own: Path
) -> None:
    place = Path.cwd() / "demo" / "own" / "project"
    answer = saim("web", "--data", own)
    assert answer.code == 0, answer.err
    assert checked()
    assert opened(started) == place
    assert "no splits were given, so 2 labeled series are for training, 1 for" in answer.out
    assert f"{place}: 6 series, 5 classes" in answer.out
    with Project.open(place) as project:
        assert project.settings.name == "own"
        assert len(project.pool()) == 2
        project.pin("phantom_001")
    again = saim("web", "--data", f"{own}/../own")
    assert again.code == 0
    assert again.out == ""
    with Project.open(place, read_only=True) as project:
        assert project.series_named("phantom_001").pinned


def test_a_project_s_folder_is_opened_as_it_is(saim, started: Started, made: Path) -> None:
    assert saim("web", "--data", made).code == 0
    assert opened(started) == made
    assert list(Path.cwd().iterdir()) == []


def test_images_alone_need_the_names_of_the_classes(saim, started: Started, own: Path) -> None:
    answer = saim("web", "--data", own / "images")
    assert answer.code == 2
    assert "make run CLASSES=background,liver,kidney" in answer.err
    assert list(Path.cwd().iterdir()) == []
    answer = saim("web", "--data", own / "images", "--classes", "background,liver,tumor<liver")
    assert answer.code == 0, answer.err
    with Project.open(opened(started), read_only=True) as project:
        assert project.classes.names == ("background", "liver", "tumor")
        assert len(project.pool()) == 6


def test_that_nothing_is_left_to_annotate_is_said(saim, phantom: Phantom, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(phantom.folder, tmp_path / "all"))
    (folder / "splits.json").unlink()
    assert "none is left to annotate" in saim("web", "--data", folder).out


def test_what_is_wrong_is_said_series_by_series(saim, started: Started, own: Path) -> None:
    (own / "images" / "phantom_003.nii.gz").write_bytes(b"no image")
    path = own / "labels" / "phantom_004.nii.gz"
    sitk.WriteImage(sitk.ReadImage(path)[:-1], path)
    # The classes named, so that the labels are not read for these before.
    answer = saim("web", "--data", own, "--classes", "background,organ,lesion,node,gland")
    assert answer.code == 2
    assert "2 problems, so nothing was imported" in answer.err
    assert "phantom_003" in answer.err
    assert "phantom_004" in answer.err
    assert started() is None
    assert not (Path.cwd() / "demo" / "own" / "project").exists()


def test_series_of_the_same_name_are_not_mixed(
    saim, started: Started, own: Path, tmp_path: Path
) -> None:
    assert saim("web", "--data", own).code == 0
    other = shutil.copytree(own, tmp_path / "elsewhere" / "own")
    answer = saim("web", "--data", other)
    assert answer.code == 2
    assert "was made from other series" in answer.err
    assert saim("web", "--data", other, "--folder", "demo/other").code == 0
    assert opened(started) == Path.cwd() / "demo" / "other" / "project"


def test_phantoms_are_not_mixed_with_series_of_that_name(saim, own: Path) -> None:
    own = own.rename(own.with_name("phantoms"))
    assert saim("web", "--data", own).code == 0
    answer = saim("web")
    assert answer.code == 2
    assert "was made from other series" in answer.err


def test_a_project_with_other_classes_is_not_opened_under_these(saim, own: Path) -> None:
    assert saim("web", "--data", own).code == 0
    answer = saim("web", "--data", own, "--classes", "background,liver")
    assert answer.code == 2
    assert "was made with other classes (background, class 1" in answer.err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--data", "nowhere"), "nowhere does not exist; give a folder of series"),
        (("--classes", "background,liver"), "give --classes with --data"),
        (("project", "--data", "nowhere"), "leave one of the two out"),
        (("project", "--classes", "background,liver"), "leave one of the two out"),
        (("--data", ".", "--classes", "liver,kidney"), "the first class must be 'background'"),
    ],
)
def test_what_cannot_be_opened_is_refused_at_once(
    saim,
    started: Started,
    checked: Callable[[], bool],
    options: tuple[str, ...],
    complaint: str,
) -> None:
    answer = saim("web", *options)
    assert answer.code == 2
    assert complaint in answer.err
    assert not checked()
    assert started() is None
    assert list(Path.cwd().iterdir()) == []
