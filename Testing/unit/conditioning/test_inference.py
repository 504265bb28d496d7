"""Answers that agree with what the user demands."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.conditioning.trained_layers import trained_modules
from SAIMCore.errors import CheckpointError, ConfigurationError

STRONG = ConditioningOptions(learning_rate=0.5, steps=40)

# TorchScript is on its way out of PyTorch; until then people have files of it.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")


@pytest.fixture
def inputs(image: Tensor) -> tuple[Tensor, Tensor]:
    return image, torch.zeros(1, 0, *image.shape[2:])


@pytest.fixture
def first(unet: nn.Module, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """The classes (h, w) that the network sees by itself."""
    with torch.no_grad():
        classes: Tensor = unet(*inputs)[0].argmax(dim=0)
    return classes


def demanding(first: Tensor, **boxes: tuple[slice, slice]) -> Tensor:
    """Targets: the classes ``c0``, ``c1``, ... in these boxes."""
    targets = torch.full_like(first, FREE)
    for name, box in boxes.items():
        targets[box] = int(name[1:])
    return targets


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def assert_as_before(network: nn.Module, before: dict[str, Tensor]) -> None:
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(weight.requires_grad for weight in network.parameters())


def test_every_demand_is_met_and_the_weights_are_restored(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    before = weights_of(unet)
    wanted = (int(first[10, 10]) + 1) % 3
    targets = demanding(first, **{f"c{wanted}": (slice(8, 12), slice(8, 12))})
    found = conditioned_answer(unet, inputs, targets, STRONG)
    assert found.satisfied
    assert 0 < found.steps < STRONG.steps
    assert (found.logits.argmax(dim=0)[8:12, 8:12] == wanted).all()
    assert not found.logits.requires_grad
    assert_as_before(unet, before)


def test_several_classes_are_corrected_at_once(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    boxes = {
        f"c{number}": (slice(20 * number, 20 * number + 3), slice(30, 33)) for number in range(3)
    }
    targets = demanding(first, **boxes)
    found = conditioned_answer(unet, inputs, targets, ConditioningOptions(200, 0.05, 0))
    assert found.satisfied
    seen = found.logits.argmax(dim=0)
    assert (seen[targets != FREE] == targets[targets != FREE]).all()


def test_a_class_that_was_missing_can_be_inserted(image: Tensor) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 3, 1)).eval()
    with torch.no_grad():
        network[2].bias[2] = -5
        assert not (network(image)[0].argmax(dim=0) == 2).any()
    targets = demanding(torch.zeros(64, 64, dtype=torch.long), c2=(slice(3, 5), slice(3, 5)))
    found = conditioned_answer(network, (image,), targets, ConditioningOptions(300, 0.5, 0))
    assert found.satisfied
    assert (found.logits.argmax(dim=0)[3:5, 3:5] == 2).all()


def test_what_is_satisfied_already_stays_as_it_is(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    targets = torch.full_like(first, FREE)
    targets[5, 5] = first[5, 5]
    with torch.no_grad():
        plain = unet(*inputs)[0]
    for demanded in (targets, torch.full_like(first, FREE)):
        found = conditioned_answer(unet, inputs, demanded, STRONG)
        assert (found.steps, found.satisfied) == (0, True)
        assert torch.equal(found.logits, plain)


def test_it_stops_after_so_many_steps_and_restores_the_weights(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    before = weights_of(unet)
    wanted = (int(first[10, 10]) + 1) % 3
    targets = demanding(first, **{f"c{wanted}": (slice(8, 12), slice(8, 12))})
    found = conditioned_answer(unet, inputs, targets, ConditioningOptions(2, 1e-6))
    assert (found.steps, found.satisfied) == (2, False)
    assert_as_before(unet, before)


def test_the_steps_are_those_of_gradient_descent(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    """Algorithm 1 of the paper, written out with torch's own SGD on a copy of the network."""
    rate, alpha, steps = 0.05, 0.3, 3
    targets = demanding(first, c0=(slice(0, 9), slice(0, 9)), c1=(slice(30, 40), slice(3, 9)))
    places = targets != FREE
    copied = copy.deepcopy(unet)
    weights = [w for module in trained_modules(copied) for w in module.parameters()]
    trained = [weight.detach().clone() for weight in weights]
    descent = torch.optim.SGD(weights, lr=rate)
    for step in range(steps):
        descent.zero_grad()
        logits = copied(*inputs)[0]
        loss = functional.cross_entropy(logits[:, places].T, targets[places])
        if step:
            moved = [(w - t).flatten() for w, t in zip(weights, trained, strict=True)]
            loss = loss + alpha * torch.cat(moved).norm()
        loss.backward()
        descent.step()
    with torch.no_grad():
        expected = copied(*inputs)[0]
    found = conditioned_answer(unet, inputs, targets, ConditioningOptions(steps, rate, alpha))
    assert found.steps == steps
    torch.testing.assert_close(found.logits, expected, rtol=1e-4, atol=1e-5)


