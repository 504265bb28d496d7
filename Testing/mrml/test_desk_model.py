"""A published model takes over between two clicks, and a series is handed over settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import slicer

from SAIMCore.checkpoint import load_checkpoint, save_checkpoint
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.project.shared import ProjectLease, lease_project
from Testing.mrml.desk_editor import Editor, make_project


@pytest.fixture
def lease(editor: Editor, model: Path, tmp_path: Path) -> ProjectLease:
    """The project of the editor's volume, which the editor and its tests have open together."""
    made = lease_project(make_project(tmp_path, editor.volume, model))
    editor.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")
    editor.model = made.project.folder
    return made


def publish(lease: ProjectLease, lower: float = 0.5) -> None:
    """Publish a second model, which reads images with that lower percentile."""
    project = lease.project
    network, config = load_checkpoint(project.models_folder / "round-007")
    folder = project.models_folder / "round-008"
    preprocessing = PreprocessingOptions(lower_percentile=lower)
    save_checkpoint(
        folder, network, replace(config, version="round-008", preprocessing=preprocessing)
    )
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add("round-008", folder)
    project.models.publish("round-008")


@pytest.mark.parametrize("lower", [0.5, 2.0])
def test_a_published_model_answers_from_the_next_click_on(
    editor: Editor, lease: ProjectLease, lower: float
) -> None:
    editor.begin()
    session = editor.series.session
    shown = editor.content()
    publish(lease, lower)
    editor.desk.renew_model()
    editor.settle()
    assert editor.series.session is session
    assert session.predictor.version == "round-008"
    assert session.predictor.preprocessing.lower_percentile == lower
    assert (editor.content() == shown).all()
    editor.click(20, 21)
    editor.settle()
    assert len(session.interactions(0)) == 2
    editor.desk.undo()
    editor.desk.undo()
    editor.settle()
    assert session.interactions(0) == ()
    assert [record.model_version for record in lease.project.interactions.of("case1")] == [
        "round-007",
        "round-008",
    ]
    assert editor.host.complaints == []


def test_clicks_that_wait_are_answered_first(editor: Editor, lease: ProjectLease) -> None:
    editor.begin()
    publish(lease)
    editor.click(20, 21)
    editor.desk.renew_model()
    editor.click(4, 5)
    editor.settle()
    assert len(editor.series.session.interactions(0)) == 3
    assert editor.series.session.predictor.version == "round-008"


def test_a_model_published_while_a_series_is_prepared_takes_over(
    editor: Editor, lease: ProjectLease
) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    assert editor.desk.busy
    publish(lease)
    editor.desk.renew_model()
    editor.settle()
    assert editor.series.session.predictor.version == "round-008"


def test_without_another_model_nothing_happens(editor: Editor, lease: ProjectLease) -> None:
    editor.begin()
    predictor = editor.series.session.predictor
    editor.desk.renew_model()
    assert not editor.desk.busy
    assert editor.series.session.predictor is predictor


def test_a_damaged_model_is_complained_of_and_the_old_one_goes_on(
    editor: Editor, lease: ProjectLease
) -> None:
    editor.begin()
    publish(lease)
    (lease.project.models_folder / "round-008" / "model.safetensors").write_bytes(b"damaged")
    editor.desk.renew_model()
    editor.settle()
    assert "damaged" in editor.host.complaints[0] or "cannot be" in editor.host.complaints[0]
    assert editor.series.session.predictor.version == "round-007"
    editor.click(20, 21)
    editor.settle()
    assert len(editor.series.session.interactions(0)) == 2


def test_a_model_without_project_stays(editor: Editor) -> None:
    editor.begin()
    editor.desk.renew_model()
    assert not editor.desk.busy


def test_settling_answers_and_keeps_what_was_clicked(editor: Editor, lease: ProjectLease) -> None:
    editor.open()
    editor.select("liver")
    editor.click(8, 9)
    assert editor.desk.busy
    editor.desk.settle()
    assert not editor.desk.busy
    assert editor.content()[0, 0, 8, 9]
    assert editor.series.kept
    assert lease.project.sessions_folder.joinpath("case1.session").is_file()
    assert slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode", editor.scene)


def test_settling_waits_for_a_series_that_is_being_opened(
    editor: Editor, lease: ProjectLease
) -> None:
    editor.begin()
    shown = editor.content()
    editor.desk.settle()
    editor.show(None, None)
    editor.node.GetSegmentation().RemoveAllSegments()
    editor.show(editor.volume, editor.node)
    editor.desk.settle()
    assert (editor.content() == shown).all()


def test_a_series_begins_where_the_model_is_least_certain(
    editor: Editor, lease: ProjectLease
) -> None:
    editor.open()
    editor.desk.segment_series()
    editor.settle()
    expected = editor.series.session.next_most_uncertain()
    editor.desk.settle()
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.desk.begin_where_uncertain()
    editor.settle()
    assert editor.series.views.first_shown_slice() == expected
