"""Session files that are of something else, damaged, or of a later version."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from SAIMCore.errors import CheckpointError, ProjectError, SaimError
from SAIMCore.interactions import Click
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.packed_arrays import pack
from Testing.unit.session.session_files import change_document, visible


def test_a_session_of_another_series_is_refused(saved, linear, slices):
    with pytest.raises(ProjectError, match="belongs to the series 'patient 7', not to 'patient 8'"):
        InteractiveSession.restore(saved, linear(), slices, "patient 8")
    with pytest.raises(ProjectError, match="is for 5 x 40 x 50 pixels, the series has 4 x 40 x 50"):
        InteractiveSession.restore(saved, linear(), slices[:4], "patient 7")


def test_a_session_of_other_classes_is_refused(saved, linear, slices):
    with pytest.raises(CheckpointError, match="spleen"):
        InteractiveSession.restore(saved, linear(names=("background", "spleen")), slices)


def test_a_missing_file_is_named(linear, slices, tmp_path):
    with pytest.raises(ProjectError, match=r"cannot read .*none\.session"):
        InteractiveSession.restore(tmp_path / "none.session", linear(), slices)


def test_a_newer_format_is_refused(saved, linear, slices):
    change_document(saved, format=4)
    with pytest.raises(ProjectError, match="format 4, this version of SAIM reads up to 3"):
        InteractiveSession.restore(saved, linear(), slices)


@pytest.mark.parametrize(
    "changes",
    [
        {"slices": [[9, 0]]},
        {"slices": [[0, 99]]},
        {"states": [{}]},
        {
            "rounds": [
                {
                    "interactions": [{"type": "lasso"}],
                    "probabilities": None,
                    "origin": "network",
                    "model": None,
                    "edit": None,
                }
            ]
        },
        {"classes": [{"name": "liver", "value": 0}]},
        {"undo": 3},
        {"shape": None},
        {"states": [{"rounds": [], "labels": "session", "accepted": False}]},
    ],
)
def test_a_document_that_contradicts_itself_is_called_damaged(saved, linear, slices, changes):
    change_document(saved, **changes)
    with pytest.raises(ProjectError, match="is damaged"):
        InteractiveSession.restore(saved, linear(), slices)


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"PK\x03\x04", b"\x80\x04K\x01."])
def test_a_file_that_is_no_session_is_called_damaged(tmp_path, linear, slices, content):
    path = tmp_path / "a.session"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match="is damaged"):
        InteractiveSession.restore(path, linear(), slices)


def test_damage_of_an_open_file_is_named(saved, linear, slices, tmp_path):
    with pytest.raises(ProjectError, match="the session file in memory is damaged"):
        InteractiveSession.restore(io.BytesIO(b"PK"), linear(), slices)
    saved.write_bytes(saved.read_bytes()[:-30])
    with saved.open("rb") as file, pytest.raises(ProjectError, match=r"series\.session is damaged"):
        InteractiveSession.restore(file, linear(), slices)


def test_arrays_of_another_size_are_called_damaged(saved, linear, slices):
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for wrong in (pack(np.zeros((3, 3), np.uint8)), b"", b"text"):
        with zipfile.ZipFile(saved, "w") as archive:
            for name, content in {**members, "array_000001": wrong}.items():
                archive.writestr(name, content)
        with pytest.raises(ProjectError, match="is damaged"):
            InteractiveSession.restore(saved, linear(), slices)


def test_other_archives_are_called_damaged(tmp_path, linear, slices):
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "archive.npz", labels=np.zeros(3))
    with zipfile.ZipFile(tmp_path / "text.zip", "w") as archive:
        archive.writestr("session", "{}")
    for name in ("array.npy", "archive.npz", "text.zip"):
        with pytest.raises(ProjectError, match="is damaged"):
            InteractiveSession.restore(tmp_path / name, linear(), slices)


def test_a_truncated_file_is_called_damaged_wherever_it_ends(saved, linear, slices):
    content = saved.read_bytes()
    for part in np.linspace(0, 0.999, 12):
        saved.write_bytes(content[: int(len(content) * part)])
        with pytest.raises(ProjectError, match="is damaged"):
            InteractiveSession.restore(saved, linear(), slices)


def test_flipped_bits_are_found_or_harmless(linear, slices, tmp_path):
    path = tmp_path / "a.session"
    small = slices[:2, :6, :7]
    session = InteractiveSession(linear(), small, "a")
    session.add(Click(0, 1, 1, 1))
    session.add(Click(1, 2, 2, 2))
    session.save(path)
    content = path.read_bytes()
    expected, found = visible(session), 0
    for position in range(0, len(content), 11):
        broken = bytearray(content)
        broken[position] ^= 1 << (position % 8)
        path.write_bytes(broken)
        try:
            reopened = InteractiveSession.restore(path, linear(), small)
        except SaimError:
            found += 1
        else:
            assert visible(reopened) == expected
    assert found > len(content) // 11 * 0.7
