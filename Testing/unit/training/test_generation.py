"""Simulated interactions follow the rules of DDG-SIM, section 4.2."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.errors import ConfigurationError
from SAIMCore.memory import create_memory
from SAIMCore.training.configuration import GenerationOptions, TrainingConfig
from SAIMCore.training.dataset import SliceDataset, TrainingBatch, collate
from SAIMCore.training.generation import create_generation

CLASSES, SIZE, SLICES = 3, 32, 4
ALL_CLICKS = {"hold_out_class": False, "dropped": 0.0, "random_fill": False}

Maker = Callable[..., LabeledSeries]


class Recorder:
    """Answers background everywhere and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Tensor, Tensor]] = []

    def __call__(self, images: Tensor, memory: Tensor) -> Tensor:
        self.asked.append((images.clone(), memory.clone()))
        answer = torch.full((len(images), CLASSES, SIZE, SIZE), 0.1)
        answer[:, 0] = 0.8
        return answer


def batch_of(series: LabeledSeries, epoch: int = 0, augment: bool = False) -> TrainingBatch:
    dataset = SliceDataset([series], SIZE, seed=0, augment=augment)
    return collate([dataset[epoch, place, place] for place in range(len(dataset))], SIZE)


def rounds_of(memory: Tensor) -> tuple[Tensor, Tensor]:
    """Masks and probabilities (B, D, N, H, W) of a sequential memory."""
    parts = memory.unflatten(1, (3, 2, CLASSES))
    return parts[:, :, 0], parts[:, :, 1]


def dynamic(variant: str = "sequential", **options: object) -> Callable[..., Tensor]:
    memory = create_memory(variant, CLASSES)
    return create_generation(memory, GenerationOptions(**options)).generate  # type: ignore[arg-type]


@pytest.fixture
def batch(labeled_series: Maker) -> TrainingBatch:
    return batch_of(labeled_series("a", 0, slices=SLICES))


def clicked_classes(masks: Tensor, labels: Tensor) -> Tensor:
    """Whether every mask pixel's disk has its center in the class, by the class under the disk."""
    return torch.stack([(masks[:, c] > 0).flatten(1).any(1) for c in range(CLASSES)], dim=1)


def test_the_memory_is_filled_by_the_network_and_the_last_round_waits(batch: TrainingBatch) -> None:
    answer = Recorder()
    masks, probabilities = rounds_of(dynamic(**ALL_CLICKS)(batch, answer))
    assert len(answer.asked) == 2
    assert masks.flatten(2).any(dim=2).all(dim=0)[0]
    assert torch.allclose(probabilities[:, :2, 0, :24, :24], torch.tensor(0.8))
    assert not probabilities[:, 2].any()


def test_nothing_is_remembered_of_the_padding(batch: TrainingBatch) -> None:
    _, probabilities = rounds_of(dynamic(**ALL_CLICKS)(batch, Recorder()))
    assert not probabilities[..., 24:, :].any()
    assert not probabilities[..., :, 24:].any()


def test_the_first_round_clicks_every_component_of_every_class(batch: TrainingBatch) -> None:
    masks, _ = rounds_of(dynamic(**ALL_CLICKS)(batch, Recorder()))
    assert clicked_classes(masks[:, 0], batch.labels).all()


@pytest.mark.parametrize("kind", ["dynamic", "static"])
@pytest.mark.parametrize(("pixels", "clicked"), [(1, False), (4, False), (5, True)])
def test_a_spot_that_a_click_left_is_clicked_no_more(kind: str, pixels: int, clicked: bool) -> None:
    labels = np.zeros((1, 24, 24), np.uint8)
    labels[0, 2:12, 2:12] = 1
    labels[0, 18, 12 : 12 + pixels] = 2
    image = np.zeros(labels.shape, np.float16)
    batch = batch_of(LabeledSeries("spots", image, labels))
    masks = dynamic("base", kind=kind, rounds=1, **ALL_CLICKS)(batch, Recorder())
    assert clicked_classes(masks, batch.labels).tolist() == [[True, True, clicked]]


@pytest.mark.parametrize(("pixels", "corrected"), [(1, False), (4, False), (5, True)])
def test_a_mislabeled_spot_is_not_corrected(pixels: int, corrected: bool) -> None:
    labels = np.zeros((1, 24, 24), np.uint8)
    labels[0, 18, 12 : 12 + pixels] = 1
    batch = batch_of(LabeledSeries("spots", np.zeros(labels.shape, np.float16), labels))
    options = {**ALL_CLICKS, "decreasing": False}
    masks, _ = rounds_of(dynamic(**options)(batch, Recorder()))
    # The network says background everywhere, so the spot is the only region to correct.
    assert bool(masks[:, 1:].any()) == corrected


