from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from SAIMCore.checkpoint import ModelConfig
from SAIMCore.classes import ClassTable
from SAIMCore.errors import CheckpointError, SaimError
from SAIMCore.memory import MEMORY_VARIANTS
from SAIMCore.networks.factory import create_network
from SAIMCore.predictor import RETRY_AFTER, Predictor

MakeConfig = Callable[..., ModelConfig]
MakeCheckpoint = Callable[..., Path]


def make_predictor(config: ModelConfig, **options: Any) -> Predictor:
    torch.manual_seed(0)
    return Predictor(create_network(config.network), config, "cpu", **options)


def make_stack(count: int = 5, height: int = 50, width: int = 70) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((count, height, width)).astype(np.float16)


@pytest.mark.parametrize(
    ("shape", "padded"),
    [((64, 64), (64, 64)), ((10, 65), (64, 96)), ((512, 129), (512, 160)), ((1, 1), (64, 64))],
)
def test_input_is_padded_to_multiples_of_32_and_at_least_the_trained_size(
    small_config: MakeConfig, shape: tuple[int, int], padded: tuple[int, int]
) -> None:
    assert make_predictor(small_config(size=64)).input_shape(*shape) == padded


def test_a_checkpoint_becomes_a_predictor(small_checkpoint: MakeCheckpoint) -> None:
    predictor = Predictor.load(small_checkpoint(), "cpu")

    assert predictor.version == "round-003"
    assert predictor.num_classes == 3
    assert predictor.classes.names == ("background", "uterus", "tumor")
    assert predictor.memory.channels == 18
    assert predictor.device == torch.device("cpu")
    assert predictor.config.size == 64


def test_a_checkpoint_of_other_classes_is_refused(small_checkpoint: MakeCheckpoint) -> None:
    expected = ClassTable.from_names(["background", "liver"])

    with pytest.raises(CheckpointError, match="liver"):
        Predictor.load(small_checkpoint(), "cpu", expected)


@pytest.mark.parametrize("decoder", ["unet", "convlstm"])
def test_probabilities_are_the_softmax_of_the_network(
    small_config: MakeConfig, decoder: str
) -> None:
    config = small_config(decoder)
    network = create_network(config.network)
    predictor = Predictor(network, config, "cpu")
    image, memory = torch.randn(2, 1, 64, 96), torch.rand(2, 18, 64, 96)

    answer = predictor.probabilities(image, memory)

    with torch.no_grad():
        expected = network(image, memory).softmax(dim=1)
    assert answer.dtype == torch.float32
    assert not network.training
    torch.testing.assert_close(answer, expected)
    torch.testing.assert_close(answer.sum(dim=1), torch.ones(2, 64, 96))


def test_answers_do_not_depend_on_each_other(small_config: MakeConfig) -> None:
    predictor = make_predictor(small_config())
    image, memory = torch.randn(1, 1, 64, 64), torch.rand(1, 18, 64, 64)

    first = predictor.probabilities(image, memory).clone()
    predictor.probabilities(-image, 1 - memory)

    torch.testing.assert_close(predictor.probabilities(image, memory), first, rtol=0, atol=0)


@pytest.mark.parametrize("variant", MEMORY_VARIANTS)
@pytest.mark.parametrize("batch_size", [1, 2, 5, 16])
def test_a_stack_is_segmented_like_its_slices_one_by_one(
    small_config: MakeConfig, variant: str, batch_size: int
) -> None:
    predictor = make_predictor(small_config(memory=variant))
    stack = make_stack()

    answers = list(predictor.automatic(stack, batch_size))

    assert [len(part) for part in answers] == [
        min(batch_size, 5 - start) for start in range(0, 5, batch_size)
    ]
    together = torch.cat(answers)
    assert together.shape == (5, 3, 50, 70)
    for index, pixels in enumerate(stack):
        image = torch.zeros(1, 1, 64, 96)
        image[0, 0, :50, :70] = torch.from_numpy(pixels)
        memory = torch.zeros(1, predictor.memory.channels, 64, 96)
        alone = predictor.probabilities(image, memory)[0, :, :50, :70]
        torch.testing.assert_close(together[index], alone, rtol=1e-4, atol=1e-5)


def test_a_stack_may_be_a_read_only_memory_map(small_config: MakeConfig, tmp_path: Path) -> None:
    np.save(tmp_path / "stack.npy", make_stack(3))
    stack = np.load(tmp_path / "stack.npy", mmap_mode="r")

    (answer,) = make_predictor(small_config()).automatic(stack, 8)

    assert answer.shape == (3, 3, 50, 70)


def test_an_answer_stays_as_it_is_while_the_next_is_made(small_config: MakeConfig) -> None:
    answers = make_predictor(small_config()).automatic(make_stack(4), 2)
    first = next(answers)
    kept = first.clone()
    next(answers)

    torch.testing.assert_close(first, kept, rtol=0, atol=0)


def test_one_may_stop_in_the_middle_of_a_stack(small_config: MakeConfig) -> None:
    answers = make_predictor(small_config()).automatic(make_stack(6), 2)
    next(answers)

    answers.close()  # type: ignore[attr-defined]

    assert list(answers) == []


