"""The cache: decoded once, whole, keyed to content and options."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from SAIMCore.classes import ClassTable
from SAIMCore.data import contents, reading
from SAIMCore.data.cache import SeriesCache
from SAIMCore.data.geometry import Geometry, to_slices
from SAIMCore.data.preprocessing import PreprocessingOptions, preprocess
from SAIMCore.data.sources import SeriesSource, find_series
from SAIMCore.errors import (
    ConfigurationError,
    InvalidImageError,
    InvalidLabelmapError,
    ProjectError,
)

Write = Callable[..., Path]
OPTIONS = PreprocessingOptions()


class Calls:
    """Counts what is decoded and hashed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decoded: list[str] = []
        self.hashed: list[str] = []
        self._spy(monkeypatch, reading, "read_series", lambda source: self.decoded.append(source))
        self._spy(monkeypatch, reading, "read_labelmap", lambda path, *_: self.decoded.append(path))
        self._spy(monkeypatch, contents, "content_digest", lambda files: self.hashed.append(files))

    def _spy(
        self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, note: Callable[..., None]
    ) -> None:
        original = getattr(module, name)

        def called(*arguments: Any) -> Any:
            note(*arguments)
            return original(*arguments)

        monkeypatch.setattr(module, name, called)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    return Calls(monkeypatch)


@pytest.fixture
def source(tmp_path: Path, intensities: NDArray, write_volume: Write) -> SeriesSource:
    path = write_volume(tmp_path / "images" / "case.nii.gz", intensities)
    return SeriesSource("case", path, (path,))


@pytest.fixture
def labelmap(
    tmp_path: Path, indices: NDArray, geometry: Geometry, classes: ClassTable
) -> Iterator[Path]:
    path = tmp_path / "case.labels.nii.gz"
    reading.write_labelmap(path, indices, geometry, classes)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project" / "cache"


def entries(folder: Path, part: str = "series") -> list[Path]:
    return sorted((folder / part).glob("*.npy"))


def test_a_series_is_preprocessed_stacked_and_memory_mapped(
    folder: Path, source: SeriesSource, geometry: Geometry
) -> None:
    cached = SeriesCache(folder).series(source, OPTIONS)
    assert cached.name == "case"
    assert isinstance(cached.slices, np.memmap)
    assert cached.slices.dtype == np.float16
    assert not cached.slices.flags.writeable
    assert cached.geometry.difference(geometry, tolerance=1e-5) is None
    volume = reading.read_series(source)
    expected = to_slices(preprocess(volume.array, OPTIONS), 2).astype(np.float16)
    assert np.array_equal(cached.slices, expected)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_series_and_labels_lie_in_the_same_stack_along_the_acquisition_axis(
    tmp_path: Path,
    folder: Path,
    intensities: NDArray,
    geometry: Geometry,
    classes: ClassTable,
    write_volume: Write,
    axis: int,
) -> None:
    spacing = [0.7, 0.8, 0.9]
    spacing[axis] = 5.0
    thick = replace(geometry, spacing=(spacing[0], spacing[1], spacing[2]))
    path = write_volume(tmp_path / "a.nii", intensities, thick)
    marked = np.where(intensities > 120, 2, 0).astype(np.uint8)
    reading.write_labelmap(tmp_path / "l.nii", marked, thick, classes)
    cache = SeriesCache(folder, "float32")
    cached = cache.series(SeriesSource("a", path, (path,)), OPTIONS)
    labels = cache.labels(tmp_path / "l.nii", cached.geometry, classes)
    assert cached.slices.shape == labels.shape == thick.stack_shape
    assert labels.dtype == np.uint8
    assert isinstance(labels, np.memmap)
    assert np.array_equal(labels, to_slices(marked, axis))
    assert cached.slices[labels == 2].min() > cached.slices[labels == 0].max()


def test_nothing_is_decoded_or_hashed_twice(
    folder: Path,
    source: SeriesSource,
    labelmap: Path,
    geometry: Geometry,
    classes: ClassTable,
    calls: Calls,
) -> None:
    for _ in range(3):
        cache = SeriesCache(folder)
        cache.series(source, OPTIONS)
        cache.labels(labelmap, geometry, classes)
    assert calls.decoded == [source, labelmap]
    assert len(calls.hashed) == 2


def test_another_option_is_another_entry(folder: Path, source: SeriesSource, calls: Calls) -> None:
    cache = SeriesCache(folder)
    first = cache.series(source, OPTIONS).slices
    second = cache.series(source, PreprocessingOptions(upper_percentile=60)).slices
    third = SeriesCache(folder, "float32").series(source, OPTIONS).slices
    assert not np.array_equal(first, second)
    assert third.dtype == np.float32
    assert len(calls.decoded) == 3
    assert len(calls.hashed) == 1


