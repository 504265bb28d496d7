"""Sessions in the middle of their work, and what their files hold."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from SAIMCore.interactions import Click, Stroke
from SAIMCore.session.interactive import InteractiveSession


def busy(session: InteractiveSession) -> InteractiveSession:
    """A session in the middle of its work: something to undo and to redo, one slice accepted."""
    session.segment_series()
    session.add(Click(0, 1, 2, 1), Stroke(0, ((5, 5), (9, 30)), 2, 2))
    for number in range(5):
        session.add(Click(2, 3 * number, 4 * number, number % 3))
    session.import_labels(3, np.arange(2000).reshape(40, 50) % 3)
    session.accept_slice(0)
    session.reset_slice(4)
    session.add(Click(1, 7, 7, 2))
    session.add(Click(1, 8, 8, 1))
    session.undo()
    session.undo()
    return session


def visible(session: InteractiveSession) -> list[object]:
    return [
        (
            result.labels.tobytes(),
            None if result.probabilities is None else result.probabilities.tobytes(),
            result.accepted,
            session.interactions(index),
        )
        for index in range(session.shape[0])
        for result in [session.result(index)]
    ]


def document_of(path: Path) -> dict[str, object]:
    with np.load(path) as archive:
        return json.loads(archive["session"].tobytes())


def change_document(path: Path, **changes: object) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = np.load(io.BytesIO(members["session.npy"])).tobytes()
    changed = json.dumps({**json.loads(text), **changes}).encode()
    written = io.BytesIO()
    np.save(written, np.frombuffer(changed, dtype=np.uint8))
    members["session.npy"] = written.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
