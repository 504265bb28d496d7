"""``saim predict``: a labelmap in the geometry of the image, clicks obeyed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.phantom import Phantom
from SAIMCore.interactions import Interaction
from SAIMCore.project.project import Project
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.slice_state import SliceResult


@pytest.fixture
def predict(saim, trained: Path, tmp_path: Path):
    """Runs ``saim predict PROJECT SERIES -o OUT``."""

    def run(series: object, *options: object, output: Path = tmp_path / "out.nii.gz"):
        return saim("predict", trained, series, "-o", output, "--device", "cpu", *options)

    return run


@pytest.fixture
def no_inference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the test when a model is loaded: what is wrong must be said before."""
    monkeypatch.setattr("SAIMCore.cli.predict.load_predictor", None)


@pytest.fixture
def clicks_file(tmp_path: Path):
    """Writes clicks (slice, row, column, class) and returns the file."""

    def write(*clicks: tuple[int, int, int, int]) -> Path:
        keys = ("slice", "row", "column", "class")
        path = tmp_path / "clicks.json"
        path.write_text(
            json.dumps([dict(zip(keys, click, strict=True)) for click in clicks]), encoding="utf-8"
        )
        return path

    return write


def test_the_labelmap_lies_on_its_image(predict, phantom: Phantom, pool, tmp_path: Path) -> None:
    answer = predict(pool[0], "--json")
    assert answer.code == 0, answer.err
    written = sitk.ReadImage(tmp_path / "out.nii.gz")
    image = sitk.ReadImage(phantom.images / f"{pool[0]}.nii.gz")
    assert Geometry.from_image(written).difference(Geometry.from_image(image)) is None
    values = sitk.GetArrayFromImage(written)
    assert set(np.unique(values)) <= set(range(5))
    document = answer.document
    assert (document["series"], document["model"]) == (pool[0], "round-001")
    organ, lesion = document["classes"][:2]
    # The organ is counted with the lesion that lies within it.
    assert organ["voxels"] == int(np.isin(values, (1, 2)).sum())
    assert lesion["voxels"] == int((values == 2).sum())
    assert organ["ml"] == pytest.approx(organ["voxels"] * np.prod(image.GetSpacing()) / 1000)


