"""The click beside a training is measured on a tiny size; how slow it is is not asked here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from SAIMCore.benchmarks import training
from SAIMCore.benchmarks.options import BenchmarkOptions
from SAIMCore.benchmarks.running import run_benchmark
from SAIMCore.errors import TrainingError
from SAIMCore.rounds.detached_worker import DetachedWorker

TINY = BenchmarkOptions(device="cpu", repeats=1, size=64, encoder="resnet18")

Start = Callable[[Path], DetachedWorker]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Start], None]:
    """Starts the training another way: a polite one would wait for the other tests."""

    def replace(start: Start) -> None:
        class Worker:
            pass

        Worker.start = staticmethod(start)  # type: ignore[attr-defined]
        monkeypatch.setattr(training, "DetachedWorker", Worker)
        monkeypatch.setattr(training, "SECONDS_TO_SETTLE", 0)

    return replace


def test_a_click_is_measured_with_and_without_a_training(
    use: Callable[[Start], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[str] = []
    compare = training.compare

    def watched(measured: Any, reference: Any, *others: Any) -> Any:
        for work in (measured, reference):
            work.before()
            work.run()
            states.append(psutil.Process(workers[0]._process.pid).status())
        return compare(measured, reference, *others)

    workers: list[Any] = []

    def start(folder: Path) -> DetachedWorker:
        workers.append(DetachedWorker.start(folder, polite=False))
        return workers[-1]

    use(start)
    monkeypatch.setattr(training, "compare", watched)
    (figure,) = run_benchmark("training", TINY)
    document = json.loads(json.dumps(figure.to_json()))
    assert document["target"] == {"at_most": 1.5}
    assert document["conditions"]["size"] == 64
    assert states[0] != psutil.STATUS_STOPPED
    assert states[1] == psutil.STATUS_STOPPED
    assert not workers[0].is_at_work()


def test_a_training_that_cannot_begin_is_said(use: Callable[[Start], None]) -> None:
    use(lambda folder: DetachedWorker.start(folder, ("-c", "raise ImportError('no torch')")))
    with pytest.raises(TrainingError, match=r"nothing was measured: .*no torch"):
        list(run_benchmark("training", TINY))
