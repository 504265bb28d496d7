"""The effect in a real Slicer: clicks in its views, its own undo, scenes saved and reopened.

    Slicer --testing --no-splash --additional-module-paths SAIMSegmentEditor SAIMActiveLearning
        --python-script Testing/slicer/run.py

The main window is needed (under Xvfb where there is no screen). The tests need no network; those
that ask a network are skipped where PyTorch and the other packages are not installed.
"""

from pathlib import Path

import click_test
import numpy as np
import self_test
import slicer
from editor_session import EFFECT, EditorSession

from SAIMCore.installing import Package

CENTER = (24, 24, 6)
KIDNEY = (42, 42, 6)


class SAIMSegmentEditorTest(self_test.ModuleTest):
    """What works without any package installed."""

    def setUp(self):
        self.session = EditorSession()

    def tearDown(self):
        self.session.close()

    def test_the_effect_is_listed_and_can_be_used(self):
        self.assertIn(EFFECT, self.session.editor.availableEffectNames())
        self.assertEqual(self.session.editor.activeEffect().name, EFFECT)
        self.assertFalse(self.session.effect.icon().isNull())
        self.assertIn("Ctrl", self.session.effect.helpText())

    def test_what_is_missing_is_said_with_its_size(self):
        effect = self.session.effect
        packages = effect._packages
        packages.missing = lambda: [Package("torch", "torch>=2.6", 900)]
        effect.begin()
        self.assertIn("torch", effect.panel.ui.missingLabel.text)
        self.assertIn("900", effect.panel.ui.missingLabel.text)
        self.assertFalse(effect.panel.ui.missingFrame.isHidden())
        self.assertTrue(effect.panel.ui.workFrame.isHidden())
        del packages.missing
        effect.begin()
        self.assertEqual(effect.panel.ui.missingFrame.isHidden(), not click_test.LACKING)

    def test_keys_are_slicers_own_again_after_the_effect(self):
        window = slicer.util.mainWindow()

        def ones():
            return [
                child.enabled
                for child in window.children()
                if child.className() == "QShortcut" and child.key.toString() == "1"
            ]

        self.session.editor.setActiveEffect(None)
        slicer.app.processEvents()
        before = ones()
        self.session.editor.setActiveEffectByName(EFFECT)
        self.assertEqual(sum(ones()), 1)
        self.session.editor.setActiveEffect(None)
        slicer.app.processEvents()
        self.assertEqual([enabled for enabled in ones() if enabled], before)


