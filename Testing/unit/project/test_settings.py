"""``project.toml``: readable, complete, and refused with the key that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.errors import ClassTableError, ConfigurationError, ProjectError
from SAIMCore.project.project import Project
from SAIMCore.project.settings import (
    AutomaticTraining,
    MemorySettings,
    NetworkSettings,
    ProjectSettings,
    PublishSettings,
    SelectionSettings,
)
from SAIMCore.training.configuration import GenerationOptions, TrainingConfig


@pytest.fixture
def settings(classes: ClassTable) -> ProjectSettings:
    return ProjectSettings(
        name='Pelvis "T2" ü',
        created="2025-01-02T03:04:05+00:00",
        classes=classes,
        memory=MemorySettings("sequential", 2),
        network=NetworkSettings("resnet18", "unet", 128),
        preprocessing=PreprocessingOptions(1.0, 99.0, True),
        training=TrainingConfig(
            epochs=3, learning_rate=1e-3, generation=GenerationOptions(kind="static", dropped=0.5)
        ),
        selection=SelectionSettings("margin", 4, 90.0),
        publish=PublishSettings(0.1),
        automatic_training=AutomaticTraining(False, 7, True, 2.5),
    )


def test_settings_are_read_as_they_were_written(settings: ProjectSettings, tmp_path: Path) -> None:
    settings.write(tmp_path)
    assert ProjectSettings.read(tmp_path) == settings


def test_sections_that_are_left_out_take_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text(
        'format = 1\nname = "p"\ncreated = "2025"\n'
        '[[classes]]\nname = "background"\nvalue = 0\n'
        '[[classes]]\nname = "liver"\nvalue = 1\n'
        "[training]\nlearning_rate = 1\n"
    )
    settings = ProjectSettings.read(tmp_path)
    assert settings.memory == MemorySettings()
    assert settings.training == TrainingConfig(learning_rate=1.0)
    assert settings.selection.budget_minutes is None
    assert settings.automatic_training == AutomaticTraining(True, 10, False, 1.5)
    assert settings.classes.names == ("background", "liver")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("format = 1", "format = 2", "format is 2, this SAIM reads up to 1; update SAIM"),
        ("format = 1", "", "format must be 1, found None"),
        ("epochs = 3", "epochs = 0", r"in \[training\]: epochs must be at least 1, found 0"),
        ("epochs = 3", "epochs = true", "training.epochs must be a whole number, found True"),
        ("epochs = 3", "epochs = 3.5", "training.epochs must be a whole number, found 3.5"),
        ("epochs = 3", "epoch = 3", "unknown key training.epoch; known are .*epochs"),
        ("dropped = 0.5", "dropped = 2", r"in \[training.generation\]: .* below 1, found 2"),
        ('kind = "static"', "kind = 1", "training.generation.kind must be text in quotes, found 1"),
        ("depth = 2", 'depth = "deep"', "memory.depth must be a whole number, found 'deep'"),
        ("depth = 2", "depth = 0", r"in \[memory\]: depth must be at least 1, found 0"),
        ("size = 128", "size = 100", r"in \[network\]: size must be a multiple of 32, found 100"),
        ("query_size = 4", "query_size = 0", "query_size must be at least 1, found 0"),
        ("budget_minutes = 90.0", "budget_minutes = 0", "budget_minutes must be above 0, found 0"),
        ("budget_minutes = 90.0", "budget_minutes = nan", "must be above 0, found nan; leave it"),
        ("budget_minutes = 90.0", "budget_minutes = inf", "must be above 0, found inf; leave it"),
        ("accepted = 7", "accepted = 0", r"in \[automatic_training\]: accepted must be at least 1"),
        ("accepted = 7", "accepted = 1.5", "automatic_training.accepted must be a whole number"),
        ("growth = 2.5", "growth = 0.9", r"growth must be between 1 .* and 10, found 0.9"),
        ("growth = 2.5", "growth = 11", "growth must be between 1 .* and 10, found 11"),
        ("growth = 2.5", "growth = nan", "growth must be between 1 .* and 10, found nan"),
        ("fine_tune = true", "fine_tune = 1", "fine_tune must be true or false, found 1"),
        ("margin = 0.1", "margin = 7", "margin must be between 0 and 1, found 7"),
        ("upper_percentile = 99.0", "upper_percentile = 0.5", r"in \[preprocessing\]: cannot clip"),
        ("bias_correction = true", "bias_correction = 1", "must be true or false, found 1"),
        ("[memory]", "[memries]", "unknown key memries; known are"),
        ('created = "2025', 'created = 2025 #"', "created must be text in quotes, found 2025"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_key(
    settings: ProjectSettings, tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    settings.write(tmp_path)
    path = tmp_path / "project.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        ProjectSettings.read(tmp_path)
    assert str(caught.value).startswith(str(path))


def test_classes_that_contradict_themselves_are_refused(
    settings: ProjectSettings, tmp_path: Path
) -> None:
    settings.write(tmp_path)
    path = tmp_path / "project.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("value = 2", "value = 1"), encoding="utf-8"
    )
    with pytest.raises(ClassTableError, match="label value 1 appears more than once"):
        ProjectSettings.read(tmp_path)


@pytest.mark.parametrize("classes_line", ["", "classes = 3", 'classes = ["liver"]'])
def test_a_missing_class_table_is_refused(tmp_path: Path, classes_line: str) -> None:
    (tmp_path / "project.toml").write_text(
        f'format = 1\nname = "p"\ncreated = "2025"\n{classes_line}\n'
    )
    with pytest.raises(ConfigurationError, match="classes must be a list"):
        ProjectSettings.read(tmp_path)


def test_a_section_that_is_no_section_is_refused(settings: ProjectSettings, tmp_path: Path) -> None:
    settings.write(tmp_path)
    path = tmp_path / "project.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        "publish = 3\n" + text.replace("[publish]\nmargin = 0.1\n", ""), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match=r"\[publish\] must be a section, found 3"):
        ProjectSettings.read(tmp_path)


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe\x00"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "project.toml").write_bytes(content)
    with pytest.raises(ProjectError, match=r"project\.toml is damaged: "):
        ProjectSettings.read(tmp_path)


def test_settings_of_a_project_can_change(project: Project) -> None:
    automatic = AutomaticTraining(accepted=4)
    project.change_settings(
        selection=SelectionSettings("random", 3), name="renamed", automatic_training=automatic
    )
    assert project.settings.selection.query_size == 3
    project.close()
    with Project.open(project.folder) as again:
        assert again.settings.name == "renamed"
        assert again.settings.selection == SelectionSettings("random", 3)
        assert again.settings.automatic_training == automatic


def test_colors_may_change_but_classes_may_not(project: Project) -> None:
    rows = project.classes.to_json()
    rows[1]["color"] = [1, 2, 3]
    project.change_settings(classes=ClassTable.from_json(rows))
    assert project.classes[1].color == (1, 2, 3)
    with pytest.raises(ProjectError, match="make a new project for other classes"):
        project.change_settings(classes=ClassTable.from_names(["background", "spleen"]))
    assert project.classes.names == ("background", "liver", "tumor")
