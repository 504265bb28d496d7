"""Series from folders of images and labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders

WriteSeries = Callable[..., Path]


def test_labels_belong_to_the_image_of_their_name(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("images", "a")
    write_series("images", "b")
    write_series("labels", "b", labels)
    collection = collect_folders(tmp_path / "images", tmp_path / "labels")
    assert [(entry.name, entry.labels) for entry in collection.series] == [
        ("a", None),
        ("b", tmp_path / "labels" / "b.nii.gz"),
    ]
    assert collection.notes == ()
    assert collection.classes is None


def test_without_labels_all_series_are_unlabeled(tmp_path: Path, write_series: WriteSeries) -> None:
    write_series("images", "a")
    (entry,) = collect_folders(tmp_path / "images").series
    assert (entry.labels, entry.status) == (None, "unannotated")


def test_labels_in_subfolders_match_images_in_the_same_subfolders(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    for patient in ("p1", "p2"):
        write_series(f"images/{patient}", "t2")
        write_series(f"labels/{patient}", "t2", labels)
    series = collect_folders(tmp_path / "images", tmp_path / "labels").series
    assert [(entry.name, entry.labels) for entry in series] == [
        (f"{patient}_t2", tmp_path / "labels" / patient / "t2.nii.gz") for patient in ("p1", "p2")
    ]


@pytest.mark.parametrize("others", [(), ("plain",)])
def test_the_channel_suffix_of_an_image_is_no_part_of_its_name(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray, others: tuple[str, ...]
) -> None:
    write_series("images", "case_7_0000")
    for other in others:
        write_series("images", other)
    write_series("labels", "case_7", labels)
    series = collect_folders(tmp_path / "images", tmp_path / "labels").series
    assert series[0].labels == tmp_path / "labels" / "case_7.nii.gz"


CHANNELS = "further channel of series 'case_7_0000'; SAIM reads"


def test_several_channels_of_several_series_are_refused(
    tmp_path: Path, write_series: WriteSeries
) -> None:
    for name in ("case_7_0000", "case_7_0001", "case_8_0000", "case_8_0001"):
        write_series("images", name)
    with pytest.raises(ProjectError, match=CHANNELS):
        collect_folders(tmp_path / "images")


def test_several_channels_in_the_folder_of_nnunet_are_refused(
    tmp_path: Path, write_series: WriteSeries
) -> None:
    write_series("imagesTr", "case_7_0000")
    write_series("imagesTr", "case_7_0001")
    with pytest.raises(ProjectError, match=CHANNELS):
        collect_folders(tmp_path / "imagesTr")


def test_labels_without_the_number_show_that_the_numbers_are_channels(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("images", "case_7_0000")
    write_series("images", "case_7_0001")
    write_series("labels", "case_7", labels)
    with pytest.raises(ProjectError, match=CHANNELS):
        collect_folders(tmp_path / "images", tmp_path / "labels")


@pytest.mark.parametrize("folder", ["images", "imagesTr"])
def test_series_may_be_numbered_from_0(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray, folder: str
) -> None:
    names = [f"case_{number:04d}" for number in range(4)]
    for name in names:
        write_series(folder, name)
        write_series("labels", name, labels)
    series = collect_folders(tmp_path / folder, tmp_path / "labels").series
    assert [entry.name for entry in series] == names
    assert all(entry.labels is not None for entry in series)
    if folder == "images":
        assert len(collect_folders(tmp_path / folder).series) == 4


def test_labels_within_the_folder_of_images_are_no_images(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    for name in ("a", "b"):
        write_series("data", name)
        # The same bytes twice: they must not count as duplicate series.
        write_series("data/labels", name, labels)
    collection = collect_folders(tmp_path / "data", tmp_path / "data" / "labels")
    assert [(entry.name, entry.labels) for entry in collection.series] == [
        (name, tmp_path / "data" / "labels" / f"{name}.nii.gz") for name in ("a", "b")
    ]
    (note,) = collection.notes
    assert note.startswith("the labelmaps in ")


def test_images_within_the_folder_of_labels_are_no_labelmaps(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("data/images", "a")
    write_series("data", "a", labels)
    collection = collect_folders(tmp_path / "data" / "images", tmp_path / "data")
    assert [entry.labels for entry in collection.series] == [tmp_path / "data" / "a.nii.gz"]
    (note,) = collection.notes
    assert note.startswith("the images in ")


def test_one_folder_for_images_and_labels_is_refused(
    tmp_path: Path, write_series: WriteSeries
) -> None:
    write_series("data", "a")
    with pytest.raises(ProjectError, match="put the labelmaps into a folder of their own"):
        collect_folders(tmp_path / "data", tmp_path / "images" / ".." / "data")


def test_labels_of_no_series_are_left_out_with_a_note(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("images", "a")
    write_series("labels", "a", labels)
    write_series("labels", "other", labels)
    (note,) = collect_folders(tmp_path / "images", tmp_path / "labels").notes
    assert note == "1 labelmaps belong to no series and were left out: other"


def test_labels_that_match_nothing_are_refused(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("images", "a")
    write_series("labels", "a_seg", labels)
    with pytest.raises(ProjectError, match=r"none of the 1 labelmaps .* \(such as 'a'\)"):
        collect_folders(tmp_path / "images", tmp_path / "labels")


def test_two_labelmaps_of_one_series_are_refused(
    tmp_path: Path, write_series: WriteSeries, labels: np.ndarray
) -> None:
    write_series("images", "a")
    path = write_series("labels", "a", labels)
    path.with_name("a.nii").write_bytes(b"also")
    with pytest.raises(ProjectError, match="belong to the same series 'a'; remove one"):
        collect_folders(tmp_path / "images", tmp_path / "labels")


def test_folders_that_are_missing_or_empty_are_named(
    tmp_path: Path, write_series: WriteSeries
) -> None:
    with pytest.raises(ProjectError, match="images does not exist"):
        collect_folders(tmp_path / "images")
    write_series("images", "a")
    with pytest.raises(ProjectError, match=r"folder of labels .* does not exist"):
        collect_folders(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "labels").mkdir()
    with pytest.raises(ProjectError, match="no labelmaps found in"):
        collect_folders(tmp_path / "images", tmp_path / "labels")


def test_the_same_image_twice_is_refused(tmp_path: Path, write_series: WriteSeries) -> None:
    path = write_series("images", "a")
    path.with_name("b.nii.gz").write_bytes(path.read_bytes())
    with pytest.raises(ProjectError, match="duplicate series"):
        collect_folders(tmp_path / "images")
