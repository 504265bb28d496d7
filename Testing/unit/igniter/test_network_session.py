"""Sessions in which a network from a file answers: one slice and its clicks, like the series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions
from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import CheckpointError, ConfigurationError, SaimError
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import IgniterSeries
from SAIMCore.interactions import Click, Stroke
from SAIMCore.session.conditioning import SliceConditioning
from SAIMCore.session.igniter_model import IgniterModel
from SAIMCore.session.interactive import InteractiveSession

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]
Begin = Callable[..., InteractiveSession]
CLICK = Click(2, 12, 12, 1)
FEW_STEPS = SliceConditioning(ConditioningOptions(3, 0.05))


class Convolutions(nn.Module):
    """Logits of so many classes, seeded."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.last = nn.Conv2d(4, classes, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        answer: Tensor = self.last(torch.relu(self.first(image)))
        return answer


class OneWindow(Convolutions):
    """Bound to one image of 16 x 16, as tracing leaves a network."""

    def forward(self, image: Tensor) -> Tensor:
        answer: Tensor = self.last(torch.relu(self.first(image)))
        return answer.reshape(1, 3, 16, 16)


class Sixteens(Convolutions):
    """Its sides must be multiples of 16."""

    def forward(self, image: Tensor) -> Tensor:
        seen = torch.relu(self.first(image))
        wide = functional.interpolate(functional.max_pool2d(seen, 16), scale_factor=16.0)
        answer: Tensor = self.last(seen + wide)
        return answer


class Particular(Convolutions):
    """It says itself which sides it does not take."""

    def forward(self, image: Tensor) -> Tensor:
        if image.shape[3] % 16 != 0:
            raise ValueError("sides must be multiples of 16")
        answer: Tensor = self.last(torch.relu(self.first(image)))
        return answer


class Auxiliary(Convolutions):
    """Its last layer was only asked in its own training."""

    def __init__(self) -> None:
        super().__init__()
        self.extra = nn.Sequential(*(nn.Conv2d(4, 4, 1) for _ in range(6)))


class Overwriting(Convolutions):
    """Made for inference alone."""

    def forward(self, image: Tensor) -> Tensor:
        answer = torch.sigmoid(self.last(torch.relu(self.first(image))))
        answer.mul_(3.0)
        return answer


class HoleAtTwo(Convolutions):
    """No number where the image is 2, which is far from the click."""

    def forward(self, image: Tensor) -> Tensor:
        answer = self.last(torch.relu(self.first(image)))
        return torch.where(image == 2, float("nan") * answer, answer)


@pytest.fixture
def begin(
    write_torchscript: Write, block_series: Callable[[Geometry], IgniterSeries], plain: Geometry
) -> Begin:
    """A session of the blocks in which a network, written with a description, answers."""

    def make(
        network: nn.Module,
        mapping: str = "liver=liver,spleen=spleen",
        names: tuple[str, ...] = ("background", "liver", "spleen"),
        **description: object,
    ) -> InteractiveSession:
        igniter = open_igniter(write_torchscript(network.eval(), **description), "cpu")
        mapped = MappedIgniter(
            igniter, ClassMapping.from_text(mapping), ClassTable.from_names(names)
        )
        series = block_series(plain)
        model = IgniterModel(mapped, series)
        session = InteractiveSession(model, series.slices(model.preprocessing), "case")
        session.conditioning = FEW_STEPS
        return session

    return make


def test_one_that_takes_a_window_at_a_time_is_clicked_like_any_other(begin: Begin) -> None:
    answers = []
    for network in (OneWindow(), Convolutions()):
        session = begin(network, input_size=(16, 16), multiple=None)
        proposed = session.segment(2).probabilities
        session.segment_series()
        wanted = (int(session.result(2).labels[12, 12]) + 1) % 3
        answers.append((proposed, session.result(1).probabilities))
        clicked = session.add(Click(2, 12, 12, wanted)).probabilities
        assert not np.array_equal(clicked, proposed)
        answers.append((clicked, proposed))
    for found, expected in zip(answers[:2], answers[2:], strict=True):
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=2e-3)


@pytest.mark.parametrize("network", [Sixteens(), Particular()])
def test_a_size_that_it_does_not_take_is_one_sentence(begin: Begin, network: nn.Module) -> None:
    session = begin(network)
    for act in (session.segment_series, lambda: session.segment(2), lambda: session.add(CLICK)):
        with pytest.raises(CheckpointError, match=r"does not take an input of .* correct .*multip"):
            act()
    assert session.result(2).stored is None
    assert session.interactions(2) == ()


def test_layers_that_its_answer_does_not_depend_on_are_named(begin: Begin) -> None:
    session = begin(Auxiliary())
    shown = session.segment(2).labels
    wrong = Click(2, 12, 12, (int(shown[12, 12]) + 1) % 3)
    with pytest.raises(ConfigurationError, match=r"does not depend on .* --layers or as"):
        session.add(wrong)
    assert session.interactions(2) == ()
    session = begin(Auxiliary(), trained_layers=("first", "last"))
    assert session.add(wrong).labels[12, 12] == wrong.class_index


def test_one_through_which_no_gradient_passes_says_so(begin: Begin) -> None:
    session = begin(Overwriting())
    shown = session.segment(2).labels
    with pytest.raises(CheckpointError, match=r"no gradient passes .*inplace.*; export the"):
        session.add(Click(2, 12, 12, (int(shown[12, 12]) + 1) % 3))
    assert session.interactions(2) == ()


@pytest.mark.parametrize("mapping", ["liver=liver,spleen=spleen", "liver=spleen,spleen=spleen"])
def test_what_is_no_number_away_from_a_click_is_found(begin: Begin, mapping: str) -> None:
    session = begin(HoleAtTwo(), mapping)
    with pytest.raises(CheckpointError, match="no numbers"):
        session.add(Click(2, 4, 12, 1))
    assert session.interactions(2) == ()
    assert session.result(2).stored is None


def test_of_several_classes_that_it_cannot_tell_apart_the_others_are_written(
    begin: Begin,
) -> None:
    session = begin(
        Convolutions(2),
        "kidneys=left+right",
        ("background", "left", "right"),
        classes=("background", "kidneys"),
    )
    plain = session.segment(2).probabilities
    session.conditioning = SliceConditioning(threshold=0.5, reach=2)
    found = session.add(Stroke(2, ((8, 8), (8, 12)), 2, 1))
    assert plain is not None
    assert found.probabilities is not None
    certain = found.probabilities[2] == 1
    assert certain[8, 8:13].all()
    assert certain.sum() > 15, "it has grown"
    assert (found.labels[certain] == 2).all()
    assert np.array_equal(found.probabilities[:, ~certain], plain[:, ~certain]), "not trained"


def test_a_memory_too_small_for_a_slice_is_one_sentence(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begin(Convolutions())

    def fail(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr("torch.jit.ScriptModule.__call__", fail)
    for act in (lambda: session.segment(2), lambda: session.add(CLICK)):
        with pytest.raises(SaimError, match="the memory is too small for the network"):
            act()
