"""Evaluation with the virtual user."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from SAIMCore.classes import ClassTable
from SAIMCore.data.labeled import LabeledSeries
from SAIMCore.evaluation import EvaluationStopped, evaluate, interaction_rounds, virtual_users
from SAIMCore.memory import InteractionMemory, create_memory

CLASSES = ClassTable.from_names(["background", "organ", "lesion<organ"])
SIDE = 20


class GrowingPredictor:
    """Answers background, and around every click it can see a square of the clicked class."""

    def __init__(self, variant: str = "sequential") -> None:
        self.memory: InteractionMemory = create_memory(variant, 3)
        self.classes, self.num_classes = CLASSES, 3
        self.device = torch.device("cpu")
        self.asked: list[torch.Tensor] = []

    def input_shape(self, height: int, width: int) -> tuple[int, int]:
        return 32, 32

    def probabilities(self, image: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        self.asked.append(memory.clone())
        answer = torch.zeros(len(image), 3, 32, 32)
        answer[:, 0] = 0.5
        if memory.shape[1]:
            masks = memory.unflatten(1, (-1, 3))[:, ::2] if memory.shape[1] > 3 else memory[:, None]
            grown = torch.nn.functional.max_pool2d(masks.amax(dim=1), 5, 1, 2)
            answer += grown
        return answer / answer.sum(dim=1, keepdim=True)


def series(name: str = "a", slices: int = 3) -> LabeledSeries:
    labels = np.zeros((slices, SIDE, SIDE), np.uint8)
    labels[:, 4:14, 4:14] = 1
    labels[:, 7:11, 7:11] = 2
    return LabeledSeries(name, labels.astype(np.float16), labels)


def answers(predictor: GrowingPredictor, entry: LabeledSeries, clicks: int = 3) -> list:
    users = virtual_users(entry.name, range(len(entry.slices)), 0)
    return list(interaction_rounds(predictor, entry.slices, entry.labels, users, clicks))


def test_the_first_answer_has_no_clicks_and_an_empty_memory() -> None:
    predictor = GrowingPredictor()
    first = answers(predictor, series())[0]
    assert first.clicks == [[], [], []]
    assert not predictor.asked[0].any()
    assert not first.labels.any()


def test_every_mislabeled_class_gets_one_click_a_round() -> None:
    for answer in answers(GrowingPredictor(), series())[1:2]:
        assert [sorted(click.class_index for click in clicks) for clicks in answer.clicks] == [
            [1, 2]
        ] * 3


def test_the_automatic_answer_is_the_first_round_of_the_memory() -> None:
    predictor = GrowingPredictor()
    answers(predictor, series(), clicks=1)
    rounds = predictor.asked[1].unflatten(1, (3, 2, 3))
    assert not rounds[:, 0].any()
    assert not rounds[:, 1, 0].any()
    assert torch.allclose(rounds[:, 1, 1, 0, :SIDE, :SIDE], torch.ones(1))
    assert not rounds[:, 1, 1, :, SIDE:].any()
    assert rounds[:, 2, 0].any()
    assert not rounds[:, 2, 1].any()


def test_clicked_pixels_obey_in_all_later_answers() -> None:
    entry, given = series(), [[], [], []]
    for answer in answers(GrowingPredictor("none"), entry):
        for place, clicks in enumerate(answer.clicks):
            given[place] += clicks
            for click in given[place]:
                assert answer.labels[place, click.row, click.column] == click.class_index


def test_a_slice_that_is_right_is_left_alone() -> None:
    entry = series()
    entry.labels[1] = 0
    rounds = answers(GrowingPredictor(), entry)
    assert all(not answer.clicks[1] for answer in rounds)
    assert not rounds[-1].labels[1].any()
    assert rounds[-1].labels[0].any()


def test_a_network_without_interactions_is_asked_once() -> None:
    predictor = GrowingPredictor("none")
    answers(predictor, series())
    assert len(predictor.asked) == 1


def test_clicks_do_not_depend_on_the_batch() -> None:
    entry = series(slices=4)
    together = answers(GrowingPredictor(), entry)
    predictor = GrowingPredictor()
    users = virtual_users(entry.name, range(2, 4), 0)
    alone = list(interaction_rounds(predictor, entry.slices[2:], entry.labels[2:], users, 3))
    for whole, part in zip(together, alone, strict=True):
        assert whole.clicks[2:] == part.clicks
        assert np.array_equal(whole.labels[2:], part.labels)


def test_the_rounds_stay_on_one_device_when_the_predictor_goes_on_on_another() -> None:
    class Moving(GrowingPredictor):
        @property
        def device(self) -> torch.device:  # type: ignore[override]
            # What lies on "meta" has no values.
            return torch.device("meta" if self.asked else "cpu")

        @device.setter
        def device(self, device: torch.device) -> None:
            pass

    for moving, usual in zip(
        answers(Moving(), series()), answers(GrowingPredictor(), series()), strict=True
    ):
        assert np.array_equal(moving.labels, usual.labels)


def test_slices_that_do_not_fit_on_the_gpu_are_evaluated_from_the_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu, zeros = torch.device("cpu", 0), torch.zeros

    def full(*shape: int, device: torch.device | None = None, **options: object) -> torch.Tensor:
        if device is gpu:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return zeros(*shape, device=device, **options)  # type: ignore[call-overload]

    expected = answers(GrowingPredictor(), series())
    monkeypatch.setattr(torch, "zeros", full)
    predictor = GrowingPredictor()
    predictor.device = gpu
    for found, usual in zip(answers(predictor, series()), expected, strict=True):
        assert np.array_equal(found.labels, usual.labels)


def test_clicks_raise_the_scores_of_a_predictor_that_listens() -> None:
    evaluation = evaluate(GrowingPredictor(), [series("a"), series("b")])
    curve = [evaluation.scores(clicks).mean_iou for clicks in range(4)]
    assert curve[0] == 0
    assert min(curve[1:]) > 0.3
    assert evaluation.overall == pytest.approx(np.mean(curve))
    assert evaluation.clicks_given[0] == 0
    assert evaluation.clicks_given[1] == 2


def test_the_outer_structure_is_measured_with_what_lies_within() -> None:
    class Perfect(GrowingPredictor):
        def probabilities(self, image: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
            organ = (image[:, 0] > 0).float()
            return torch.stack([1 - organ, organ, 0 * organ], dim=1)

    # Everything is called organ: the organ, with the lesion inside it, is complete.
    scores = evaluate(Perfect(), [series()], max_clicks=0).scores(0)
    assert scores.iou == (1.0, 0.0)


def test_the_same_seed_repeats_and_progress_counts_slices() -> None:
    told: list[tuple[int, int]] = []
    first = evaluate(GrowingPredictor(), [series("a", 5), series("b", 20)], 2, seed=3,
                     progress=lambda done, total: told.append((done, total)))  # fmt: skip
    again = evaluate(GrowingPredictor(), [series("a", 5), series("b", 20)], 2, seed=3)
    assert first.to_json() == again.to_json()
    assert told == [(5, 25), (21, 25), (25, 25)]


def test_the_result_is_json() -> None:
    document = json.loads(json.dumps(evaluate(GrowingPredictor(), [series()], 1).to_json()))
    assert set(document) == {"0", "1"}
    assert set(document["1"]["iou"]) == {"organ", "lesion"}
    assert document["1"]["per_series"]["a"]["dice"]["organ"] > 0


def test_a_request_to_stop_is_heard_before_every_batch() -> None:
    told: list[tuple[int, int]] = []
    with pytest.raises(EvaluationStopped):
        evaluate(
            GrowingPredictor(),
            [series("a", 5), series("b", 20)],
            progress=lambda done, total: told.append((done, total)),
            should_stop=lambda: len(told) == 2,
        )  # type: ignore[arg-type]
    # Of the second series one batch was done.
    assert told == [(5, 25), (21, 25)]