def test_another_class_table_is_another_entry_and_colors_are_not(
    folder: Path, labelmap: Path, geometry: Geometry, classes: ClassTable, calls: Calls
) -> None:
    cache = SeriesCache(folder)
    before = cache.labels(labelmap, geometry, classes)
    wider = ClassTable.from_values({0: "background", 1: "new", 3: "liver", 7: "spleen"})
    after = cache.labels(labelmap, geometry, wider)
    assert np.array_equal(after == 2, before == 1)
    painted = ClassTable([replace(entry, color=(9, 9, 9)) for entry in classes])
    cache.labels(labelmap, geometry, painted)
    assert len(calls.decoded) == 2


def test_a_changed_image_is_read_again_and_a_touched_one_is_not(
    folder: Path, source: SeriesSource, intensities: NDArray, write_volume: Write, calls: Calls
) -> None:
    cache = SeriesCache(folder)
    before = np.array(cache.series(source, OPTIONS).slices)
    os.utime(source.path, ns=(1, 1))
    cache.series(source, OPTIONS)
    assert (len(calls.hashed), len(calls.decoded)) == (2, 1)
    write_volume(source.path, intensities[:, ::-1].copy())
    after = cache.series(source, OPTIONS).slices
    assert (len(calls.hashed), len(calls.decoded)) == (3, 2)
    assert np.array_equal(after, before[:, ::-1])


def test_a_changed_file_of_a_header_beside_its_voxels_counts(
    tmp_path: Path, folder: Path, intensities: NDArray, write_volume: Write, calls: Calls
) -> None:
    write_volume(tmp_path / "images" / "a.mhd", intensities)
    (source,) = find_series(tmp_path / "images")
    cache = SeriesCache(folder)
    before = np.array(cache.series(source, OPTIONS).slices)
    voxels = tmp_path / "images" / "a.raw"
    voxels.write_bytes(intensities[::-1].tobytes())
    os.utime(voxels, ns=(1, 1))
    assert np.array_equal(cache.series(source, OPTIONS).slices, before[::-1])


