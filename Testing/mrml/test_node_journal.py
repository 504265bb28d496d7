"""What a scene keeps of an annotator's work on a series, where there is no project."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import slicer

from SAIMCore.classes import ClassTable
from SAIMCore.errors import ProjectError
from SAIMCore.interactions import Click, Interaction, Stroke, interaction_from_json
from SAIMCore.mrml.class_segments import ClassSegments
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.node_journal import ASIDE_ROLE, LOG_ROLE, SESSION_ROLE, NodeJournal
from SAIMCore.mrml.series_annotation import SeriesAnnotation
from SAIMCore.session.interactive import InteractiveSession
from SAIMCore.session.journal import AnnotationJournal
from Testing.mrml.disk_predictor import DiskPredictor
from Testing.mrml.scenes import add_segmentation, add_volume

CLASSES = ClassTable.from_names(["background", "liver", "tumor<liver", "kidney"])
LIVER, TUMOR, KIDNEY = 1, 2, 3
IMAGES = np.zeros((4, 20, 24), dtype=np.float16)
# The latter ones depend on what the memory holds of the former ones.
LATER = (Click(1, 12, 3, KIDNEY), Click(1, 4, 4, TUMOR), Click(2, 3, 3, LIVER), Click(0, 9, 9, 1))
# The fingerprint of a volume's grid.
GRID = "0a1b2c3d"


def annotated() -> InteractiveSession:
    """A session in the middle of its work, one slice accepted."""
    session = InteractiveSession(DiskPredictor(CLASSES), IMAGES, "series")
    session.add(Click(1, 5, 5, LIVER), Stroke(1, ((9, 9), (9, 16)), KIDNEY, 1))
    session.add(Click(1, 6, 6, TUMOR))
    session.add(Click(1, 7, 12, LIVER))
    session.add(Click(3, 2, 2, LIVER))
    session.accept_slice(3)
    session.import_labels(2, np.eye(20, 24, dtype=np.uint8))
    return session


def keep(journal: AnnotationJournal, session: InteractiveSession) -> None:
    journal.write(session)()


def reopened(journal: AnnotationJournal) -> InteractiveSession:
    saved = journal.saved()
    assert saved is not None
    with saved:
        return InteractiveSession.restore(saved, DiskPredictor(CLASSES), IMAGES, "series")


def same_from_now_on(one: InteractiveSession, other: InteractiveSession) -> bool:
    """Whether interactions, labels, memory and what is answered to ``LATER`` are the same."""
    if one.accepted_slices != other.accepted_slices:
        return False
    for interaction in (None, *LATER):
        for session in (one, other):
            if interaction is not None:
                session.add(interaction)
        for index in range(len(IMAGES)):
            first, second = one.result(index), other.result(index)
            if one.interactions(index) != other.interactions(index):
                return False
            if not np.array_equal(first.labels, second.labels):
                return False
            if (first.stored is None) != (second.stored is None):
                return False
            if first.stored is not None and not np.array_equal(
                first.probabilities, second.probabilities
            ):
                return False
    return True


def text_nodes(scene: slicer.vtkMRMLScene) -> list[slicer.vtkMRMLTextNode]:
    return [
        scene.GetNthNodeByClass(number, "vtkMRMLTextNode")
        for number in range(scene.GetNumberOfNodesByClass("vtkMRMLTextNode"))
    ]


def log_of(node: slicer.vtkMRMLSegmentationNode) -> dict[str, list[dict]]:
    return json.loads(node.GetNodeReference(LOG_ROLE).GetText())


@pytest.fixture
def node(scene: slicer.vtkMRMLScene) -> slicer.vtkMRMLSegmentationNode:
    return add_segmentation(scene, add_volume(scene, (24, 20, 4)))


@pytest.fixture
def journal(scene: slicer.vtkMRMLScene, node: slicer.vtkMRMLSegmentationNode) -> NodeJournal:
    return NodeJournal(node, scene, "ada", GRID)


class Reader:
    """Reads scene files into scenes of their own, or into one that is there."""

    def __init__(self) -> None:
        self.kept: list[object] = []

    def read(self, url: Path) -> slicer.vtkMRMLScene:
        scene, logic = slicer.vtkMRMLScene(), slicer.vtkSlicerSegmentationsModuleLogic()
        application = slicer.vtkMRMLApplicationLogic()
        application.SetMRMLScene(scene)
        logic.SetMRMLApplicationLogic(application)
        logic.SetMRMLScene(scene)
        self.kept += [application, logic]
        scene.SetURL(str(url))
        assert scene.Connect()
        return scene


@pytest.fixture
def reader() -> Reader:
    return Reader()


def save_bundle(scene: slicer.vtkMRMLScene, folder: Path) -> Path:
    """What Slicer does for an .mrb: every node with its file, hidden ones too."""
    folder.mkdir()
    assert scene.SaveSceneToSlicerDataBundleDirectory(str(folder))
    assert list(folder.rglob("SAIM session of *.txt")), "the text is in its own file"
    return folder / f"{folder.name}.mrml"


def save_with_storage(scene: slicer.vtkMRMLScene, folder: Path) -> Path:
    """What Slicer's save dialog does: the files of the nodes, then the scene."""
    folder.mkdir()
    scene.SetRootDirectory(str(folder))
    for number, text in enumerate(text_nodes(scene)):
        text.AddDefaultStorageNode(str(folder / f"{number}.txt"))
        assert text.GetStorageNode().WriteData(text)
    return save_alone(scene, folder)


