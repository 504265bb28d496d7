"""The benchmarks run on tiny sizes and say what they should; how fast is not asked here."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from SAIMCore import predictor
from SAIMCore.benchmarks import step, timing
from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BENCHMARKS, BenchmarkOptions
from SAIMCore.benchmarks.running import run_benchmark, surroundings
from SAIMCore.benchmarks.timing import WARM_UP, Comparison, Work
from SAIMCore.conditioning.inference import Conditioned, conditioned_answer
from SAIMCore.errors import ConfigurationError
from SAIMCore.training import dataset as dataset_module

TIMED = {"measured_ms", "reference_ms", "repeats", "conditions"}


def tiny(**changes: Any) -> BenchmarkOptions:
    options = {"device": "cpu", "repeats": 2, "size": 64, "encoder": "resnet18", "pools": (1, 2)}
    return BenchmarkOptions(**{**options, **changes})  # type: ignore[arg-type]


def check_ratio(figure: Figure, target: dict[str, float]) -> None:
    """A ratio in one run, with the times of its two sides."""
    document = json.loads(json.dumps(figure.to_json()))
    assert set(document) >= TIMED
    assert document["unit"] == "ratio"
    assert document["target"] == target
    assert 0.01 < document["value"] < 100
    assert document["spread"][0] <= document["value"] <= document["spread"][1]
    assert document["measured_ms"] > 0
    assert document["reference_ms"] > 0
    assert document["repeats"] == 2
    stated = {"size": 64, "classes": 5, "depth": 3, "encoder": "resnet18"}
    assert stated.items() <= document["conditions"].items()


def test_a_click_is_measured_with_both_decoders() -> None:
    figures = list(run_benchmark("click", tiny()))
    assert [figure.details["conditions"]["decoder"] for figure in figures] == ["unet", "convlstm"]
    for figure in figures:
        check_ratio(figure, {"at_most": 1.1})


def test_a_conditioned_stroke_is_measured_with_all_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []

    def counted(*arguments: Any) -> Conditioned:
        found = conditioned_answer(*arguments)
        taken.append(found.steps)
        return found

    monkeypatch.setattr(predictor, "conditioned_answer", counted)
    (figure,) = run_benchmark("condition", tiny())
    check_ratio(figure, {"at_most": 1.2})
    assert figure.details["conditions"]["steps"] == 10
    assert set(taken) == {10}


def test_a_training_step_is_measured_with_the_whole_batch() -> None:
    (figure,) = run_benchmark("step", tiny())
    check_ratio(figure, {"at_most": 1.2})
    stated = {"batch": 4, "decoder": "unet", "loader_workers": 0}
    assert stated.items() <= figure.details["conditions"].items()


def test_a_loader_that_is_too_slow_shows_in_most_of_the_repeats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_a_gpu = torch.device("cuda")
    ahead, repeats = step._turns(on_a_gpu, 10)
    assert ahead == 16
    assert repeats == 64
    assert step._turns(on_a_gpu, 100) == (16, 100)
    assert step._turns(torch.device("cpu"), 10) == (0, 10)

    # The same on the CPU, with a loader that has three batches ready.
    monkeypatch.setattr(step, "_turns", lambda device, repeats: (3, repeats))
    taken: list[int] = []

    def create_loader(dataset: Any, sampler: Any, *arguments: Any, **more: Any) -> Any:
        for batch in dataset_module.create_loader(dataset, sampler, *arguments, **more):
            taken.append(len(batch))
            yield batch

    def compare(measured: Work, *arguments: Any) -> Comparison:
        assert len(taken) == 3
        return timing.compare(measured, *arguments)

    monkeypatch.setattr(step, "create_loader", create_loader)
    monkeypatch.setattr(step, "compare", compare)
    (figure,) = run_benchmark("step", tiny())
    check_ratio(figure, {"at_most": 1.2})
    assert len(taken) == 3 + 2 * (WARM_UP + 2)


def test_another_decoder_can_be_asked_for() -> None:
    (figure,) = run_benchmark("click", tiny(decoders=("convlstm",), repeats=1))
    assert figure.details["conditions"]["decoder"] == "convlstm"


def test_ranking_is_measured_in_throughput_and_in_memory() -> None:
    throughput, memory = run_benchmark("rank", tiny())
    check_ratio(throughput, {"at_least": 0.9})
    assert throughput.details["conditions"]["slices"] == 48
    document = memory.to_json()
    small, large = document["peak_mib"]["1"], document["peak_mib"]["2"]
    # A Python with torch, and no more than this process' own kind needs.
    assert 50 < small < 10_000
    assert document["value"] == pytest.approx(large / small)
    assert document["cached_mib"] == {"1": 0.125, "2": 0.25}
    assert document["spread"] is None


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_size_that_no_network_takes_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="positive multiple of 32, found 100"):
        next(run_benchmark(name, tiny(size=100)))


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown device 'abacus'"):
        next(run_benchmark("click", tiny(device="abacus")))


def test_device_and_versions_are_told() -> None:
    around = surroundings("cpu")
    assert around["device"].startswith("CPU with")
    assert set(around) == {"device", "cores", "torch", "python"}
