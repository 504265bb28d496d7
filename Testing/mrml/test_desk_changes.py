"""Other tools, volumes and editors, and nodes that go, in the middle of the work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.interactions import Click
from SAIMCore.mrml.click_desk import ClickDesk
from Testing.mrml.desk_editor import SIZE, Editor, Host, save_model
from Testing.mrml.scenes import add_volume, paint, voxels


def test_a_session_stays_while_another_tool_is_used(editor: Editor) -> None:
    editor.open()
    series = editor.series
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.deactivate()
    editor.settle()
    assert not slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", editor.scene)
    series.effect.annotation._writer.restore(0, np.zeros((2, 32, 32), dtype=bool))
    editor.desk.activate()
    assert editor.desk.series is series
    assert not series.session.result(0).labels.any()
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", editor.scene)


def test_another_volume_in_the_middle_of_a_prediction(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    assert editor.desk.busy
    other = add_volume(editor.scene, SIZE)
    editor.show(other, editor.node)
    # The answer that was under way is shown and kept, not lost.
    assert editor.content()[0, 0, 8, 9]
    editor.settle()
    assert editor.series.content.volume is other


@pytest.mark.parametrize("deleted", ["volume", "node"])
def test_deleting_a_node_in_the_middle_of_a_prediction(editor: Editor, deleted: str) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.scene.RemoveNode(getattr(editor, deleted))
    assert editor.desk.series is None
    assert not editor.desk.busy
    assert editor.host.complaints == []


def test_closing_the_scene_in_the_middle_of_a_prediction(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.scene.Clear()
    assert editor.desk.series is None
    assert editor.host.complaints == []


def test_closing_the_scene_while_a_series_is_prepared(editor: Editor, model: Path) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(model, "cpu")
    editor.scene.Clear()
    editor.settle()
    assert editor.desk.series is None
    assert editor.host.complaints == []


def test_a_model_of_other_classes_begins_a_session_of_its_own(
    editor: Editor, tmp_path: Path
) -> None:
    editor.begin()
    other = save_model(tmp_path / "other", ["background", "liver", "spleen"])
    assert editor.desk.choose(other, "cpu")
    editor.settle()
    assert "A new session was begun" in editor.host.complaints[-1]
    assert editor.series.session.interactions(0) == ()
    assert editor.content()[0, 0, 8, 9]


def test_edits_while_the_effect_was_closed_are_taken_in(editor: Editor) -> None:
    editor.begin()
    editor.show(None, None)
    for segment_id in editor.node.GetSegmentation().GetSegmentIDs():
        edited = voxels(editor.node, segment_id, editor.volume)
        edited[0, 25:28, 2:6] = False
        paint(editor.node, segment_id, edited, editor.volume)
    editor.show(editor.volume, editor.node)
    editor.settle()
    session = editor.series.session
    assert (session.result(0).labels[25:28, 2:6] == 0).all()
    # The user's pixels obey from then on.
    editor.click(16, 16)
    editor.settle()
    assert not editor.content()[:, 0, 25:28, 2:6].any()


def test_a_session_belongs_to_its_volume(editor: Editor) -> None:
    editor.begin()
    other = add_volume(editor.scene, SIZE, origin=(50.0, 0.0, 0.0))
    editor.show(other, editor.node)
    editor.settle()
    assert editor.series.session.interactions(0) == ()
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)


def test_a_series_that_cannot_be_opened_says_so(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("CUDA error")

    monkeypatch.setattr("SAIMCore.predictor.Predictor.load", broken)
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    with pytest.raises(RuntimeError, match="CUDA error"):
        editor.settle()
    assert editor.desk.status == "The series could not be opened; the error log says why."
    assert not editor.desk.busy


@pytest.fixture
def other(editor: Editor) -> Iterator[Editor]:
    """A second editor of the application, which bob uses."""
    made = Editor.__new__(Editor)
    made.__dict__.update(editor.__dict__)
    made.host = Host()
    made.desk = ClickDesk(editor.scene, made.host, "bob")
    yield made
    made.desk.close()


def sessions(editor: Editor) -> int:
    return sum("session" in node.GetName() for node in editor.text_nodes())


def test_two_editors_go_on_from_each_other(editor: Editor, other: Editor) -> None:
    editor.begin()
    editor.desk.deactivate()
    editor.settle()
    other.open()
    other.click(20, 20)
    other.settle()
    other.desk.deactivate()
    other.settle()
    editor.desk.activate()
    editor.settle()
    editor.click(4, 28)
    editor.settle()
    assert len(editor.series.session.interactions(0)) == 3
    (log,) = (node.GetText() for node in editor.text_nodes() if "log" in node.GetName())
    assert log.count("bob") >= 1
    assert log.count("anna") >= 2


def test_an_editor_waits_for_what_the_other_one_still_keeps(editor: Editor, other: Editor) -> None:
    editor.begin()
    editor.desk.deactivate()
    assert editor.desk.busy
    other.desk.activate()
    other.show(other.volume, other.node)
    other.desk.choose(other.model, "cpu")
    editor.settle()
    other.settle()
    assert other.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    assert other.host.complaints == []


def test_no_editor_overwrites_what_the_other_one_kept_meanwhile(
    editor: Editor, other: Editor
) -> None:
    editor.begin()
    other.open()
    other.click(20, 20)
    other.settle()
    other.desk.deactivate()
    other.settle()
    assert sessions(editor) == 1
    # Nothing of it has been kept yet: it stays when the effect is used again, and is kept, too.
    editor.desk.activate()
    assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    editor.desk.keep()
    editor.settle()
    assert editor.series.kept
    assert sessions(editor) == 2
    # The other one goes on from there.
    other.desk.activate()
    other.settle()
    assert other.series.session.interactions(0) == (Click(0, 8, 9, 1),)


def test_a_series_that_is_ready_when_nobody_uses_the_effect_is_not_touched(
    editor: Editor,
) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    editor.desk.deactivate()
    editor.settle()
    assert editor.desk.series is None
    assert editor.node.GetSegmentation().GetNumberOfSegments() == 0
    editor.desk.activate()
    editor.settle()
