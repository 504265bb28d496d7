"""``saim add`` and ``saim relocate``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from SAIMCore.data.phantom import Phantom, make_phantom
from SAIMCore.project.project import Project


@pytest.fixture
def new(tmp_path: Path) -> Phantom:
    """Four further series, labeled, under other names."""
    phantom = make_phantom(tmp_path / "new", 4, size=(48, 48, 4), seed=7)
    for folder in (phantom.images, phantom.labels):
        for path in sorted(folder.iterdir()):
            path.rename(path.with_name(f"new_{path.name}"))
    return phantom


def test_labeled_and_unlabeled_series_are_added(saim, made: Path, new: Phantom) -> None:
    next(iter(sorted(new.labels.iterdir()))).unlink()
    answer = saim("add", made, "--images", new.images, "--labels", new.labels, "--json")
    assert answer.code == 0, answer.err
    assert answer.document["added"] == [f"new_phantom_00{n}" for n in range(1, 5)]
    assert answer.document["series"]["annotated"] == 1 + 3
    assert answer.document["series"]["unannotated"] == 3 + 1
    with Project.open(made, read_only=True) as project:
        assert project.series_named("new_phantom_001").status == "unannotated"
        assert project.series_named("new_phantom_002").status == "annotated"


def test_what_the_project_has_already_is_refused(
    saim, made: Path, phantom: Phantom, tmp_path: Path
) -> None:
    answer = saim("add", made, "--images", phantom.images)
    assert answer.code == 2
    assert "all 6 series in" in answer.err
    copy = shutil.copytree(phantom.images, tmp_path / "copy")
    answer = saim("add", made, "--images", copy)
    assert answer.code == 2
    assert "so nothing was imported" in answer.err
    assert "the project already has a series 'phantom_001'" in answer.err
    assert "copy/phantom_001.nii.gz are the same image" in answer.err


def test_a_folder_without_images_is_refused(saim, made: Path, tmp_path: Path) -> None:
    answer = saim("add", made, "--images", tmp_path / "nowhere")
    assert answer.code == 2
    assert "nowhere does not exist" in answer.err


def test_moved_images_are_found_again(saim, made: Path, phantom: Phantom, tmp_path: Path) -> None:
    # A copy, since other tests use the series where they are.
    here = Path(shutil.copytree(phantom.folder, tmp_path / "here"))
    answer = saim("relocate", made, phantom.folder, here, "--json")
    assert answer.code == 0, answer.err
    assert answer.document["relocated"] == list(phantom.names)
    with Project.open(made, read_only=True) as project:
        assert all(here in record.source.path.parents for record in project.series())
    refused = saim("relocate", made, phantom.folder, here)
    assert refused.code == 2
    assert "no series of the project lies in" in refused.err


def test_the_status_says_how_to_find_moved_images(saim, made: Path, tmp_path: Path) -> None:
    with Project.open(made, read_only=True) as project:
        folder = project.series()[0].source.path.parents[1]
    here = Path(shutil.copytree(folder, tmp_path / "here"))
    assert saim("relocate", made, folder, here).code == 0
    shutil.rmtree(here)
    assert f"saim relocate {made} OLD NEW" in saim("status", made).err
