from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from SAIMCore.interactions import Click, Stroke
from SAIMCore.session.interactive import InteractiveSession

Command = tuple[str, Any]


def run(session: InteractiveSession, command: Command) -> None:
    name, argument = command
    if name == "add":
        session.add(*argument)
    elif name == "import_labels":
        session.import_labels(*argument)
    elif name == "segment_series":
        session.segment_series()
    else:
        getattr(session, name)(argument)


def snapshot(session: InteractiveSession) -> list[Any]:
    """All that a user can see of a session."""
    rows = []
    for index in range(session.shape[0]):
        result = session.result(index)
        probabilities = result.probabilities
        rows.append(
            (
                result.labels.tobytes(),
                None if probabilities is None else probabilities.tobytes(),
                result.accepted,
                session.interactions(index),
            )
        )
    return rows


def random_command(rng: np.random.Generator, session: InteractiveSession) -> Command | None:
    """A command that is possible and changes something now; None for undo or redo."""
    index = int(rng.integers(session.shape[0]))
    height, width = session.shape[1:]
    row, column, label = int(rng.integers(height)), int(rng.integers(width)), int(rng.integers(3))
    accepted = index in session.accepted_slices
    kind = rng.choice(
        ["add", "add", "add", "stroke", "segment", "reset", "accept", "import", "all"]
    )
    if kind == "add":
        return "add", (Click(index, row, column, label), Click(index, column % height, row, 1))
    if kind == "stroke":
        return "add", (Stroke(index, ((row, column), (column % height, row)), label, 1),)
    if kind == "segment":
        return ("unaccept_slice", index) if accepted else ("segment", index)
    if kind == "reset":
        return "reset_slice", index
    if kind == "accept":
        return ("unaccept_slice" if accepted else "accept_slice"), index
    if kind == "import":
        return "import_labels", (index, rng.integers(0, 3, (height, width)))
    untouched = any(
        session.result(i).stored is None and not session.result(i).accepted
        for i in range(session.shape[0])
    )
    return ("segment_series", None) if untouched else None


@pytest.mark.parametrize("variant", ["sequential", "cumulative", "base", "none"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("start_from_neighbor", [False, True])
def test_any_sequence_of_steps_equals_a_replay_of_those_that_were_not_undone(
    linear, slices, variant, seed, start_from_neighbor
):
    small = slices[:3, :20, :24]

    def new() -> InteractiveSession:
        return InteractiveSession(
            linear(variant), small, "a", start_from_neighbor=start_from_neighbor
        )

    rng = np.random.default_rng(seed)
    session = new()
    done: list[Command] = []
    undone: list[Command] = []
    for number in range(60):
        choice = rng.random()
        if choice < 0.3:
            assert (session.undo() is None) == (not done)
            if done:
                undone.append(done.pop())
        elif choice < 0.45:
            assert (session.redo() is None) == (not undone)
            if undone:
                done.append(undone.pop())
        else:
            command = random_command(rng, session)
            if command is None:
                continue
            run(session, command)
            done.append(command)
            undone.clear()
        if number % 6 == 0 or number > 55:
            replay = new()
            for command in done:
                run(replay, command)
            assert snapshot(session) == snapshot(replay)
    assert session.can_undo == bool(done)
    assert session.can_redo == bool(undone)


def test_undo_goes_back_over_slices_in_the_order_of_the_steps(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(3, 1, 1, 1))
    session.add(Click(0, 1, 1, 1))
    session.add(Click(3, 2, 2, 2))
    assert [session.undo().slice_index for _ in range(3)] == [3, 0, 3]
    assert session.undo() is None
    assert [session.redo().slice_index for _ in range(3)] == [3, 0, 3]
    assert session.redo() is None


def test_undo_and_redo_return_the_slice_as_it_then_is(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    first = session.add(Click(0, 1, 1, 1))
    second = session.add(Click(0, 9, 9, 2))
    undone = session.undo()
    assert np.array_equal(undone.labels, first.labels)
    assert np.array_equal(undone.probabilities, first.probabilities)
    redone = session.redo()
    assert np.array_equal(redone.labels, second.labels)
    assert np.array_equal(redone.probabilities, second.probabilities)
    assert session.interactions(0) == (Click(0, 1, 1, 1), Click(0, 9, 9, 2))


def test_undoing_everything_leaves_a_slice_without_labels_and_prediction(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    result = session.undo()
    assert result.labels.sum() == 0
    assert result.probabilities is None
    assert session.interactions(0) == ()
    assert session.uncertainty(0) is None


def test_a_new_step_forgets_what_was_undone(linear, slices):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    session.undo()
    assert session.can_redo
    session.add(Click(0, 2, 2, 1))
    assert not session.can_redo
    assert session.redo() is None


def test_a_second_undo_history_is_bounded_and_keeps_the_latest_steps(linear, slices):
    session = InteractiveSession(linear(), slices, "a", undo_limit=3)
    for number in range(5):
        session.add(Click(0, number, number, 1))
    while session.can_undo:
        session.undo()
    assert session.interactions(0) == (Click(0, 0, 0, 1), Click(0, 1, 1, 1))


@pytest.mark.parametrize("step", ["reset_slice", "accept_slice"])
def test_resetting_and_accepting_can_be_undone(linear, slices, step: str):
    session = InteractiveSession(linear(), slices, "a")
    session.add(Click(0, 1, 1, 1))
    before = snapshot(session)
    changed: Callable[[int], object] = getattr(session, step)
    changed(0)
    assert snapshot(session) != before
    session.undo()
    assert snapshot(session) == before