def save_alone(scene: slicer.vtkMRMLScene, folder: Path) -> Path:
    """Nothing but the scene's own file."""
    folder.mkdir(exist_ok=True)
    scene.SetURL(str(folder / "scene.mrml"))
    scene.SetRootDirectory(str(folder))
    assert scene.Commit()
    return folder / "scene.mrml"


@pytest.mark.parametrize("save", [save_bundle, save_with_storage, save_alone])
def test_a_scene_that_was_saved_and_reopened_goes_on_exactly(
    scene: slicer.vtkMRMLScene,
    journal: NodeJournal,
    node: slicer.vtkMRMLSegmentationNode,
    reader: Reader,
    tmp_path: Path,
    save: Callable[[slicer.vtkMRMLScene, Path], Path],
) -> None:
    session = annotated()
    journal.log([Click(1, 5, 5, LIVER)], "round-001")
    journal.add_active(20)
    keep(journal, session)
    log = log_of(node)
    other = reader.read(save(scene, tmp_path / "kept"))
    found = other.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    later = NodeJournal(found, other, "bob", GRID)
    assert same_from_now_on(reopened(later), session)
    assert log_of(found) == log
    assert later.seconds_active == 20
    later.add_active(5)
    later.log([Click(0, 1, 1, KIDNEY)], "round-002")
    assert [entry["annotator"] for entry in log_of(found)["sittings"]] == ["ada", "bob"]
    assert [entry["annotator"] for entry in log_of(found)["interactions"]] == ["ada", "bob"]
    assert later.seconds_active == 25
    assert len(text_nodes(other)) == 2, "the same texts go on"


def test_a_scene_that_is_added_to_another_one_keeps_its_work(
    scene: slicer.vtkMRMLScene,
    journal: NodeJournal,
    node: slicer.vtkMRMLSegmentationNode,
    tmp_path: Path,
) -> None:
    session = annotated()
    keep(journal, session)
    url = save_alone(scene, tmp_path / "kept")
    session.add(Click(0, 15, 15, KIDNEY))
    keep(journal, session)
    scene.SetURL(str(url))
    assert scene.Import()
    added = scene.GetNthNodeByClass(1, "vtkMRMLSegmentationNode")
    assert added.GetID() != node.GetID()
    later = NodeJournal(added, scene, "bob", GRID)
    copy = reopened(later)
    assert copy.interactions(0) == ()
    copy.add(Click(2, 1, 1, LIVER))
    keep(later, copy)
    assert len(text_nodes(scene)) == 2, "imported texts took their own places"
    assert same_from_now_on(reopened(journal), session)


def test_nothing_is_kept_before_there_is_something(
    scene: slicer.vtkMRMLScene, journal: NodeJournal
) -> None:
    assert journal.saved() is None
    assert journal.seconds_active == 0
    journal.add_active(0.0)
    assert text_nodes(scene) == []


