"""A series of a project whose igniter proposes, before there is a model and after it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from SAIMCore.errors import CheckpointError
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.mrml.effect_options import EffectOptions
from SAIMCore.project.journal import session_path
from SAIMCore.project.project import Project
from SAIMCore.session.igniter_model import IgniterModel
from Testing.mrml.desk_editor import Editor, publish
from Testing.mrml.igniters import ORGAN, set_igniter, shown, write_labelmaps, write_network

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

LIVER, KIDNEY = 0, 1


def test_the_series_begins_with_the_proposals(editor: Editor, labelmaps: Project) -> None:
    editor.open()
    session = editor.series.session
    assert isinstance(session.predictor, IgniterModel)
    assert session.proposals_only
    content = editor.content()
    assert content[LIVER][ORGAN].all()
    assert content[LIVER].sum() == 8 * 14
    assert content[KIDNEY].sum() == 16
    assert editor.host.complaints == []
    assert editor.desk.accepted == (0, 5)
    assert not editor.series.effect.annotation.can_undo
    # They never count as annotated.
    assert labelmaps.series_named("case1").annotation is None


def test_a_click_is_answered_and_kept(editor: Editor, ignited: Project) -> None:
    editor.open()
    before = editor.content()
    assert (before == shown(editor)).all()
    editor.select("kidney")
    editor.click(25, 26)
    editor.settle()
    assert editor.content()[KIDNEY, 0, 25, 26]
    assert (editor.content() == shown(editor)).all()
    editor.desk.undo()
    editor.settle()
    assert (editor.content() == before).all()
    editor.desk.redo()
    editor.settle()
    editor.desk.settle()
    (logged,) = ignited.interactions.of("case1")
    assert str(logged.model_version).startswith("igniter:")
    answered = editor.content()
    editor.show(None, None)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert (editor.content() == answered).all()
    assert len(editor.series.session.interactions(0)) == 1
    assert editor.host.complaints == []


def test_the_status_says_who_answers(editor: Editor, project: Project, tmp_path: Path) -> None:
    set_igniter(project, write_network(tmp_path))
    editor.open()
    assert editor.desk.status == "Igniter network.ts, made to agree with your marks."
    set_igniter(project, write_labelmaps(tmp_path, project))
    editor.desk.renew_model()
    editor.settle()
    assert editor.desk.status == ("Igniter labelmaps; your marks are written into its proposal.")


def test_marks_grow_as_the_options_say(editor: Editor, labelmaps: Project) -> None:
    editor.open()
    before = editor.content()
    editor.desk.options = EffectOptions(grows=True, growth_threshold=1e-9, growth_reach=3)
    editor.select("kidney")
    editor.click(25, 26)
    editor.settle()
    assert (editor.content() != before).sum() < 10, "the mark of a click, and what is the same"
    editor.desk.options = EffectOptions(grows=True, growth_threshold=100.0, growth_reach=3)
    editor.click(10, 10)
    editor.settle()
    assert (editor.content() != before).sum() > 30


def test_proposals_are_kept_so_that_nobody_waits_for_them_twice(
    editor: Editor, labelmaps: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.open()
    assert not editor.series.kept
    editor.desk.keep()
    editor.settle()
    assert editor.series.kept
    assert session_path(labelmaps, "case1").is_file()
    editor.show(None, None)
    editor.node.GetSegmentation().RemoveAllSegments()

    def again(*_: object, **__: object) -> None:
        raise CheckpointError("it was asked again")

    monkeypatch.setattr("SAIMCore.igniter.mapped.MappedIgniter.proposals", again)
    editor.show(editor.volume, editor.node)
    editor.settle()
    assert editor.content()[LIVER][ORGAN].all()
    assert editor.host.complaints == []


def test_what_segments_hold_already_is_not_proposed_over(
    editor: Editor, labelmaps: Project, model: Path
) -> None:
    editor.model = model
    editor.begin()
    drawn = editor.content()
    editor.model = labelmaps.folder
    editor.open()
    assert (editor.content() == drawn).all()
    assert not editor.content()[LIVER][ORGAN].all()


def test_a_series_that_the_igniter_does_not_know_begins_empty(
    editor: Editor, project: Project, tmp_path: Path
) -> None:
    set_igniter(project, write_labelmaps(tmp_path, project, "another"))
    editor.open()
    (complaint,) = editor.host.complaints
    assert "no labelmap of the series 'case1'" in complaint
    assert complaint.endswith("The series begins empty.")
    assert not editor.content().any()
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    assert editor.content()[LIVER, 0, 8, 9]


def test_labelmaps_of_another_geometry_are_said_and_not_shown(
    editor: Editor, project: Project, tmp_path: Path
) -> None:
    set_igniter(project, write_labelmaps(tmp_path, project, shift=20.0))
    editor.open()
    (complaint,) = editor.host.complaints
    assert "case1.nii.gz" in complaint
    assert "origin" in complaint
    assert complaint.endswith("The series begins empty.")
    assert not editor.content().any()
    assert editor.series.session.blank


def test_an_igniter_that_fails_leaves_our_model_to_answer(
    editor: Editor, project: Project, tmp_path: Path, model: Path
) -> None:
    publish(project, model)
    path = write_network(tmp_path)
    set_igniter(project, path)
    path.write_bytes(b"PK\x03\x04 no more")
    editor.open()
    (complaint,) = editor.host.complaints
    assert "network.ts" in complaint
    editor.select("liver")
    editor.click(8, 9)
    editor.settle()
    assert editor.content()[LIVER, 0, 8, 9]


def test_without_a_model_an_igniter_that_is_gone_is_said(
    editor: Editor, project: Project, tmp_path: Path
) -> None:
    path = write_network(tmp_path)
    set_igniter(project, path)
    path.unlink()
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    assert editor.desk.choose(editor.model, "cpu")
    editor.settle()
    assert editor.desk.series is None
    assert "does not exist" in editor.desk.status
    assert editor.host.complaints == [editor.desk.status]


def test_the_user_does_not_have_to_wait_for_all_proposals(
    editor: Editor, labelmaps: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals = MappedIgniter.proposals

    def interrupted(*arguments: Any) -> Iterator[tuple[int, Tensor]]:
        for index, probabilities in proposals(*arguments):
            yield index, probabilities
            if index == 2:
                editor.desk.cancel()

    with monkeypatch.context() as patch:
        patch.setattr(MappedIgniter, "proposals", interrupted)
        editor.open()
    assert editor.content()[LIVER][ORGAN].all()
    assert not editor.content()[KIDNEY].any()
    editor.desk.segment_series()
    editor.settle()
    assert editor.content()[KIDNEY].sum() == 16


def test_how_far_the_proposals_are_is_to_be_seen(editor: Editor, labelmaps: Project) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    opening = editor.desk._opening
    assert opening is not None
    assert editor.desk.progress is None
    assert editor.desk.status == "Preparing series."
    opening.task.wait()
    opening.look()
    assert editor.desk.progress == (5, 5)
    assert editor.desk.status == "The igniter proposes labels for series."
    editor.desk.cancel()
    editor.settle()
    assert editor.desk.progress is None


def test_the_scene_may_be_closed_while_the_igniter_proposes(
    editor: Editor, labelmaps: Project
) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    editor.scene.Clear()
    editor.settle()
    assert editor.desk.series is None
    assert editor.host.complaints == []


def test_a_project_with_neither_says_what_to_do(editor: Editor, project: Project) -> None:
    assert not editor.desk.choose(editor.model, "cpu")
    assert "saim train" in editor.host.complaints[0]
    assert "saim igniter" in editor.host.complaints[0]
