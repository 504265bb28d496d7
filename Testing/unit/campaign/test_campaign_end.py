"""Campaigns beside another process, and how they are closed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.campaign.campaign import Campaign
from SAIMCore.errors import ProjectError
from SAIMCore.project.project import Project
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.campaign.bench import Bench, MakeBench, Trainer, current, statuses
from Testing.unit.campaign.stand_ins import Desk, Window

# Has the project open for writing until its input ends.
HOLD = """
import sys
from pathlib import Path
from SAIMCore.project.project import Project
with Project.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_while_another_process_writes_everything_can_be_looked_at_and_nothing_changed(
    with_model: Path, repository: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(with_model)],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        bench = Bench(with_model)
        campaign = bench.campaign
        assert f"by process {other.pid}" in campaign.read_only_because
        assert [row.name for row in campaign.queue.rows if row.in_pool] == [
            "pool_a", "pool_b", "pool_c",
        ]  # fmt: skip
        before = tree(with_model)
        changing: list[Callable[[], None]] = [
            campaign.next,
            lambda: campaign.open("pool_a"),
            campaign.accept_series,
            campaign.save_for_later,
            lambda: campaign.choose_strategy("random"),
            lambda: campaign.pin("pool_a"),
            lambda: campaign.skip("pool_a"),
            lambda: campaign.exclude("pool_a", "blurred"),
            lambda: campaign.include("pool_a"),
            campaign.rank,
            campaign.train,
            campaign.pause_training,
            campaign.cancel_training,
            lambda: campaign.publish("first-model"),
        ]
        for change in changing:
            change()
            bench.settle()
            assert bench.complaint() == campaign.read_only_because
        assert tree(with_model) == before
        campaign.export("first-model", tmp_path / "out", "folder")
        bench.settle()
        assert len(bench.window.said) == 1
        campaign.close()


def tree(folder: Path) -> dict[str, bytes]:
    """All files of the project but those that a database keeps beside itself."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("saim.sqlite-")
    }


@pytest.mark.parametrize(
    "moment",
    ["at once", "while it reads", "while it ranks", "while it trains", "open", "exporting"],
)
def test_it_can_be_closed_at_any_moment(with_model: Path, moment: str, tmp_path: Path) -> None:
    trainer = Trainer(holds=moment == "while it trains")
    if moment == "at once":
        Campaign(with_model, Window(), Desk(), "ada", "cpu").close()
    else:
        bench = Bench(with_model, trainer)
        campaign = bench.campaign
        {
            "while it reads": campaign.next,
            "while it ranks": campaign.rank,
            "while it trains": lambda: campaign.train(RoundOptions(device="cpu")),
            "open": lambda: bench.open("pool_b"),
            "exporting": lambda: campaign.export("first-model", tmp_path / "out", "folder"),
        }[moment]()
        campaign.close()
        campaign.poll(timeout=0)
        assert bench.desk.series is None
        campaign.close()
        assert bench.window.complaints == []
    with Project.open(with_model) as project:
        assert project.warnings == ()
        assert len(project.series()) == 6


def test_a_training_that_ended_meanwhile_is_taken_over_at_the_next_start(make: MakeBench) -> None:
    first = make(Trainer(holds=True))
    first.campaign.train(RoundOptions(device="cpu"))
    first.settle()
    first.campaign.close()
    first.trainer.finish()
    second = make()
    second.settle()
    assert statuses(second.project) == ["finished"]
    assert current(second.project) == "round-002"
    assert {row.model_version for row in second.campaign.queue.rows if row.in_pool} == {"round-002"}


def test_a_campaign_that_is_closed_with_what_cannot_be_kept_says_so(folder: Path) -> None:
    bench = Bench(folder)
    bench.open("pool_b")

    def full() -> None:
        raise ProjectError("the disk is full; free some space and try again")

    bench.desk.on_settling = full
    bench.window.agreeing = False
    bench.campaign.close()
    assert bench.complaint() == "the disk is full; free some space and try again"
    # It is left to the user of the place.
    assert bench.desk.series is not None
    Project.open(folder).close()
