"""The page on which the user names the classes."""

import slicer
from slicer.i18n import tr as _

from SAIMActiveLearningLib.ImagesPage import SCENE
from SAIMActiveLearningLib.Sentences import asSentences


class ClassesPage:
    """One line of text, typed, or taken from what is there."""

    complete = True

    def __init__(self, dialog, images):
        self.title = _("the classes")
        self._dialog = dialog
        self._ui = dialog.ui
        self._images = images
        self._segmentations = []
        # What was written without being asked for, which the next data set replaces.
        self._taken = ""
        self.connections = [
            (self._ui.labelsButton, "clicked()", self.onLabels),
            (self._ui.segmentationButton, "clicked()", self.onSegmentation),
        ]

    def enter(self):
        """Show what was found; begin with the classes of the data set, or of the scene."""
        from SAIMCore.mrml.scene_collection import segmentations_in

        self._segmentations = segmentations_in(slicer.mrmlScene)
        self._ui.segmentationBox.clear()
        self._ui.segmentationBox.addItems([node.GetName() for node in self._segmentations])
        untouched = self._ui.classesEdit.text == self._taken
        if self._images.source == SCENE:
            self._ui.notesLabel.text = ""
            if untouched:
                self._takeFromScene()
            return
        collection = self._dialog.creation.collection
        self._ui.notesLabel.text = asSentences(collection.notes)
        if untouched and collection.classes is not None:
            self._write(collection.classes)

    def refresh(self):
        collection = None if self._images.source == SCENE else self._dialog.creation.collection
        self._ui.labelsButton.enabled = collection is not None and any(
            entry.labels is not None for entry in collection.series
        )
        self._ui.segmentationButton.enabled = bool(self._segmentations)
        self._ui.segmentationBox.enabled = bool(self._segmentations)

    def next(self):
        """Read the classes; the scene's labels, which need them, are read now, too."""
        classes = self.classes
        if self._images.source != SCENE:
            self._dialog.goOn()
            return
        steps = self._images.sceneCollection(_required(classes))

        def take():
            self._dialog.creation.take(steps.collection)
            self._dialog.goOn()

        self._dialog.runInSteps(steps, take)

    @property
    def classes(self):
        """The classes that were named; None when the splits file is to name them."""
        from SAIMCore.cli.class_argument import class_table

        return class_table(self._ui.classesEdit.text.strip() or None)

    def onLabels(self):
        """Name the classes after the label values."""
        creation = self._dialog.creation
        self._dialog.run(creation.read_classes, lambda: self._write(creation.classes))

    def onSegmentation(self):
        """Name the classes like the segments of the chosen segmentation."""
        with self._dialog.complaining():
            self._takeFrom(self._segmentations[self._ui.segmentationBox.currentIndex])

    def _takeFromScene(self):
        """The classes of the first segmentation that holds labels."""
        held = [each.segmentation for each in self._images.scene.chosen if each.segmentation]
        if held:
            self._ui.segmentationBox.setCurrentIndex(self._segmentations.index(held[0]))
            self._takeFrom(held[0])

    def _takeFrom(self, segmentation):
        from SAIMCore.mrml.segmentation_import import classes_from_segmentation

        self._write(classes_from_segmentation(segmentation))

    def _write(self, classes):
        from SAIMCore.campaign.class_names import class_text

        self._taken = class_text(classes)
        self._ui.classesEdit.text = self._taken


def _required(classes):
    """``classes``. Raises ClassTableError when there are none."""
    from SAIMCore.errors import ClassTableError

    if classes is None:
        raise ClassTableError(_("name the classes, like background,liver,kidney"))
    return classes
