"""The igniter of a project: what the settings say of it, and what is known of it beside them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from SAIMCore.errors import ConfigurationError, InvalidImageError, ProjectError
from SAIMCore.project.igniter import igniter_before_model, igniter_series, open_project_igniter
from SAIMCore.project.igniter_record import (
    IGNITER_FILE,
    IgniterRecord,
    Switch,
    keep_figures,
    keep_switch,
    note_igniter_version,
    read_igniter_record,
    remove_igniter,
    set_igniter,
)
from SAIMCore.project.project import Project
from SAIMCore.project.settings import IgniterSettings, ProjectSettings

# Of the labelmaps beside the project.
MAPPING = {"liver": ("liver",), "tumor": ("tumor",)}
OUTSIDE = IgniterSettings("../labels", MAPPING)


@pytest.fixture
def labelmaps(project: Project) -> Path:
    """The labels that the project was made with, with names for their values."""
    folder = project.folder.parent / "labels"
    (folder / "labels.toml").write_text("[labels]\nliver = 1\ntumor = 2\n", encoding="utf-8")
    return folder


def test_the_settings_keep_the_igniter(project: Project) -> None:
    odd = IgniterSettings(
        "nets/a b.ts", {"left + right": ("liver", "tumor"), "a,b=c": ()}, "x.toml"
    )
    project.change_settings(igniter=odd)
    assert ProjectSettings.read(project.folder).igniter == odd
    project.change_settings(igniter=None)
    assert ProjectSettings.read(project.folder).igniter is None
    assert "igniter" not in (project.folder / "project.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ('path = "a"', "[igniter] lacks mapping"),
        ('path = 3\n[igniter.mapping]\nliver = ["liver"]', "igniter.path must be text in quotes"),
        ('path = "a"\nmapping = "liver=liver"', "igniter.mapping must be a section"),
        ('path = "a"\n[igniter.mapping]\nliver = "liver"', "igniter.mapping.liver must be a list"),
        ('path = "a"\ndevice = "cpu"', "unknown key igniter.device"),
    ],
)
def test_a_section_that_cannot_be_is_said(project: Project, section: str, words: str) -> None:
    file = project.folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[igniter]\n{section}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        ProjectSettings.read(project.folder)
    assert words in str(caught.value)


def test_an_igniter_beside_the_project_is_found_from_its_folder(
    project: Project, labelmaps: Path
) -> None:
    with pytest.raises(ProjectError, match="has no igniter; set one with 'saim igniter"):
        open_project_igniter(project.folder, project.settings)
    project.change_settings(igniter=OUTSIDE)
    igniter = open_project_igniter(project.folder, project.settings, "cpu")
    assert igniter.name == "labels"
    assert igniter.classes == project.classes
    assert igniter.no_proposal("first") is None
    assert igniter.no_proposal("pool_b") is not None


def test_a_mapping_that_does_not_fit_is_said(project: Project, labelmaps: Path) -> None:
    project.change_settings(igniter=replace(OUTSIDE, mapping={"liver": ("spleen",), "tumor": ()}))
    with pytest.raises(ConfigurationError, match="'spleen', which is no class of this project"):
        open_project_igniter(project.folder, project.settings)


def test_a_series_is_seen_as_it_was_added(project: Project) -> None:
    series = igniter_series(project, "pool_a")
    record = project.series_named("pool_a")
    assert series.geometry == record.geometry
    assert series.intensities().shape == series.geometry.array_shape
    assert np.array_equal(
        series.slices(project.settings.preprocessing), project.cached("pool_a").slices
    )
    shutil.copyfile(project.series_named("pool_b").source.path, record.source.path)
    with pytest.raises(InvalidImageError, match="changed since it was added"):
        series.intensities()


def test_what_is_known_of_it_is_kept(project: Project, labelmaps: Path) -> None:
    assert read_igniter_record(project) is None
    record = IgniterRecord(OUTSIDE, "igniter:labels-1", {"overall": 0.5})
    set_igniter(project, record)
    assert read_igniter_record(project) == record
    assert project.settings.igniter == OUTSIDE
    switch = Switch("round-001", "2026-01-01T00:00:00", 0.6, 0.5, " (on one)")
    keep_switch(project, record, switch)
    assert read_igniter_record(project) == replace(record, switch=switch)


def test_what_is_known_of_another_igniter_counts_for_nothing(project: Project) -> None:
    set_igniter(project, IgniterRecord(OUTSIDE, "igniter:labels-1", {"overall": 0.5}))
    project.change_settings(igniter=replace(OUTSIDE, path="elsewhere"))
    assert read_igniter_record(project) is None


def test_figures_of_other_content_are_forgotten_the_switch_is_not(project: Project) -> None:
    switch = Switch("round-001", "2026-01-01T00:00:00")
    set_igniter(project, IgniterRecord(OUTSIDE, "igniter:labels-1", {"overall": 0.5}, switch))
    assert note_igniter_version(project, OUTSIDE, "igniter:labels-1").figures == {"overall": 0.5}
    assert note_igniter_version(project, OUTSIDE, "igniter:labels-2").figures is None
    record = read_igniter_record(project)
    assert record == IgniterRecord(OUTSIDE, "igniter:labels-2", None, switch)
    assert keep_figures(project, OUTSIDE, "igniter:labels-2", {"overall": 0.7}).switch == switch


def test_what_is_found_of_an_igniter_that_was_replaced_meanwhile_is_forgotten(
    project: Project,
) -> None:
    other = replace(OUTSIDE, path="elsewhere")
    record = IgniterRecord(other, "igniter:other-1", {"overall": 0.6})
    set_igniter(project, record)
    assert note_igniter_version(project, OUTSIDE, "igniter:labels-1").chosen == OUTSIDE
    keep_figures(project, OUTSIDE, "igniter:labels-1", {"overall": 0.1})
    late = IgniterRecord(OUTSIDE, "igniter:labels-1")
    keep_switch(project, late, Switch("round-001", "2026-01-01T00:00:00"))
    assert read_igniter_record(project) == record


def test_where_the_project_is_read_only_nothing_is_noted(project: Project) -> None:
    set_igniter(project, IgniterRecord(OUTSIDE, "igniter:labels-1"))
    project.close()
    with Project.open(project.folder, read_only=True) as reader:
        assert (
            note_igniter_version(reader, OUTSIDE, "igniter:labels-2").version == "igniter:labels-2"
        )
        with pytest.raises(ProjectError, match="read-only"):
            set_igniter(reader, IgniterRecord(OUTSIDE, "igniter:labels-2"))
        record = read_igniter_record(reader)
    assert record is not None
    assert record.version == "igniter:labels-1"


@pytest.mark.parametrize("content", ["{", "[]", '{"igniter": {}, "version": 1}', "\xff"])
def test_a_damaged_record_is_said(project: Project, content: str) -> None:
    set_igniter(project, IgniterRecord(OUTSIDE, "igniter:labels-1"))
    (project.folder / IGNITER_FILE).write_bytes(content.encode("latin-1"))
    with pytest.raises(ProjectError, match=r"igniter.json is damaged; restore it from a backup"):
        read_igniter_record(project)
    # Another one can be set all the same.
    set_igniter(project, IgniterRecord(replace(OUTSIDE, path="other"), "igniter:other-1"))
    assert read_igniter_record(project) is not None


def test_a_removed_igniter_leaves_nothing(project: Project) -> None:
    set_igniter(project, IgniterRecord(OUTSIDE, "igniter:labels-1"))
    remove_igniter(project)
    assert project.settings.igniter is None
    assert not (project.folder / IGNITER_FILE).exists()
    with pytest.raises(ProjectError, match="has no igniter any more"):
        note_igniter_version(project, OUTSIDE, "igniter:labels-1")


def test_before_the_first_model_the_igniter_stands_in(project: Project, labelmaps: Path) -> None:
    assert igniter_before_model(project) is None
    project.change_settings(igniter=OUTSIDE)
    igniter = igniter_before_model(project, "cpu")
    assert igniter is not None
    record = read_igniter_record(project)
    assert record is not None
    assert record.version == igniter.version
