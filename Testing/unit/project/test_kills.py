"""A process killed at the worst moments loses nothing that was accepted or published."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ProjectError
from SAIMCore.project.importers.plan import ImportPlan
from SAIMCore.project.models import MODEL_FILES
from SAIMCore.project.project import Project

RunScript = Callable[..., "subprocess.CompletedProcess[str]"]

# Kills its own process before or after the n-th rename, or when a transaction is about to commit.
KILLER = """
import sys
from pathlib import Path
import numpy as np
from SAIMCore.project.project import Project
from Testing.killing import arm, die

folder, moment = Path(sys.argv[1]), sys.argv[2]
"""
ACCEPT = (
    KILLER
    + """
project = Project.open(folder)
labels = np.zeros(project.series_named(sys.argv[3]).geometry.array_shape, dtype=np.uint8)
arm(moment)
project.annotations.accept(sys.argv[3], labels, "bob")
"""
)
PUBLISH = (
    KILLER
    + """
project = Project.open(folder)
arm(moment)
project.models.publish("round-002")
"""
)
CREATE = (
    KILLER
    + """
from SAIMCore.classes import ClassTable
from SAIMCore.project.importers.planning import plan_import
plan = plan_import(
    folder / "images", folder / "labels", classes=ClassTable.from_names(["background", "a", "b"])
)
arm(moment)
Project.create(folder / "new", plan)
"""
)
KILLED = -9

# The copy to the history is the first rename of an acceptance, the new file the second.
MOMENTS = ("before 1", "after 1", "before 2", "after 2", "commit")
FILE_IN_PLACE = ("after 2", "commit")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_while_accepting_keeps_the_earlier_annotation(
    project: Project, labels: np.ndarray, run_script: RunScript, moment: str
) -> None:
    project.close()
    assert run_script(ACCEPT, project.folder, moment, "first").returncode == KILLED
    with Project.open(project.folder, read_only=True) as reader:
        assert np.array_equal(reader.annotations.load("first"), labels)
    with Project.open(project.folder) as again:
        assert np.array_equal(again.annotations.load("first"), labels)
        assert len(again.annotations.history("first")) == 1
        assert len(again.warnings) == (moment in FILE_IN_PLACE)
        orphans = project.folder / "annotations" / "orphans"
        assert len(list(orphans.glob("first.*"))) == (moment in FILE_IN_PLACE)
        again.annotations.accept("first", labels * 0 + 1, "bob")
        assert np.array_equal(again.annotations.load("first", 1), labels)
        assert again.annotations.load("first").min() == 1
    leftovers = list(project.folder.rglob(".saim-writing-*"))
    assert leftovers == []


@pytest.mark.parametrize("moment", ["before 1", "after 1", "commit"])
def test_a_kill_during_the_first_acceptance_leaves_the_series_in_the_pool(
    project: Project, labels: np.ndarray, run_script: RunScript, moment: str
) -> None:
    project.close()
    assert run_script(ACCEPT, project.folder, moment, "pool_b").returncode == KILLED
    with Project.open(project.folder) as again:
        assert again.series_named("pool_b").status == "unannotated"
        assert len(again.warnings) == (moment != "before 1")
        assert all("'pool_b' was saved but" in sentence for sentence in again.warnings)
        assert np.array_equal(again.annotations.load("first"), labels)
        again.annotations.accept("pool_b", labels, "bob")
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        assert np.array_equal(again.annotations.load("pool_b"), labels)


def test_what_was_accepted_before_a_kill_is_there(
    project: Project, labels: np.ndarray, run_script: RunScript
) -> None:
    project.close()
    code = KILLER + (
        "project = Project.open(folder)\n"
        "for name in ('pool_a', 'pool_b', 'pool_a'):\n"
        "    project.annotations.accept(name, np.load(moment), 'bob', 1.5, 3)\n"
        "die()\n"
    )
    np.save(project.folder.parent / "labels.npy", labels)
    result = run_script(code, project.folder, project.folder.parent / "labels.npy")
    assert result.returncode == KILLED, result.stderr
    with Project.open(project.folder) as again:
        assert again.warnings == ()
        for name, count in (("pool_a", 2), ("pool_b", 1)):
            assert np.array_equal(again.annotations.load(name), labels)
            assert len(again.annotations.history(name)) == count
            assert again.series_named(name).status == "annotated"


def test_a_kill_while_publishing_keeps_the_current_model(
    project: Project, run_script: RunScript
) -> None:
    for version in ("round-001", "round-002"):
        folder = project.models_folder / version
        folder.mkdir()
        for name in MODEL_FILES:
            (folder / name).write_text("{}")
        project.models.add(version, folder)
    project.models.publish("round-001")
    project.close()
    assert run_script(PUBLISH, project.folder, "commit").returncode == KILLED
    with Project.open(project.folder) as again:
        current = again.models.current()
        assert current is not None
        assert current.version == "round-001"
        assert again.models.named("round-002").published is None
        again.models.publish("round-002")
        assert [record.current for record in again.models.all()] == [False, True]


# The settings and four annotations are renamed first, then six entries go into the folder.
@pytest.mark.parametrize("moment", ["before 4", "after 6", "before 11", "after 11"])
def test_a_kill_while_filling_an_empty_folder_leaves_no_project_or_a_whole_one(
    tmp_path: Path, plan: ImportPlan, run_script: RunScript, moment: str
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    assert run_script(CREATE, tmp_path, moment).returncode == KILLED
    if moment == "after 11":
        with Project.open(folder) as project:
            assert len(project.series()) == 6
        return
    with pytest.raises(ProjectError, match="is no project"):
        Project.open(folder)
    with pytest.raises(ProjectError, match=r"interrupted 'saim init' left .*; remove that"):
        Project.create(folder, plan)
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    Project.create(folder, plan).close()


@pytest.mark.parametrize("moment", ["before 1", "after 2", "before 4", "commit"])
def test_a_kill_while_creating_leaves_no_project(
    tmp_path: Path, plan: ImportPlan, run_script: RunScript, moment: str
) -> None:
    assert run_script(CREATE, tmp_path, moment).returncode == KILLED
    assert not (tmp_path / "new").exists()
    with Project.create(tmp_path / "new", plan) as project:
        assert len(project.series()) == 6
