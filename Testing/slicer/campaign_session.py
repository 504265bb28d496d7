"""The panel of the running application with a campaign on tiny phantoms, for self tests."""

import tempfile
from pathlib import Path

import slicer
from editor_session import EFFECT, EditorSession

MODULE = "SAIMActiveLearning"
PROJECT_SETTING = "SAIM/Project"
SIZE = (48, 48, 6)


def make_project(folder):
    """A project of 8 phantoms whose trainings take seconds; one is due after each acceptance."""
    from SAIMCore.data.phantom import make_phantom
    from SAIMCore.project.importers.planning import plan_import
    from SAIMCore.project.project import Project
    from SAIMCore.project.settings import (
        AutomaticTraining,
        MemorySettings,
        NetworkSettings,
        PublishSettings,
    )
    from SAIMCore.training.configuration import TrainingConfig

    series = Path(folder) / "series"
    make_phantom(series, 8, 0, size=SIZE)
    plan = plan_import(series / "images", series / "labels", splits=str(series / "splits.json"))
    Project.create(
        Path(folder) / "project",
        plan,
        memory=MemorySettings(variant="cumulative"),
        network=NetworkSettings(encoder="resnet18", decoder="unet"),
        training=TrainingConfig(epochs=1, steps_per_epoch=3, batch_size=4),
        automatic_training=AutomaticTraining(accepted=1),
        # After so short a training chance decides which model is better.
        publish=PublishSettings(margin=1.0),
    ).close()
    return Path(folder) / "project"


class CampaignSession(EditorSession):
    """The panel, and the Segment Editor in which it opens series."""

    def __init__(self):
        slicer.mrmlScene.Clear()
        self.folder = tempfile.TemporaryDirectory()
        self.questions = []
        self._remembered = slicer.util.settingsValue(PROJECT_SETTING, "")
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        slicer.util.selectModule(MODULE)
        self.panel = slicer.util.getModuleWidget(MODULE).panel
        self.panel.closeProject()
        # Slicer answers no question while it is being tested.
        self.panel.agrees = self._agree
        self.editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor

    @property
    def campaign(self):
        """What is open in the panel."""
        return self.panel.campaign

    def open(self, project):
        """Open a project, and wait until its queue is read."""
        self.panel.openProject(project)
        self.wait(lambda: self.campaign is not None and len(self.campaign.queue.rows) > 0)

    def annotate(self):
        """Wait until a series is open for clicks."""
        self.wait(lambda: self.campaign.annotating.current is not None)
        node = self.editor.mrmlSegmentEditorNode()
        self.volume, self.segmentation = node.GetSourceVolumeNode(), node.GetSegmentationNode()
        self.wait(lambda: self.editor.activeEffect() is not None)
        self.wait(lambda: self.effect.desk.series is not None)
        self.settle()

    def accept_slices(self):
        """Accept all slices of the open series, by the effect's own command."""
        slices = self.session.shape[0]
        for k in range(slices):
            self.jump("Red", (SIZE[0] // 2, SIZE[1] // 2, k))
            self.effect.do("toggle_accepted")
            self.settle()

    def train(self):
        """Wait for a training to its end; it may have ended already."""
        self.wait(lambda: not self.campaign.training.state.active)
        self.wait(lambda: not self.campaign.ranking.state.running)

    def status(self):
        if self.campaign is None:
            return self.panel.complaint
        state = self.campaign.training.state
        return f"{self.panel.complaint} / {self.campaign.annotating.status} / {state.sentence}"

    def close(self):
        self.panel.closeProject()
        del self.panel.agrees
        slicer.app.settings().setValue(PROJECT_SETTING, self._remembered)
        if self.editor.activeEffect() is not None and self.editor.activeEffect().name == EFFECT:
            self.editor.setActiveEffect(None)
        slicer.mrmlScene.Clear()
        slicer.app.processEvents()
        self.folder.cleanup()

    def _agree(self, question):
        self.questions.append(question)
        return True