def test_images_are_never_changed(folder: Path, source: SeriesSource) -> None:
    before = source.path.read_bytes(), source.path.stat().st_mtime_ns
    SeriesCache(folder).series(source, OPTIONS)
    assert (source.path.read_bytes(), source.path.stat().st_mtime_ns) == before
    assert [path.name for path in source.path.parent.iterdir()] == ["case.nii.gz"]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def spoil_header(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def lose_description(path: Path) -> None:
    path.with_suffix(".json").unlink()


def spoil_description(path: Path) -> None:
    path.with_suffix(".json").write_text('{"shape": [1')


@pytest.mark.parametrize(
    "damage", [cut, flip_a_bit, empty, spoil_header, lose_description, spoil_description]
)
def test_a_damaged_entry_is_made_again(
    folder: Path, source: SeriesSource, calls: Calls, damage: Callable[[Path], None]
) -> None:
    expected = np.array(SeriesCache(folder).series(source, OPTIONS).slices)
    (path,) = entries(folder)
    damage(path)
    again = SeriesCache(folder).series(source, OPTIONS)
    assert np.array_equal(again.slices, expected)
    assert len(calls.decoded) == 2
    SeriesCache(folder).series(source, OPTIONS)
    assert len(calls.decoded) == 2


def test_a_pickle_in_place_of_an_entry_is_not_loaded(
    folder: Path, source: SeriesSource, calls: Calls
) -> None:
    expected = np.array(SeriesCache(folder).series(source, OPTIONS).slices)
    (path,) = entries(folder)
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert np.array_equal(SeriesCache(folder).series(source, OPTIONS).slices, expected)
    assert len(calls.decoded) == 2


def test_a_copied_cache_is_checked_and_used(
    tmp_path: Path, folder: Path, source: SeriesSource, calls: Calls
) -> None:
    SeriesCache(folder).series(source, OPTIONS)
    shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    SeriesCache(tmp_path / "copy").series(source, OPTIONS)
    assert len(calls.decoded) == 1


def test_a_spoiled_memory_of_digests_is_made_again(
    folder: Path, source: SeriesSource, calls: Calls
) -> None:
    SeriesCache(folder).series(source, OPTIONS)
    (record,) = (folder / "digests").iterdir()
    record.write_text("[]")
    SeriesCache(folder).series(source, OPTIONS)
    assert (len(calls.hashed), len(calls.decoded)) == (2, 1)


def test_the_folder_may_be_deleted_at_any_time(
    folder: Path, source: SeriesSource, calls: Calls
) -> None:
    cache = SeriesCache(folder)
    expected = np.array(cache.series(source, OPTIONS).slices)
    shutil.rmtree(folder)
    assert np.array_equal(cache.series(source, OPTIONS).slices, expected)
    assert len(calls.decoded) == 2


def _fill(folder: Path, source: SeriesSource, start: Any, results: Any) -> None:
    decoded = []
    original = reading.read_series
    reading.read_series = lambda entry: decoded.append(entry) or original(entry)  # type: ignore[func-returns-value]
    start.wait()
    cached = SeriesCache(folder).series(source, OPTIONS)
    results.put((len(decoded), np.array(cached.slices)))


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="tests cannot be imported by name"
)
def test_two_processes_that_fill_an_entry_at_once_decode_it_once(
    folder: Path, source: SeriesSource
) -> None:
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(3), context.Queue()
    workers = [
        context.Process(target=_fill, args=(folder, source, start, results)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert sorted(decoded for decoded, _ in found) == [0, 0, 1]
    assert all(np.array_equal(slices, found[0][1]) for _, slices in found)


def test_a_full_disk_is_named_and_leaves_no_part_of_an_entry(
    folder: Path, source: SeriesSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ProjectError, match="the disk is full") as caught:
            SeriesCache(folder).series(source, OPTIONS)
    assert str(folder) in str(caught.value)
    assert not [path for path in folder.rglob("*") if path.suffix in (".npy", ".json")]
    assert SeriesCache(folder).series(source, OPTIONS).slices.shape == (5, 8, 6)


def test_an_entry_that_the_disk_cuts_short_is_reported(
    folder: Path, tmp_path: Path, geometry: Geometry, write_volume: Write, largest_file: Any
) -> None:
    noise = np.random.default_rng(0).integers(0, 999, (20, 64, 64)).astype(np.int16)
    path = write_volume(tmp_path / "a.nii", noise, geometry)
    with largest_file(50_000), pytest.raises(ProjectError, match=f"cannot write {folder}"):
        SeriesCache(folder).series(SeriesSource("a", path, (path,)), OPTIONS)
    assert entries(folder) == []


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_a_filled_cache_works_on_a_read_only_disk(folder: Path, source: SeriesSource) -> None:
    SeriesCache(folder).series(source, OPTIONS)
    parts = [folder, *(path for path in folder.iterdir() if path.is_dir())]
    for part in parts:
        part.chmod(0o555)
    try:
        assert SeriesCache(folder).series(source, OPTIONS).slices.shape == (5, 8, 6)
        with pytest.raises(ProjectError, match="not permitted"):
            SeriesCache(folder, "float32").series(source, OPTIONS)
    finally:
        for part in parts:
            part.chmod(0o755)


def test_a_bad_image_leaves_no_entry(
    tmp_path: Path, folder: Path, geometry: Geometry, classes: ClassTable
) -> None:
    path = tmp_path / "a.nii.gz"
    path.write_bytes(b"")
    with pytest.raises(InvalidImageError, match="is empty"):
        SeriesCache(folder).series(SeriesSource("a", path, (path,)), OPTIONS)
    with pytest.raises(InvalidLabelmapError, match="is empty"):
        SeriesCache(folder).labels(path, geometry, classes)
    assert entries(folder) + entries(folder, "labels") == []


def test_a_file_that_is_gone_is_named(
    folder: Path, source: SeriesSource, geometry: Geometry, classes: ClassTable
) -> None:
    source.path.unlink()
    with pytest.raises(InvalidImageError, match=r"case\.nii\.gz cannot be read"):
        SeriesCache(folder).series(source, OPTIONS)
    with pytest.raises(InvalidLabelmapError, match=r"case\.nii\.gz cannot be read"):
        SeriesCache(folder).labels(source.path, geometry, classes)


def test_other_types_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="'int8'"):
        SeriesCache(folder, "int8")


def test_real_series_and_labels_are_cached_alike(folder: Path, shared_data: Path) -> None:
    classes = ClassTable.from_names(["background", "anterior", "posterior"])
    cache = SeriesCache(folder)
    for source in find_series(shared_data / "hippocampus" / "images")[:3]:
        cached = cache.series(source, OPTIONS)
        path = shared_data / "hippocampus" / "labels" / source.path.name
        labels = cache.labels(path, cached.geometry, classes)
        assert labels.shape == cached.slices.shape
        assert np.array_equal(np.unique(labels), [0, 1, 2])
        assert abs(float(np.mean(cached.slices, dtype=np.float64))) < 0.01