def test_a_file_is_segmented_like_the_same_series_of_the_project(
    predict, phantom: Phantom, pool, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "new patient.nii.gz"
    shutil.copyfile(phantom.images / f"{pool[0]}.nii.gz", elsewhere)
    first, second = tmp_path / "a.nii.gz", tmp_path / "b.mha"
    assert predict(pool[0], output=first).code == 0
    answer = predict(elsewhere, output=second)
    assert answer.code == 0, answer.err
    assert f"new patient segmented by round-001: {second}" in answer.out
    arrays = [sitk.GetArrayFromImage(sitk.ReadImage(path)) for path in (first, second)]
    assert (arrays[0] == arrays[1]).all()


@pytest.mark.parametrize("place", range(3))
def test_every_clicked_voxel_has_the_class_of_its_click(
    predict, trained: Path, pool, tmp_path: Path, clicks_file, place: int
) -> None:
    clicks = [(1, 3, 5, 4), (1, 30, 31, 3), (3, 7, 40, 1), (3, 8, 41, 0)]
    answer = predict(pool[place], "--clicks", clicks_file(*clicks))
    assert answer.code == 0, answer.err
    with Project.open(trained, read_only=True) as project:
        axis = project.series_named(pool[place]).geometry.acquisition_axis
    volume = sitk.GetArrayFromImage(sitk.ReadImage(tmp_path / "out.nii.gz"))
    stack = to_slices(volume, axis)
    for slice_index, row, column, value in clicks:
        assert stack[slice_index, row, column] == value


def test_only_slices_with_clicks_go_through_a_session_one_at_a_time(
    predict, pool, clicks_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    add = InteractiveSession.add

    def counted(session: InteractiveSession, *interactions: Interaction) -> SliceResult:
        kept.append(sum(session.result(index).stored is not None for index in range(4)))
        return add(session, *interactions)

    monkeypatch.setattr(InteractiveSession, "add", counted)
    assert predict(pool[0], "--clicks", clicks_file((1, 3, 5, 4), (3, 7, 40, 1))).code == 0
    assert kept == [1, 1]


def test_without_clicks_in_the_file_the_answer_is_the_automatic_one(
    predict, pool, tmp_path: Path, clicks_file
) -> None:
    first, second = tmp_path / "a.nii.gz", tmp_path / "b.nii.gz"
    assert predict(pool[0], output=first).code == 0
    assert predict(pool[0], "--clicks", clicks_file(), output=second).code == 0
    arrays = [sitk.GetArrayFromImage(sitk.ReadImage(path)) for path in (first, second)]
    assert (arrays[0] == arrays[1]).all()


def test_conditioned_answers_change_the_slices_with_clicks_alone(
    predict, trained: Path, pool, tmp_path: Path, clicks_file
) -> None:
    clicks = clicks_file((1, 30, 31, 3), (1, 31, 36, 3))
    plain, conditioned = tmp_path / "a.nii.gz", tmp_path / "b.nii.gz"
    assert predict(pool[0], "--clicks", clicks, output=plain).code == 0
    answer = predict(
        pool[0], "--clicks", clicks, "--condition", "--grow", "0.5", output=conditioned
    )
    assert answer.code == 0, answer.err
    with Project.open(trained, read_only=True) as project:
        axis = project.series_named(pool[0]).geometry.acquisition_axis
    before, after = (
        to_slices(sitk.GetArrayFromImage(sitk.ReadImage(path)), axis)
        for path in (plain, conditioned)
    )
    assert (after[1] == 3).sum() > (before[1] == 3).sum()
    assert (np.delete(after, 1, axis=0) == np.delete(before, 1, axis=0)).all()


def test_a_box_is_obeyed_and_contradicted_by_a_later_click(
    predict, trained: Path, pool, tmp_path: Path
) -> None:
    marks = [
        {"type": "box", "slice": 1, "top": 10, "left": 12, "bottom": 15, "right": 20, "class": 3},
        {"slice": 1, "row": 12, "column": 14, "class": 2},
    ]
    (tmp_path / "marks.json").write_text(json.dumps(marks), encoding="utf-8")
    answer = predict(pool[0], "--clicks", tmp_path / "marks.json")
    assert answer.code == 0, answer.err
    assert "slice 1: 5 pixels got different classes one after the other; the later" in answer.err
    with Project.open(trained, read_only=True) as project:
        axis = project.series_named(pool[0]).geometry.acquisition_axis
    labels = to_slices(sitk.GetArrayFromImage(sitk.ReadImage(tmp_path / "out.nii.gz")), axis)[1]
    assert (labels[10:16, 12:21] == 3).sum() == 6 * 9 - 1
    assert labels[12, 14] == 2


def test_a_box_beside_the_image_is_refused(predict, pool, tmp_path: Path) -> None:
    box = {"type": "box", "slice": 1, "top": 1, "left": 1, "bottom": 5, "right": 48, "class": 1}
    (tmp_path / "marks.json").write_text(json.dumps([box]), encoding="utf-8")
    answer = predict(pool[0], "--clicks", tmp_path / "marks.json")
    assert answer.code == 2
    assert "row 5, column 48 lies outside the slice of 48 x 48 pixels" in answer.err


def test_clicks_that_contradict_each_other_are_named(predict, pool, clicks_file) -> None:
    answer = predict(pool[0], "--clicks", clicks_file((1, 30, 31, 3), (1, 30, 31, 2)))
    assert answer.code == 0, answer.err
    assert "slice 1: 5 pixels got different classes one after the other" in answer.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--condition",), "there is nothing to agree with; give --clicks"),
        (("--grow", "1"), "--grow is about --condition"),
        (("--condition", "--clicks", "none.json", "--grow", "-1"), "--grow is -1.0; give 0"),
    ],
)
def test_conditioning_without_a_sense_is_refused(
    predict, pool, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    answer = predict(pool[0], *arguments)
    assert answer.code == 2
    assert complaint in answer.err
    assert not (tmp_path / "out.nii.gz").exists()


def test_an_existing_file_is_replaced_only_on_request(predict, pool, tmp_path: Path) -> None:
    output = tmp_path / "out.nii.gz"
    output.write_bytes(b"mine")
    answer = predict(pool[0])
    assert answer.code == 2
    assert "out.nii.gz already exists; choose another name, or add --overwrite" in answer.err
    assert output.read_bytes() == b"mine"
    assert predict(pool[0], "--overwrite").code == 0
    assert sitk.ReadImage(output).GetDimension() == 3


def test_the_image_itself_is_never_overwritten(predict, phantom: Phantom, pool) -> None:
    image = phantom.images / f"{pool[0]}.nii.gz"
    before = image.read_bytes()
    answer = predict(pool[0], "--overwrite", output=image)
    assert answer.code == 2
    assert "is the image itself" in answer.err
    assert image.read_bytes() == before


@pytest.mark.parametrize(
    ("click", "complaint"),
    [
        ((9, 1, 1, 1), "slice 9 is not in the series; it has the slices 0 to 3"),
        ((1, 99, 1, 1), "row 99, column 1 lies outside the slice of 48 x 48 pixels"),
        ((1, 1, 1, 8), "class 8 does not exist; the classes are 0 to 4"),
    ],
)
def test_a_click_that_cannot_be_is_refused(
    predict, pool, tmp_path: Path, clicks_file, click: tuple[int, int, int, int], complaint: str
) -> None:
    answer = predict(pool[0], "--clicks", clicks_file((1, 3, 5, 4), click))
    assert answer.code == 2
    assert complaint in answer.err
    assert not (tmp_path / "out.nii.gz").exists()


def test_a_clicks_file_that_is_no_json_is_refused(predict, pool, tmp_path: Path) -> None:
    (tmp_path / "clicks.json").write_text("[{", encoding="utf-8")
    answer = predict(pool[0], "--clicks", tmp_path / "clicks.json")
    assert answer.code == 2
    assert "clicks.json is not JSON" in answer.err


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("out.png", "its name must end with .nii.gz"),
        ("out.mhd", "its name must end with .nii.gz"),
        ("out.nhdr", "its name must end with .nii.gz"),
        ("nowhere/out.nii.gz", "create it first"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_refused_first(
    predict, pool, tmp_path: Path, name: str, complaint: str, no_inference: None
) -> None:
    answer = predict(pool[0], output=tmp_path / name)
    assert answer.code == 2
    assert complaint in answer.err


def test_a_folder_is_never_overwritten(predict, pool, tmp_path: Path, no_inference: None) -> None:
    folder = tmp_path / "out.nii.gz"
    folder.mkdir()
    answer = predict(pool[0], "--overwrite", output=folder)
    assert answer.code == 2
    assert "out.nii.gz is a folder; give the name of a file" in answer.err


def test_what_is_neither_series_nor_file_is_refused(predict, trained: Path) -> None:
    answer = predict("nobody")
    assert answer.code == 2
    assert f"'saim status {trained} --series' lists the series" in answer.err


def test_a_folder_with_several_series_is_refused(predict, phantom: Phantom) -> None:
    answer = predict(phantom.images)
    assert answer.code == 2
    assert "holds 6 series (phantom_001, " in answer.err


def test_a_damaged_image_is_refused(predict, tmp_path: Path) -> None:
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(b"\x1f\x8b" + bytes(80))
    answer = predict(broken)
    assert answer.code == 2
    assert "broken.nii.gz is damaged" in answer.err
    assert not (tmp_path / "out.nii.gz").exists()