def test_alpha_holds_the_answer_near_that_of_the_trained_weights(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    with torch.no_grad():
        plain = unet(*inputs)[0]
    targets = demanding(first, c2=(slice(8, 40), slice(8, 12)))
    changes = [
        float((conditioned_answer(unet, inputs, targets, options).logits - plain).abs().mean())
        for options in (
            ConditioningOptions(8, 0.02, 0, layer_count=3),
            ConditioningOptions(8, 0.02, 3, layer_count=3),
        )
    ]
    assert changes[1] < 0.9 * changes[0]


def test_a_torchscript_network_is_corrected_too(image: Tensor) -> None:
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 3, 1)).eval()
    script = torch.jit.trace(network, image)
    targets = demanding(torch.zeros(64, 64, dtype=torch.long), c1=(slice(3, 9), slice(3, 5)))
    options = ConditioningOptions(50, 0.5, 0.01, layer_count=1)
    eager = conditioned_answer(network, (image,), targets, options)
    found = conditioned_answer(script, (image,), targets, options)
    assert found.satisfied
    torch.testing.assert_close(found.logits, eager.logits, rtol=1e-4, atol=1e-5)


def test_a_learning_rate_that_is_too_high_does_no_harm(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    before = weights_of(unet)
    with torch.no_grad():
        plain = unet(*inputs)[0]
    targets = demanding(first, c1=(slice(0, 30), slice(0, 30)), c2=(slice(30, 60), slice(0, 30)))
    found = conditioned_answer(unet, inputs, targets, ConditioningOptions(10, 1e30))
    assert found.unmet <= int((plain.argmax(dim=0) != targets)[targets != FREE].sum())
    assert torch.isfinite(found.logits).all()
    assert_as_before(unet, before)


def test_weights_that_are_no_numbers_are_named(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    with torch.no_grad():
        next(unet.parameters()).fill_(float("nan"))
    targets = demanding(first, c1=(slice(0, 30), slice(0, 30)))
    with pytest.raises(CheckpointError, match="no numbers"):
        conditioned_answer(unet, inputs, targets, STRONG)


def test_what_is_no_number_where_nothing_is_demanded_is_named_too(
    unet: nn.Module, inputs: tuple[Tensor, Tensor], first: Tensor
) -> None:
    def with_a_hole(*given: Tensor) -> Tensor:
        answer: Tensor = unet(*given)[0]
        return answer.index_fill(1, torch.tensor([40]), float("nan"))

    before = weights_of(unet)
    for targets in (demanding(first, c1=(slice(0, 9), slice(0, 9))), demanding(first)):
        with pytest.raises(CheckpointError, match="no numbers"):
            conditioned_answer(unet, inputs, targets, STRONG, with_a_hole)
    assert_as_before(unet, before)


def test_layers_that_the_answer_does_not_depend_on_are_refused(image: Tensor) -> None:
    class Auxiliary(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Conv2d(1, 3, 1)
            self.extra = nn.Conv2d(1, 3, 1)

        def forward(self, given: Tensor) -> Tensor:
            answer: Tensor = self.head(given)
            return answer

    network = Auxiliary().eval()
    before = weights_of(network)
    seen = network(image)[0].argmax(dim=0)
    options = ConditioningOptions(2, 0.1, layers=("extra",))
    with pytest.raises(ConfigurationError, match="does not depend on the layers"):
        conditioned_answer(network, (image,), (seen + 1) % 3, options)
    assert conditioned_answer(network, (image,), seen, options).satisfied, "nothing to train"
    assert_as_before(network, before)


@pytest.mark.parametrize(
    "values",
    [
        {"steps": 0},
        {"steps": math.inf},
        {"steps": 2.5},
        {"layer_count": 0},
        {"layer_count": math.nan},
        {"learning_rate": 0},
        {"learning_rate": math.inf},
        {"learning_rate": math.nan},
        {"alpha": -1},
        {"alpha": math.inf},
        {"alpha": math.nan},
    ],
)
def test_options_that_cannot_be_used_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="conditioning needs"):
        ConditioningOptions(**values)  # type: ignore[arg-type]
