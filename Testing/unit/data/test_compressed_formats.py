"""Compressed MetaImage and NRRD files: damage that ITK passes over is found before it reads."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data.formats import defect, detached_files
from SAIMCore.data.geometry import Geometry
from SAIMCore.data.reading import read_labelmap, read_series
from SAIMCore.data.sources import SeriesSource
from SAIMCore.errors import InvalidImageError, InvalidLabelmapError

FORMATS = [".mha", ".mhd", ".nrrd", ".nhdr"]
Pack = Callable[[str], Path]


@pytest.fixture
def noise() -> NDArray[np.int16]:
    return np.random.default_rng(0).integers(0, 900, (5, 8, 6)).astype(np.int16)


@pytest.fixture
def pack(tmp_path: Path, noise: NDArray, geometry: Geometry) -> Pack:
    """Writes ``noise`` compressed in the format of a suffix."""

    def write(suffix: str) -> Path:
        image = sitk.GetImageFromArray(noise)
        geometry.apply_to(image)
        sitk.WriteImage(image, str(tmp_path / f"a{suffix}"), useCompression=True)
        return tmp_path / f"a{suffix}"

    return write


def read(path: Path) -> NDArray:
    return read_series(SeriesSource("a", path, (path,))).array


def voxel_file(path: Path) -> Path:
    return (*detached_files(path), path)[0]


@pytest.mark.parametrize("suffix", FORMATS)
def test_compressed_files_are_read(pack: Pack, noise: NDArray, suffix: str) -> None:
    path = pack(suffix)
    assert (voxel_file(path) == path) == (suffix in (".mha", ".nrrd"))
    assert defect(path) is None
    assert np.array_equal(read(path), noise)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("damage", ["zeroed", "one byte", "checksum"])
def test_damaged_compressed_voxels_are_refused(pack: Pack, suffix: str, damage: str) -> None:
    path = pack(suffix)
    voxels = voxel_file(path)
    content = bytearray(voxels.read_bytes())
    if damage == "zeroed":
        content[-150:-50] = bytes(100)
    else:
        content[-120 if damage == "one byte" else -5] ^= 0xFF
    voxels.write_bytes(content)
    with pytest.raises(InvalidImageError, match=r"is (damaged|truncated)"):
        read(path)


def test_a_damaged_compressed_labelmap_is_refused(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable
) -> None:
    image = sitk.GetImageFromArray(classes.to_values(indices))
    geometry.apply_to(image)
    path = tmp_path / "a.nrrd"
    sitk.WriteImage(image, str(path), useCompression=True)
    content = bytearray(path.read_bytes())
    content[-5] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InvalidLabelmapError, match="is damaged"):
        read_labelmap(path, geometry, classes)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("kept", [0, 5, -1])
def test_truncated_compressed_voxels_are_refused(pack: Pack, suffix: str, kept: int) -> None:
    path = pack(suffix)
    voxels = voxel_file(path)
    content = voxels.read_bytes()
    start = len(content) - 300
    voxels.write_bytes(content[: start + kept] if kept >= 0 else content[:kept])
    with pytest.raises(InvalidImageError, match=r"is truncated"):
        read(path)


NRRD = (
    "NRRD0004\n# a comment: gzip\ntype: {type}\ndimension: 3\nsizes: 6 8 {slices}\nendian: little\n"
    "encoding: {encoding}\nspace: left-posterior-superior\nnote:=encoding: raw\n"
    "space directions: (1,0,0) (0,1,0) (0,0,3)\nspace origin: (0,0,0)\n{more}"
)


def nrrd(more: str = "", slices: int = 5, kind: str = "int16", encoding: str = "gzip") -> bytes:
    return NRRD.format(more=more, slices=slices, type=kind, encoding=encoding).encode()


@pytest.mark.parametrize("suffix", [".mha", ".nrrd"])
@pytest.mark.parametrize(("slices", "word"), [(4, "damaged"), (6, "truncated")])
def test_voxels_that_do_not_fit_their_header_are_refused(
    tmp_path: Path, noise: NDArray, suffix: str, slices: int, word: str
) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".nrrd":
        path.write_bytes(nrrd(slices=slices) + b"\n" + gzip.compress(noise.tobytes()))
    else:
        header = (
            f"ObjectType = Image\nNDims = 3\nCompressedData = True\nDimSize = 6 8 {slices}\n"
            "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
        )
        path.write_bytes(header.encode() + zlib.compress(noise.tobytes()))
    with pytest.raises(InvalidImageError, match=f"is {word}: 480 bytes of voxels where"):
        read(path)


@pytest.mark.parametrize("kind", ["int16", "short", "signed short int", "int16_t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_nrrd_headers_of_other_tools_are_understood(
    tmp_path: Path, noise: NDArray, kind: str, ends: str
) -> None:
    header = nrrd(kind=kind, encoding="gz").replace(b"\n", ends.encode()) + ends.encode()
    path = tmp_path / "a.nrrd"
    path.write_bytes(header + gzip.compress(noise.tobytes()))
    assert np.array_equal(read(path), noise)


def test_a_nrrd_file_may_have_its_voxels_elsewhere(tmp_path: Path, noise: NDArray) -> None:
    path = tmp_path / "a.nrrd"
    path.write_bytes(nrrd("data file: b.gz\nbyte skip: 3\nline skip: 1\n"))
    (tmp_path / "b.gz").write_bytes(b"one line\n" + gzip.compress(b"abc" + noise.tobytes()))
    assert detached_files(path) == (tmp_path / "b.gz",)
    assert defect(path) is None
    assert np.array_equal(read(path), noise)
    (tmp_path / "b.gz").unlink()
    assert "names no file of its voxels" in str(defect(path))


def test_a_list_of_compressed_files_is_checked_as_a_whole(tmp_path: Path, noise: NDArray) -> None:
    path = tmp_path / "a.nhdr"
    names = [f"slice{place}.gz" for place in range(5)]
    path.write_bytes(nrrd("data file: LIST\n" + "\n".join(names) + "\n"))
    for name, pixels in zip(names, noise, strict=True):
        (tmp_path / name).write_bytes(gzip.compress(pixels.tobytes()))
    assert np.array_equal(read(path), noise)
    (tmp_path / names[2]).write_bytes(gzip.compress(noise[2].tobytes()[:-2]))
    assert "is truncated: 478 bytes" in str(defect(path))


def test_gzip_of_several_members_is_one_stream(tmp_path: Path, noise: NDArray) -> None:
    content = noise.tobytes()
    path = tmp_path / "a.nrrd"
    path.write_bytes(nrrd() + b"\n" + gzip.compress(content[:200]) + gzip.compress(content[200:]))
    assert defect(path) is None


def test_a_long_header_is_read_to_its_end(tmp_path: Path, noise: NDArray) -> None:
    segments = "".join(f"Segment{number}_Tags:={'x' * 200}\n" for number in range(600))
    path = tmp_path / "a.nrrd"
    path.write_bytes(nrrd(segments) + b"\n" + gzip.compress(noise.tobytes()))
    assert defect(path) is None
    assert np.array_equal(read(path), noise)
