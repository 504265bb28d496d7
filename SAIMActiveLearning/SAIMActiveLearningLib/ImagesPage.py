"""The page on which the user says where the images are."""

from pathlib import Path

import ctk
from slicer.i18n import tr as _

from SAIMActiveLearningLib.DicomTable import DicomTable
from SAIMActiveLearningLib.SceneTable import SceneTable

FOLDER, DATASET, SCENE, DICOM = range(4)


class ImagesPage:
    """A folder, a dataset.json, volumes of the scene, or series of the DICOM database."""

    complete = True

    def __init__(self, dialog):
        self.title = _("where the images are")
        self._dialog = dialog
        self._ui = dialog.ui
        self.scene = SceneTable(self._ui.sceneTable)
        self.dicom = DicomTable(self._ui.dicomTable, self._ui.dicomFilter)
        for path in (self._ui.imagesPath, self._ui.labelsPath, self._ui.sceneFolder):
            path.filters = ctk.ctkPathLineEdit.Dirs
        self._ui.datasetPath.filters = ctk.ctkPathLineEdit.Files
        self.connections = [
            (self._ui.sourceBox, "currentIndexChanged(int)", self.onSource),
            (self._ui.dicomAllButton, "clicked()", self.dicom.tickAll),
            (self._ui.dicomFilter, "textChanged(QString)", self.dicom.filter),
        ]

    @property
    def source(self):
        """FOLDER, DATASET, SCENE or DICOM."""
        return self._ui.sourceBox.currentIndex

    def enter(self):
        self.onSource()

    def onSource(self):
        """Another source was chosen: show what it has."""
        self._ui.sourceStack.setCurrentIndex(self.source)
        with self._dialog.complaining():
            if self.source == SCENE:
                self.scene.fill()
            elif self.source == DICOM:
                self.dicom.fill()

    def refresh(self):
        pass

    def next(self):
        """Find the series; those of the scene need the classes first."""
        collect = {
            FOLDER: self._folder,
            DATASET: self._dataset,
            SCENE: self._scene,
            DICOM: self._dicom,
        }[self.source]()
        if collect is None:
            self._dialog.goOn()
        else:
            creation = self._dialog.creation
            self._dialog.run(lambda: creation.gather(collect), self._dialog.goOn)

    def sceneCollection(self, classes):
        """What was chosen in the scene, to be collected with the labels of ``classes``."""
        from SAIMCore.mrml.scene_collection import SceneCollection

        return SceneCollection(self.scene.chosen, classes, Path(self._ui.sceneFolder.currentPath))

    def _folder(self):
        from SAIMCore.project.importers.folders import collect_folders

        images = _required(self._ui.imagesPath, _("choose the folder of the images"))
        labels = self._ui.labelsPath.currentPath
        return lambda tell: collect_folders(images, Path(labels) if labels else None)

    def _dataset(self):
        from SAIMCore.project.importers.dataset_json import collect_dataset

        path = _required(self._ui.datasetPath, _("choose the file dataset.json"))
        return lambda tell: collect_dataset(path)

    def _scene(self):
        from SAIMCore.errors import ProjectError

        if not self.scene.chosen:
            raise ProjectError(_("no volume is ticked; tick those that the project is to have"))
        _required(self._ui.sceneFolder, _("choose a folder for what is not in files"))

    def _dicom(self):
        from SAIMCore.campaign.dicom_collection import collect_dicom

        chosen = self.dicom.chosen
        return lambda tell: collect_dicom(chosen, tell)


def _required(pathEdit, sentence):
    """The path that was chosen. Raises ProjectError with ``sentence`` when none was."""
    from SAIMCore.errors import ProjectError

    if not pathEdit.currentPath:
        raise ProjectError(sentence)
    return Path(pathEdit.currentPath)
