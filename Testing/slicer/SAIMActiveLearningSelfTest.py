"""The panel in a real Slicer: a small campaign from its first model to the third, and reopened.

Run by ``run.py``, like all self tests.
"""

import unittest
from pathlib import Path

import self_test
import slicer
from campaign_session import MODULE, CampaignSession, make_project

from SAIMCore.installing import CAMPAIGN, Package, missing_packages

LACKING = ", ".join(package.module for package in missing_packages(CAMPAIGN))


class SAIMActiveLearningTest(self_test.ModuleTest):
    """What works without any package installed."""

    def setUp(self):
        self.session = CampaignSession()

    def tearDown(self):
        self.session.close()

    def test_the_module_is_there_and_opens(self):
        self.assertIn(MODULE.lower(), dir(slicer.modules))
        self.assertTrue(self.session.panel.widget.isVisible())

    def test_what_is_missing_is_said_with_its_size(self):
        panel = self.session.panel
        panel._packages.missing = lambda: [Package("torch", "torch>=2.6", 900)]
        panel.begin()
        self.assertIn("torch", panel.ui.missingLabel.text)
        self.assertIn("900", panel.ui.missingLabel.text)
        self.assertFalse(panel.ui.missingFrame.isHidden())
        self.assertTrue(panel.ui.workFrame.isHidden())
        del panel._packages.missing
        panel.begin()
        self.assertEqual(panel.ui.missingFrame.isHidden(), not LACKING)

    def test_the_phantom_project_is_offered_as_sample_data(self):
        import SampleData

        sources = slicer.modules.sampleDataSources.get("SAIM", [])
        self.assertEqual([source.sampleName for source in sources], ["SAIM phantom project"])
        self.assertTrue(callable(sources[0].customDownloader))
        self.assertTrue(SampleData)


