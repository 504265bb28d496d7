"""A project, a model folder, or a file in one of them: all say which model is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from SAIMCore.errors import CheckpointError, ProjectError
from SAIMCore.project.igniter_record import Switch, keep_switch, note_igniter_version
from SAIMCore.project.model_source import ModelSource, find_model
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings


def test_a_model_folder_or_a_file_in_it(small_checkpoint: Callable[..., Path]) -> None:
    folder = small_checkpoint()
    assert find_model(folder) == ModelSource(folder)
    assert find_model(folder / "model.safetensors") == ModelSource(folder)


def test_a_project_gives_its_current_model(
    project: Project, small_checkpoint: Callable[..., Path]
) -> None:
    with pytest.raises(ProjectError, match="has no model yet; train one with 'saim train"):
        find_model(project.folder)
    folder = project.models_folder / "round-001"
    small_checkpoint().rename(folder)
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add("round-001", folder)
    project.models.publish("round-001")
    # While the project is open for writing, as it is when somebody works in it.
    assert find_model(project.folder) == ModelSource(folder, project.folder)
    assert find_model(project.folder / "project.toml") == ModelSource(folder, project.folder)


def test_a_project_gives_its_igniter_until_its_own_model_proposes(
    project: Project, small_checkpoint: Callable[..., Path]
) -> None:
    igniter = IgniterSettings("../theirs", {"organ": ("liver",)})
    project.change_settings(igniter=igniter)
    assert find_model(project.folder) == ModelSource(None, project.folder, igniter)
    folder = project.models_folder / "round-001"
    small_checkpoint().rename(folder)
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add("round-001", folder)
    project.models.publish("round-001")
    # It answers clicks, on what the igniter proposes.
    assert find_model(project.folder) == ModelSource(folder, project.folder, igniter)
    chosen = project.settings.igniter
    assert chosen is not None
    record = note_igniter_version(project, chosen, "igniter:theirs-1")
    keep_switch(project, record, Switch("round-001", "2026-01-01T00:00:00+00:00"))
    assert find_model(project.folder) == ModelSource(folder, project.folder)


def test_a_project_with_neither_model_nor_igniter_says_how_to_begin(project: Project) -> None:
    with pytest.raises(ProjectError, match=r"saim train .*, or begin with .*saim igniter"):
        find_model(project.folder)


def test_anything_else_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing", tmp_path / "missing" / "model.safetensors"):
        with pytest.raises(CheckpointError, match="neither a project"):
            find_model(path)
