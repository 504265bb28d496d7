"""kill -9 of the worker, and of the program in the middle of an acceptance."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.project.project import Project
from SAIMCore.project.settings import ProjectSettings
from SAIMCore.rounds.background import BackgroundTraining
from SAIMCore.rounds.detached_worker import DetachedWorker
from Testing.campaign.conftest import MakeProject
from Testing.campaign.desktop import Desktop
from Testing.unit.campaign.bench import Bench

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX has them")

OpenDesktop = Callable[[Path], Desktop]
RunUntil = Callable[..., "subprocess.CompletedProcess[str]"]
KILLED = -9

# The worker, which kills itself at its first event of the kind KIND.
WORKER_KILLED_AT = """
import os, signal, sys
from SAIMCore import worker
write = worker.EventWriter.__call__
def watched(events, event):
    write(events, event)
    if event["event"] == "KIND":
        os.kill(os.getpid(), signal.SIGKILL)
worker.EventWriter.__call__ = watched
sys.exit(worker.main())
"""

# Clicks twice in a series and accepts it. Kills its own process before or after the n-th rename of
# the acceptance, or when the acceptance is about to be written to the database.
ACCEPT = """
import sys
from pathlib import Path
import numpy as np
from SAIMCore.project.schema import AnnotationRow
from Testing.campaign.desktop import Desktop
from Testing.killing import arm, die
from Testing.mrml.scenes import new_scene

folder, moment = Path(sys.argv[1]), sys.argv[2]
with new_scene() as scene:
    clinic = Desktop(scene, folder)
    clinic.settle()
    clinic.open("phantom_005")
    for number in (1, 2):
        clinic.click_on(number, number)
        clinic.answer()
        np.save(folder.parent / f"{number}.npy", clinic.place.labels())
        if number == 1:
            clinic.desk.keep()
    clinic.settle()
    arm(moment, AnnotationRow)
    clinic.campaign.accept_series()
"""


def test_kills_of_the_worker_while_somebody_annotates_lose_nothing(
    make_project: MakeProject, make_bench: Callable[..., Bench]
) -> None:
    moments = ["step", "evaluating"]

    def launch(folder: Path) -> DetachedWorker:
        if not moments:
            return DetachedWorker.start(folder, polite=False)
        script = WORKER_KILLED_AT.replace("KIND", moments.pop(0))
        return DetachedWorker.start(folder, ("-c", script), polite=False)

    bench = make_bench(
        make_project(accepted=10), follow=lambda project: BackgroundTraining(project, launch)
    )
    campaign = bench.campaign
    annotated = []
    for _ in range(2):
        campaign.train()
        annotated.append(annotate(bench))
        bench.settle()
        state = campaign.training.state
        assert state.phase == "failed"
        assert "killed (SIGKILL)" in state.sentence
        assert state.resumable
    campaign.train()
    annotated.append(annotate(bench))
    bench.settle()
    assert campaign.training.state.phase == "finished", campaign.training.state
    assert [record.status for record in bench.project.rounds.all()] == ["finished"]
    assert campaign.annotating.current is not None
    assert bench.desk.renewed == 1
    assert all(row.model_version == "round-001" for row in campaign.queue.rows if row.in_pool)
    assert bench.window.complaints == []
    assert [row.annotator for row in map(campaign.queue.row, annotated)] == ["ada"] * 3


def annotate(bench: Bench) -> str:
    """Accept what is open, or the next series, while other things go on."""
    campaign = bench.campaign
    if campaign.annotating.current is None:
        campaign.next()
        bench.until(lambda: campaign.annotating.awaited is None)
    assert bench.desk.series is not None
    name = bench.annotate(np.ones(bench.desk.series.volume.array.shape, np.uint8))
    bench.until(lambda: campaign.annotating.awaited is None)
    return name


# The session is the first thing that is renamed, the annotation the second.
@pytest.mark.parametrize("moment", ["before 1", "after 1", "after 2", "commit"])
def test_a_kill_while_accepting_leaves_the_annotation_or_the_session(
    with_model: Path, run_until: RunUntil, desktop: OpenDesktop, moment: str
) -> None:
    ended = run_until(ACCEPT, with_model, moment)
    assert ended.returncode == KILLED, ended.stderr
    clinic = desktop(with_model)
    assert list(with_model.rglob(".saim-writing-*")) == []
    interrupted = moment in ("after 2", "commit")
    assert len(clinic.window.complaints) == interrupted
    clinic.settle()
    project = clinic.campaign.project
    # The file without its row in the database was never accepted, and is kept aside.
    assert project.annotations.history("phantom_005") == []
    assert len(list((with_model / "annotations" / "orphans").glob("*"))) == interrupted
    assert clinic.campaign.queue.row("phantom_005").status == "in progress"
    clinic.open("phantom_005")
    kept = np.load(with_model.parent / ("1.npy" if moment == "before 1" else "2.npy"))
    assert np.array_equal(clinic.place.labels(), kept)
    clinic.campaign.accept_series()
    assert np.array_equal(project.annotations.load("phantom_005"), kept)
    assert len(clinic.window.complaints) == interrupted
    assert clinic.editor.window.complaints == []


def test_a_kill_after_the_acceptance_loses_nothing_of_it(
    with_model: Path, run_until: RunUntil
) -> None:
    # While it goes on with the next series.
    ended = run_until(ACCEPT + "    die()\n", with_model, "before 1000")
    assert ended.returncode == KILLED, ended.stderr
    with Project.open(with_model) as project:
        assert project.warnings == ()
        accepted = np.load(with_model.parent / "2.npy")
        assert np.array_equal(project.annotations.load("phantom_005"), accepted)
        (record,) = project.annotations.history("phantom_005")
        assert record.clicks == 2
        assert ProjectSettings.read(with_model) == project.settings
