"""``saim annotate --labels``: labelmaps of a person become accepted annotations."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.cli import labelmap_annotations
from SAIMCore.data.phantom import Phantom
from SAIMCore.project.project import Project


@pytest.fixture
def drawn(phantom: Phantom, pool, tmp_path: Path) -> Path:
    """A folder with the labelmaps of the first two series of the pool."""
    folder = tmp_path / "drawn"
    folder.mkdir()
    for name in pool[:2]:
        shutil.copyfile(phantom.labels / f"{name}.nii.gz", folder / f"{name}.nii.gz")
    return folder


def pool_of(folder: Path) -> set[str]:
    with Project.open(folder, read_only=True) as project:
        return {record.name for record in project.pool()}


def test_a_project_without_any_labels_gets_as_far_as_its_first_training(
    saim, phantom: Phantom, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    classes = ",".join(
        entry.name if entry.within is None else f"{entry.name}<{entry.within}"
        for entry in phantom.classes
    )
    made = saim("init", folder, "--images", phantom.images, "--classes", classes)
    assert made.code == 0, made.err
    assert f"saim annotate {folder} --labels DIR" in made.out

    answer = saim("annotate", folder, "--labels", phantom.labels, "--json")
    assert answer.code == 0, answer.err
    assert len(answer.document["annotations"]) == len(phantom.names)
    assert saim("status", folder, "--set", phantom.names[0], "validation").code == 0
    assert "train the first model" in saim("status", folder).out


def test_all_series_of_the_pool_with_a_labelmap_are_annotated(
    saim, made: Path, drawn: Path, phantom: Phantom, pool
) -> None:
    # Those of series that are annotated already stay out, as does what belongs to no series.
    for name in (*phantom.splits["test"], "stranger"):
        shutil.copyfile(phantom.labels / f"{pool[0]}.nii.gz", drawn / f"{name}.nii.gz")
    answer = saim(
        "annotate", made, "--labels", drawn, "--annotator", "anna", "--minutes", "12", "--json"
    )
    assert answer.code == 0, answer.err
    entries = answer.document["annotations"]
    assert [entry["series"] for entry in entries] == list(pool[:2])
    assert answer.document["not_done"] == []
    with Project.open(made, read_only=True) as project:
        assert [record.name for record in project.pool()] == [pool[2]]
        for entry in entries:
            record = project.series_named(entry["series"])
            assert record.status == "annotated"
            annotation = record.annotation
            assert annotation is not None
            assert (annotation.annotator, annotation.minutes) == ("anna", 12.0)
            assert (annotation.clicks, annotation.model_version) == (0, None)
            assert list(entry["voxels"].values()) == list(annotation.class_voxels)
            accepted = project.annotations.load(record.name)
            assert (accepted == project.load_reference(record.name)).all()
        (test,) = phantom.splits["test"]
        assert len(project.annotations.history(test)) == 1


def test_one_series_takes_one_file_whatever_its_name(saim, made: Path, drawn: Path, pool) -> None:
    file = (drawn / f"{pool[0]}.nii.gz").rename(drawn / "finished.nii.gz")
    answer = saim("annotate", made, pool[0], "--labels", file)
    assert answer.code == 0, answer.err
    assert "accepted 1 annotation by " in answer.out
    assert "finished.nii.gz" in answer.out
    assert pool_of(made) == set(pool[1:])


def test_series_may_be_named_before_and_behind_the_folder(
    saim, made: Path, drawn: Path, pool
) -> None:
    answer = saim("annotate", made, "--labels", drawn, pool[1], pool[0], "--json")
    assert answer.code == 0, answer.err
    assert [entry["series"] for entry in answer.document["annotations"]] == [pool[1], pool[0]]


def test_an_annotation_is_replaced_only_on_request_also_that_of_a_test_series(
    saim, made: Path, phantom: Phantom
) -> None:
    (name,) = phantom.splits["test"]
    command = ("annotate", made, name, "--labels", phantom.labels, "--annotator", "anna")
    refused = saim(*command)
    assert refused.code == 2
    assert "add --again to replace its annotation" in refused.err
    assert saim(*command, "--again").code == 0
    with Project.open(made, read_only=True) as project:
        record = project.series_named(name)
        assert record.status == "test"
        assert record.annotation is not None
        assert record.annotation.annotator == "anna"


@pytest.mark.parametrize("damage", ["geometry", "value", "empty"])
def test_nothing_is_accepted_when_one_labelmap_does_not_fit(
    saim, made: Path, drawn: Path, pool, damage: str
) -> None:
    file = drawn / f"{pool[1]}.nii.gz"
    image = sitk.ReadImage(file)
    complaint = {"geometry": "does not lie on its series", "value": "99", "empty": "is empty"}
    if damage == "geometry":
        image.SetOrigin((1.0, 2.0, 3.0))
    elif damage == "value":
        image = sitk.Cast(image, sitk.sitkUInt8) * 0 + 99
    sitk.WriteImage(image, file)
    if damage == "empty":
        file.write_bytes(b"")
    answer = saim("annotate", made, "--labels", drawn)
    assert answer.code == 2
    assert complaint[damage] in answer.err
    assert pool_of(made) == set(pool)


def test_what_was_accepted_before_ctrl_c_is_shown_and_the_same_command_goes_on(
    saim, made: Path, drawn: Path, pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = labelmap_annotations._accept

    def accepting(project, name, *rest):
        if name == pool[1]:
            raise KeyboardInterrupt
        return accept(project, name, *rest)

    monkeypatch.setattr(labelmap_annotations, "_accept", accepting)
    command = ("annotate", made, *pool[:2], "--labels", drawn, "--annotator", "anna")
    stopped = saim(*command, "--json")
    assert stopped.code == 130
    assert [entry["series"] for entry in stopped.document["annotations"]] == [pool[0]]
    assert stopped.document["not_done"] == [pool[1]]

    monkeypatch.undo()
    answer = saim(*command, "--json")
    assert answer.code == 0, answer.err
    assert answer.document["annotated_before"] == [pool[0]]
    assert [entry["series"] for entry in answer.document["annotations"]] == [pool[1]]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("{2}",), "has no labelmap of series '{2}'; name it like the series ({2}.nii.gz)"),
        (("nobody",), "no series 'nobody'"),
        (("--again",), "--again replaces annotations; name the series"),
        (("--minutes", "-1"), "a series cannot take -1.0 minutes"),
        (("--minutes", "nan"), "a series cannot take nan minutes"),
    ],
)
def test_what_cannot_be_accepted_is_refused(
    saim, made: Path, drawn: Path, pool, options: tuple[str, ...], complaint: str
) -> None:
    answer = saim("annotate", made, "--labels", drawn, *(word.format(*pool) for word in options))
    assert answer.code == 2
    assert complaint.format(*pool) in answer.err
    assert pool_of(made) == set(pool)


def test_a_file_needs_its_series(saim, made: Path, drawn: Path, pool) -> None:
    for names in ((), pool[:2]):
        answer = saim("annotate", made, *names, "--labels", drawn / f"{pool[0]}.nii.gz")
        assert answer.code == 2
        assert "is one labelmap; name the one series that it belongs to" in answer.err


def test_a_folder_without_a_labelmap_of_the_pool_is_refused(
    saim, made: Path, phantom: Phantom, pool, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copyfile(phantom.labels / f"{pool[0]}.nii.gz", folder / "somebody.nii.gz")
    answer = saim("annotate", made, "--labels", folder)
    assert answer.code == 2
    assert f"named like a series of the pool (such as {pool[0]}.nii.gz)" in answer.err
    missing = saim("annotate", made, "--labels", tmp_path / "nowhere")
    assert missing.code == 2
    assert "does not exist" in missing.err


def test_the_annotator_is_by_default_who_gives_the_command(
    saim, made: Path, drawn: Path, pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "bella")
    assert saim("annotate", made, pool[0], "--labels", drawn).code == 0
    with Project.open(made, read_only=True) as project:
        annotation = project.series_named(pool[0]).annotation
        assert annotation is not None
        assert annotation.annotator == "bella"


# -- restoring ------------------------------------------------------------------------------------


@pytest.fixture
def replaced(saim, made: Path, phantom: Phantom) -> str:
    """A test series with a second annotation, which is empty."""
    (name,) = phantom.splits["test"]
    with Project.open(made) as project:
        shape = project.series_named(name).geometry.array_shape
        project.annotations.accept(name, np.zeros(shape, np.uint8), "anna")
    return name


def test_the_annotation_before_is_restored_and_listed(saim, made: Path, replaced: str) -> None:
    answer = saim("annotate", made, replaced, "--restore", "--json")
    assert answer.code == 0, answer.err
    (entry,) = answer.document["restored"]
    assert (entry["series"], entry["restored"], entry["number"]) == (replaced, 1, 3)
    assert entry["annotator"] == "imported"
    with Project.open(made, read_only=True) as project:
        labels = project.annotations.load(replaced)
        assert (labels == project.load_reference(replaced)).all()
        assert project.series_named(replaced).status == "test"
    # Given again it takes back what it did.
    printed = saim("annotate", made, replaced, "--restore").out
    assert "restored 1 annotation" in printed
    assert "anna" in printed
    with Project.open(made, read_only=True) as project:
        assert not project.annotations.load(replaced).any()


def test_an_annotation_is_restored_by_its_number(saim, made: Path, replaced: str) -> None:
    assert saim("annotate", made, replaced, "--restore", "1").code == 0
    with Project.open(made, read_only=True) as project:
        assert project.annotations.load(replaced).any()


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        ("2", "is the current one; the earlier ones are 1 by imported"),
        ("7", "does not exist; the earlier ones are 1 by imported"),
    ],
)
def test_an_annotation_that_cannot_be_restored_is_named(
    saim, made: Path, replaced: str, number: str, complaint: str
) -> None:
    answer = saim("annotate", made, replaced, "--restore", number)
    assert answer.code == 2
    assert f"annotation {number} of series {replaced!r} {complaint}" in answer.err


def test_nothing_is_restored_when_one_series_has_no_earlier_annotation(
    saim, made: Path, replaced: str, phantom: Phantom, pool
) -> None:
    for other, complaint in (
        (phantom.splits["validation"][0], "has one annotation only"),
        (pool[0], "has no annotation"),
    ):
        answer = saim("annotate", made, replaced, other, "--restore")
        assert answer.code == 2
        assert complaint in answer.err
    with Project.open(made, read_only=True) as project:
        assert len(project.annotations.history(replaced)) == 2
