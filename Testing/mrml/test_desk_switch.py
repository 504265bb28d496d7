"""Another model takes over from an igniter in a series that is open, and what is proposed then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from torch import Tensor

from SAIMCore.mrml.volume_slices import volume_slices
from SAIMCore.project.clock import computer_time
from SAIMCore.project.igniter_record import Switch, keep_switch, note_igniter_version
from SAIMCore.project.project import Project
from SAIMCore.rounds.proposer import Proposing, who_proposes
from SAIMCore.session.interactive import InteractiveSession
from Testing.mrml.desk_editor import Editor, publish
from Testing.mrml.igniters import ORGAN, shown

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

LIVER = 0


def test_our_first_model_takes_over_while_the_series_is_open(
    editor: Editor, ignited: Project, model: Path
) -> None:
    editor.open()
    editor.select("kidney")
    editor.click(25, 26)
    editor.settle()
    session, content = editor.series.session, editor.content()
    publish(ignited, model)
    editor.desk.renew_model()
    editor.settle()
    assert editor.series.session is session
    assert session.predictor.version == "round-007"
    assert "round-007" in editor.desk.status
    assert (editor.content() == content).all()
    editor.click(3, 3)
    editor.settle()
    assert len(session.interactions(0)) == 2
    assert [str(entry.model_version)[:7] for entry in ignited.interactions.of("case1")] == [
        "igniter",
        "round-0",
    ]
    for _ in range(2):
        editor.desk.undo()
    editor.settle()
    assert session.interactions(0) == ()
    assert session.proposals_only
    assert editor.host.complaints == []


def switch(project: Project) -> None:
    """Our model proposes from now on, not the igniter."""
    chosen = project.settings.igniter
    assert chosen is not None
    record = note_igniter_version(project, chosen, "igniter:1")
    keep_switch(project, record, Switch("round-007", computer_time(), 0.7, 0.6))


def test_a_better_model_proposes_anew_what_nobody_has_looked_at(
    editor: Editor, ignited: Project, model: Path
) -> None:
    editor.open()
    session = editor.series.session
    editor.select("kidney")
    editor.click(25, 26)
    editor.settle()
    clicked, proposed = session.labels()[0], session.labels()
    publish(ignited, model)
    switch(ignited)
    editor.desk.renew_model()
    editor.settle()
    assert (session.labels() == proposed).all(), "nobody looks at another slice yet"
    for index in (1, 0):
        editor.series.views.go_to(index)
        editor.desk.view_changed(editor.view)
        editor.settle()
    slices = volume_slices(editor.grid, session.predictor.preprocessing)()
    expected = InteractiveSession(session.predictor, slices, "case1").segment(1).labels
    assert (session.labels()[1] == expected).all()
    assert not (expected == proposed[1]).all()
    assert (editor.content() == shown(editor)).all()
    assert (session.labels()[0] == clicked).all(), "somebody has said something of that"
    assert (session.labels()[2] == proposed[2]).all()
    assert not session.waits_for(1, "round-007")


def test_the_slice_that_is_shown_is_proposed_anew_at_once(
    editor: Editor, ignited: Project, model: Path
) -> None:
    editor.open()
    publish(ignited, model)
    switch(ignited)
    editor.desk.renew_model()
    editor.settle()
    session = editor.series.session
    assert session.waiting_for("round-007") == tuple(range(1, session.shape[0]))
    assert (editor.content() == shown(editor)).all()
    editor.desk.undo()
    editor.settle()
    assert session.proposals_only


def test_a_model_that_is_not_better_proposes_nothing_by_itself(
    editor: Editor, ignited: Project, model: Path
) -> None:
    editor.open()
    before = editor.content()
    publish(ignited, model)
    editor.desk.renew_model()
    editor.settle()
    editor.series.views.go_to(1)
    editor.desk.view_changed(editor.view)
    editor.settle()
    assert editor.series.session.predictor.version == "round-007"
    assert (editor.content() == before).all()
    assert editor.series.session.proposals_only


def test_a_model_published_while_the_igniter_proposes_takes_over(
    editor: Editor, ignited: Project, model: Path
) -> None:
    editor.desk.activate()
    editor.show(editor.volume, editor.node)
    editor.desk.choose(editor.model, "cpu")
    publish(ignited, model)
    editor.desk.renew_model()
    editor.settle()
    assert editor.series.session.predictor.version == "round-007"
    assert editor.host.complaints == []


def test_our_model_answers_on_proposals_of_a_better_igniter(
    editor: Editor, labelmaps: Project, model: Path
) -> None:
    publish(labelmaps, model)
    assert who_proposes(labelmaps).kind is Proposing.IGNITER
    editor.open()
    session = editor.series.session
    assert session.predictor.version == "round-007"
    assert editor.content()[LIVER][ORGAN].all()
    assert session.proposals_only
    proposed = session.result(2).probabilities
    seen: list[np.ndarray] = []
    ask = session.predictor.probabilities

    def spy(image: Tensor, memory: Tensor) -> Tensor:
        seen.append(memory.clone().numpy())
        return ask(image, memory)

    session.predictor.probabilities = spy  # type: ignore[method-assign]
    editor.series.views.go_to(2)
    editor.desk.view_changed(editor.view)
    editor.select("kidney")
    editor.click(25, 26)
    editor.settle()
    # The round before the click, of three.
    assert np.array_equal(seen[0][0, 9:12, :32, :32], proposed.astype(np.float32))
