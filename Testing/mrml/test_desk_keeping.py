"""What was done is kept, and goes on exactly, whatever fails on the way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.checkpoint import load_checkpoint, save_checkpoint
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.mrml.open_series import OpenSeries
from SAIMCore.project.project import Project
from SAIMCore.session.activity import ActivityClock
from Testing.mrml.desk_editor import SIZE, Editor, make_project
from Testing.mrml.scenes import add_segmentation, add_volume, paint, voxels


def retrained(model: Path, folder: Path) -> Path:
    """The model of the next round, in ``folder``."""
    network, config = load_checkpoint(model)
    save_checkpoint(folder, network, replace(config, version="round-008"))
    return folder


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


@contextlib.contextmanager
def full_disk(series: OpenSeries) -> Iterator[None]:
    """Meanwhile nothing can be kept of the series."""

    def full(*_: object) -> None:
        raise ProjectError("the disk is full; make room")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(series.journal, "write", full)
        yield


class TestSeriesThatCannotBeKept:
    """What is done in it stays in memory until it can."""

    @pytest.fixture
    def series(self, editor: Editor) -> OpenSeries:
        editor.begin()
        return editor.series

    def test_it_goes_on_while_there_is_no_room(self, editor: Editor, series: OpenSeries) -> None:
        with full_disk(series):
            editor.show(None, None)
            assert editor.host.complaints == ["the disk is full; make room"]
            editor.show(editor.volume, editor.node)
            assert editor.desk.series is series
            assert series.session.interactions(0) == (Click(0, 8, 9, 1),)
            editor.click(20, 20)
            editor.settle()
        editor.desk.keep()
        editor.settle()
        assert series.kept

    def test_it_is_opened_afresh_when_there_is_room(
        self, editor: Editor, series: OpenSeries, tmp_path: Path
    ) -> None:
        with full_disk(series):
            editor.show(None, None)
            assert editor.desk.choose(retrained(editor.model, tmp_path / "next"), "cpu")
        editor.show(editor.volume, editor.node)
        editor.settle()
        session = editor.series.session
        assert session is not series.session
        assert session.interactions(0) == (Click(0, 8, 9, 1),)
        assert session.predictor.version == "round-008"

    def test_without_room_it_goes_on_with_its_model(
        self, editor: Editor, series: OpenSeries, tmp_path: Path
    ) -> None:
        with full_disk(series):
            assert editor.desk.choose(retrained(editor.model, tmp_path / "next"), "cpu")
            assert editor.desk.series is series
        assert editor.desk.choose(tmp_path / "next", "cpu")
        editor.settle()
        assert editor.series.session.predictor.version == "round-008"
        assert editor.series.session.interactions(0) == (Click(0, 8, 9, 1),)

    def test_edits_meanwhile_are_taken_in(self, editor: Editor, series: OpenSeries) -> None:
        with full_disk(series):
            editor.show(None, None)
        segment_id = editor.node.GetSegmentation().GetSegmentIDs()[0]
        empty = np.zeros_like(voxels(editor.node, segment_id, editor.volume))
        paint(editor.node, segment_id, empty, editor.volume)
        editor.show(editor.volume, editor.node)
        editor.settle()
        assert not (editor.series.session.result(0).labels == 1).any()

    def test_it_is_kept_when_another_model_is_chosen(
        self, editor: Editor, series: OpenSeries
    ) -> None:
        with full_disk(series):
            editor.show(None, None)
        editor.desk.choose(editor.model, "cpu")
        assert series.kept

    def test_it_is_kept_at_the_end(self, editor: Editor, series: OpenSeries) -> None:
        with full_disk(series):
            editor.show(None, None)
        editor.desk.close()
        assert series.kept
        assert any("SAIM session" in node.GetName() for node in editor.text_nodes())

    def test_one_that_fails_keeps_no_other_from_being_kept(
        self, editor: Editor, series: OpenSeries
    ) -> None:
        other = add_volume(editor.scene, SIZE)
        with full_disk(series):
            editor.show(other, add_segmentation(editor.scene, other))
            editor.settle()
            second = editor.series
            editor.click(8, 9)
            editor.settle()
            with full_disk(second):
                editor.show(None, None)
            editor.desk.choose(editor.model, "cpu")
            assert (series.kept, second.kept) == (False, True)
        editor.show(editor.volume, editor.node)
        assert series.kept

    def test_an_error_of_the_program_does_not_lose_it(
        self, editor: Editor, series: OpenSeries, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(series.journal, "write", None)
            with pytest.raises(TypeError):
                editor.show(None, None)
            with pytest.raises(TypeError):
                editor.show(editor.volume, editor.node)
        editor.desk.choose(editor.model, "cpu")
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


def test_the_time_counts_from_opening_and_while_slices_are_looked_through(
    editor: Editor, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(ActivityClock.__init__, "__defaults__", (0.0, 60.0, lambda: now[0]))
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = make_project(tmp_path, editor.volume, model)
    editor.open()
    now[0] += 50
    editor.desk.next_slice()
    editor.desk.view_changed(editor.view)
    now[0] += 50
    editor.series.views.go_to(3)
    editor.desk.view_changed(editor.view)
    assert editor.series.seconds_active == pytest.approx(100)
    # Away for long: a minute counts.
    now[0] += 500
    assert editor.series.seconds_active == pytest.approx(160)
    editor.desk.settle()
    assert editor.series.seconds_active == pytest.approx(160)
