"""What is switched, closed or deleted while a prediction is under way."""

import click_test
import slicer
from editor_session import EFFECT, add_phantom, add_segmentation
from measuring import SlowNetwork

CENTER = (24, 24, 6)


class SAIMChangesTest(click_test.ClickTest):
    """Nothing is lost and nothing is waited for in vain, whatever the user turns to."""

    def setUp(self):
        super().setUp()
        # While another effect is active, the editor does not give this one.
        self.desk = self.session.effect.desk
        SlowNetwork(self.session.session, seconds=0.5)
        self.session.jump("Red", CENTER)
        self.session.select("liver")
        self.session.press("Red", CENTER)
        self.assertTrue(self.desk.busy)

    def assertAnswered(self):
        """The click that was under way is seen."""
        self.assertTrue(self.session.voxels("liver")[6, 24, 24])

    def assertGoesOn(self):
        """Its session is open again, with the click."""
        self.session.wait(lambda: self.desk.series is not None)
        self.session.settle()
        clicks = self.session.session.interactions(6)
        self.assertEqual([(c.row, c.column, c.class_index) for c in clicks], [(24, 24, 1)])

    def test_another_volume(self):
        self.session.editor.setSourceVolumeNode(add_phantom("other", shift=10))
        self.session.wait(lambda: self.desk.series is not None)
        self.session.settle()
        self.assertAnswered()
        self.assertEqual(self.session.session.interactions(6), ())

    def test_another_segmentation(self):
        other = add_segmentation(self.session.volume)
        self.session.editor.setSegmentationNode(other)
        slicer.app.processEvents()
        self.assertAnswered()
        first, self.session.segmentation = self.session.segmentation, other
        self.session.show()
        self.session.wait(lambda: self.desk.series is not None)
        self.session.settle()
        self.assertEqual(self.session.session.interactions(6), ())
        self.session.segmentation = first
        self.session.show()
        self.assertGoesOn()

    def test_another_effect(self):
        self.session.editor.setActiveEffectByName("Paint")
        slicer.app.processEvents()
        self.assertAnswered()
        self.session.editor.setActiveEffectByName(EFFECT)
        self.assertGoesOn()

    def test_another_module(self):
        slicer.util.selectModule("Data")
        slicer.app.processEvents()
        self.assertAnswered()
        self.session.show()
        self.assertGoesOn()

    def test_the_volume_is_deleted(self):
        slicer.mrmlScene.RemoveNode(self.session.volume)
        slicer.app.processEvents()
        self.assertIsNone(self.desk.series)
        self.assertFalse(self.desk.busy)

    def test_the_segmentation_is_deleted(self):
        slicer.mrmlScene.RemoveNode(self.session.segmentation)
        slicer.app.processEvents()
        self.assertIsNone(self.desk.series)
        self.assertFalse(self.desk.busy)

    def test_the_scene_is_closed(self):
        slicer.mrmlScene.Clear()
        slicer.app.processEvents()
        self.assertIsNone(self.desk.series)
        self.assertFalse(self.desk.busy)