def test_the_first_question_has_an_otherwise_empty_memory(batch: TrainingBatch) -> None:
    answer = Recorder()
    dynamic(**ALL_CLICKS)(batch, answer)
    masks, probabilities = rounds_of(answer.asked[0][1])
    assert not masks[:, :2].any()
    assert masks[:, 2].any()
    assert not probabilities.any()


def test_corrections_fall_on_mislabeled_classes_only(batch: TrainingBatch) -> None:
    options = {**ALL_CLICKS, "decreasing": False}
    masks, _ = rounds_of(dynamic(**options)(batch, Recorder()))
    # The network says background everywhere: only the other classes are wrong.
    assert not masks[:, 1:, 0].any()
    assert masks[:, 1:, 1:].flatten(3).any(dim=3).all()


def test_corrective_clicks_become_rarer(labeled_series: Maker) -> None:
    counts = torch.zeros(3)
    for epoch in range(20):
        batch = batch_of(labeled_series("a", 0), epoch)
        masks, _ = rounds_of(dynamic(**ALL_CLICKS)(batch, Recorder()))
        counts += (masks[:, :, 1:].flatten(3).sum(3) > 0).float().sum(dim=(0, 2))
    shares = counts / (20 * SLICES * 2)
    assert shares[0] == 1
    assert shares[1].item() == pytest.approx(2 / 3, abs=0.12)
    assert shares[2].item() == pytest.approx(1 / 3, abs=0.12)


def test_one_class_per_slice_is_never_clicked(labeled_series: Maker) -> None:
    held_out = set()
    for epoch in range(6):
        batch = batch_of(labeled_series("a", 0), epoch)
        options = {**ALL_CLICKS, "hold_out_class": True}
        masks, _ = rounds_of(dynamic(**options)(batch, Recorder()))
        clicked = masks.flatten(3).any(dim=3).any(dim=1)
        assert (clicked.sum(dim=1) == CLASSES - 1).all()
        held_out |= set((~clicked).nonzero()[:, 1].tolist())
    assert held_out == {0, 1, 2}


def test_four_of_five_clicks_are_dropped(labeled_series: Maker) -> None:
    kept = 0.0
    for epoch in range(40):
        batch = batch_of(labeled_series("a", 0), epoch)
        options = {**ALL_CLICKS, "dropped": 0.8}
        masks, _ = rounds_of(dynamic(**options)(batch, Recorder()))
        kept += (masks[:, 0].flatten(2).sum(2) > 0).float().mean().item() / 40
    assert kept == pytest.approx(0.2, abs=0.05)


def test_a_component_gets_at_most_the_maximum_of_clicks(batch: TrainingBatch) -> None:
    options = {**ALL_CLICKS, "decreasing": False, "max_clicks": 1}
    masks, _ = rounds_of(dynamic(**options)(batch, Recorder()))
    assert masks[:, 0].any()
    assert not masks[:, 1:].any()


def test_random_filling_meets_every_filling_and_leaves_early_rounds_empty(
    labeled_series: Maker,
) -> None:
    fillings = set()
    for epoch in range(5):
        answer = Recorder()
        options = {**ALL_CLICKS, "random_fill": True}
        batch = batch_of(labeled_series("a", 0), epoch)
        _, probabilities = rounds_of(dynamic(**options)(batch, answer))
        answered = probabilities.flatten(2).any(dim=2)
        assert not (answered[:, 0] & ~answered[:, 1]).any()
        fillings |= set(answered.sum(dim=1).tolist())
    assert fillings == {0, 1, 2}


def test_slices_that_have_not_begun_are_not_sent_through_the_network(
    labeled_series: Maker,
) -> None:
    answer = Recorder()
    options = {**ALL_CLICKS, "random_fill": True}
    asked = 0
    for epoch in range(5):
        batch = batch_of(labeled_series("a", 0), epoch)
        _, probabilities = rounds_of(dynamic(**options)(batch, answer))
        asked += int(probabilities.flatten(2).any(dim=2).sum())
    assert sum(len(images) for images, _ in answer.asked) == asked


def test_the_cumulative_memory_keeps_the_clicks_of_all_rounds(batch: TrainingBatch) -> None:
    options = {**ALL_CLICKS, "decreasing": False}
    together = dynamic("cumulative", **options)(batch, Recorder())
    masks, _ = rounds_of(dynamic("sequential", **options)(batch, Recorder()))
    assert torch.equal(together, masks.amax(dim=1))


