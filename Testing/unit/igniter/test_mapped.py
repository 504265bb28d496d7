"""An igniter in the classes of a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from SAIMCore.classes import ClassTable
from SAIMCore.conditioning.inference import ConditioningOptions, conditioned_answer
from SAIMCore.conditioning.region_growing import FREE
from SAIMCore.data.geometry import Geometry
from SAIMCore.errors import ConfigurationError
from SAIMCore.igniter.class_mapping import ClassMapping
from SAIMCore.igniter.mapped import MappedIgniter
from SAIMCore.igniter.opening import open_igniter
from SAIMCore.igniter.proposer import IgniterSeries
from Testing.unit.igniter.labelmaps import VALUES, without_image, write

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit")

Write = Callable[..., Path]
OURS = ClassTable.from_names(["background", "organ", "tumor", "vessel"])


def mapped(path: Path, text: str = "liver=organ,spleen=tumor+organ") -> MappedIgniter:
    return MappedIgniter(open_igniter(path, "cpu"), ClassMapping.from_text(text), OURS)


@pytest.fixture
def series(block_series: Callable[[Geometry], IgniterSeries], plain: Geometry) -> IgniterSeries:
    return block_series(plain)


def test_its_proposals_are_in_the_project_s_classes(
    write_torchscript: Write, series: IgniterSeries
) -> None:
    path = write_torchscript()
    igniter = mapped(path)
    assert igniter.name == "model.ts"
    assert igniter.classes is OURS
    assert igniter.never == ("vessel",)
    own = dict(open_igniter(path, "cpu").propose(series))
    found = dict(igniter.proposals(series))
    assert sorted(found) == list(range(6))
    for index, probabilities in found.items():
        assert probabilities.shape == (4, 20, 24)
        torch.testing.assert_close(probabilities.sum(dim=0), torch.ones(20, 24))
        torch.testing.assert_close(probabilities[1], own[index][1] + own[index][2] / 2)
        assert not probabilities[3].any()


def test_progress_and_stopping_are_handed_on(
    write_torchscript: Write, series: IgniterSeries
) -> None:
    igniter = mapped(write_torchscript(input_size=(20, 24), multiple=None))
    told: list[tuple[int, int]] = []
    list(igniter.proposals(series, lambda done, total: told.append((done, total))))
    assert told[-1] == (6, 6)
    assert len(dict(igniter.proposals(series, should_stop=lambda: True))) <= 6


def test_its_trainable_logits_are_those_of_its_proposals(
    write_torchscript: Write, series: IgniterSeries
) -> None:
    torch.manual_seed(0)
    convolutions = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
    igniter = mapped(write_torchscript(convolutions), "liver=organ,spleen=tumor")
    slices = igniter.trainable(series)
    assert slices is not None
    with torch.no_grad():
        logits = slices.logits(*slices.inputs(2))
    proposed = dict(igniter.proposals(series))[2]
    torch.testing.assert_close(logits.softmax(dim=0), proposed, rtol=1e-4, atol=1e-5)
    targets = torch.full((20, 24), FREE)
    targets[5, 5] = int(proposed[:, 5, 5].argmax())
    found = conditioned_answer(
        slices.network, slices.inputs(2), targets, ConditioningOptions(), slices.logits
    )
    assert found.satisfied
    assert found.logits.shape == (4, 20, 24)


def test_one_that_cannot_be_trained_stays_so(
    write_torchscript: Write, series: IgniterSeries
) -> None:
    assert mapped(write_torchscript(kind="3d")).trainable(series) is None


def test_labelmaps_of_other_series_propose_nothing(folder: Path, plain: Geometry) -> None:
    labels = torch.zeros(plain.array_shape, dtype=torch.uint8).numpy()
    labels[2, 3:9, 4:8] = 1
    write(folder / "case.nii.gz", VALUES[labels], plain)
    igniter = mapped(folder)
    assert igniter.no_proposal("case") is None
    assert "no labelmap of the series 'other'" in str(igniter.no_proposal("other"))
    assert (dict(igniter.proposals(without_image("case", plain)))[2][1, 3:9, 4:8] == 1).all()


def test_its_version_is_another_one_for_other_content_or_meaning(
    write_torchscript: Write, folder: Path, plain: Geometry
) -> None:
    path = write_torchscript()
    version = mapped(path).version
    assert version.startswith("igniter:model.ts-")
    assert mapped(path).version == version
    assert mapped(path, "spleen=organ+tumor,liver=organ").version == version, "the same meaning"
    assert mapped(path, "liver=organ,spleen=tumor").version != version
    write_torchscript(padding_value=1.0)
    assert mapped(path).version != version


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("liver=organ", "lacks the igniter's class spleen"),
        ("liver=organ,spleen=kidney", "which is no class of this project"),
        ("liver=organ,spleen=tumor,kidney=organ", "the igniter has no class 'kidney'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    write_torchscript: Write, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        mapped(write_torchscript(), text)
