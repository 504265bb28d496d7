"""Random sequences of clicks, edits, undo and redo leave what a plain model of them says."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

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


class Model:
    """What all segments held after each step of the editor, and the clicks that led there.

    ``silent`` counts clicks that changed nothing: the editor has no such step, so they come and go
    with another one.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self.desk = Desk(scene)
        self.states = [self.desk.content()]
        self.clicks: list[tuple[Click, ...]] = [()]
        self.silent = Counter[str]()
        self.place = 0
        self.moved = False

    def do(self, kind: str, where: tuple[int, int, int], what: Any) -> None:
        """One step, by the name of its method."""
        getattr(self, kind.replace(" ", "_"))(where, what)
        self.check()

    def undo(self, *_: object) -> None:
        if self.place > 0:
            self.desk.logic.Undo()
            self.place -= 1
            self.moved = True

    def redo(self, *_: object) -> None:
        if self.place + 1 < len(self.states):
            self.desk.logic.Redo()
            self.place += 1
            self.moved = True

    def follow(self, *_: object) -> None:
        self.desk.annotation.follow()
        self.moved = False

    def click(self, where: tuple[int, int, int], what: int) -> None:
        click = Click(*where, what)
        self.desk.annotation.add(click)
        self.moved = False
        self.happened(click)

    def paint(self, where: tuple[int, int, int], what: str, value: bool = True) -> None:
        # What was undone and then painted over leaves no trace, so a host looks in between.
        if self.moved:
            self.follow()
        box = tuple(slice(start, start + 4) for start in where)
        self.desk.paint(what, (slice(where[0], where[0] + 1), *box[1:]), value)
        self.happened()

    def erase(self, where: tuple[int, int, int], what: str) -> None:
        self.paint(where, what, False)

    def undo_meanwhile(self, where: tuple[int, int, int], what: int) -> None:
        if not 0 < self.place == len(self.states) - 1:
            return
        answer = self.asked(click := Click(*where, what))
        self.undo()
        self.desk.annotation.show(answer)
        self.moved = False
        # Dropped, unless several edits had come together: then undoing one of them is an edit.
        self.happened(click)

    def paint_meanwhile(self, where: tuple[int, int, int], what: int) -> None:
        answer = self.asked(click := Click(*where, what))
        other = (where[0] + 1) % 4
        self.desk.paint("kidney", (slice(other, other + 1), slice(5, 9), slice(5, 9)))
        self.happened()
        self.desk.annotation.show(answer)
        self.happened(click)

    def asked(self, click: Click) -> SliceResult:
        """The network's answer, which is not shown yet."""
        self.follow()
        self.desk.annotation.adopt(click.slice_index)
        return self.desk.session.add(click)

    def happened(self, *made: Click) -> None:
        """A step with these clicks, if it is one for the editor."""
        content = self.desk.content()
        if same(content, self.states[self.place]):
            self.silent.update(str(click) for click in made)
            return
        del self.states[self.place + 1 :], self.clicks[self.place + 1 :]
        self.states.append(content)
        self.clicks.append((*self.clicks[self.place], *made))
        self.place += 1

    def check(self) -> None:
        assert same(self.desk.content(), self.states[self.place])

    def check_clicks(self) -> None:
        kept = Counter(str(click) for of_slice in self.desk.clicks() for click in of_slice)
        loud = Counter(str(click) for click in self.clicks[self.place])
        assert not loud - kept
        assert not kept - loud - self.silent


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
    """A host looks after every change, but late: several undos or edits may have come together."""
    model = Model(scene)
    for step in steps:
        model.do(*step)
    model.follow()
    model.check()
    model.check_clicks()
