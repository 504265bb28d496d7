"""Which series a folder holds, and what a project of them would be."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from SAIMCore.campaign.series_folder import SeriesFolder, look_into
from SAIMCore.data.phantom import Phantom, make_phantom
from SAIMCore.errors import ClassTableError, ProjectError
from SAIMCore.project.importers.plan import ImportPlan


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Phantom:
    return make_phantom(tmp_path_factory.mktemp("series") / "phantom", 6, size=(32, 32, 4))


@pytest.fixture
def copy(phantom: Phantom, tmp_path: Path) -> Path:
    """The phantoms, for a test that changes them."""
    return Path(shutil.copytree(phantom.folder, tmp_path / "mine"))


def statuses(plan: ImportPlan) -> Counter[str]:
    return Counter(entry.status for entry in plan.series)


def test_the_parts_of_a_folder_are_found(phantom: Phantom) -> None:
    found = look_into(phantom.folder)
    assert found == SeriesFolder(
        images=phantom.images, labels=phantom.labels, splits=phantom.splits_file
    )
    plan = found.plan()
    assert plan.classes == phantom.classes
    assert statuses(plan)["unannotated"] == len(phantom.splits["pool"])


def test_images_may_lie_in_the_folder_itself(copy: Path) -> None:
    (copy / "splits.json").unlink()
    for image in (copy / "images").iterdir():
        image.rename(copy / image.name)
    (copy / "images").rmdir()
    found = look_into(copy)
    assert found == SeriesFolder(images=copy, labels=copy / "labels")
    plan = found.plan()
    assert len(plan.series) == 6
    assert all(entry.labels for entry in plan.series)


def test_images_need_no_labels(copy: Path, phantom: Phantom) -> None:
    shutil.rmtree(copy / "labels")
    (copy / "splits.json").unlink()
    found = look_into(copy)
    assert found.labels is None
    assert not found.tells_classes
    assert statuses(found.plan(phantom.classes)) == {"unannotated": 6}
    with pytest.raises(ProjectError, match="no label values to make classes of"):
        found.plan()


def test_a_split_is_proposed_for_those_with_labels(copy: Path) -> None:
    (copy / "splits.json").unlink()
    (copy / "labels" / "phantom_001.nii.gz").unlink()
    plan = look_into(copy).plan()
    assert statuses(plan) == {"annotated": 3, "validation": 1, "test": 1, "unannotated": 1}
    assert any("no splits were given" in note for note in plan.notes)


def test_classes_are_read_from_the_labels_where_the_splits_name_none(copy: Path) -> None:
    content = json.loads((copy / "splits.json").read_text(encoding="utf-8"))
    del content["classes"], content["within"]
    (copy / "splits.json").write_text(json.dumps(content), encoding="utf-8")
    told: list[int] = []
    plan = look_into(copy).plan(progress=lambda done, total, name: told.append(total))
    assert plan.classes.names == ("background", "class 1", "class 2", "class 3", "class 4")
    assert told == [6] * 6


def test_a_dataset_json_says_where_all_is(copy: Path, phantom: Phantom) -> None:
    content = {
        "labels": {str(entry.value): entry.name for entry in phantom.classes},
        "training": [
            {"image": f"images/{name}.nii.gz", "label": f"labels/{name}.nii.gz"}
            for name in phantom.names
        ],
    }
    (copy / "dataset.json").write_text(json.dumps(content), encoding="utf-8")
    found = look_into(copy)
    assert found == look_into(copy / "dataset.json") == SeriesFolder(dataset=copy / "dataset.json")
    assert found.plan().classes.names == phantom.classes.names


def test_what_contradicts_itself_is_refused(phantom: Phantom) -> None:
    from SAIMCore.classes import ClassTable

    with pytest.raises(ClassTableError, match="other label values"):
        look_into(phantom.folder).plan(ClassTable.from_names(["background", "liver"]))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="nothing does not exist"):
        look_into(tmp_path / "nothing")


def test_a_single_image_is_no_folder(phantom: Phantom) -> None:
    image = next(phantom.images.iterdir())
    with pytest.raises(ProjectError, match="is a file; give the folder it lies in"):
        look_into(image)


def test_a_folder_without_images_is_refused_when_it_is_planned(
    tmp_path: Path, phantom: Phantom
) -> None:
    with pytest.raises(ProjectError, match="no series found"):
        look_into(tmp_path).plan(phantom.classes)