def test_the_base_memory_keeps_the_last_round_only(batch: TrainingBatch) -> None:
    options = {**ALL_CLICKS, "decreasing": False}
    latest = dynamic("base", **options)(batch, Recorder())
    masks, _ = rounds_of(dynamic("sequential", **options)(batch, Recorder()))
    assert torch.equal(latest, masks[:, 2])


def test_a_network_without_interactions_is_asked_nothing(batch: TrainingBatch) -> None:
    answer = Recorder()
    assert dynamic("none")(batch, answer).shape == (SLICES, 0, SIZE, SIZE)
    assert not answer.asked


def test_clicks_never_fall_into_the_padding(labeled_series: Maker) -> None:
    for epoch in range(5):
        batch = batch_of(labeled_series("a", 0, side=24), epoch, augment=True)
        masks, _ = rounds_of(dynamic(**ALL_CLICKS)(batch, Recorder()))
        assert not masks[..., 24:, :].any()
        assert not masks[..., :, 24:].any()


def test_the_same_visit_gets_the_same_clicks_and_another_epoch_others(
    labeled_series: Maker,
) -> None:
    series = labeled_series("a", 0)
    generate = dynamic(dropped=0.0)
    one, again, later = (generate(batch_of(series, epoch), Recorder()) for epoch in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, later)


@pytest.mark.parametrize(("variant", "depth"), [("sequential", 5), ("sequential", 1), ("base", 5)])
def test_every_place_of_the_memory_is_met_in_training(
    batch: TrainingBatch, variant: str, depth: int
) -> None:
    memory = create_memory(variant, CLASSES, depth)
    answer = Recorder()
    generated = create_generation(memory, GenerationOptions(**ALL_CLICKS)).generate(batch, answer)  # type: ignore[arg-type]
    assert len(answer.asked) + 1 == max(3, memory.depth)
    if variant == "sequential":
        _, probabilities = generated.unflatten(1, (depth, 2, CLASSES)).unbind(2)
        assert probabilities[:, :-1].flatten(2).any(dim=2).all()


def test_the_number_of_rounds_can_be_said(batch: TrainingBatch) -> None:
    answer = Recorder()
    dynamic(**ALL_CLICKS, rounds=2)(batch, answer)
    assert len(answer.asked) == 1


def test_static_clicks_are_the_same_at_every_visit_and_move_with_the_flips(
    labeled_series: Maker,
) -> None:
    series = labeled_series("a", 0, side=SIZE)
    static = create_generation(
        create_memory("cumulative", CLASSES), GenerationOptions(kind="static")
    )
    plain = static.generate(batch_of(series, 0), Recorder())
    for epoch in range(3):
        batch = batch_of(series, epoch, augment=True)
        moved = static.generate(batch, Recorder())
        for place, visit in enumerate(batch.visits):
            assert torch.equal(visit.augmentation.geometry(moved[place]), plain[place])


def test_static_clicks_ask_the_network_nothing_and_cover_every_component(
    batch: TrainingBatch,
) -> None:
    answer = Recorder()
    static = create_generation(
        create_memory("cumulative", CLASSES), GenerationOptions(kind="static")
    )
    assert clicked_classes(static.generate(batch, answer), batch.labels).all()
    assert not answer.asked


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "magic"}, "unknown data generation 'magic'"),
        ({"rounds": 0}, "at least 1 round"),
        ({"dropped": 1.0}, "below 1, found 1.0"),
    ],
)
def test_impossible_options_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        GenerationOptions(**options)  # type: ignore[arg-type]


def test_training_options_survive_json_and_name_unknown_keys() -> None:
    config = TrainingConfig(epochs=3, generation=GenerationOptions(dropped=0.5))
    assert TrainingConfig.from_json(config.to_json()) == config
    with pytest.raises(ConfigurationError, match="unknown training option 'epoch'"):
        TrainingConfig.from_json({"epoch": 3})
    with pytest.raises(ConfigurationError, match="epochs must be at least 1, found 0"):
        TrainingConfig(epochs=0)
    with pytest.raises(ConfigurationError, match="learning rate must be above 0"):
        TrainingConfig(learning_rate=-1.0)


def test_mask_pixels_mark_the_clicked_class(batch: TrainingBatch) -> None:
    masks, _ = rounds_of(dynamic(**ALL_CLICKS)(batch, Recorder()))
    labels = np.stack([visit.labels for visit in batch.visits])
    for place in range(SLICES):
        # A disk of radius 1 has its center at its middle pixel; the background's and the inner
        # square's disks may overlap their neighbors, so look at the class most pixels have.
        inner = masks[place, 0, 2, :24, :24].numpy() > 0
        found = np.bincount(labels[place][inner], minlength=CLASSES)
        assert found.argmax() == 2
