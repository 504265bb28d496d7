"""Training from the panel, with a worker that does as it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import slicer
from PySide6.QtWidgets import QWidget

from SAIMCore.campaign.automatic_training import round_size
from SAIMCore.project.settings import AutomaticTraining, ProjectSettings
from SAIMCore.rounds.background import BackgroundTraining
from Testing.desktop.clinic import Clinic
from Testing.desktop.stand_in.mrml_widgets import qMRMLPlotView
from Testing.desktop.stand_in.objects import bare
from Testing.unit.rounds.conftest import StandInWorker


class School:
    """The panel, and the workers that its trainings start."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.workers: list[StandInWorker] = []
        clinic.campaign.training = BackgroundTraining(
            clinic.campaign.project, self._launch, seconds_between_looks=0
        )
        clinic.panel.refresh()

    @property
    def ui(self) -> object:
        return self.clinic.panel.training.ui

    def train(self) -> StandInWorker:
        """Press the button, and wait for the worker."""
        count = len(self.workers)
        self.clinic.press(self.ui.trainButton)
        self.clinic.host.until(lambda: len(self.workers) > count)
        return self.workers[-1]

    def until(self, phase: str) -> None:
        training = self.clinic.campaign.training
        self.clinic.host.until(lambda: training.state.phase == phase)

    def until_said(self, words: str) -> None:
        self.clinic.host.until(lambda: words in self.ui.stateLabel.text)

    def _launch(self, folder: Path) -> StandInWorker:
        self.workers.append(StandInWorker(folder))
        return self.workers[-1]


@pytest.fixture
def school(clinic: Clinic) -> School:
    return School(clinic)


def plots(clinic: Clinic) -> list[QWidget]:
    return bare(clinic.panel.training.widget).findChildren(qMRMLPlotView)


def test_before_the_first_training_one_can_be_begun(school: School) -> None:
    ui = school.ui
    assert (ui.trainButton.text, ui.trainButton.enabled) == ("Train now", True)
    assert not ui.pauseButton.enabled
    assert not ui.cancelButton.enabled
    assert ui.stateLabel.text == "No training is under way."
    assert ui.progressBar.isHidden()
    assert ui.logButton.isHidden()
    assert ui.logText.isHidden()
    assert plots(school.clinic) == []


def test_a_training_is_shown_from_its_start_to_its_model(school: School) -> None:
    ui, clinic = school.ui, school.clinic
    worker = school.train()
    assert not ui.trainButton.enabled
    assert ui.pauseButton.enabled
    assert ui.cancelButton.enabled
    # Nobody knows yet how long it takes.
    assert (ui.progressBar.isHidden(), ui.progressBar.maximum) == (False, 0)
    worker.begin()
    worker.step(1, 3)
    school.until_said("epoch 1 of 2, step 3 of 3")
    assert "about 3 minutes left" in ui.stateLabel.text
    assert (ui.progressBar.value, ui.progressBar.maximum) == (50, 100)
    worker.end_epoch(1, 0.3)
    clinic.host.until(lambda: plots(clinic))
    worker.end_epoch(2, 0.6)
    clinic.host.until(lambda: len(clinic.campaign.training.state.curve) == 2)
    worker.finish()
    school.until("finished")
    clinic.settle()
    assert ui.progressBar.isHidden()
    assert ui.trainButton.text == "Train now"
    assert clinic.campaign.project.models.current().version == "round-001"  # type: ignore[union-attr]


def test_the_live_curve_has_losses_and_validation(school: School) -> None:
    clinic = school.clinic
    worker = school.train()
    worker.begin()
    worker.end_epoch(1, 0.3)
    worker.end_epoch(2, 0.6)
    clinic.host.until(lambda: len(clinic.campaign.training.state.curve) == 2)
    (view,) = plots(clinic)
    chart = view.mrmlPlotViewNode().GetPlotChartNode()
    names = [chart.GetNthPlotSeriesNode(number).GetName() for number in range(2)]
    assert names == ["loss, of the first epoch's", "validation mIoU"]
    assert chart.GetTitle() == "Training of round 1"
    # It comes back after the scene was closed.
    clinic.host.scene.Clear()
    chart = view.mrmlPlotViewNode().GetPlotChartNode()
    assert chart is not None
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    # The layout has no view of it, in which the charts of other modules would be shown.
    assert slicer.app.layoutManager().plot_nodes == []


def test_it_is_paused_and_resumed(school: School) -> None:
    ui, clinic = school.ui, school.clinic
    worker = school.train()
    worker.begin()
    school.until("training")
    clinic.press(ui.pauseButton)
    assert worker.asked_to_stop
    assert not ui.pauseButton.enabled
    assert "stops after its present step" in ui.stateLabel.text
    worker.stop_as_asked()
    school.until("paused")
    clinic.settle()
    assert ui.trainButton.text == "Resume"
    assert ui.cancelButton.enabled
    assert school.train().folder == worker.folder


