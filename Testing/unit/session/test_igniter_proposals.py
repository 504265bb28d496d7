"""An igniter's proposals in a session, and our own model after it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import CheckpointError, ConfigurationError, InvalidLabelmapError
from SAIMCore.interactions import Click
from SAIMCore.session.interactive import InteractiveSession
from Testing.unit.session.conftest import LinearPredictor
from Testing.unit.session.small_igniter import SmallIgniter, igniter_model

Slices = NDArray[np.float16]
Linear = Callable[..., LinearPredictor]


def proposals(seed: int = 0, indices: tuple[int, ...] = (0, 1, 2, 3, 4)) -> dict[int, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {index: torch.randn(3, 40, 50, generator=generator).softmax(dim=0) for index in indices}


@pytest.fixture
def session(linear: Linear, slices: Slices) -> InteractiveSession:
    return InteractiveSession(linear(), slices, "a")


def test_a_session_begins_with_the_proposals(session: InteractiveSession) -> None:
    found = proposals()
    assert session.blank
    assert session.import_proposals(found.items(), "igniter:x")
    assert session.proposals_only
    assert not session.blank
    assert not session.can_undo
    for index, probabilities in found.items():
        stored = session.result(index).probabilities
        assert np.array_equal(stored, probabilities.half().numpy())
        assert np.array_equal(session.labels()[index], probabilities.half().argmax(dim=0))
    assert session.accepted_slices == ()


def test_the_first_click_sees_the_proposal(session: InteractiveSession) -> None:
    found = proposals()
    session.import_proposals(found.items(), "igniter:x")
    session.add(Click(1, 20, 20, 1))
    _, memory = session.predictor.inputs[-1]  # type: ignore[union-attr]
    # Three rounds of three masks and three probabilities; the click is the last of them.
    assert torch.equal(memory[0, 9:12, :40, :50], found[1].half().float())
    assert memory[0, 12 + 1, 20, 20] == 1
    session.undo()
    assert np.array_equal(session.result(1).probabilities, found[1].half().numpy())
    assert not session.can_undo


def test_an_automatic_answer_of_our_model_takes_its_place(session: InteractiveSession) -> None:
    session.import_proposals(proposals().items(), "igniter:x")
    session.segment(1)
    _, memory = session.predictor.inputs[-1]  # type: ignore[union-attr]
    assert not memory.any()
    assert session.waiting_for(session.predictor.version) == (0, 2, 3, 4)
    result = session.segment_series()
    assert result is not None
    assert (result.slice_index, *result.other_slices) == (0, 2, 3, 4)
    session.undo()
    assert session.waiting_for("igniter:x") == (1,), "the proposals are there again"


def test_what_somebody_said_stays(session: InteractiveSession) -> None:
    session.add(Click(0, 1, 1, 1))
    session.accept_slice(1)
    session.import_labels(2, np.ones((40, 50), np.uint8), proposal=True)
    session.segment(3)
    before = session.labels()
    assert session.waiting_for("igniter:x") == (3, 4)
    assert session.import_proposals(proposals().items(), "igniter:x")
    assert np.array_equal(session.labels()[:3], before[:3])
    assert session.waiting_for("igniter:x") == ()
    assert session.accepted_slices == (1,)
    assert session.interactions(0) == (Click(0, 1, 1, 1),)


def test_another_igniter_proposes_anew_and_the_same_one_does_not(
    session: InteractiveSession,
) -> None:
    session.import_proposals(proposals().items(), "igniter:x")
    revision = session.revision
    assert not session.import_proposals(proposals(1).items(), "igniter:x")
    assert session.revision == revision
    assert session.import_proposals(proposals(1, (2,)).items(), "igniter:y")
    assert session.revision != revision
    assert np.array_equal(session.result(2).probabilities, proposals(1, (2,))[2].half().numpy())


@pytest.mark.parametrize(
    ("index", "shape"), [(1, (3, 40, 49)), (1, (2, 40, 50)), (5, (3, 40, 50)), (-1, (3, 40, 50))]
)
def test_proposals_for_another_series_are_refused(
    session: InteractiveSession, index: int, shape: tuple[int, ...]
) -> None:
    good = [(0, torch.full((3, 40, 50), 1 / 3))]
    with pytest.raises(InvalidLabelmapError, match="its proposals are 3 x 40 x 50"):
        session.import_proposals([*good, (index, torch.ones(shape))], "igniter:x")
    assert session.blank
    assert session.revision == 0


def test_an_igniter_that_fails_leaves_the_session_as_it_was(session: InteractiveSession) -> None:
    def failing() -> Iterator[tuple[int, Tensor]]:
        yield 0, torch.full((3, 40, 50), 1 / 3)
        raise CheckpointError("values that are no numbers")

    with pytest.raises(CheckpointError):
        session.import_proposals(failing(), "igniter:x")
    assert session.blank


@pytest.mark.parametrize("trains", [True, False])
def test_our_first_model_takes_over_in_the_middle_of_the_work(
    linear: Linear, slices: Slices, trains: bool
) -> None:
    session = InteractiveSession(igniter_model(slices, SmallIgniter(trains)), slices, "a")
    session.segment_series()
    session.add(Click(1, 20, 20, 1))
    session.accept_slice(2)
    labels = session.labels()
    answered = session.result(1).probabilities
    ours = linear()
    session.set_predictor(ours)
    assert session.predictor is ours
    assert np.array_equal(session.labels(), labels)
    assert session.interactions(1) == (Click(1, 20, 20, 1),)
    assert session.accepted_slices == (2,)
    session.add(Click(1, 5, 5, 2))
    _, memory = ours.inputs[-1]
    # The proposal, the igniter's answer to the click, and the click of now.
    assert torch.equal(memory[0, 9:12, :40, :50], torch.from_numpy(answered.copy()).float())
    assert memory[0, 6 + 1, 20, 20] == 1
    assert memory[0, 3:6].any()
    session.undo()
    assert np.array_equal(session.labels(), labels)
    result = session.segment_series()
    assert result is not None
    assert (result.slice_index, *result.other_slices) == (0, 3, 4)
    for _ in range(4):
        session.undo()
    assert session.blank


def test_a_model_that_reads_other_slices_needs_them(linear: Linear, slices: Slices) -> None:
    session = InteractiveSession(igniter_model(slices), slices, "a")
    ours = linear()
    ours.preprocessing = PreprocessingOptions(lower_percentile=2)
    with pytest.raises(ConfigurationError, match="give the new slices, too"):
        session.set_predictor(ours)
    session.set_predictor(ours, slices + 1)
    assert session.predictor is ours


def test_a_model_or_igniter_of_other_classes_is_refused(linear: Linear, slices: Slices) -> None:
    session = InteractiveSession(igniter_model(slices), slices, "a")
    with pytest.raises(CheckpointError, match="spleen"):
        session.set_predictor(linear(names=("background", "liver", "spleen")))
    other = igniter_model(
        slices, mapping="organ=liver,lesion=spleen", names=("background", "liver", "spleen")
    )
    with pytest.raises(CheckpointError, match="spleen"):
        InteractiveSession(linear(), slices, "a").set_predictor(other)


# -- files ----------------------------------------------------------------------------------------


def saved(session: InteractiveSession) -> io.BytesIO:
    file = io.BytesIO()
    session.save(file, with_history=False)
    file.seek(0)
    return file


def document(file: io.BytesIO) -> dict:
    with np.load(file, allow_pickle=False) as archive:
        found = json.loads(archive["session"].tobytes())
    file.seek(0)
    return found


def test_proposals_that_were_kept_are_proposals_when_they_are_opened(
    linear: Linear, slices: Slices, session: InteractiveSession
) -> None:
    session.import_proposals(proposals().items(), "igniter:x")
    again = InteractiveSession.restore(saved(session), linear(), slices)
    assert again.proposals_only
    assert again.waiting_for("igniter:x") == ()
    for one in (session, again):
        one.add(Click(1, 20, 20, 1))
    assert np.array_equal(again.labels(), session.labels())
    assert np.array_equal(again.result(1).probabilities, session.result(1).probabilities)


def test_a_session_on_an_igniter_goes_on_where_it_was_kept(slices: Slices) -> None:
    session = InteractiveSession(igniter_model(slices), slices, "a")
    session.segment_series()
    session.add(Click(1, 20, 20, 1))
    again = InteractiveSession.restore(saved(session), igniter_model(slices), slices)
    assert again.segment_series() is None
    for one in (session, again):
        one.add(Click(1, 30, 30, 2))
    assert np.array_equal(again.labels(), session.labels())


def test_earlier_versions_read_what_has_nothing_of_an_igniter(
    session: InteractiveSession,
) -> None:
    session.add(Click(1, 20, 20, 1))
    assert document(saved(session))["format"] == 2
    session.import_proposals(proposals().items(), "igniter:x")
    assert document(saved(session))["format"] == 3


def test_a_kept_session_of_other_labels_is_no_start_for_an_igniter(
    linear: Linear, slices: Slices
) -> None:
    other = InteractiveSession(linear(names=("background", "spleen")), slices, "a")
    other.add(Click(1, 20, 20, 1))
    with pytest.raises(CheckpointError, match="spleen"):
        InteractiveSession.restore(saved(other), igniter_model(slices), slices)
