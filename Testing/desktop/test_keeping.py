"""What was done is kept, and goes on where it ended."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from SAIMCore.checkpoint import load_config
from SAIMCore.mrml.journals import SERIES_ATTRIBUTE
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.desktop.workplace import EFFECT, Workplace
from Testing.mrml.scenes import add_segmentation


def reopen(opened: Workplace, model: Path) -> None:
    """Another editor, as after Slicer was closed and the scene loaded again."""
    opened.editor.close()
    opened.editor = opened.new_editor()
    opened.show()
    opened.open(model)


@pytest.fixture
def project(tmp_path: Path, model: Path, workplace: Workplace) -> Path:
    """The folder of a project of the workplace's series, whose current model is ``model``."""
    images = tmp_path / "images"
    images.mkdir()
    geometry = workplace.grid.geometry
    image = sitk.GetImageFromArray(np.zeros(geometry.size[::-1], dtype=np.float32))
    image.SetSpacing(geometry.spacing)
    image.SetOrigin(geometry.origin)
    image.SetDirection(geometry.direction)
    sitk.WriteImage(image, str(images / "case1.nii.gz"))
    plan = plan_import(images, classes=load_config(model).classes)
    with Project.create(tmp_path / "project", plan) as made:
        folder = made.models_folder / "round-007"
        shutil.copytree(model, folder)
        (folder / "metrics.json").write_text("{}", encoding="utf-8")
        made.models.add("round-007", folder)
        made.models.publish("round-007")
        return made.folder


def test_the_session_is_kept_when_the_user_rests(workplace: Workplace, model: Path) -> None:
    timer = workplace.effect._keepTimer
    assert 0 < timer.interval <= 2000
    assert timer.isSingleShot()
    workplace.open(model)
    workplace.click(8, 9)
    workplace.settle()
    assert not workplace.effect.desk.series.kept
    timer.setInterval(1)
    workplace.host.until(lambda: workplace.effect.desk.series.kept)
    names = [node.GetName() for node in workplace.nodes("vtkMRMLTextNode")]
    assert sorted(names) == ["SAIM log of segmentation", "SAIM session of segmentation"]


def test_nothing_is_kept_twice(opened: Workplace) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.effect.onKeep()
    opened.settle()
    opened.effect.onKeep()
    assert not opened.effect.desk.busy


def test_a_reopened_series_goes_on_exactly(opened: Workplace, model: Path) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.ui.nextButton.click()
    opened.drag((5, 4), (5, 8))
    opened.settle()
    opened.ui.acceptButton.click()
    opened.effect.onKeep()
    opened.settle()
    clicks = [opened.session.interactions(index) for index in range(5)]
    labels = opened.session.labels()
    shown = opened.voxels("liver")
    before = opened.session
    reopen(opened, model)
    assert opened.session is not before
    assert [opened.session.interactions(index) for index in range(5)] == clicks
    assert opened.session.accepted_slices == (1,)
    np.testing.assert_array_equal(opened.session.labels(), labels)
    np.testing.assert_array_equal(opened.voxels("liver"), shown)
    assert opened.ui.acceptedBar.text == "1 of 5 slices accepted"


def test_what_was_not_kept_is_kept_at_the_end(opened: Workplace, model: Path) -> None:
    opened.click(8, 9)
    opened.settle()
    clicks = opened.session.interactions(0)
    reopen(opened, model)
    assert opened.session.interactions(0) == clicks


def test_a_damaged_session_is_said(opened: Workplace, model: Path) -> None:
    opened.click(8, 9)
    opened.settle()
    opened.editor.close()
    for node in opened.nodes("vtkMRMLTextNode"):
        node.SetText("damaged")
    opened.editor = opened.new_editor()
    opened.show()
    # The model is remembered.
    opened.editor.activate(EFFECT)
    opened.settle()
    assert "no session of SAIM" in opened.ui.messageLabel.text
    assert not opened.ui.messageLabel.isHidden()
    opened.segmentation = add_segmentation(opened.host.scene, opened.volume)
    opened.show()
    opened.editor.activate(EFFECT)
    opened.settle()
    assert opened.ui.messageLabel.isHidden()


class TestProject:
    """With the folder of a project as model."""

    @pytest.fixture(autouse=True)
    def known_series(self, workplace: Workplace) -> None:
        workplace.volume.SetAttribute(SERIES_ATTRIBUTE, "case1")

    def test_it_keeps_what_is_done(self, workplace: Workplace, project: Path) -> None:
        workplace.open(project)
        assert workplace.ui.statusLabel.text.startswith("Model round-007")
        workplace.click(8, 9)
        workplace.settle()
        workplace.effect.onKeep()
        workplace.settle()
        assert workplace.nodes("vtkMRMLTextNode") == []
        clicks = workplace.session.interactions(0)
        reopen(workplace, project)
        assert workplace.session.interactions(0) == clicks

    def test_one_in_which_somebody_works_is_said(self, workplace: Workplace, project: Path) -> None:
        with Project.open(project):
            workplace.open(project)
            workplace.settle()
        assert "is open for writing by" in workplace.ui.messageLabel.text
        assert not workplace.ui.messageLabel.isHidden()
        workplace.click(8, 9)
        workplace.settle()
        workplace.effect.onKeep()
        workplace.settle()
        assert len(workplace.nodes("vtkMRMLTextNode")) == 2