def test_the_texts_are_hidden_and_saved_with_the_scene(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    for _ in range(2):
        keep(journal, annotated())
        journal.log([Click(1, 5, 5, LIVER)], None)
    assert [text.GetName() for text in text_nodes(scene)] == [
        "SAIM session of segmentation",
        "SAIM log of segmentation",
    ]
    assert all(text.GetHideFromEditors() and text.GetSaveWithScene() for text in text_nodes(scene))
    assert node.GetNodeReference(SESSION_ROLE + GRID) is text_nodes(scene)[0]


def test_the_log_says_who_said_what_when_and_to_which_model(
    journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    made: list[Interaction] = [Click(1, 5, 5, LIVER), Stroke(2, ((1, 1), (2, 5)), TUMOR, 1)]
    journal.log(made, "round-001")
    journal.add_active(12.5)
    journal.add_active(2.5)
    log = log_of(node)
    assert [interaction_from_json(entry) for entry in log["interactions"]] == made
    assert {entry["model"] for entry in log["interactions"]} == {"round-001"}
    assert {entry["annotator"] for entry in log["interactions"]} == {"ada"}
    assert all(entry["time"].endswith("+00:00") for entry in log["interactions"])
    (sitting,) = log["sittings"]
    assert (sitting["annotator"], sitting["seconds_active"]) == ("ada", 15)


def test_the_worker_leaves_the_scene_alone(
    scene: slicer.vtkMRMLScene, journal: NodeJournal
) -> None:
    with ThreadPoolExecutor(1) as executor:
        finish = executor.submit(journal.write, annotated()).result()
    assert text_nodes(scene) == []
    finish()
    assert same_from_now_on(reopened(journal), annotated())


def test_a_session_of_many_pieces_is_whole(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("SAIMCore.mrml.node_journal.PIECE", 3)
    keep(journal, annotated())
    assert same_from_now_on(reopened(journal), annotated())


def test_a_later_session_takes_the_place_of_the_earlier_one(
    scene: slicer.vtkMRMLScene, journal: NodeJournal
) -> None:
    session = annotated()
    keep(journal, session)
    session.reset_slice(1)
    keep(journal, session)
    assert reopened(journal).interactions(1) == ()
    assert not reopened(journal).can_undo
    assert len(text_nodes(scene)) == 1


def test_a_copy_of_the_segmentation_has_its_own_work_from_then_on(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    session = annotated()
    keep(journal, session)
    journal.add_active(10)
    copy = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "copy")
    copy.Copy(node)
    copied = NodeJournal(copy, scene, "bob", GRID)
    changed = reopened(copied)
    changed.reset_slice(1)
    keep(copied, changed)
    copied.add_active(5)
    assert same_from_now_on(reopened(journal), session)
    assert reopened(NodeJournal(copy, scene, "bob", GRID)).interactions(1) == ()
    assert NodeJournal(node, scene, "eve", GRID).seconds_active == 10
    assert NodeJournal(copy, scene, "eve", GRID).seconds_active == 15
    assert len(text_nodes(scene)) == 4


def test_what_is_still_to_be_kept_of_a_deleted_segmentation_is_dropped(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    finish = journal.write(annotated())
    scene.RemoveNode(node)
    finish()
    journal.log([Click(1, 5, 5, LIVER)], None)
    journal.add_active(3)
    assert text_nodes(scene) == []


def test_what_somebody_else_kept_meanwhile_is_set_aside(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    finish = journal.write(annotated())
    others = annotated()
    others.reset_slice(1)
    keep(NodeJournal(node, scene, "bob", GRID), others)
    theirs = node.GetNodeReference(SESSION_ROLE + GRID)
    finish()
    assert same_from_now_on(reopened(journal), annotated())
    assert node.GetNodeReference(ASIDE_ROLE) is theirs
    assert len(text_nodes(scene)) == 2


@pytest.mark.parametrize("damage", ["", "no base64!", "half", "UEsDBA=="])
def test_a_damaged_session_is_named(
    journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode, damage: str
) -> None:
    keep(journal, annotated())
    node.GetNodeReference(SESSION_ROLE + GRID).SetText(damage)
    with pytest.raises(ProjectError, match="the text node 'SAIM session of segmentation'"):
        reopened(journal)


def test_a_cut_off_session_is_named(
    journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    keep(journal, annotated())
    text = node.GetNodeReference(SESSION_ROLE + GRID)
    whole = text.GetText()
    for length in range(0, len(whole), len(whole) // 9):
        text.SetText(whole[:length])
        with pytest.raises(ProjectError, match="the text node 'SAIM session of segmentation'"):
            reopened(journal)


def test_a_damaged_log_is_named_and_left_as_it_is(
    scene: slicer.vtkMRMLScene, journal: NodeJournal, node: slicer.vtkMRMLSegmentationNode
) -> None:
    journal.add_active(3)
    node.GetNodeReference(LOG_ROLE).SetText('{"format": 1, "sit')
    later = NodeJournal(node, scene, "bob", GRID)
    for call in (
        lambda: later.seconds_active,
        lambda: later.add_active(3),
        lambda: later.log([Click(1, 5, 5, LIVER)], None),
    ):
        with pytest.raises(ProjectError, match="the text node 'SAIM log of segmentation' holds no"):
            call()
    assert node.GetNodeReference(LOG_ROLE).GetText() == '{"format": 1, "sit'


def test_the_segments_and_the_kept_session_go_on_together(
    scene: slicer.vtkMRMLScene,
    journal: NodeJournal,
    node: slicer.vtkMRMLSegmentationNode,
    reader: Reader,
    tmp_path: Path,
) -> None:
    def opened(session: InteractiveSession, within: slicer.vtkMRMLScene) -> SeriesAnnotation:
        volume = within.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
        segmentation = within.GetFirstNodeByClass("vtkMRMLSegmentationNode")
        segments = ClassSegments(segmentation, CLASSES)
        segments.ensure()
        return SeriesAnnotation(session, segments, SliceGrid(volume))

    session = InteractiveSession(DiskPredictor(CLASSES), IMAGES, "series")
    annotation = opened(session, scene)
    annotation.add(Click(1, 5, 5, LIVER))
    annotation.add(Click(1, 12, 12, KIDNEY))
    keep(journal, session)
    other = reader.read(save_bundle(scene, tmp_path / "kept"))
    found = other.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    again = opened(reopened(NodeJournal(found, other, "bob", GRID)), other)
    assert not again.follow(), "nothing looks like another tool's edit"
    for interaction in LATER:
        one, two = annotation.add(interaction), again.add(interaction)
        assert np.array_equal(one.labels, two.labels)
