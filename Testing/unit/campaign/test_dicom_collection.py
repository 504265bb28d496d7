"""Series of a DICOM database as series for a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.campaign.dicom_collection import collect_dicom
from SAIMCore.data.reading import read_series
from SAIMCore.errors import InvalidImageError, ProjectError

UID = "1.2.826.0.1.3680043.2.1125"
Write = Callable[..., list[Path]]


@pytest.fixture
def write() -> Write:
    """Writes a DICOM series of 3 slices, each voxel as bright as its slice's number."""

    def written(
        folder: Path,
        uid: str,
        description: str = "T2 tra",
        patient: str = "P07",
        modality: str = "MR",
        image_type: str = "ORIGINAL\\PRIMARY",
    ) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number in range(3):
            image = sitk.GetImageFromArray(np.full((6, 5), number, np.int16))
            for key, value in {
                "0008|0008": image_type,
                "0008|0018": f"{uid}.{number}",
                "0008|0060": modality,
                "0008|103e": description,
                "0010|0020": patient,
                "0020|000d": f"{UID}.9",
                "0020|000e": uid,
                "0020|0011": "4",
                "0020|0013": str(number),
                "0020|0032": f"0\\0\\{3 * number}",
                "0020|0037": "1\\0\\0\\0\\1\\0",
            }.items():
                image.SetMetaData(key, value)
            # The names say nothing of the order.
            path = folder / f"{uid}-{'zyx'[number]}"
            writer = sitk.ImageFileWriter()
            writer.KeepOriginalImageUIDOn()
            writer.SetImageIO("GDCMImageIO")
            writer.SetFileName(f"{path}.dcm")
            writer.Execute(image)
            files.append(Path(f"{path}.dcm").rename(path))
        return files

    return written


def test_a_series_is_read_in_the_order_of_its_slices(tmp_path: Path, write: Write) -> None:
    files = write(tmp_path / "db", f"{UID}.1")
    told: list[tuple[int, int]] = []
    collection = collect_dicom(
        {f"{UID}.1": files[::-1]}, lambda done, count, _: told.append((done, count))
    )
    (entry,) = collection.series
    assert (entry.name, entry.source.patient) == ("P07_T2_tra", "P07")
    assert entry.source.is_dicom
    assert entry.source.files == tuple(files)
    assert read_series(entry.source).array[:, 0, 0].tolist() == [0, 1, 2]
    assert (collection.notes, told) == ((), [(0, 1)])


def test_only_chosen_series_of_a_folder_are_taken(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "db", f"{UID}.1")
    files = write(tmp_path / "db", f"{UID}.2", "T1 cor")
    (entry,) = collect_dicom({f"{UID}.2": files}).series
    assert entry.name == "P07_T1_cor"


def test_series_of_one_description_get_names_of_their_own(tmp_path: Path, write: Write) -> None:
    chosen = {
        f"{UID}.{n}": write(tmp_path / str(n), f"{UID}.{n}", text)
        for n, text in enumerate(("T2 tra", "t2 TRA", "T2 tra", ""))
    }
    names = [entry.name for entry in collect_dicom(chosen).series]
    assert names == ["P07_T2_tra", "P07_t2_TRA_2", "P07_T2_tra_3", "P07_series4"]


def test_a_series_that_is_described_by_signs_alone_is_named_after_its_uid(
    tmp_path: Path, write: Write
) -> None:
    files = write(tmp_path / "db", f"{UID}.1", "...", patient="/")
    assert [entry.name for entry in collect_dicom({f"{UID}.1": files}).series] == [f"{UID}.1"]


def test_what_is_no_image_is_left_out_with_a_note(tmp_path: Path, write: Write) -> None:
    good = write(tmp_path / "a", f"{UID}.1")
    scout = write(tmp_path / "b", f"{UID}.2", image_type="ORIGINAL\\PRIMARY\\LOCALIZER")
    report = write(tmp_path / "c", f"{UID}.3", modality="SR")
    collection = collect_dicom({f"{UID}.1": good, f"{UID}.2": scout, f"{UID}.3": report})
    assert [entry.name for entry in collection.series] == ["P07_T2_tra"]
    assert [f"{UID}.{n}" in note for n, note in enumerate(collection.notes, 2)] == [True, True]
    with pytest.raises(ProjectError, match="none of the 1 DICOM series can be used"):
        collect_dicom({f"{UID}.3": report})


def test_a_series_in_several_folders_says_so_when_it_is_read(tmp_path: Path, write: Write) -> None:
    files = write(tmp_path / "a", f"{UID}.1")
    (tmp_path / "b").mkdir()
    files[1] = files[1].rename(tmp_path / "b" / "moved")
    (entry,) = collect_dicom({f"{UID}.1": files}).series
    with pytest.raises(InvalidImageError, match="put them into one folder"):
        read_series(entry.source)


def test_files_that_are_gone_are_missed_when_it_is_read(tmp_path: Path, write: Write) -> None:
    files = write(tmp_path / "a", f"{UID}.1")
    files[2].unlink()
    (entry,) = collect_dicom({f"{UID}.1": files}).series
    with pytest.raises(InvalidImageError, match="1 of the 3 files"):
        read_series(entry.source)


def test_something_must_be_chosen() -> None:
    with pytest.raises(ProjectError, match="no DICOM series is chosen"):
        collect_dicom({})