def limit_memory(network: nn.Module, capacity: int) -> list[int]:
    """Let ``network`` fail like on a GPU that holds ``capacity`` slices; returns its batches."""
    batches: list[int] = []

    def check(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        batches.append(len(inputs[0]))
        if len(inputs[0]) > capacity:
            raise torch.OutOfMemoryError("CUDA out of memory")

    network.register_forward_pre_hook(check)
    return batches


@pytest.mark.parametrize(
    ("capacity", "batches"), [(1, [4, 2, 1, 1, 1, 1]), (2, [4, 2, 2]), (3, [4, 2, 2]), (4, [4])]
)
def test_batches_are_halved_while_the_gpu_has_too_little_memory(
    small_config: MakeConfig, capacity: int, batches: list[int]
) -> None:
    config = small_config()
    torch.manual_seed(0)
    network = create_network(config.network)
    sentences: list[str] = []
    predictor = Predictor(network, config, "cpu", sentences.append)
    tried = limit_memory(network, capacity)
    image, memory = torch.randn(4, 1, 64, 64), torch.rand(4, 18, 64, 64)

    answer = predictor.probabilities(image, memory)

    expected = make_predictor(config).probabilities(image, memory)
    torch.testing.assert_close(answer, expected, rtol=1e-4, atol=1e-5)
    assert tried == batches
    assert len(sentences) == sum(batch > capacity for batch in batches)
    assert all(
        "too small for" in sentence and "going on with" in sentence for sentence in sentences
    )


def test_the_smaller_batch_is_remembered(small_config: MakeConfig) -> None:
    config = small_config()
    network = create_network(config.network)
    sentences: list[str] = []
    predictor = Predictor(network, config, "cpu", sentences.append)
    tried = limit_memory(network, 2)

    list(predictor.automatic(make_stack(8), 4))

    assert tried == [4, 2, 2, 2, 2]
    assert len(sentences) == 1


@pytest.fixture
def pretended_gpu(monkeypatch: pytest.MonkeyPatch) -> torch.device:
    """A device that is not the CPU but works like it; predictors run on it."""
    gpu = torch.device("cpu", 0)
    monkeypatch.setattr("SAIMCore.predictor.choose_device", lambda name: gpu)
    return gpu


@pytest.mark.usefixtures("pretended_gpu")
def test_the_cpu_takes_over_when_not_even_one_slice_fits(small_config: MakeConfig) -> None:
    config = small_config()
    torch.manual_seed(0)
    network = create_network(config.network)
    sentences: list[str] = []
    predictor = Predictor(network, config, "cuda", sentences.append)
    tried = limit_memory(network, 0)

    answers = torch.cat(list(predictor.automatic(make_stack(4), 2)))

    expected = torch.cat(list(make_predictor(config).automatic(make_stack(4), 2)))
    torch.testing.assert_close(answers, expected, rtol=1e-4, atol=1e-5)
    assert tried == [2, 1]
    assert sentences[-1].endswith("going on on the CPU.")
    assert str(predictor.device) == "cpu"


def test_a_gpu_whose_memory_was_short_is_tried_again_ever_more_rarely(
    small_config: MakeConfig, pretended_gpu: torch.device
) -> None:
    config = small_config()
    torch.manual_seed(0)
    network = create_network(config.network)
    sentences: list[str] = []
    predictor = Predictor(network, config, "cuda", sentences.append)
    tried = limit_memory(network, 0)
    image, memory = torch.randn(1, 1, 64, 64), torch.rand(1, 18, 64, 64)
    expected = make_predictor(config).probabilities(image, memory)

    counts = []
    for _ in range(1 + RETRY_AFTER + 1 + 2 * RETRY_AFTER):
        answer = predictor.probabilities(image, memory)
        torch.testing.assert_close(answer, expected, rtol=1e-4, atol=1e-5)
        counts.append(len(tried))
    assert counts == [1] * (1 + RETRY_AFTER) + [2] * (1 + 2 * RETRY_AFTER)
    assert sentences[1].startswith("Trying the GPU again")

    network._forward_pre_hooks.clear()
    predictor.probabilities(image, memory)
    assert predictor.device is pretended_gpu
    assert len(sentences) == 4


@pytest.mark.usefixtures("pretended_gpu")
def test_a_model_that_does_not_fit_on_the_gpu_runs_on_the_cpu(
    small_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_config()
    network = create_network(config.network)
    to = network.to

    def full(device: torch.device) -> nn.Module:
        if device != torch.device("cpu"):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return to(device)

    monkeypatch.setattr(network, "to", full)
    sentences: list[str] = []
    predictor = Predictor(network, config, "cuda", sentences.append)

    assert str(predictor.device) == "cpu"
    assert sentences == ["The GPU's memory is too small for the model: going on on the CPU."]
    assert len(list(predictor.automatic(make_stack(2), 1))) == 2


def test_a_slice_that_does_not_even_fit_on_the_cpu_ends_in_a_sentence(
    small_config: MakeConfig,
) -> None:
    config = small_config()
    network = create_network(config.network)
    limit_memory(network, 0)

    with pytest.raises(SaimError, match="too small for a single slice of 64 x 96 pixels; close"):
        list(Predictor(network, config, "cpu").automatic(make_stack(2), 2))


def test_other_errors_of_the_network_are_not_taken_for_a_short_memory(
    small_config: MakeConfig,
) -> None:
    predictor = make_predictor(small_config())

    with pytest.raises(RuntimeError, match="channels"):
        predictor.probabilities(torch.randn(1, 1, 64, 64), torch.rand(1, 5, 64, 64))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answers_that_are_no_numbers_are_refused(small_config: MakeConfig, value: float) -> None:
    config = small_config()
    network = create_network(config.network)
    predictor = Predictor(network, config, "cpu")
    next(network.encoder.parameters()).data[0] = value

    with pytest.raises(CheckpointError, match=r"round-003 answers with values that are no numbers"):
        list(predictor.automatic(make_stack(1), 1))


def test_without_a_listener_warnings_go_to_the_log(
    small_config: MakeConfig, caplog: pytest.LogCaptureFixture
) -> None:
    config = small_config()
    network = create_network(config.network)
    limit_memory(network, 1)

    list(Predictor(network, config, "cpu").automatic(make_stack(2), 2))

    assert "too small for 2 slices" in caplog.text