class SAIMClickTest(click_test.ClickTest):
    """Clicks and what comes of them."""

    def test_a_click_in_each_view(self):
        # On slices of their own, so that each click stands alone.
        for view, k in (("Red", 5), ("Yellow", 6), ("Green", 7)):
            ijk = (CENTER[0], CENTER[1], k)
            self.session.jump(view, ijk)
            self.session.select("liver")
            self.session.click(view, ijk)
            clicks = self.session.session.interactions(k)
            self.assertEqual(
                [(c.row, c.column, c.class_index) for c in clicks], [(24, 24, 1)], view
            )
            self.assertTrue(self.session.voxels("liver")[k, 24, 24], view)

    def test_a_click_changes_its_own_slice_only(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        others = np.delete(np.arange(12), 6)
        self.assertFalse(self.session.voxels("liver")[others].any())
        self.assertFalse(self.session.voxels("kidney")[others].any())

    def test_with_ctrl_it_is_background(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        self.session.click("Red", CENTER, modifiers=["Control"])
        self.assertEqual([c.class_index for c in self.session.session.interactions(6)], [1, 0])
        self.assertFalse(self.session.voxels("liver")[6, 24, 24])

    def test_a_drag_is_a_stroke(self):
        self.session.jump("Red", CENTER)
        self.session.select("kidney")
        self.session.click("Red", (36, 42, 6), to=(46, 42, 6))
        (stroke,) = self.session.session.interactions(6)
        self.assertEqual(type(stroke).__name__, "Stroke")
        self.assertTrue(self.session.voxels("kidney")[6, 42, 36:46].all())

    def test_a_drag_is_a_box_where_that_is_ticked(self):
        ui = self.session.effect.panel.ui
        self.session.jump("Red", CENTER)
        self.session.select("kidney")
        ui.boxesBox.click()
        self.assertTrue(self.session.effect.desk.options.draws_boxes)
        self.session.click("Red", (46, 45, 6), to=(38, 40, 6))
        (box,) = self.session.session.interactions(6)
        self.assertEqual(type(box).__name__, "Box")
        self.assertEqual((box.top, box.left, box.bottom, box.right), (40, 38, 45, 46))
        self.assertTrue(self.session.voxels("kidney")[6, 40:46, 38:47].all())
        curves = slicer.util.getNodesByClass("vtkMRMLMarkupsCurveNode")
        self.assertEqual([node.GetName() for node in curves], ["SAIM line"])
        self.session.effect.do("toggle_boxes")
        self.assertFalse(ui.boxesBox.checked)

    def test_the_network_agrees_with_the_marks_if_wished(self):
        ui = self.session.effect.panel.ui
        self.assertFalse(ui.conditionedBox.checked)
        self.assertTrue(ui.conditionedFrame.isHidden())
        ui.conditionedBox.click()
        ui.growBox.click()
        ui.thresholdBox.value = 0.75
        ui.reachBox.value = 4
        self.assertFalse(ui.conditionedFrame.isHidden())
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        conditioning = self.session.session.conditioning
        self.assertEqual((conditioning.threshold, conditioning.reach), (0.75, 4))
        self.assertTrue(self.session.voxels("liver")[6, 24, 24])
        ui.conditionedBox.click()
        self.session.click("Red", KIDNEY)
        self.assertIsNone(self.session.session.conditioning)

    def test_marks_that_contradict_each_other_are_named(self):
        ui = self.session.effect.panel.ui
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        self.assertTrue(ui.remarkLabel.isHidden())
        self.session.click("Red", CENTER, modifiers=["Control"])
        self.assertFalse(ui.remarkLabel.isHidden())
        self.assertIn("the later one counts", ui.remarkLabel.text)

    def test_the_editors_own_undo_and_redo(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        first = self.session.voxels("liver")
        self.session.click("Red", KIDNEY)
        second = self.session.voxels("liver")
        self.session.editor.undo()
        self.session.wait(lambda: len(self.session.session.interactions(6)) == 1)
        np.testing.assert_array_equal(self.session.voxels("liver"), first)
        self.session.editor.redo()
        self.session.wait(lambda: len(self.session.session.interactions(6)) == 2)
        np.testing.assert_array_equal(self.session.voxels("liver"), second)

    def test_the_intensity_mask_is_honored(self):
        node = self.session.editor.mrmlSegmentEditorNode()
        node.SourceVolumeIntensityMaskOn()
        node.SetSourceVolumeIntensityMaskRange(90, 110)
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        node.SourceVolumeIntensityMaskOff()
        bright = slicer.util.arrayFromVolume(self.session.volume) >= 90
        self.assertTrue(self.session.voxels("liver")[6, 24, 24])
        self.assertFalse((self.session.voxels("liver") & ~bright).any())

    def test_another_tools_edit_is_taken_in(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        self.session.editor.setActiveEffectByName("Paint")
        slicer.app.processEvents()
        ids = self.session.segmentation.GetSegmentation()
        liver = ids.GetSegmentIdBySegmentName("liver")
        painted = self.session.voxels("liver")
        painted[6, 50:54, 10:14] = True
        slicer.util.updateSegmentBinaryLabelmapFromArray(
            painted.astype(np.uint8), self.session.segmentation, liver, self.session.volume
        )
        self.session.editor.setActiveEffectByName(EFFECT)
        self.session.settle()
        self.assertTrue((self.session.session.result(6).labels[50:54, 10:14] == 1).all())
        self.session.click("Red", KIDNEY)
        self.assertTrue(self.session.voxels("liver")[6, 50:54, 10:14].all())

    def test_accepting_is_counted_and_seen(self):
        ui = self.session.effect.panel.ui
        self.session.jump("Red", CENTER)
        ui.acceptButton.click()
        self.session.settle()
        self.assertEqual(self.session.session.accepted_slices, (6,))
        self.assertEqual(ui.acceptedBar.value, 1)
        self.assertIn("1 of 12", ui.acceptedBar.format)

    def test_the_series_is_segmented_but_for_accepted_slices(self):
        ui = self.session.effect.panel.ui
        self.session.jump("Red", CENTER)
        ui.acceptButton.click()
        self.session.settle()
        ui.segmentSeriesButton.click()
        self.session.settle()
        done = [self.session.session.result(k).stored is not None for k in range(12)]
        self.assertEqual(done, [k != 6 for k in range(12)])

    def test_a_saved_scene_goes_on_exactly(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        clicks = self.session.session.interactions(6)
        liver = self.session.voxels("liver")
        self.session.wait(lambda: self.session.effect.desk.series.kept)
        path = Path(self.session.folder.name) / "scene.mrb"
        self.assertTrue(slicer.util.saveScene(str(path)))
        slicer.mrmlScene.Clear()
        slicer.util.loadScene(str(path))
        self.session.volume = slicer.util.getNode("phantom")
        self.session.segmentation = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")[0]
        self.session.show()
        self.session.wait(lambda: self.session.effect.desk.series is not None)
        self.assertEqual(self.session.session.interactions(6), clicks)
        np.testing.assert_array_equal(self.session.voxels("liver"), liver)

    def test_markers_and_overlay_belong_to_their_slice(self):
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.click("Red", CENTER)
        self.session.effect.do("toggle_uncertainty")
        slicer.app.processEvents()
        composite = self.session.sliceWidget("Red").mrmlSliceCompositeNode()
        self.assertIsNotNone(composite.GetForegroundVolumeID())
        self.session.jump("Red", (24, 24, 2))
        self.assertIsNone(composite.GetForegroundVolumeID())
        self.session.editor.setActiveEffect(None)
        dots = slicer.util.getNodesByClass("vtkMRMLMarkupsFiducialNode")
        self.assertEqual([node for node in dots if "SAIM" in node.GetName()], [])
