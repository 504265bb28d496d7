"""Finding series in folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.data.geometry import Geometry
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.folders import collect_folders

Write = Callable[..., Path]


def names(folder: Path) -> list[str]:
    return [source.name for source in find_series(folder)]


@pytest.fixture
def volumes(intensities: NDArray) -> list[NDArray]:
    return [intensities + step for step in range(6)]


def test_every_file_format_is_found_by_its_stem_in_order(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    suffixes = [".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd"]
    for number, (suffix, volume) in enumerate(zip(suffixes, volumes, strict=True)):
        write_volume(tmp_path / f"case {9 - number}{suffix}", volume)
    found = find_series(tmp_path)
    assert [source.name for source in found] == [f"case {number}" for number in range(4, 10)]
    assert not any(source.is_dicom for source in found)
    files = {source.path.name: [file.name for file in source.files] for source in found}
    assert files["case 9.nii.gz"] == ["case 9.nii.gz"]
    assert files["case 6.nhdr"] == ["case 6.nhdr", "case 6.raw"]
    assert files["case 4.mhd"] == ["case 4.mhd", "case 4.raw"]


def test_names_say_the_folders_below_the_root(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "P1" / "pre" / "t2.nii", volumes[0])
    write_volume(tmp_path / "P2" / "t2.nii", volumes[1])
    assert names(tmp_path) == ["P1_pre_t2", "P2_t2"]


def test_hidden_and_other_files_are_passed_over(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "a.nii", volumes[0])
    write_volume(tmp_path / ".cache" / "b.nii", volumes[1])
    (tmp_path / "._a.nii").write_bytes(b"macOS")
    (tmp_path / "notes").write_text("no image")
    (tmp_path / "table.csv").write_text("1,2")
    assert names(tmp_path) == ["a"]


def test_a_single_file_is_a_source(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    path = write_volume(tmp_path / "a.nii.gz", volumes[0])
    assert find_series(path) == [SeriesSource("a", path, (path,))]


def test_the_channel_suffix_goes_when_every_image_has_it(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "la_003_0000.nii", volumes[0])
    write_volume(tmp_path / "la_004_0000.nii", volumes[1])
    assert names(tmp_path) == ["la_003", "la_004"]
    write_volume(tmp_path / "la_0005.nii", volumes[2])
    assert names(tmp_path) == ["la_0005", "la_003_0000", "la_004_0000"]


def test_links_are_followed_but_not_in_a_circle(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "store" / "a.nii", volumes[0])
    images = tmp_path / "images"
    images.mkdir()
    try:
        (images / "linked").symlink_to(tmp_path / "store", target_is_directory=True)
        (tmp_path / "store" / "loop").symlink_to(images, target_is_directory=True)
    except OSError:
        pytest.skip("this system does not allow links")
    assert names(images) == ["linked_a"]


@pytest.mark.parametrize("build", ["absent", "empty"])
def test_a_folder_without_series_is_named(tmp_path: Path, build: str) -> None:
    folder = tmp_path / build
    if build == "empty":
        folder.mkdir()
    with pytest.raises(ProjectError, match=str(folder)):
        find_series(folder)


def test_two_series_of_one_name_are_refused(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "a.nii", volumes[0])
    write_volume(tmp_path / "a.mha", volumes[1])
    with pytest.raises(ProjectError, match=r"duplicate series 'a'.*a\.(nii|mha).*same name"):
        find_series(tmp_path)


def test_names_that_differ_in_case_only_are_refused(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write
) -> None:
    write_volume(tmp_path / "x" / "case.nii", volumes[0])
    write_volume(tmp_path / "X_CASE.nii", volumes[1])
    with pytest.raises(ProjectError, match="duplicate series"):
        find_series(tmp_path)


@pytest.mark.parametrize("suffix", [".nii.gz", ".mhd"])
def test_the_same_image_twice_is_refused(
    tmp_path: Path, volumes: list[NDArray], write_volume: Write, suffix: str
) -> None:
    write_volume(tmp_path / f"a{suffix}", volumes[0])
    write_volume(tmp_path / f"b{suffix}", volumes[1])
    write_volume(tmp_path / f"c{suffix}", volumes[0])
    with pytest.raises(ProjectError, match=r"duplicate series: .*a\..* and .*c\..* same image"):
        find_series(tmp_path)


def test_images_that_differ_in_the_middle_only_are_not_duplicates(
    tmp_path: Path, write_volume: Write
) -> None:
    volume = np.zeros((8, 128, 128), dtype=np.float32)
    write_volume(tmp_path / "a.mha", volume)
    volume[4, 64, 64] = 1
    write_volume(tmp_path / "b.mha", volume)
    assert names(tmp_path) == ["a", "b"]


def test_dicom_series_of_a_tree_are_told_apart_and_named(
    tmp_path: Path,
    volumes: list[NDArray],
    write_dicom: Callable[..., list[Path]],
    write_volume: Write,
) -> None:
    write_dicom(tmp_path / "P1" / "scan", volumes[0], uid="1.2.1", description="T2 tra/fs")
    write_dicom(tmp_path / "P1" / "scan", volumes[1], uid="1.2.2", description="T1", suffix=".IMA")
    write_dicom(tmp_path / "P2", volumes[2], uid="1.2.3", patient="P08", suffix=".dcm")
    write_volume(tmp_path / "P2" / "extra.nii", volumes[3])
    (tmp_path / "P2" / "readme").write_text("no image")
    found = find_series(tmp_path)
    assert {source.name: source.patient for source in found} == {
        "P1_scan_T1": "P07",
        "P1_scan_T2_tra_fs": "P07",
        "P2": "P08",
        "P2_extra": None,
    }
    assert [len(source.files) for source in found] == [5, 5, 5, 1]
    assert [source.is_dicom for source in found] == [True, True, True, False]


def test_the_files_of_a_dicom_series_are_in_the_order_of_the_slices(
    tmp_path: Path, volumes: list[NDArray], write_dicom: Callable[..., list[Path]]
) -> None:
    written = write_dicom(tmp_path, volumes[0])
    (source,) = find_series(tmp_path)
    assert source.name == tmp_path.name
    assert [file.name for file in source.files] == [file.name for file in written]
    assert sorted(written) != written


def test_series_of_equal_description_still_get_different_stable_names(
    tmp_path: Path, volumes: list[NDArray], write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path / "scan", volumes[0], uid="1.2.1")
    write_dicom(tmp_path / "scan", volumes[1], uid="1.2.2", suffix=".b")
    first = names(tmp_path)
    assert len(set(first)) == 2
    assert all(name.startswith("scan_T2_tra_4_") for name in first)
    assert names(tmp_path) == first


def test_one_dicom_series_in_two_folders_is_refused(
    tmp_path: Path, volumes: list[NDArray], write_dicom: Callable[..., list[Path]]
) -> None:
    write_dicom(tmp_path / "a", volumes[0])
    write_dicom(tmp_path / "b", volumes[0] + 1)
    with pytest.raises(ProjectError, match=r"one DICOM series .* in .*a and in .*b"):
        find_series(tmp_path)


def test_real_dicom_series_are_found_and_a_segmentation_is_none(
    shared_data: Path, tmp_path: Path
) -> None:
    io = shared_data / "io"
    shutil.copytree(io / "ct_dicom_3slice", tmp_path / "abdomen")
    shutil.copy(io / "ct_dicom_3slice.liver_seg.dcm", tmp_path / "abdomen" / "seg.dcm")
    (tmp_path / "thorax").symlink_to(io / "ct_dicom_jpeg2000", target_is_directory=True)
    found = find_series(tmp_path)
    assert {source.name: len(source.files) for source in found} == {"abdomen": 3, "thorax": 20}
    assert found[0].patient == "99000"


def test_finding_decodes_nothing(tmp_path: Path, geometry: Geometry) -> None:
    (tmp_path / "broken.nii.gz").write_bytes(b"")
    assert names(tmp_path) == ["broken"]
    assert replace(find_series(tmp_path)[0], name="x").files == (tmp_path / "broken.nii.gz",)


def test_localizers_are_passed_over_with_a_note(
    tmp_path: Path, volumes: list[NDArray], write_dicom: Callable[..., list[Path]]
) -> None:
    scout = {"0008|0008": "ORIGINAL\\PRIMARY\\LOCALIZER"}
    write_dicom(tmp_path / "P1", volumes[1][:1], uid="1.2.2", description="Survey", elements=scout)
    write_dicom(tmp_path / "P1", volumes[0], uid="1.2.1", suffix=".IMA")
    write_dicom(tmp_path / "P2", volumes[2], uid="1.2.3", description="Loc", elements=scout)
    notes: list[str] = []
    (source,) = find_series(tmp_path, note=notes.append)
    assert (source.name, len(source.files)) == ("P1", 5)
    assert notes == ["2 DICOM localizers (scout images) were left out: P1_Survey, P2_Loc"]
    assert collect_folders(tmp_path).notes == tuple(notes)
    with pytest.raises(ProjectError, match=r"no series found in .* besides localizers"):
        find_series(tmp_path / "P2")


def test_a_series_in_which_a_scout_lies_is_no_localizer(
    tmp_path: Path, volumes: list[NDArray], write_dicom: Callable[..., list[Path]]
) -> None:
    types = ["DERIVED\\SECONDARY\\LOCALIZER", *["ORIGINAL\\PRIMARY\\AXIAL"] * 4]
    write_dicom(tmp_path, volumes[0], elements={"0008|0008": types})
    assert len(find_series(tmp_path)) == 1
