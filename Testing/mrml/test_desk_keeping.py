"""What was done is kept, and goes on exactly, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.project.project import Project
from Testing.mrml.desk_editor import SIZE, Editor, make_project
from Testing.mrml.scenes import add_segmentation, add_volume, paint, voxels


def test_what_is_kept_goes_on_exactly(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    assert not editor.series.kept
    desk.keep()
    editor.settle()
    assert editor.series.kept
    before = editor.series.session
    desk.keep()
    assert not desk.busy
    editor.click(20, 21)
    editor.settle()
    shown = editor.content()
    # Another series, and back.
    other = add_volume(editor.scene, SIZE)
    editor.show(other, add_segmentation(editor.scene, other))
    editor.settle()
    editor.show(editor.volume, editor.node)
    editor.settle()
    after = editor.series.session
    assert after is not before
    assert after.interactions(0) == before.interactions(0)
    assert (editor.content() == shown).all()
    log = next(node for node in editor.text_nodes() if "anna" in node.GetText())
    assert "round-007" in log.GetText()


def test_a_session_without_its_segments_shows_them_again(editor: Editor) -> None:
    editor.begin()
    shown = editor.content()
    editor.show(None, None)
    for segment_id in editor.node.GetSegmentation().GetSegmentIDs():
        editor.node.GetSegmentation().RemoveSegment(segment_id)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert (editor.content() == shown).all()


def test_a_session_that_cannot_be_read_is_kept_aside(editor: Editor) -> None:
    editor.begin()
    shown = editor.content()
    editor.show(None, None)
    damaged = next(node for node in editor.text_nodes() if "session" in node.GetName())
    damaged.SetText("damaged")
    editor.show(editor.volume, editor.node)
    editor.settle()
    (complaint,) = editor.host.complaints
    assert "no session of SAIM" in complaint
    assert "A new session was begun; the old one is kept aside." in complaint
    # What the segments show is where it begins, and the damaged text is still there.
    assert (editor.content() == shown).all()
    editor.click(20, 20)
    editor.settle()
    editor.desk.keep()
    editor.settle()
    assert damaged.GetText() == "damaged"
    assert editor.content()[0, 0, 20, 20]


def test_a_reopened_series_without_edits_has_nothing_to_take_in(editor: Editor) -> None:
    editor.begin()
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.series.kept


def test_what_was_clicked_is_kept_before_a_series_is_segmented(editor: Editor) -> None:
    editor.begin()
    assert not any("SAIM session" in node.GetName() for node in editor.text_nodes())
    editor.desk.segment_series()
    editor.desk.cancel()
    editor.settle()
    editor.desk.segment_series()
    editor.settle()
    assert any("SAIM session" in node.GetName() for node in editor.text_nodes())


def test_digests_of_another_session_or_none_lose_nothing_that_is_seen(editor: Editor) -> None:
    editor.begin()
    editor.show(None, None)
    (name,) = [name for name in editor.node.GetAttributeNames() if name.startswith("SAIM.Kept.")]
    for damage in ('{"state": "other", "digests": [1]}', "no JSON", "[]", '{"digests": "x"}'):
        editor.node.SetAttribute(name, damage)
        for segment_id in editor.node.GetSegmentation().GetSegmentIDs():
            edited = voxels(editor.node, segment_id, editor.volume)
            edited[0, 25:28, 2:6] = False
            paint(editor.node, segment_id, edited, editor.volume)
        editor.show(editor.volume, editor.node)
        editor.settle()
        assert editor.desk.series is not None, damage
        assert not editor.series.session.result(0).labels[25:28, 2:6].any()
        editor.show(None, None)


def test_a_journal_that_cannot_be_written_holds_the_session(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open()
    series = editor.series
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()

    def full(*_: object) -> None:
        raise ProjectError("the disk is full; make room")

    with monkeypatch.context() as patch:
        patch.setattr(series.journal, "write", full)
        editor.show(None, None)
        assert editor.host.complaints == ["the disk is full; make room"]
    editor.show(editor.volume, editor.node)
    assert editor.desk.series is series
    assert series.session.interactions(0) == (Click(0, 8, 9, 1),)
    editor.show(None, None)
    assert series.kept


def test_a_damaged_log_costs_no_clicks(editor: Editor) -> None:
    editor.begin()
    log = next(node for node in editor.text_nodes() if "log" in node.GetName())
    log.SetText("damaged")
    editor.click(20, 20)
    editor.settle()
    assert "SAIM log" in editor.host.complaints[-1]
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert len(editor.series.session.interactions(0)) == 2


def test_an_error_of_the_program_costs_no_clicks(editor: Editor) -> None:
    editor.open()
    series = editor.series
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    series.session.predictor.probabilities = None  # type: ignore[method-assign, assignment]
    editor.click(20, 20)
    with pytest.raises(TypeError):
        editor.show(None, None)
    assert series.kept
    assert series.session.interactions(0) == (Click(0, 8, 9, 1),)


def test_the_texts_of_a_deleted_segmentation_go_with_it(editor: Editor) -> None:
    editor.begin()
    editor.desk.keep()
    editor.settle()
    assert len(editor.text_nodes()) == 2
    editor.scene.RemoveNode(editor.node)
    assert editor.text_nodes() == []


def test_a_project_keeps_what_is_done_in_its_series(
    editor: Editor, tmp_path: Path, model: Path
) -> None:
    project = make_project(tmp_path, editor.volume, model)
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = project
    editor.begin()
    editor.desk.close()
    assert editor.text_nodes() == []
    with Project.open(project, read_only=True) as opened:
        (logged,) = opened.interactions.of("case1")
        assert (logged.annotator, logged.model_version) == ("anna", "round-007")
    editor.desk = ClickDesk(editor.scene, editor.host, "bob")
    editor.open()
    assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)


def test_a_project_in_which_somebody_works_gives_its_model_only(
    editor: Editor, tmp_path: Path, model: Path
) -> None:
    project = make_project(tmp_path, editor.volume, model)
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = project
    with Project.open(project):
        editor.open()
        assert "what is done here is kept in the scene" in editor.host.complaints[0]
        editor.select("liver")
        editor.click(8, 9)
        editor.settle()
        editor.desk.close()
    assert editor.text_nodes() != []
