"""``saim bench``: figures with their targets, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from SAIMCore.benchmarks import running
from SAIMCore.benchmarks.figure import Figure
from SAIMCore.benchmarks.options import BenchmarkOptions

SMALL = ("--device", "cpu", "--encoder", "resnet18", "--size", "64", "--repeats", "1")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, BenchmarkOptions]]:
    """What would be measured; every benchmark has one figure, that of ``step`` misses."""
    calls: list[tuple[str, BenchmarkOptions]] = []

    def measure(name: str, options: BenchmarkOptions) -> Iterator[Figure]:
        calls.append((name, options))
        value = 1.5 if name == "step" else 1.0
        details = {"measured_ms": 20.0, "reference_ms": 10.0, "conditions": {"size": 64}}
        yield Figure(name, f"the {name}", value, "ratio", 1.2, spread=(0.9, 1.6), details=details)

    monkeypatch.setattr(running, "run_benchmark", measure)
    return calls


def test_a_real_measurement_is_one_json_document(saim) -> None:
    answer = saim("bench", "click", "--decoder", "unet", *SMALL, "--json")
    assert answer.code == 0
    (figure,) = answer.document["figures"]
    assert figure["benchmark"] == "click"
    assert figure["target"] == {"at_most": 1.1}
    assert figure["met"] is answer.document["met"]
    assert figure["conditions"]["size"] == 64
    assert answer.document["device"].startswith("CPU")


def test_without_a_name_everything_is_measured(saim, asked) -> None:
    answer = saim("bench", "--device", "cpu", "--json")
    assert [name for name, _ in asked] == ["click", "step", "rank", "condition", "training"]
    assert [entry["met"] for entry in answer.document["figures"]] == [True, False, True, True, True]
    assert answer.document["met"] is False


def test_people_see_a_table_with_targets(saim, asked) -> None:
    answer = saim("bench", "step", "--device", "cpu")
    assert answer.code == 0
    assert "the step" in answer.out
    for part in ("1.50", "0.90 to 1.60", "at most 1.20", "no", "20.0 / 10.0 ms", "size 64"):
        assert part in answer.out


def test_options_reach_the_benchmark(saim, asked) -> None:
    saim("bench", "rank", "--decoder", "convlstm", "--pools", 3, 30, *SMALL)
    expected = BenchmarkOptions("cpu", 1, 64, "resnet18", ("convlstm",), (3, 30))
    assert asked == [("rank", expected)]


def test_each_benchmark_chooses_for_itself_what_is_not_given(saim, asked) -> None:
    saim("bench", "click", "--device", "cpu")
    assert asked == [("click", BenchmarkOptions("cpu"))]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("dance",), "invalid choice: 'dance'"),
        (("click", "--size", 100), "positive multiple of 32, found 100"),
        (("click", "--encoder", "resnet1"), "unknown encoder 'resnet1'"),
        (("click", "--device", "abacus"), "unknown device 'abacus'"),
        (("click", "--repeats", 0), "no whole number of at least 1"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(saim, arguments, complaint: str) -> None:
    answer = saim("bench", "--device", "cpu", *arguments)
    assert answer.code == 2
    assert complaint in answer.err
    assert answer.out == ""
