"""Arrays on disk: read part by part, without an open file, and known to be whole."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import numpy as np
import psutil
import pytest

from SAIMCore.data.array_files import StoredArray, open_array, write_array
from SAIMCore.errors import ProjectError

VALUES = np.random.default_rng(0).normal(size=(40, 3, 5)).astype(np.float16)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_array(tmp_path / "a.npy", VALUES, {})
    return tmp_path / "a.npy"


def stored(path: Path, restore: object = None) -> StoredArray:
    found = open_array(path)
    assert found is not None
    return StoredArray(found[0], restore or (lambda: pytest.fail("nothing is to be restored")))


def test_every_part_is_what_was_written(path: Path) -> None:
    array = stored(path)
    assert (array.shape, array.dtype, len(array)) == ((40, 3, 5), np.float16, 40)
    assert np.array_equal(array[7], VALUES[7])
    assert np.array_equal(array[-1], VALUES[-1])
    assert np.array_equal(array[np.int64(3)], VALUES[3])
    assert np.array_equal(array[5:9], VALUES[5:9])
    assert np.array_equal(array[38:50], VALUES[38:])
    assert array[9:5].shape == (0, 3, 5)
    assert np.array_equal(np.stack(list(array)), VALUES)
    assert np.array_equal(np.asarray(array), VALUES)


@pytest.mark.parametrize("index", [40, -41, slice(0, 9, 2)])
def test_what_is_not_there_is_an_index_error(path: Path, index: int | slice) -> None:
    with pytest.raises(IndexError):
        stored(path)[index]


def test_it_keeps_no_file_open_and_is_cheap_to_hand_to_another_process(path: Path) -> None:
    process = psutil.Process()
    before = len(process.open_files())
    arrays = [stored(path, len) for _ in range(20)]
    for array in arrays:
        assert np.array_equal(array[0], VALUES[0])
    assert len(process.open_files()) == before
    assert len(pickle.dumps(arrays[0])) < VALUES.nbytes / 2


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_file_that_is_gone_is_made_again(path: Path, damage: object) -> None:
    array = stored(path, lambda: write_array(path, VALUES, {}))
    damage(path)  # type: ignore[operator]
    assert np.array_equal(array[1:3], VALUES[1:3])


def test_a_file_that_is_gone_for_good_is_named(path: Path) -> None:
    array = stored(path, lambda: None)
    path.unlink()
    with pytest.raises(ProjectError, match=r"a\.npy was removed while it was in use"):
        array[0]


def test_too_many_open_files_are_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(np, "load", exhausted)
    with pytest.raises(ProjectError, match=r"cannot be opened \(Too many open files\)"):
        open_array(path)