@unittest.skipIf(LACKING, f"not installed: {LACKING}")
class SAIMCampaignTest(self_test.FurtherTest):
    """A campaign, with the real worker process."""

    def setUp(self):
        self.session = CampaignSession()
        self.project = make_project(self.session.folder.name)
        self.session.open(self.project)

    def tearDown(self):
        self.session.close()

    def test_a_small_campaign(self):
        session, panel = self.session, self.session.panel
        self._train_the_first_model()
        # The pool was ranked by it, and the table shows that.
        scores = [row.score for row in session.campaign.queue.rows if row.in_pool]
        self.assertNotIn(None, scores)
        self.assertEqual(len(session.campaign.queue.view), 8)
        self.assertEqual(panel.queue.table.model.row(0).rank, 1)
        first = session.campaign.queue.rows[0].name
        panel.annotation.ui.nextButton.click()
        session.annotate()
        self.assertEqual(session.campaign.annotating.current, first)
        clicked = self._click()
        session.accept_slices()
        panel.annotation.ui.acceptButton.click()
        # The next one opens by itself, and a training begins.
        session.wait(lambda: session.campaign.annotating.current not in (None, first))
        session.annotate()
        record = session.campaign.project.series_named(first)
        self.assertEqual(record.status, "annotated")
        self.assertGreater(record.annotation.clicks, 0)
        labels = session.campaign.project.annotations.load(first)
        self.assertEqual(labels[clicked[2], clicked[1], clicked[0]], 1)
        # The model that it publishes takes over in the series that is open.
        session.wait(lambda: session.campaign.training.outcome is not None)
        session.train()
        session.settle()
        self.assertEqual(session.session.predictor.version, "round-002")
        self._click()
        session.wait(lambda: session.campaign.queue.overview is not None)
        session.wait(lambda: len(session.campaign.queue.overview.curve) == 2)
        self.assertEqual(session.questions, self._about_classes())
        second = session.campaign.annotating.current
        panel.annotation.ui.laterButton.click()
        self.assertIsNone(session.campaign.annotating.current)
        self._reopen(first, second)

    def test_a_series_that_is_open_survives_the_scene(self):
        session = self.session
        self._train_the_first_model()
        session.panel.annotation.ui.nextButton.click()
        session.annotate()
        name = session.campaign.annotating.current
        self._click()
        slicer.mrmlScene.Clear()
        slicer.app.processEvents()
        self.assertIsNone(session.campaign.annotating.current)
        session.panel.act(session.campaign.open, name)
        session.annotate()
        clicks = [
            click
            for k in range(session.session.shape[0])
            for click in session.session.interactions(k)
        ]
        self.assertEqual(len(clicks), 1)

    def test_other_nodes_of_the_scene_stay(self):
        session = self.session
        mine = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "mine")
        session.panel.annotation.ui.nextButton.click()
        session.wait(lambda: session.campaign.annotating.current is not None)
        session.panel.annotation.ui.laterButton.click()
        self.assertTrue(slicer.mrmlScene.IsNodePresent(mine))
        nodes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
        self.assertEqual([node.GetName() for node in nodes], ["mine"])
        self.assertEqual(slicer.util.getNodesByClass("vtkMRMLSegmentationNode"), [])

    def test_a_campaign_begins_with_somebody_elses_labels(self):
        session, igniter = self.session, self.session.panel.igniter
        session.panel.annotation.ui.nextButton.click()
        session.wait(lambda: session.campaign.annotating.current is not None)
        self.assertIsNone(session.editor.activeEffect())
        # Slicer answers no file dialog while it is being tested.
        session.panel.act(session.campaign.look_at_igniter, self._labels_of_a_colleague())
        session.wait(lambda: session.campaign.igniter.state.found is not None)
        self.assertFalse(igniter.ui.foundFrame.isHidden())
        names = session.campaign.project.classes.names
        self.assertEqual([name for name, _ in igniter._table.rows], list(names[1:]))
        igniter.ui.useButton.click()
        self.assertFalse(igniter.ui.stopButton.isHidden())
        session.wait(lambda: not session.campaign.igniter.busy)
        self.assertIn("The igniter labels proposes", igniter.ui.proposerLabel.text)
        # The series that is open gets the effect, and the proposals.
        session.annotate()
        proposed = session.session.labels()
        self.assertTrue(proposed.any())
        i, j, k = self._click()
        self.assertEqual(session.session.result(k).labels[j, i], 1)
        igniter.ui.removeButton.click()
        self.assertEqual(len(session.questions), 1)
        self.assertIn("Nobody proposes", igniter.ui.proposerLabel.text)
        self.assertEqual(session.panel.complaint, "")

    def test_the_time_of_a_session_is_chosen(self):
        session, ui = self.session, self.session.panel.queue.ui
        ui.budgetBox.value = 30
        self.assertEqual(session.campaign.queue.budget_minutes, 30)
        session.panel.refresh()
        self.assertEqual(ui.budgetBox.value, 30)
        ui.budgetBox.value = 0
        self.assertIsNone(session.campaign.queue.budget_minutes)

    def test_a_training_is_paused_and_goes_on(self):
        session, ui = self.session, self.session.panel.training.ui
        ui.trainButton.click()
        session.wait(lambda: session.campaign.training.state.active)
        ui.pauseButton.click()
        session.train()
        if session.campaign.training.state.resumable:
            self.assertEqual(session.campaign.training.state.phase, "paused")
            ui.trainButton.click()
            session.wait(lambda: session.campaign.training.outcome is not None)
        self.assertEqual(session.campaign.training.state.phase, "finished")

    def test_the_dialog_of_a_new_project_opens_and_closes(self):
        self.session.panel.onNew()
        slicer.app.processEvents()
        self.assertTrue(self.session.panel._dialog.dialog.isVisible())
        self.session.panel._dialog.close()

    # -- parts ------------------------------------------------------------------------------

    def _labels_of_a_colleague(self):
        """The folder of the phantoms' labelmaps, with a file that names their values."""
        from SAIMCore.data.phantom import PHANTOM_CLASSES

        labels = Path(self.session.folder.name) / "series" / "labels"
        values = [f"{entry.name} = {entry.value}" for entry in PHANTOM_CLASSES if entry.value]
        text = "\n".join(["[labels]", *values])
        (labels / "labels.toml").write_text(text, encoding="utf-8")
        return labels

    def _train_the_first_model(self):
        self.session.panel.training.ui.trainButton.click()
        self.session.wait(lambda: self.session.campaign.training.outcome is not None)
        self.session.train()
        self.assertEqual(self.session.campaign.project.models.current().version, "round-001")

    def _click(self):
        """Click in the middle of the slice that the red view shows, for the first class."""
        k = self.session.effect.desk.series.effect.slice_index
        ijk = (24, 24, k)
        self.session.jump("Red", ijk)
        classes = self.session.campaign.project.classes
        self.session.select(classes[1].name)
        self.session.click("Red", ijk)
        return ijk

    def _about_classes(self):
        """Whether a class was not segmented at all is chance, after so short a training."""
        return [question for question in self.session.questions if "is segmented as" in question]

    def _reopen(self, first, second):
        self.session.panel.closeProject()
        self.session.open(self.project)
        project = self.session.campaign.project
        self.assertEqual(project.series_named(first).status, "annotated")
        self.assertEqual(project.series_named(second).status, "in progress")
        versions = [model.version for model in project.models.all()]
        self.assertEqual(versions, ["round-001", "round-002"])
