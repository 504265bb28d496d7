"""``saim init``: what it makes, and that it makes nothing of bad input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project

NAMES = "background,organ,lesion<organ,node,gland"


@pytest.fixture
def data(phantom: Phantom, tmp_path: Path) -> Path:
    """A copy of the phantom that a test may damage."""
    return Path(shutil.copytree(phantom.folder, tmp_path / "data"))


@pytest.fixture
def from_folders(data: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("init", tmp_path / "project", "--images", data / "images", "--labels", data / "labels")


def test_a_splits_file_says_what_every_series_is_for(saim, made: Path, phantom: Phantom) -> None:
    with Project.open(made, read_only=True) as project:
        statuses = {record.name: record.status for record in project.series()}
        assert project.classes.names == phantom.classes.names
        assert project.settings.network.encoder == "resnet18"
        assert project.settings.selection.query_size == 2
    for name in phantom.splits["pool"]:
        assert statuses[name] == "unannotated"
    assert [name for name, status in statuses.items() if status == "test"] == [
        *phantom.splits["test"]
    ]


def test_without_splits_a_proposal_is_made_and_said(saim, from_folders) -> None:
    answer = saim(*from_folders, "--classes", NAMES, "--seed", "3", "--json")
    assert answer.code == 0
    assert answer.document["series"] == {
        "unannotated": 0, "in progress": 0, "annotated": 4, "validation": 1, "test": 1,
        "excluded": 0,
    }  # fmt: skip
    assert "no splits were given" in answer.document["notes"][0]
    assert answer.document["classes"][2] == {
        "name": "lesion", "value": 2, "color": [86, 180, 233], "within": "organ",
    }  # fmt: skip
    assert answer.document["next"].startswith("train the first model: saim train ")


def test_the_seed_decides_the_proposal(saim, from_folders, tmp_path: Path) -> None:
    tests = set()
    for seed in range(3):
        folder = tmp_path / f"project {seed}"
        command = [*from_folders, "--classes", NAMES, "--seed", seed]
        command[1] = folder
        assert saim(*command).code == 0
        with Project.open(folder, read_only=True) as project:
            tests.add(project.series("test")[0].name)
    assert len(tests) > 1


def test_an_initial_set_leaves_the_other_labeled_series_in_the_pool(saim, from_folders) -> None:
    answer = saim(*from_folders, "--classes", NAMES, "--initial", "1", "--json")
    assert answer.code == 0, answer.err
    found = answer.document["series"]
    assert (found["validation"], found["test"]) == (1, 1)
    assert found["unannotated"] == 4 - found["annotated"] > 0
    with Project.open(from_folders[1], read_only=True) as project:
        assert all(record.reference is not None for record in project.pool())


def test_classes_may_be_written_with_their_values_or_in_a_file(
    saim, from_folders, tmp_path: Path
) -> None:
    written = "lesion<organ=2,organ=1#102030,node=3,gland=4"
    assert saim(*from_folders, "--classes", written).code == 0
    with Project.open(from_folders[1], read_only=True) as project:
        classes = project.classes
    assert [(entry.name, entry.value) for entry in classes][:3] == [
        ("background", 0), ("lesion", 2), ("organ", 1),
    ]  # fmt: skip
    assert classes[2].color == (0x10, 0x20, 0x30)
    (tmp_path / "classes.json").write_text(json.dumps(classes.to_json()), encoding="utf-8")
    command = [*from_folders, "--classes", tmp_path / "classes.json"]
    command[1] = tmp_path / "second"
    assert saim(*command).code == 0
    with Project.open(tmp_path / "second", read_only=True) as project:
        assert project.classes == classes


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "classes.json cannot be read"),
        ("{", "classes.json is no JSON file"),
        ('{"liver": 1}', "must hold a list of classes"),
        ('[{"name": "background", "value": 0}, {"name": "liver"}]', "class 1 of the class table"),
    ],
)
def test_a_file_of_classes_that_cannot_be_used_is_refused(
    saim, from_folders, tmp_path: Path, content: str | None, complaint: str
) -> None:
    path = tmp_path / "classes.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert_refused(saim, (*from_folders, "--classes", path), str(path), complaint)


def test_a_decathlon_data_set_needs_nothing_else(saim, data: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in (data / "images").iterdir())
    content = {
        "labels": {"0": "background", "1": "organ", "2": "lesion", "3": "node", "4": "gland"},
        "training": [
            {"image": f"./images/{name}", "label": f"./labels/{name}"} for name in names[:4]
        ],
        "test": [f"./images/{name}" for name in names[4:]],
    }
    (data / "dataset.json").write_text(json.dumps(content), encoding="utf-8")
    answer = saim("init", tmp_path / "project", "--dataset", data / "dataset.json")
    assert answer.code == 0
    assert "6 series, 5 classes" in answer.out


def test_a_memory_without_rounds_gets_the_decoder_that_fits(saim, from_folders) -> None:
    assert saim(*from_folders, "--classes", NAMES, "--memory", "cumulative").code == 0
    with Project.open(from_folders[1], read_only=True) as project:
        assert project.settings.memory.variant == "cumulative"
        assert project.settings.network.decoder == "unet"


def test_the_images_are_left_as_they_were(saim, from_folders, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert saim(*from_folders, "--classes", NAMES).code == 0
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


# -- bad input: one sentence each, nothing created ----------------------------------------------


def rewrite(path: Path, change: Callable[[sitk.Image], sitk.Image]) -> None:
    sitk.WriteImage(change(sitk.ReadImage(path)), path)


def as_array(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[sitk.Image], sitk.Image]:
    """A change of the voxels that keeps the geometry."""

    def apply(image: sitk.Image) -> sitk.Image:
        changed = sitk.GetImageFromArray(change(sitk.GetArrayFromImage(image)))
        changed.CopyInformation(image)
        return changed

    return apply


def with_voxel(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        changed = array.astype(np.float32)
        changed[1, 2, 3] = value
        return changed

    return change


def moved(image: sitk.Image) -> sitk.Image:
    x, y, z = image.GetOrigin()
    image.SetOrigin((x + 40, y, z))
    return image


IMAGE_DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-900]), "is truncated"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "no image": (
        lambda path: path.write_text("hello " * 99, encoding="utf-8"),
        "is not a NIfTI image",
    ),
    "2D": (lambda path: rewrite(path, lambda image: image[:, :, 1]), "dimension"),
    "4D": (lambda path: rewrite(path, lambda image: sitk.JoinSeries([image] * 2)), "4 dimensions"),
    "RGB": (lambda path: rewrite(path, lambda image: sitk.Compose([image] * 3)), "RGB"),
    "NaN": (lambda path: rewrite(path, as_array(with_voxel(np.nan))), "NaN or infinite"),
    "Inf": (lambda path: rewrite(path, as_array(with_voxel(np.inf))), "NaN or infinite"),
    "1 slice": (
        lambda path: sitk.WriteImage(sitk.Image(48, 48, 1, sitk.sitkInt16) + 7, path),
        "only 1 slice",
    ),
}
LABEL_DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "other shape": (
        lambda path: rewrite(path, lambda image: sitk.ConstantPad(image, [1, 1, 1])),
        "size",
    ),
    "other origin": (lambda path: rewrite(path, moved), "origin"),
    "fractions": (lambda path: rewrite(path, as_array(with_voxel(0.5))), "no whole numbers"),
    "unknown value": (lambda path: rewrite(path, as_array(with_voxel(9))), "label value 9"),
}


def assert_refused(saim, command: tuple[object, ...], *words: str) -> str:
    """The command ends with 2, says all ``words``, and leaves no trace beside the data."""
    folder = Path(str(command[1])).parent
    before = sorted(folder.iterdir())
    answer = saim(*command)
    assert answer.code == 2, answer.out
    assert answer.out == ""
    for word in words:
        assert word in answer.err
    assert sorted(folder.iterdir()) == before
    return str(answer.err)


@pytest.mark.parametrize("damage", IMAGE_DAMAGES)
def test_a_bad_image_is_refused(saim, from_folders, data: Path, damage: str) -> None:
    path = data / "images" / "phantom_002.nii.gz"
    apply, complaint = IMAGE_DAMAGES[damage]
    apply(path)
    assert_refused(saim, (*from_folders, "--classes", NAMES), str(path), complaint)


@pytest.mark.parametrize("damage", LABEL_DAMAGES)
def test_a_bad_labelmap_is_refused(saim, from_folders, data: Path, damage: str) -> None:
    path = data / "labels" / "phantom_002.nii.gz"
    apply, complaint = LABEL_DAMAGES[damage]
    apply(path)
    assert_refused(saim, (*from_folders, "--classes", NAMES), str(path), complaint)


def test_all_problems_are_listed_series_by_series(saim, from_folders, data: Path) -> None:
    (data / "images" / "phantom_001.nii.gz").write_bytes(b"")
    path = data / "labels" / "phantom_004.nii.gz"
    rewrite(path, moved)
    message = assert_refused(saim, (*from_folders, "--classes", NAMES), "2 problems")
    listed = [line for line in message.splitlines() if line.startswith("- ")]
    assert len(listed) == 2
    assert "phantom_001.nii.gz is empty" in listed[0]
    assert "phantom_004.nii.gz" in listed[1]


def test_unusable_series_can_be_left_out(saim, from_folders, data: Path) -> None:
    (data / "images" / "phantom_001.nii.gz").write_bytes(b"")
    answer = saim(*from_folders, "--classes", NAMES, "--skip-unusable", "--json")
    assert answer.code == 0, answer.err
    assert "series 'phantom_001' was left out: " in answer.document["notes"][-1]
    with Project.open(from_folders[1], read_only=True) as project:
        assert len(project.series()) == 5


def test_the_same_image_twice_is_refused(saim, from_folders, data: Path) -> None:
    for kind in ("images", "labels"):
        shutil.copyfile(data / kind / "phantom_001.nii.gz", data / kind / "copy.nii.gz")
    assert_refused(saim, (*from_folders, "--classes", NAMES), "duplicate series")


def test_a_series_in_two_splits_is_refused(saim, from_folders, data: Path) -> None:
    splits = {"train_initial": ["phantom_001"], "test": ["phantom_001"]}
    (data / "mine.json").write_text(json.dumps({"splits": splits}), encoding="utf-8")
    assert_refused(
        saim,
        (*from_folders, "--classes", NAMES, "--splits", data / "mine.json"),
        "'phantom_001' is in the splits 'train_initial' and 'test'",
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "nothing says which classes there are"),
        (("--classes", "liver,spleen"), "the first class must be 'background'"),
        (("--classes", "background,organ,organ"), "'organ' appears more than once"),
        (("--classes", "background,lesion<organ"), "within 'organ', which is no foreground class"),
        (("--classes", NAMES, "--encoder", "resnet35"), "did you mean"),
        (("--classes", NAMES, "--initial", "9"), "9 series are to be annotated at the start, but"),
        (("--classes", NAMES, "--initial", "1.5"), "'1.5' is neither a whole number of at least 1"),
        (("--classes", "liver=63,spleen"), "'spleen' has no label value while others have one"),
        (("--classes", NAMES, "--size", "100"), "size must be a multiple of 32, found 100"),
        (("--classes", NAMES, "--strategy", "luck"), "unknown strategy 'luck'"),
        (("--classes", NAMES, "--splits", "nowhere.json"), "nowhere.json cannot be read"),
        (("--classes", NAMES, "--dataset", "dataset.json"), "give one of the two"),
        (
            ("--classes", NAMES, "--memory", "base", "--decoder", "convlstm"),
            "choose the sequential memory or the unet decoder",
        ),
    ],
)
def test_options_that_cannot_work_are_refused(
    saim, from_folders, options: tuple[str, ...], complaint: str
) -> None:
    assert_refused(saim, (*from_folders, *options), complaint)


def test_a_folder_that_is_not_there_is_refused(saim, tmp_path: Path) -> None:
    command = ("init", tmp_path / "project", "--images", tmp_path / "nowhere", "--classes", NAMES)
    assert_refused(saim, command, "nowhere does not exist")


def test_a_folder_with_content_is_never_made_a_project(saim, from_folders, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "thesis.txt").write_text("mine", encoding="utf-8")
    answer = saim(*from_folders, "--classes", NAMES)
    assert answer.code == 2
    assert "already exists and is not empty" in answer.err
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["thesis.txt"]
