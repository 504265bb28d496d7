from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Box, Click
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.packed_arrays import pack, unpack
from Testing.unit.session.session_files import busy, change_document, document_of, visible


def test_boxes_come_back_and_earlier_versions_are_told_to_update(linear, slices, tmp_path):
    path = tmp_path / "series.session"
    session = busy(InteractiveSession(linear(), slices, "a"))
    session.save(path)
    assert document_of(path)["format"] == 2
    session.add(Box(1, 3, 4, 20, 30, 2))
    session.save(path)
    # They would call it damaged.
    assert document_of(path)["format"] == 3
    again = InteractiveSession.restore(path, linear(), slices)
    assert again.interactions(1)[-1] == Box(1, 3, 4, 20, 30, 2)
    assert visible(again) == visible(session)


def make_format_1(path: Path) -> None:
    """Write the session as versions did that had their arrays as compressed .npy members."""
    change_document(path, format=1)
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    document = json.loads(members["session"].tobytes())
    _, *shape = document["shape"]
    for entry in document["rounds"]:
        if entry["probabilities"] is not None:
            name, full = entry["probabilities"], (len(document["classes"]), *shape)
            if isinstance(members[name], bytes):
                members[name] = unpack(members[name], full, np.dtype(np.float16))
    for name, member in members.items():
        if isinstance(member, bytes):
            members[name] = unpack(member, tuple(shape), np.dtype(np.uint8))
    with path.open("wb") as file:
        np.savez_compressed(file, **members)


