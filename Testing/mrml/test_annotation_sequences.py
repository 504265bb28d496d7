"""Random sequences of clicks, edits, undo and redo leave what a plain model of them says."""

from __future__ import annotations

import os
from collections import Counter

import slicer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from SAIMCore.interactions import Click
from Testing.mrml.annotation_desk import Desk, same

PLACES = st.tuples(st.integers(0, 3), st.integers(0, 19), st.integers(0, 23))
CLICKS = st.tuples(st.just("click"), PLACES, st.integers(0, 3))
PAINTS = st.tuples(
    st.sampled_from(["paint", "erase"]),
    PLACES,
    st.sampled_from(["liver", "kidney", "tumor", "foreign"]),
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
@given(st.lists(st.one_of(CLICKS, PAINTS, MOVES, MOVES), min_size=3, max_size=14))
def test_any_order_of_clicks_edits_undo_and_redo(scene: slicer.vtkMRMLScene, steps: list) -> None:
    """The model is a list of what all segments held, and of the clicks that changed something.

    A host looks after every change, but late: several undos or edits may have come together. Only
    what was undone and then painted over leaves no trace, so there it must have looked in between.
    """
    desk = Desk(scene)
    moved, silent = False, Counter[str]()
    states, clicks, place = [desk.content()], [()], 0
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
            if same(desk.content(), states[place]):
                # The editor has no such step: it comes and goes with another one.
                silent[str(click)] += 1
            else:
                del states[place + 1 :], clicks[place + 1 :]
                states.append(desk.content())
                clicks.append((*clicks[place], click))
                place += 1
        elif kind in ("paint", "erase"):
            if moved:
                desk.annotation.follow()
            box = tuple(slice(start, start + 4) for start in where)
            if desk.paint(what, (slice(where[0], where[0] + 1), *box[1:]), kind == "paint"):
                del states[place + 1 :], clicks[place + 1 :]
                states.append(desk.content())
                clicks.append(clicks[place])
                place += 1
        moved = kind in ("undo", "redo")
        assert same(desk.content(), states[place])
    desk.annotation.follow()
    assert same(desk.content(), states[place])
    kept = Counter(str(click) for of_slice in desk.clicks() for click in of_slice)
    loud = Counter(str(click) for click in clicks[place])
    assert not loud - kept
    assert not kept - loud - silent
