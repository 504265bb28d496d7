"""A computer whose clock is set back in the middle of a campaign."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from SAIMCore.project import database
from SAIMCore.rounds.options import RoundOptions
from Testing.campaign.conftest import MakeProject
from Testing.unit.campaign.bench import Bench

LONG_AGO = "2001-01-01T00:00:00.000000+00:00"


def test_what_is_accepted_after_the_clock_was_set_back_counts_for_the_next_training(
    make_project: MakeProject, make_bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the computer's battery had been empty.
    set_back = False

    def read() -> str:
        return LONG_AGO if set_back else database.computer_time()

    opened = partial(database.Database, read_time=read)
    monkeypatch.setattr("SAIMCore.project.project.Database", opened)
    bench = make_bench(make_project(accepted=2))
    bench.campaign.train(RoundOptions(device="cpu"))
    bench.settle()
    accepted = []
    for number in (1, 2):
        set_back = number == 2
        bench.campaign.next()
        bench.settle()
        assert bench.desk.series is not None
        labels = np.ones(bench.desk.series.volume.array.shape, np.uint8)
        accepted.append(bench.annotate(labels))
        bench.settle()
    assert [record.status for record in bench.project.rounds.all()] == ["finished", "finished"]
    assert bench.campaign.queue.overview is not None
    assert [effort.series for effort in bench.campaign.queue.overview.efforts] == accepted
    assert [point.version for point in bench.campaign.queue.overview.curve] == [
        "round-001",
        "round-002",
    ]
    # It does not train again and again because of times in the future.
    assert len(bench.trainer.workers) == 2
    assert bench.window.complaints == []
