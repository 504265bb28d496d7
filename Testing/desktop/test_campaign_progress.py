"""New projects, models and exports in the whole panel, with a real campaign."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from SAIMCore.data.phantom import make_phantom
from Testing.desktop.clinic import Clinic, project_opened
from Testing.desktop.project_maker import CHECK, CLASSES, PROJECT, SPLIT, ProjectMaker
from Testing.desktop.stand_in.installation import SlicerStandIn

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


@pytest.fixture
def measured(empty_clinic: Clinic, campaign_folder: Path) -> Clinic:
    """A campaign whose shared model is better than the one that was made after it."""
    with project_opened(campaign_folder) as project:
        for version, mean_iou in (("round-008", 0.75), ("round-009", 0.5)):
            folder = project.models_folder / version
            shutil.copytree(project.models_folder / "round-007", folder)
            metrics = {
                "overall": mean_iou,
                "clicks": {
                    "0": {"mean_iou": mean_iou, "iou": {"liver": mean_iou, "kidney": mean_iou}}
                },
            }
            project.models.add(version, folder, validation=metrics, test=metrics)
        project.models.publish("round-008")
    empty_clinic.open(campaign_folder)
    empty_clinic.settle()
    return empty_clinic


def models(clinic: Clinic) -> list[str]:
    table = clinic.panel.progress.ui.modelTable
    return [table.item(row, 0).text() for row in range(table.rowCount)]


def select(clinic: Clinic, row: int) -> None:
    clinic.panel.progress.ui.modelTable.selectRow(row)


def test_what_the_campaign_has_is_shown(measured: Clinic) -> None:
    ui = measured.panel.progress.ui
    assert models(measured) == ["round-009", "round-008 (shared)", "round-007"]
    assert ui.shareBar.text == "33 % of the pool annotated"
    assert ui.curveTable.rowCount == 2


def test_a_worse_model_is_published_only_after_a_question(
    measured: Clinic, host: SlicerStandIn
) -> None:
    button = measured.panel.progress.ui.publishButton
    select(measured, 0)
    host.answer(NO)
    measured.press(button)
    (question,) = host.dialogs()
    assert "50.0 %, the shared model round-008 75.0 %" in question
    assert measured.campaign.project.models.current().version == "round-008"
    host.answer(YES)
    measured.press(button)
    host.dialogs()
    host.until(lambda: models(measured)[0] == "round-009 (shared)")
    measured.settle()
    # An earlier one, which is better, without any.
    select(measured, 1)
    measured.press(button)
    host.until(lambda: models(measured)[1] == "round-008 (shared)")
    measured.settle()


def test_a_model_is_exported_in_the_background(
    measured: Clinic, host: SlicerStandIn, tmp_path: Path
) -> None:
    ui, panel = measured.panel.progress.ui, measured.panel
    select(measured, 1)
    host.choose(tmp_path / "exported")
    measured.press(ui.exportButton)
    host.until(lambda: not panel.ui.newsLabel.isHidden() or panel.complaint)
    assert panel.complaint == ""
    assert str(tmp_path / "exported.pt") in panel.ui.newsLabel.text
    assert (tmp_path / "exported.pt").read_bytes().startswith(b"PK")


def test_another_project_has_other_models(measured: Clinic, other_folder: Path) -> None:
    measured.open(other_folder)
    measured.settle()
    assert models(measured) == ["round-007 (shared)"]


def test_a_new_project_is_opened_when_it_is_made(
    empty_clinic: Clinic, host: SlicerStandIn, tmp_path: Path
) -> None:
    phantom = make_phantom(tmp_path / "phantom", 5, size=(32, 32, 4))
    maker = ProjectMaker(host, empty_clinic)
    maker.choose_folders(phantom.images, phantom.labels)
    assert maker.page == CLASSES
    maker.name_classes("background,organ,lesion<organ,node,gland")
    assert maker.page == SPLIT
    maker.next(CHECK)
    maker.next(PROJECT)
    maker.finish(tmp_path, "new")
    host.until(lambda: empty_clinic.campaign is not None and empty_clinic.campaign.queue.rows)
    empty_clinic.settle()
    assert empty_clinic.campaign.project.folder == tmp_path / "new"
    assert empty_clinic.panel.ui.projectLabel.text == "new"
