from __future__ import annotations

import zlib

import numpy as np
import pytest

from SAIMCore.session.packed_arrays import PackedArrays, pack, unpack


class Owner:
    pass


@pytest.mark.parametrize("dtype", [np.float16, np.uint8])
@pytest.mark.parametrize("shape", [(1, 1), (40, 50), (3, 7, 5), (2, 1)])
def test_every_bit_comes_back(dtype, shape):
    dtype = np.dtype(dtype)
    bits = np.random.default_rng(0).integers(0, 256, (*shape[:-1], shape[-1] * dtype.itemsize))
    array = bits.astype(np.uint8).view(dtype)
    for packed in (array, array[::-1], np.asfortranarray(array)):
        unpacked = unpack(pack(packed), shape, dtype)
        assert unpacked.dtype == dtype
        assert unpacked.tobytes() == packed.tobytes()
        assert unpacked.flags.writeable


def test_soft_edges_take_less_room_than_compressed_as_they_are():
    rows, columns = np.mgrid[:128, :128]
    edge = 1 / (1 + np.exp((rows - 60 + 9 * np.sin(columns / 20)) / 8))
    array = np.stack([edge, 1 - edge]).astype(np.float16)
    assert len(pack(array)) < 0.8 * len(zlib.compress(array.tobytes(), 1))


def test_other_shapes_and_types_are_refused():
    content = pack(np.zeros((4, 5), np.float16))
    for shape, dtype in (((4, 4), np.float16), ((4, 5), np.uint8)):
        with pytest.raises(ValueError, match="reshape"):
            unpack(content, shape, np.dtype(dtype))
    with pytest.raises(zlib.error):
        unpack(content[:-1], (4, 5), np.dtype(np.float16))


def test_an_array_is_packed_once_as_long_as_its_owner_exists():
    packed, owner = PackedArrays(), Owner()
    array = np.arange(20, dtype=np.uint8).reshape(4, 5)
    asked = []

    def asking() -> np.ndarray:
        asked.append(array)
        return array

    first = packed.of(owner, asking)
    assert packed.of(owner, asking) == first == pack(array)
    assert len(asked) == 1
    assert packed.nbytes == len(first)
    del owner
    assert packed.nbytes == 0


def test_arrays_own_themselves():
    packed = PackedArrays()
    labels = np.ones((3, 3), np.uint8)
    packed.keep(labels, b"known")
    assert packed.of(labels, labels.copy) == b"known"
    del labels
    assert packed.nbytes == 0
