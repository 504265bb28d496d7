"""The effect from choosing a model to keeping what was done, as a host goes through it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import slicer
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click, Stroke
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.effect_commands import COMMANDS
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.mrml.pointer_gesture import Gesture
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.mrml.scenes import add_segmentation, add_view, add_volume, editor_logic, paint, voxels

SIZE = (32, 32, 5)


class Host:
    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.refreshed = 0
        self.awake = False

    def refresh(self) -> None:
        self.refreshed += 1

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def wake(self) -> None:
        self.awake = True


class Editor:
    """A Segment Editor that shows one series in one view, and a desk in it."""

    def __init__(self, scene: slicer.vtkMRMLScene, model: Path) -> None:
        self.scene = scene
        self.model = model
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume)
        self.grid = SliceGrid(self.volume)
        self.view, self.composite = add_view(scene, "Red", self.volume, self.grid)
        self.editor = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.host = Host()
        self.desk = ClickDesk(scene, self.host, "anna")

    def open(self) -> None:
        """Choose the model, use the effect, and wait until it is ready."""
        self.desk.activate()
        self.show(self.volume, self.node)
        assert self.desk.choose(self.model, "cpu")
        self.settle()
        assert self.desk.series is not None, self.desk.status

    def show(
        self,
        volume: slicer.vtkMRMLScalarVolumeNode | None,
        node: slicer.vtkMRMLSegmentationNode | None,
    ) -> None:
        self.desk.show(EditorContent(volume, node, self.editor))

    def settle(self) -> None:
        for _ in range(1000):
            if not self.desk.poll(timeout=1):
                return
        raise AssertionError("it never ended")

    def select(self, name: str) -> None:
        segmentation = self.node.GetSegmentation()
        self.editor.SetSelectedSegmentID(segmentation.GetSegmentIdBySegmentName(name))

    def click(self, row: int, column: int, *, background: bool = False) -> None:
        assert self.desk.series is not None
        index = self.desk.series.effect.slice_index
        self.desk.click(Gesture((self.grid.point(index, row, column),), background))

    def content(self) -> np.ndarray:
        names = self.node.GetSegmentation().GetSegmentIDs()
        return np.stack([voxels(self.node, name, self.volume) for name in names])

    def text_nodes(self) -> list[slicer.vtkMRMLTextNode]:
        return slicer.util.getNodesByClass("vtkMRMLTextNode", self.scene)


def save_model(folder: Path, names: list[str]) -> Path:
    """A small model of these classes with seeded weights, saved in ``folder``."""
    network = NetworkConfig(len(names), "sequential", 3, "unet", "resnet18", (16, 12, 8, 8, 4))
    classes = ClassTable.from_names(names)
    config = ModelConfig(network, classes, PreprocessingOptions(), 32, "round-007")
    torch.manual_seed(0)
    save_checkpoint(folder, create_network(network), config)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = ["background", "liver", "kidney"]
    return save_model(tmp_path_factory.mktemp("models") / "model", names)


@pytest.fixture
def editor(scene: slicer.vtkMRMLScene, model: Path) -> Iterator[Editor]:
    made = Editor(scene, model)
    yield made
    made.desk.close()


def test_it_says_what_is_missing_step_by_step(editor: Editor, model: Path) -> None:
    desk = editor.desk
    desk.activate()
    assert desk.status == "Choose a model: the folder of a project, or that of a model."
    editor.show(None, None)
    desk.choose(model, "cpu")
    assert desk.status == "Choose a segmentation and a source volume."
    editor.show(editor.volume, None)
    assert desk.status == "Choose a segmentation and a source volume."
    editor.show(editor.volume, editor.node)
    assert desk.status == "Preparing series."
    assert desk.busy
    assert editor.host.awake
    editor.settle()
    assert desk.status.startswith("Model round-007 on CPU")
    assert desk.accepted == (0, 5)
    assert editor.host.complaints == []


def test_an_effect_that_is_not_used_opens_nothing(editor: Editor, model: Path) -> None:
    editor.show(editor.volume, editor.node)
    editor.desk.choose(model, "cpu")
    assert not editor.desk.busy
    assert editor.node.GetSegmentation().GetNumberOfSegments() == 0
    editor.desk.activate()
    editor.settle()
    assert editor.desk.series is not None


def test_the_segments_of_the_classes_are_made(editor: Editor) -> None:
    editor.open()
    segmentation = editor.node.GetSegmentation()
    names = [segmentation.GetSegment(name).GetName() for name in segmentation.GetSegmentIDs()]
    assert names == ["liver", "kidney"]


def test_the_first_click_has_a_class(editor: Editor) -> None:
    editor.open()
    segment_ids = editor.node.GetSegmentation().GetSegmentIDs()
    assert editor.editor.GetSelectedSegmentID() == segment_ids[0]
    editor.select("kidney")
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.editor.GetSelectedSegmentID() == segment_ids[1]


def test_a_folder_without_a_model_is_refused_and_the_model_before_stays(
    editor: Editor, tmp_path: Path
) -> None:
    editor.open()
    series = editor.desk.series
    assert not editor.desk.choose(tmp_path)
    assert "neither a project" in editor.host.complaints[-1]
    assert editor.desk.series is series


def test_a_click_is_of_the_class_of_the_selected_segment(editor: Editor) -> None:
    editor.open()
    assert editor.desk.series is not None
    editor.select("kidney")
    editor.click(8, 9)
    editor.settle()
    editor.click(20, 20, background=True)
    editor.settle()
    session = editor.desk.series.session
    assert session.interactions(0) == (Click(0, 8, 9, 2), Click(0, 20, 20, 0))
    assert editor.content()[1, 0, 8, 9]
    assert not editor.content()[:, 0, 20, 20].any()


def test_a_drag_is_a_stroke(editor: Editor) -> None:
    editor.open()
    assert editor.desk.series is not None
    editor.select("liver")
    points = tuple(editor.grid.point(0, row, 4) for row in (3, 4, 5))
    editor.desk.click(Gesture(points))
    editor.settle()
    assert editor.desk.series.session.interactions(0) == (Stroke(0, ((3, 4), (4, 4), (5, 4)), 1),)


def test_a_click_with_a_foreign_segment_selected_is_explained(editor: Editor) -> None:
    editor.open()
    assert editor.desk.series is not None
    editor.node.GetSegmentation().AddEmptySegment("other", "other")
    editor.select("other")
    editor.click(8, 9)
    assert "none of the model's classes (liver, kidney)" in editor.host.complaints[-1]
    assert not editor.desk.busy
    editor.desk.series.segments.assign("other", 1)
    editor.click(8, 9)
    editor.settle()
    assert editor.desk.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    assert voxels(editor.node, "other", editor.volume)[0, 8, 9]


def test_a_click_before_a_model_is_chosen_says_so(editor: Editor) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.click(Gesture((editor.grid.point(0, 1, 1),)))
    assert editor.host.complaints == [
        "Choose a model: the folder of a project, or that of a model."
    ]


def test_numbers_select_segments(editor: Editor) -> None:
    editor.open()
    ids = editor.node.GetSegmentation().GetSegmentIDs()
    editor.desk.select_segment(2)
    assert editor.editor.GetSelectedSegmentID() == ids[1]
    editor.desk.select_segment(9)
    assert editor.editor.GetSelectedSegmentID() == ids[1]


def test_every_command_is_one_of_the_desk(editor: Editor) -> None:
    editor.open()
    assert len({command.key for command in COMMANDS}) == len(COMMANDS)
    # The other way round, because an accepted slice is not segmented.
    for command in reversed(COMMANDS):
        getattr(editor.desk, command.name)()
        editor.settle()
    assert editor.host.complaints == []


def test_slices_are_walked_through_and_accepted(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    assert desk.series is not None
    for expected in (1, 2, 3, 4, 4):
        desk.next_slice()
        desk.view_changed(editor.view)
        assert desk.series.effect.slice_index == expected
    desk.previous_slice()
    desk.view_changed(editor.view)
    desk.toggle_accepted()
    assert desk.accepted == (1, 5)
    assert desk.slice_accepted
    desk.toggle_accepted()
    assert desk.accepted == (0, 5)


def test_the_least_certain_slice_is_shown(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    assert desk.series is not None
    desk.segment_series()
    editor.settle()
    session = desk.series.session
    expected = session.next_most_uncertain(excluding=0)
    desk.next_uncertain_slice()
    editor.settle()
    desk.view_changed(editor.view)
    assert desk.series.effect.slice_index == expected


def test_options_outlive_the_series(editor: Editor) -> None:
    editor.open()
    editor.desk.options = EffectOptions(
        predict_on_arrival=True, shows_uncertainty=True, start_from_neighbor=True
    )
    editor.settle()
    first = editor.desk.series
    assert first is not None
    assert first.session.result(0).stored is not None
    assert editor.composite.GetForegroundVolumeID() is not None
    other = add_volume(editor.scene, SIZE)
    other_node = add_segmentation(editor.scene, other)
    editor.show(other, other_node)
    assert editor.composite.GetForegroundVolumeID() is None
    editor.settle()
    assert editor.desk.series is not None
    assert editor.desk.series is not first
    assert editor.desk.series.session.start_from_neighbor
    assert editor.desk.series.effect.predict_on_arrival


def test_a_session_stays_while_another_tool_is_used(editor: Editor) -> None:
    editor.open()
    series = editor.desk.series
    assert series is not None
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
    assert editor.desk.series is not None
    assert editor.desk.series.content.volume is other


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


def test_what_is_kept_goes_on_exactly(editor: Editor) -> None:
    editor.open()
    desk = editor.desk
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    assert desk.series is not None
    assert not desk.series.kept
    desk.keep()
    editor.settle()
    assert desk.series.kept
    before = desk.series.session
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
    assert desk.series is not None
    after = desk.series.session
    assert after is not before
    assert after.interactions(0) == before.interactions(0)
    assert (editor.content() == shown).all()
    log = next(node for node in editor.text_nodes() if "anna" in node.GetText())
    assert "round-007" in log.GetText()


def test_a_session_without_its_segments_shows_them_again(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    shown = editor.content()
    editor.show(None, None)
    for segment_id in editor.node.GetSegmentation().GetSegmentIDs():
        editor.node.GetSegmentation().RemoveSegment(segment_id)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert (editor.content() == shown).all()


def test_a_session_that_cannot_be_read_is_kept_aside(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    shown = editor.content()
    editor.show(None, None)
    damaged = next(node for node in editor.text_nodes() if "session" in node.GetName())
    damaged.SetText("damaged")
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.desk.series is not None
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


def test_a_model_of_other_classes_begins_a_session_of_its_own(
    editor: Editor, tmp_path: Path
) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    other = save_model(tmp_path / "other", ["background", "liver", "spleen"])
    assert editor.desk.choose(other, "cpu")
    editor.settle()
    assert editor.desk.series is not None
    assert "A new session was begun" in editor.host.complaints[-1]
    assert editor.desk.series.session.interactions(0) == ()
    assert editor.content()[0, 0, 8, 9]


def test_edits_while_the_effect_was_closed_are_taken_in(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.show(None, None)
    for segment_id in editor.node.GetSegmentation().GetSegmentIDs():
        edited = voxels(editor.node, segment_id, editor.volume)
        edited[0, 25:28, 2:6] = False
        paint(editor.node, segment_id, edited, editor.volume)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.desk.series is not None
    session = editor.desk.series.session
    assert (session.result(0).labels[25:28, 2:6] == 0).all()
    # The user's pixels obey from then on.
    editor.click(16, 16)
    editor.settle()
    assert not editor.content()[:, 0, 25:28, 2:6].any()


def test_a_reopened_series_without_edits_has_nothing_to_take_in(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.desk.series is not None
    assert editor.desk.series.kept


def test_what_was_clicked_is_kept_before_a_series_is_segmented(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    assert not any("SAIM session" in node.GetName() for node in editor.text_nodes())
    editor.desk.segment_series()
    editor.desk.cancel()
    editor.settle()
    editor.desk.segment_series()
    editor.settle()
    assert any("SAIM session" in node.GetName() for node in editor.text_nodes())


def test_a_session_belongs_to_its_volume(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    other = add_volume(editor.scene, SIZE, origin=(50.0, 0.0, 0.0))
    editor.show(other, editor.node)
    editor.settle()
    assert editor.desk.series is not None
    assert editor.desk.series.session.interactions(0) == ()
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.desk.series is not None
    assert editor.desk.series.session.interactions(0) == (Click(0, 8, 9, 1),)


def test_digests_of_another_session_or_none_lose_nothing_that_is_seen(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
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
        assert not editor.desk.series.session.result(0).labels[25:28, 2:6].any()
        editor.show(None, None)


def test_a_journal_that_cannot_be_written_holds_the_session(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open()
    series = editor.desk.series
    assert series is not None
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
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    log = next(node for node in editor.text_nodes() if "log" in node.GetName())
    log.SetText("damaged")
    editor.click(20, 20)
    editor.settle()
    assert "SAIM log" in editor.host.complaints[-1]
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.desk.series is not None
    assert len(editor.desk.series.session.interactions(0)) == 2


def test_an_error_of_the_program_costs_no_clicks(editor: Editor) -> None:
    editor.open()
    series = editor.desk.series
    assert series is not None
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    series.session.predictor.probabilities = None  # type: ignore[method-assign, assignment]
    editor.click(20, 20)
    with pytest.raises(TypeError):
        editor.show(None, None)
    assert series.kept
    assert series.session.interactions(0) == (Click(0, 8, 9, 1),)


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


def test_a_renamed_segment_stays_its_class(editor: Editor) -> None:
    segment_id = editor.node.GetSegmentation().AddEmptySegment("mine", "Liver")
    editor.open()
    editor.select("Liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.toggle_accepted()
    editor.node.GetSegmentation().GetSegment(segment_id).SetName("liver, left lobe")
    editor.desk.segments_changed()
    assert editor.desk.accepted == (1, 5)
    editor.desk.next_slice()
    editor.desk.view_changed(editor.view)
    editor.click(8, 9)
    editor.settle()
    assert voxels(editor.node, segment_id, editor.volume)[[0, 1], 8, 9].all()
    assert editor.node.GetSegmentation().GetNumberOfSegments() == 2


def test_an_undo_leaves_accepted_slices_accepted(editor: Editor) -> None:
    logic = editor_logic(editor.scene, editor.editor, editor.node, editor.volume)
    editor.desk.activate()
    editor.desk.show(EditorContent(editor.volume, editor.node, editor.editor, logic))
    editor.desk.choose(editor.model, "cpu")
    editor.settle()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.click(20, 20)
    editor.settle()
    for _ in range(2):
        editor.desk.next_slice()
        editor.desk.view_changed(editor.view)
        editor.desk.toggle_accepted()
    assert editor.desk.accepted == (2, 5)
    logic.Undo()
    editor.desk.segments_changed()
    assert editor.desk.series is not None
    assert editor.desk.series.session.interactions(0) == (Click(0, 8, 9, 1),)
    assert editor.desk.series.session.accepted_slices == (1, 2)
    logic.Redo()
    editor.desk.segments_changed()
    assert len(editor.desk.series.session.interactions(0)) == 2
    assert editor.desk.series.session.accepted_slices == (1, 2)


def test_two_editors_go_on_from_each_other(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.deactivate()
    editor.settle()
    other = Editor.__new__(Editor)
    other.__dict__.update(editor.__dict__)
    other.host = Host()
    other.desk = ClickDesk(editor.scene, other.host, "bob")
    other.open()
    other.click(20, 20)
    other.settle()
    other.desk.close()
    editor.desk.activate()
    editor.settle()
    editor.click(4, 28)
    editor.settle()
    assert editor.desk.series is not None
    assert len(editor.desk.series.session.interactions(0)) == 3
    (log,) = (node.GetText() for node in editor.text_nodes() if "log" in node.GetName())
    assert log.count("bob") >= 1
    assert log.count("anna") >= 2


def test_commands_mean_the_slice_that_was_clicked(editor: Editor) -> None:
    second, _ = add_view(editor.scene, "Slice4", editor.volume, editor.grid)
    editor.open()
    second.JumpSliceByOffsetting(*editor.grid.slice_center(3).tolist())
    editor.desk.view_changed(second)
    editor.select("liver")
    editor.desk.click(Gesture((editor.grid.point(0, 8, 9),)))
    editor.desk.toggle_accepted()
    editor.settle()
    assert editor.desk.series is not None
    assert editor.desk.series.session.accepted_slices == (0,)


def test_the_texts_of_a_deleted_segmentation_go_with_it(editor: Editor) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.keep()
    editor.settle()
    assert len(editor.text_nodes()) == 2
    editor.scene.RemoveNode(editor.node)
    assert editor.text_nodes() == []


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
    assert editor.desk.series is not None


def test_a_project_keeps_what_is_done_in_its_series(
    editor: Editor, tmp_path: Path, model: Path
) -> None:
    project = make_project(tmp_path, editor.volume, model)
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = project
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    editor.desk.close()
    assert editor.text_nodes() == []
    with Project.open(project, read_only=True) as opened:
        (logged,) = opened.interactions.of("case1")
        assert (logged.annotator, logged.model_version) == ("anna", "round-007")
    editor.desk = ClickDesk(editor.scene, editor.host, "bob")
    editor.open()
    assert editor.desk.series is not None
    assert editor.desk.series.session.interactions(0) == (Click(0, 8, 9, 1),)


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


def make_project(folder: Path, volume: slicer.vtkMRMLScalarVolumeNode, model: Path) -> Path:
    """A project with the volume as its series case1, and with a model."""
    (folder / "images").mkdir()
    image = sitk.GetImageFromArray(slicer.util.arrayFromVolume(volume).astype(np.float32))
    image.SetSpacing(volume.GetSpacing())
    right, anterior, superior = volume.GetOrigin()
    image.SetOrigin((-right, -anterior, superior))
    sitk.WriteImage(image, str(folder / "images" / "case1.nii.gz"))
    classes = ClassTable.from_names(["background", "liver", "kidney"])
    with Project.create(folder / "made", plan_import(folder / "images", classes=classes)) as made:
        place = made.models_folder / "round-007"
        shutil.copytree(model, place)
        (place / "metrics.json").write_text("{}", encoding="utf-8")
        made.models.add("round-007", place)
        made.models.publish("round-007")
    return folder / "made"
