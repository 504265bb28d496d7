"""Random sequences of clicks, edits, undo and redo leave what a plain model of them says."""

from __future__ import annotations

import os
from collections import Counter

import slicer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SAIMCore.interactions import Click
from SAIMCore.session.slice_state import SliceResult
from Testing.mrml.annotation_desk import Desk, same

PLACES = st.tuples(st.integers(0, 3), st.integers(0, 19), st.integers(0, 23))
CLICKS = st.tuples(st.just("click"), PLACES, st.integers(0, 3))
PAINTS = st.tuples(
    st.sampled_from(["paint", "erase"]),
    PLACES,
    st.sampled_from(["liver", "kidney", "tumor", "foreign"]),
)
# While the network is asked about a click, the editor's undo is used, or another slice painted.
MEANWHILE = st.tuples(
    st.sampled_from(["undo meanwhile", "paint meanwhile"]), PLACES, st.integers(0, 3)
)
MOVES = st.tuples(st.sampled_from(["undo", "redo", "follow"]), st.none(), st.none())


@settings(
    # More of them, and new ones every time: SAIM_EXAMPLES=500.
    max_examples=int(os.environ.get("SAIM_EXAMPLES", "30")),
    derandomize="SAIM_EXAMPLES" not in os.environ,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.one_of(CLICKS, PAINTS, MEANWHILE, MOVES, MOVES), min_size=3, max_size=14))
def test_any_order_of_clicks_edits_undo_and_redo(scene: slicer.vtkMRMLScene, steps: list) -> None:
    """The model is a list of what all segments held, and of the clicks that changed something.

    A host looks after every change, but late: several undos or edits may have come together. Only
    what was undone and then painted over leaves no trace, so there it must have looked in between.
    """
    desk = Desk(scene)
    moved, silent = False, Counter[str]()
    states, clicks, place = [desk.content()], [()], 0

    def happened(*made: Click) -> None:
        """A step with these clicks, if it is one for the editor."""
        nonlocal place
        if same(desk.content(), states[place]):
            # The editor has no such step: it comes and goes with another one.
            silent.update(str(click) for click in made)
            return
        del states[place + 1 :], clicks[place + 1 :]
        states.append(desk.content())
        clicks.append((*clicks[place], *made))
        place += 1

    def asked(click: Click) -> SliceResult:
        desk.annotation.follow()
        desk.annotation.adopt(click.slice_index)
        return desk.session.add(click)

    for kind, where, what in steps:
        if kind == "undo" and place > 0:
            desk.logic.Undo()
            place -= 1
        elif kind == "redo" and place + 1 < len(states):
            desk.logic.Redo()
            place += 1
        elif kind == "follow":
            desk.annotation.follow()
        elif kind == "click":
            click = Click(*where, what)
            desk.annotation.add(click)
            happened(click)
        elif kind in ("paint", "erase"):
            if moved:
                desk.annotation.follow()
            box = tuple(slice(start, start + 4) for start in where)
            desk.paint(what, (slice(where[0], where[0] + 1), *box[1:]), kind == "paint")
            happened()
        elif kind == "undo meanwhile" and 0 < place == len(states) - 1:
            click = Click(*where, what)
            answer = asked(click)
            desk.logic.Undo()
            place -= 1
            desk.annotation.show(answer)
            # Dropped, unless several edits had come together: then undoing one of them is an edit.
            happened(click)
        elif kind == "paint meanwhile":
            click = Click(*where, what)
            answer = asked(click)
            other = (where[0] + 1) % 4
            desk.paint("kidney", (slice(other, other + 1), slice(5, 9), slice(5, 9)))
            happened()
            desk.annotation.show(answer)
            happened(click)
        moved = kind in ("undo", "redo")
        assert same(desk.content(), states[place])
    desk.annotation.follow()
    assert same(desk.content(), states[place])
    kept = Counter(str(click) for of_slice in desk.clicks() for click in of_slice)
    loud = Counter(str(click) for click in clicks[place])
    assert not loud - kept
    assert not kept - loud - silent
