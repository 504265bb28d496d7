"""A disk that gets full: one sentence, nothing half-written, nothing lost."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.project import Project

RunScript = Callable[..., "subprocess.CompletedProcess[str]"]

# No file may grow beyond the limit (bytes), as if the disk were full.
LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from SAIMCore.errors import SaimError
from SAIMCore.project.project import Project

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

folder = Path(sys.argv[1])
"""


def test_an_annotation_that_does_not_fit_leaves_the_earlier_one(
    project: Project, labels: np.ndarray, run_script: RunScript
) -> None:
    project.close()
    code = LIMITED + (
        "project = Project.open(folder)\n"
        "shape = project.series_named('first').geometry.array_shape\n"
        "noise = np.random.default_rng(0).integers(0, 3, shape).astype(np.uint8)\n"
        "limit(40)\n"
        "try:\n"
        "    project.annotations.accept('first', noise, 'bob')\n"
        "except SaimError as error:\n"
        "    limit(resource.RLIM_INFINITY)\n"
        "    print(error)\n"
        "    print(np.array_equal(project.annotations.load('first'), noise))\n"
        "    project.annotations.accept('pool_b', noise, 'bob')\n"
        "    project.close()\n"
    )
    result = run_script(code, project.folder)
    assert result.returncode == 0, result.stderr
    sentence, accepted = result.stdout.splitlines()
    assert "cannot write" in sentence or "database" in sentence
    assert "space" in sentence or "limit" in sentence
    assert accepted == "False"
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert np.array_equal(again.annotations.load("first"), labels)
        assert again.series_named("pool_b").status == "annotated"
    assert list(project.folder.rglob(".saim-writing-*")) == []


def test_a_database_that_cannot_grow_says_so_and_keeps_what_it_has(
    project: Project, run_script: RunScript
) -> None:
    project.close()
    code = LIMITED + (
        "project = Project.open(folder)\n"
        "limit(1000)\n"
        "try:\n"
        "    project.scores.record('entropy', 'm', {'pool_a': 0.5})\n"
        "except SaimError as error:\n"
        "    limit(resource.RLIM_INFINITY)\n"
        "    print(error)\n"
        "    project.scores.record('entropy', 'm', {'pool_b': 0.25})\n"
        "    project.close()\n"
    )
    result = run_script(code, project.folder)
    assert result.returncode == 0, result.stderr
    assert "the database saim.sqlite failed" in result.stdout
    assert "free some space" in result.stdout
    with Project.open(project.folder) as again:
        scores = again.scores.latest("entropy", "m")
        assert {name: record.value for name, record in scores.items()} == {"pool_b": 0.25}


def test_a_project_that_does_not_fit_is_not_made(
    tmp_path: Path, plan: ImportPlan, run_script: RunScript
) -> None:
    code = LIMITED + (
        "from SAIMCore.classes import ClassTable\n"
        "from SAIMCore.project.importers.planning import plan_import\n"
        "classes = ClassTable.from_names(['background', 'a', 'b'])\n"
        "plan = plan_import(folder / 'images', folder / 'labels', classes=classes)\n"
        "limit(20000)\n"
        "try:\n"
        "    Project.create(folder / 'new', plan)\n"
        "except SaimError as error:\n"
        "    print(error)\n"
    )
    result = run_script(code, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "the database saim.sqlite failed" in result.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"images", "labels"}
