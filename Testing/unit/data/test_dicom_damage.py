"""DICOM files that were cut off in a copy are named, whichever slice they are."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.data.dicom_header import dicom_fields
from SAIMCore.data.reading import read_series
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import InvalidImageError, ProjectError

WriteDicom = Callable[..., list[Path]]
SIZES = [0, 100, 400, 1500]


def cut(path: Path, size: int) -> None:
    content = path.read_bytes()
    assert size < len(content)
    path.write_bytes(content[:size])


def refusal(source: SeriesSource) -> str:
    with pytest.raises(InvalidImageError) as caught:
        read_series(source)
    assert str(source.path) in str(caught.value)
    return str(caught.value)


@pytest.fixture
def pixels() -> NDArray[np.int16]:
    return np.random.default_rng(3).integers(0, 99, (4, 24, 24)).astype(np.int16)


@pytest.mark.parametrize("suffix", [".dcm", ".IMA", ""])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", [0, 1, -1])
def test_a_truncated_slice_is_named_wherever_it_is(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom, place: int, size: int, suffix: str
) -> None:
    files = write_dicom(tmp_path / "scan", pixels)
    numbered = [file.rename(file.with_name(f"IM{at}{suffix}")) for at, file in enumerate(files)]
    cut(numbered[place], size)
    (source,) = find_series(tmp_path)
    assert source.name == "scan"
    assert f"{numbered[place]} ({size} bytes) cannot be read" in refusal(source)


@pytest.mark.parametrize("size", SIZES)
def test_a_series_of_truncated_files_only_does_not_disappear(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom, size: int
) -> None:
    for file in write_dicom(tmp_path, pixels, suffix=".dcm"):
        cut(file, size)
    (source,) = find_series(tmp_path)
    assert "4 DICOM files, such as" in refusal(source)


def test_a_truncated_file_that_names_its_series_leaves_the_others_alone(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path, pixels, uid="1.2.1", description="T1")
    files = write_dicom(tmp_path, pixels + 1, uid="1.2.2", description="T2", suffix=".dcm")
    cut(files[-1], 1500)
    first, second = find_series(tmp_path)
    assert np.array_equal(read_series(first).array, pixels)
    assert str(files[-1]) in refusal(second)


def test_a_truncated_file_that_names_no_series_may_belong_to_any(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path, pixels, uid="1.2.1", description="T1")
    files = write_dicom(tmp_path, pixels + 1, uid="1.2.2", description="T2", suffix=".dcm")
    cut(files[-1], 0)
    for source in find_series(tmp_path):
        assert str(files[-1]) in refusal(source)


def test_empty_series_in_two_folders_are_not_called_duplicates(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    for name in ("a", "b"):
        for file in write_dicom(tmp_path / name, pixels, suffix=".dcm"):
            cut(file, 0)
    assert [source.name for source in find_series(tmp_path)] == ["a", "b"]


def element(group: int, number: int, kind: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", group, number, kind, len(value)) + value


def dicom_object(stored_class: bytes, *elements: bytes) -> bytes:
    """A complete DICOM file without pixels, explicit VR little endian."""
    meta = element(2, 2, b"UI", stored_class) + element(2, 16, b"UI", b"1.2.840.10008.1.2.1\0")
    meta = element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    return bytes(128) + b"DICM" + meta + b"".join(elements)


@pytest.mark.parametrize(
    "stored_class",
    [
        "1.2.840.10008.5.1.4.1.1.88.22",  # structured report
        "1.2.840.10008.5.1.4.1.1.481.3",  # RT structure set
        "1.2.840.10008.5.1.4.1.1.11.1",  # presentation state
        "1.2.840.10008.5.1.4.1.1.4.2",  # spectroscopy
        "1.2.840.10008.1.3.10",  # DICOMDIR
        "1.3.12.2.1107.5.9.1",  # raw data of a vendor
    ],
)
def test_dicom_objects_that_are_no_images_are_passed_over(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom, stored_class: str
) -> None:
    write_dicom(tmp_path / "scan", pixels, suffix=".dcm")
    stored = stored_class.encode() + b"\0" * (len(stored_class) % 2)
    content = dicom_object(stored, element(8, 0x16, b"UI", stored))
    for name in ("report.dcm", "DICOMDIR", "IM7"):
        (tmp_path / "scan" / name).write_bytes(content)
    (source,) = find_series(tmp_path)
    assert np.array_equal(read_series(source).array, pixels)
    shutil.copy(tmp_path / "scan" / "report.dcm", tmp_path / "report.dcm")
    assert len(find_series(tmp_path)) == 1


def test_other_files_beside_a_series_are_passed_over(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path, pixels)
    (tmp_path / "DONE").write_bytes(b"")
    (tmp_path / "viewer.exe").write_bytes(b"MZ" + bytes(4000))
    (tmp_path / ".z1").write_bytes(b"")
    (source,) = find_series(tmp_path)
    assert np.array_equal(read_series(source).array, pixels)


def test_a_segmentation_is_passed_over_even_when_it_is_truncated(
    shared_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(shared_data / "io" / "ct_dicom_3slice", tmp_path / "scan")
    segmentation = (shared_data / "io" / "ct_dicom_3slice.liver_seg.dcm").read_bytes()
    (tmp_path / "scan" / "seg.dcm").write_bytes(segmentation[:3000])
    (source,) = find_series(tmp_path)
    assert read_series(source).geometry.size == (512, 512, 3)


@pytest.mark.parametrize("name", ["ct_dicom_3slice", "ct_dicom_jpeg2000"])
@pytest.mark.parametrize("size", [0, 400, 70_000])
def test_a_truncated_last_slice_of_a_real_series_is_named(
    shared_data: Path, tmp_path: Path, name: str, size: int
) -> None:
    originals = sorted((shared_data / "io" / name).iterdir())[-4:]
    for file in originals:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    cut(tmp_path / originals[-1].name, size)
    (source,) = find_series(tmp_path)
    assert originals[-1].name in refusal(source)


def test_the_fields_of_a_file_are_read_as_far_as_it_goes(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    path = write_dicom(tmp_path, pixels, uid="1.2.7")[0]
    content = path.read_bytes()
    fields = dicom_fields(path)
    assert fields is not None
    assert (fields["0020|000e"], fields["0010|0020"], fields["0008|0060"]) == ("1.2.7", "P07", "MR")
    for size in range(132, 700, 7):
        path.write_bytes(content[:size])
        told = dicom_fields(path)
        assert told is not None
        assert told.items() <= fields.items()


def test_sequences_of_any_length_are_stepped_over(tmp_path: Path) -> None:
    inner = element(8, 0x60, b"CS", b"XX")
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    end_of_item = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    end = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    open_sequence = struct.pack("<HH2sHI", 8, 0x1110, b"SQ", 0, 0xFFFFFFFF)
    nested = open_sequence + item + inner + open_sequence + item + inner + end_of_item + end
    nested += end_of_item + end
    sized = struct.pack("<HH2sHI", 8, 0x1111, b"SQ", 0, len(inner) + 8)
    sized += struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
    series = element(0x20, 0xE, b"UI", b"1.25")
    path = tmp_path / "a"
    path.write_bytes(dicom_object(b"1.2\0", nested, sized, series))
    fields = dicom_fields(path)
    assert fields is not None
    assert fields["0020|000e"] == "1.25"
    assert "0008|0060" not in fields
    path.write_bytes(dicom_object(b"1.2\0", open_sequence * 5000))
    assert "0020|000e" not in (dicom_fields(path) or {})


def test_a_folder_of_reports_only_holds_no_series(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(dicom_object(b"1.2.840.10008.5.1.4.1.1.88.22\0"))
    with pytest.raises(ProjectError, match="no series found"):
        find_series(tmp_path)


def test_a_file_at_which_gdcm_gives_up_is_named(
    tmp_path: Path, pixels: NDArray, write_dicom: WriteDicom
) -> None:
    write_dicom(tmp_path, pixels)
    content = dicom_object(b"1.2.840.10008.5.1.4.1.1.88.22\0", element(8, 0x60, b"CS", b"SR"))
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(ProjectError, match=r"cannot be listed.*suspect: odd\)"):
        find_series(tmp_path)