def test_a_paused_one_is_offered_again_after_a_restart(
    school: School, campaign_folder: Path
) -> None:
    clinic = school.clinic
    worker = school.train()
    worker.begin()
    school.until("training")
    clinic.press(school.ui.pauseButton)
    worker.stop_as_asked()
    school.until("paused")
    clinic.host.choose(campaign_folder)
    clinic.panel.ui.openButton.click()
    clinic.settle()
    assert clinic.panel.training.ui.trainButton.text == "Resume"
    assert "is paused" in clinic.panel.training.ui.stateLabel.text


def test_it_is_given_up(school: School) -> None:
    worker = school.train()
    worker.begin()
    school.until("training")
    school.clinic.press(school.ui.cancelButton)
    school.until("idle")
    school.clinic.settle()
    assert worker.killed
    assert school.ui.stateLabel.text == "Round 1 was given up."
    assert school.ui.trainButton.text == "Train now"


def test_a_failure_is_said_with_its_log(school: School) -> None:
    ui = school.ui
    worker = school.train()
    worker.begin()
    (worker.folder / "worker.log").write_text("Traceback\nValueError: odd\n", encoding="utf-8")
    worker.fail("the loss is not a number", resumable=False)
    school.until("failed")
    school.clinic.settle()
    assert "the loss is not a number" in ui.stateLabel.text.lower()
    assert ui.logButton.checked
    assert not ui.logText.isHidden()
    assert ui.logText.plainText.endswith("ValueError: odd")
    school.clinic.press(ui.logButton)
    assert ui.logText.isHidden()
    assert ui.logButton.text == "Show log"


def test_warnings_are_shown(school: School) -> None:
    worker = school.train()
    assert school.ui.warningLabel.isHidden()
    worker.begin()
    worker.say("warning", message="the GPU is short of memory")
    school.clinic.host.until(lambda: not school.ui.warningLabel.isHidden())
    assert school.ui.warningLabel.text == "The GPU is short of memory."
    worker.stop()
    worker.at_work = False
    school.until("failed")


def test_what_stands_in_its_way_is_said(school: School) -> None:
    school.train()
    # As fast as somebody clicks twice.
    school.clinic.panel.training.onTrain()
    assert "a training is under way" in school.clinic.panel.complaint


class TestAutomatic:
    """Trainings that begin by themselves, as the project's settings say."""

    def test_they_are_switched_off_and_on(self, clinic: Clinic, campaign_folder: Path) -> None:
        ui = clinic.panel.training.ui
        assert ui.automaticBox.checked
        assert ui.acceptedBox.value == 10
        assert ui.growthBox.value == 1.5
        ui.automaticBox.click()
        assert not ui.acceptedBox.enabled
        assert not ui.growthBox.enabled
        written = ProjectSettings.read(campaign_folder).automatic_training
        assert written == AutomaticTraining(enabled=False)
        ui.automaticBox.click()
        assert ui.acceptedBox.enabled
        assert ProjectSettings.read(campaign_folder).automatic_training.enabled

    def test_after_how_many_series_is_chosen(self, clinic: Clinic, campaign_folder: Path) -> None:
        clinic.panel.training.ui.acceptedBox.setValue(3)
        assert ProjectSettings.read(campaign_folder).automatic_training.accepted == 3

    def test_how_rounds_grow_is_chosen(self, clinic: Clinic, campaign_folder: Path) -> None:
        ui = clinic.panel.training.ui
        ui.growthBox.setValue(2.0)
        assert ProjectSettings.read(campaign_folder).automatic_training.growth == 2
        automatic = AutomaticTraining(growth=1.333)
        clinic.campaign.project.change_settings(automatic_training=automatic)
        clinic.panel.refresh()
        assert ui.growthBox.value == 1.33
        # What the box cannot show is not changed by choosing something else.
        ui.acceptedBox.setValue(4)
        assert ProjectSettings.read(campaign_folder).automatic_training.growth == 1.333

    def test_how_many_the_next_training_waits_for_is_said(self, clinic: Clinic) -> None:
        ui = clinic.panel.training.ui
        overview = clinic.campaign.queue.overview
        assert overview is not None
        needed = round_size(10, 1.5, overview.round_number)
        text = f"{overview.round_accepted} of {needed} accepted for the next training."
        assert ui.waitingLabel.text == text
        ui.acceptedBox.setValue(21)
        needed = round_size(21, 1.5, overview.round_number)
        assert f"of {needed} accepted" in ui.waitingLabel.text

    def test_what_the_project_says_is_shown(self, clinic: Clinic) -> None:
        clinic.campaign.project.change_settings(automatic_training=AutomaticTraining(False, 7))
        clinic.panel.refresh()
        ui = clinic.panel.training.ui
        assert not ui.automaticBox.checked
        assert ui.acceptedBox.value == 7
