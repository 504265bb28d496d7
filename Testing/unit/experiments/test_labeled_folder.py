from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import SimpleITK as sitk

from SAIMCore.classes import ClassTable
from SAIMCore.data.phantom import Phantom
from SAIMCore.errors import ProjectError
from SAIMCore.experiments.labeled_folder import plan_scenario
from SAIMCore.project.importers.plan import ImportPlan


@pytest.fixture
def unsplit(phantom: Phantom, tmp_path: Path) -> Path:
    """The phantoms' images and labels without any word on classes and splits."""
    for part in ("images", "labels"):
        shutil.copytree(phantom.folder / part, tmp_path / "data" / part)
    return tmp_path / "data"


def statuses(plan: ImportPlan) -> list[str]:
    return sorted(entry.status for entry in plan.series)


def test_a_splits_file_is_followed(phantom: Phantom) -> None:
    plan = plan_scenario(phantom.folder)
    assert {entry.name for entry in plan.series if entry.status == "unannotated"} == set(
        phantom.splits["pool"]
    )
    assert plan.classes == phantom.classes


def test_classes_that_nothing_names_are_called_after_their_values(unsplit: Path) -> None:
    names = plan_scenario(unsplit).classes.names
    assert names == ("background", "class 1", "class 2", "class 3", "class 4")


def test_given_classes_are_used(unsplit: Path, phantom: Phantom) -> None:
    assert plan_scenario(unsplit, phantom.classes).classes == phantom.classes


def test_without_splits_most_training_series_become_the_pool(unsplit: Path) -> None:
    plan = plan_scenario(unsplit)
    assert statuses(plan).count("test") == 1
    assert statuses(plan).count("validation") == 1
    assert "annotated" in statuses(plan)
    assert "unannotated" in statuses(plan)
    assert any("the others are the pool" in note for note in plan.notes)
    assert plan_scenario(unsplit) == plan, "the same seed gives the same plan"


def test_the_initial_set_shows_every_class(unsplit: Path, phantom: Phantom) -> None:
    plan = plan_scenario(unsplit, phantom.classes)
    rare = next(entry.name for entry in plan.series if entry.status == "unannotated")
    for path in (unsplit / "labels").iterdir():
        if path.name != f"{rare}.nii.gz":
            labels = sitk.ReadImage(str(path))
            sitk.WriteImage(sitk.Mask(labels, labels != 4), str(path))
    again = {entry.name: entry.status for entry in plan_scenario(unsplit, phantom.classes).series}
    assert again[rare] == "annotated"


def test_a_dataset_json_is_followed(unsplit: Path, phantom: Phantom) -> None:
    training = [
        {"image": f"images/{name}.nii.gz", "label": f"labels/{name}.nii.gz"}
        for name in phantom.names
    ]
    labels = {str(entry.value): entry.name for entry in phantom.classes}
    content = {"labels": labels, "training": training, "test": []}
    (unsplit / "dataset.json").write_text(json.dumps(content), encoding="utf-8")
    plan = plan_scenario(unsplit)
    assert plan.classes.names == phantom.classes.names
    assert "unannotated" in statuses(plan)
    assert plan_scenario(unsplit / "dataset.json") == plan


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"neither a dataset.json nor a folder of labels"):
        plan_scenario(tmp_path, ClassTable.from_names(["background", "liver"]))


def test_series_without_labels_are_left_out_with_a_note(unsplit: Path) -> None:
    (unsplit / "labels" / "phantom_002.nii.gz").unlink()
    plan = plan_scenario(unsplit)
    assert "phantom_002" not in [entry.name for entry in plan.series]
    assert all(entry.labels is not None for entry in plan.series)
    assert plan.notes[0] == "1 series without labels were left out"
    assert "0 are in the pool" in plan.notes[1]


def test_the_unlabeled_test_images_of_a_data_set_are_left_out(
    unsplit: Path, phantom: Phantom
) -> None:
    *training, last = phantom.names
    content = {
        "labels": {str(entry.value): entry.name for entry in phantom.classes},
        "training": [
            {"image": f"images/{name}.nii.gz", "label": f"labels/{name}.nii.gz"}
            for name in training
        ],
        "test": [f"images/{last}.nii.gz"],
    }
    (unsplit / "dataset.json").write_text(json.dumps(content), encoding="utf-8")
    plan = plan_scenario(unsplit)
    assert {entry.name for entry in plan.series} == set(training)
    assert plan.problems == ()


def test_unlabeled_series_of_a_splits_file_are_left_out(phantom: Phantom, tmp_path: Path) -> None:
    data = Path(shutil.copytree(phantom.folder, tmp_path / "data"))
    lost = phantom.splits["pool"][0]
    (data / "labels" / f"{lost}.nii.gz").unlink()
    plan = plan_scenario(data)
    assert plan.problems == ()
    assert lost not in [entry.name for entry in plan.series]
    assert "1 series without labels were left out" in plan.notes


def test_large_label_values_become_classes_of_their_own(unsplit: Path) -> None:
    for path in (unsplit / "labels").iterdir():
        labels = sitk.Cast(sitk.ReadImage(str(path)), sitk.sitkUInt16)
        sitk.WriteImage(labels + 251 * sitk.Cast(labels == 4, sitk.sitkUInt16), str(path))
    classes = plan_scenario(unsplit).classes
    assert [entry.value for entry in classes] == [0, 1, 2, 3, 255]
    assert classes.names[-1] == "class 255"