def count_packed(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The arrays that are compressed from now on."""
    packed = []

    def counting(array: np.ndarray) -> bytes:
        packed.append(array)
        return pack(array)

    monkeypatch.setattr("SAIMCore.session.packed_arrays.pack", counting)
    return packed


@pytest.mark.parametrize("start_from_neighbor", [False, True])
@pytest.mark.parametrize("variant", ["sequential", "cumulative"])
def test_a_reopened_session_goes_on_exactly_as_the_original(
    linear, slices, tmp_path, variant, start_from_neighbor
):
    original = busy(
        InteractiveSession(
            linear(variant), slices, "a", start_from_neighbor=start_from_neighbor, undo_limit=9
        )
    )
    original.save(tmp_path / "a.session")
    reopened = InteractiveSession.restore(tmp_path / "a.session", linear(variant), slices)
    assert reopened.series_name == "a"
    assert reopened.accepted_slices == original.accepted_slices == (0,)
    assert visible(reopened) == visible(original)
    steps = [
        lambda s: s.redo(),
        lambda s: s.add(Click(2, 30, 30, 1)),
        *[lambda s: s.undo()] * 12,
        *[lambda s: s.redo()] * 3,
        lambda s: s.add(Click(4, 30, 30, 1)),
        lambda s: s.segment(3),
        lambda s: s.add(Click(2, 31, 31, 2)),
    ]
    for step in steps:
        one, other = step(original), step(reopened)
        assert (one is None) == (other is None)
        if one is not None:
            assert one.changed_box == other.changed_box
        assert visible(reopened) == visible(original)


def test_saving_a_reopened_session_gives_the_same_content(saved, linear, slices, tmp_path):
    again = tmp_path / "again.session"
    InteractiveSession.restore(saved, linear(), slices).save(again)
    assert again.read_bytes() == saved.read_bytes()


def test_a_session_is_saved_to_and_restored_from_an_open_file(saved, linear, slices):
    session = InteractiveSession.restore(saved, linear(), slices)
    content = io.BytesIO()
    session.save(content)
    content.seek(0)
    reopened = InteractiveSession.restore(content, linear(), slices, "patient 7")
    assert visible(reopened) == visible(session)
    with saved.open("rb") as file:
        assert visible(InteractiveSession.restore(file, linear(), slices)) == visible(session)


def test_without_history_the_memory_goes_on_and_no_step_can_be_undone(linear, slices):
    session = busy(InteractiveSession(linear(), slices, "a", undo_limit=30))
    content, whole = io.BytesIO(), io.BytesIO()
    session.save(content, with_history=False)
    session.save(whole)
    assert len(content.getvalue()) < 0.7 * len(whole.getvalue())
    assert session.can_undo
    content.seek(0)
    reopened = InteractiveSession.restore(content, linear(), slices)
    assert visible(reopened) == visible(session)
    assert not reopened.can_undo
    assert not reopened.can_redo
    assert reopened.undo_limit == session.undo_limit
    for step in (Click(2, 30, 30, 1), Click(0, 20, 20, 2), Click(4, 1, 1, 1)):
        assert reopened.add(step).changed_box == session.add(step).changed_box
    assert visible(reopened) == visible(session)


def test_what_an_earlier_save_compressed_is_not_compressed_again(
    saved, linear, slices, tmp_path, monkeypatch
):
    packed = count_packed(monkeypatch)
    session = busy(InteractiveSession(linear(), slices, "a"))
    session.save(tmp_path / "a.session")
    assert len(packed) == 2 * 14 + 1
    packed.clear()
    session.accept_slice(1)
    session.save(tmp_path / "a.session")
    session.save(io.BytesIO(), with_history=False)
    assert packed == []
    session.add(Click(1, 20, 20, 1))
    session.save(tmp_path / "a.session")
    assert [array.shape for array in packed] == [(3, 40, 50), (40, 50)]
    packed.clear()
    # What was read from the file is known, too.
    reopened = InteractiveSession.restore(tmp_path / "a.session", linear(), slices)
    reopened.save(tmp_path / "again.session")
    assert packed == []
    assert visible(InteractiveSession.restore(tmp_path / "again.session", linear(), slices)) == (
        visible(session)
    )


def test_compressed_arrays_are_forgotten_with_the_steps_that_they_belong_to(linear, slices):
    session = InteractiveSession(linear(depth=1), slices, "a", undo_limit=1)
    sizes = []
    for row in range(6):
        session.add(Click(0, row, row, 1))
        session.save(io.BytesIO())
        sizes.append(session._packed.nbytes)
    assert max(sizes) < 2.5 * sizes[0]


def test_a_file_of_the_first_format_is_read(saved, linear, slices, tmp_path, monkeypatch):
    session = InteractiveSession.restore(saved, linear(), slices)
    make_format_1(saved)
    with np.load(saved) as archive:
        assert all(isinstance(archive[name], np.ndarray) for name in archive.files)
    packed = count_packed(monkeypatch)
    old = InteractiveSession.restore(saved, linear(), slices, "patient 7")
    assert visible(old) == visible(session)
    old.save(tmp_path / "new.session")
    assert len(packed) == 2 * 14 + 1
    new = InteractiveSession.restore(tmp_path / "new.session", linear(), slices)
    for _ in range(12):
        for other in (session, old, new):
            other.undo()
        assert visible(new) == visible(old) == visible(session)


def test_a_session_that_was_told_numpy_integers_is_saved(linear, slices, tmp_path):
    two = np.int64(2)
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(two, np.int32(3), np.uint8(4), np.int64(1)))
    session.accept_slice(two)
    session.import_labels(np.int16(1), np.ones((40, 50), np.int64))
    session.save(tmp_path / "a.session")
    reopened = InteractiveSession.restore(tmp_path / "a.session", linear(), slices)
    assert visible(reopened) == visible(session)
    assert reopened.accepted_slices == (2,)


def test_a_file_takes_less_room_than_the_maps_in_it(constant, tmp_path):
    stack = np.zeros((2, 128, 128), np.float16)
    session = InteractiveSession(constant(1), stack, "a")
    session.segment_series()
    session.add(Click(0, 1, 1, 1))
    session.save(tmp_path / "a.session")
    assert (tmp_path / "a.session").stat().st_size < session.result(0).probabilities.nbytes / 4
    reopened = InteractiveSession.restore(tmp_path / "a.session", constant(1), stack)
    assert visible(reopened) == visible(session)


def test_an_untouched_session_can_be_saved_and_reopened(linear, slices, tmp_path):
    InteractiveSession(linear(), slices, "a").save(tmp_path / "a.session")
    session = InteractiveSession.restore(tmp_path / "a.session", linear(), slices)
    assert not session.can_undo
    assert session.labels().sum() == 0


def test_arrays_that_undo_shares_are_written_once(saved):
    with np.load(saved) as archive:
        document = json.loads(archive["session"].tobytes())
        arrays = len(archive.files) - 1
    # 5 automatic answers, 1 + 5 + 2 answers to clicks, 1 import: labels and probabilities each,
    # and the edit that the import is.
    assert arrays == 2 * 14 + 1
    assert len(document["undo"]) == 10
    assert len(document["redo"]) == 2


def test_an_interrupted_save_leaves_the_earlier_file(saved, linear, slices, monkeypatch):
    before = saved.read_bytes()
    session = InteractiveSession.restore(saved, linear(), slices)
    session.add(Click(0, 3, 3, 1))

    def full_disk(file, array, **options):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full_disk)
    with pytest.raises(ProjectError, match="the disk is full"):
        session.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]
