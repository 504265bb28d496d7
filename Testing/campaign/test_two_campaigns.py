"""Two programs on one project: the second looks on, and takes over what the first leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.training.run_lock import is_at_work
from Testing.campaign.conftest import MakeProject
from Testing.unit.campaign.bench import Bench, Trainer

# The worker, which goes on after an epoch when there is a file go-EPOCH in its folder.
HELD = """
import sys, time
from pathlib import Path
from SAIMCore import worker
write = worker.EventWriter.__call__
def watched(events, event):
    write(events, event)
    if event["event"] == "epoch":
        while not Path(sys.argv[1], "go-%d" % event["epoch"]).exists():
            time.sleep(0.01)
worker.EventWriter.__call__ = watched
sys.exit(worker.main())
"""

# A campaign that trains, until it is killed.
FIRST = """
import sys
from pathlib import Path
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.detached_worker import DetachedWorker
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.campaign.bench import Bench

def follow(project):
    entry = ("-c", sys.argv[2])
    return BackgroundTraining(
        project, lambda folder: DetachedWorker.start(folder, entry, polite=False)
    )

bench = Bench(Path(sys.argv[1]), follow=follow)
bench.campaign.train(RoundOptions(epochs=2, steps_per_epoch=1, device="cpu"))
bench.until(lambda: bench.campaign.training.state.step)
print("trains", flush=True)
bench.until(lambda: False)
"""

# A campaign with a training that ends when there is a line to read.
PUBLISHING = """
import sys
from pathlib import Path
from SAIMCore.rounds.options import RoundOptions
from Testing.unit.campaign.bench import Bench, Trainer

bench = Bench(Path(sys.argv[1]), Trainer(holds=True))
bench.campaign.train(RoundOptions(device="cpu"))
bench.settle()
print("trains", flush=True)
sys.stdin.readline()
bench.trainer.finish()
bench.settle()
sys.stdin.read()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(repository: Path) -> Iterator[Start]:
    """Starts Python code that says when it trains; it is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=repository,
            env={**os.environ, "PYTHONPATH": str(repository)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "trains\n"
        return process

    yield run
    for process in started:
        with process:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX has them")
def test_the_second_follows_the_training_and_concludes_it_when_the_first_is_gone(
    make_project: MakeProject, make_bench: Callable[..., Bench], start: Start
) -> None:
    folder = make_project(accepted=10)
    first = start(FIRST, folder, HELD)
    run_folder = folder / "runs" / "round-001"
    second = make_bench(folder, follow=BackgroundTraining)
    campaign = second.campaign
    assert f"by process {first.pid}" in campaign.read_only_because
    campaign.cancel_training()
    assert second.complaint() == campaign.read_only_because
    second.until(lambda: len(campaign.training.state.curve) == 1)
    # The whole group, as when a terminal is closed; the worker is in another one.
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert is_at_work(run_folder)
    (run_folder / "go-1").touch()
    second.until(lambda: len(campaign.training.state.curve) == 2)
    assert campaign.read_only_because
    campaign.close()

    again = make_bench(folder, Trainer(holds=True), follow=BackgroundTraining)
    assert again.campaign.read_only_because == ""
    assert again.campaign.training.state.active
    (run_folder / "go-2").touch()
    again.until(lambda: not again.campaign.training.state.active)
    again.settle()
    assert again.campaign.training.state.phase == "finished", again.campaign.training.state
    assert [entry.epoch for entry in again.campaign.training.state.curve] == [1, 2]
    assert [record.status for record in again.project.rounds.all()] == ["finished"]
    assert all(row.score is not None for row in again.campaign.queue.rows if row.in_pool)
    assert again.window.complaints == second.window.complaints == []


def test_the_second_uses_the_model_that_the_first_has_published(
    make_project: MakeProject, make_bench: Callable[..., Bench], start: Start
) -> None:
    folder = make_project(accepted=10)
    first = start(PUBLISHING, folder)
    second = make_bench(folder, follow=BackgroundTraining)
    assert second.campaign.read_only_because
    assert first.stdin is not None
    first.stdin.write("\n")
    first.stdin.flush()
    second.until(lambda: second.campaign.training.state.phase == "finished")
    second.settle()
    assert second.campaign.queue.overview is not None
    assert [entry.version for entry in second.campaign.queue.overview.curve] == ["round-001"]
    assert not second.campaign.ranking.state.running
    assert second.window.complaints == []
