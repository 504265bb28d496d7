"""A Segment Editor of the running application with the effect SAIM, for self tests."""

import tempfile
from pathlib import Path

import numpy as np
import qt
import slicer

EFFECT = "SAIM"
SIZE = (12, 64, 64)
# Event loops of at least 5 ms each: a minute, in which a tiny model has long answered.
ROUNDS = 12_000


def make_model(folder):
    """Save a tiny model of two classes with seeded random weights in ``folder``."""
    import torch

    from SAIMCore.checkpoint import ModelConfig, save_checkpoint
    from SAIMCore.classes import ClassTable
    from SAIMCore.data.preprocessing import PreprocessingOptions
    from SAIMCore.networks.config import NetworkConfig
    from SAIMCore.networks.factory import create_network

    classes = ClassTable.from_names(["background", "liver", "kidney"])
    network = NetworkConfig(3, "sequential", 3, "unet", "resnet18", (16, 12, 8, 8, 4))
    config = ModelConfig(network, classes, PreprocessingOptions(), 64, "self-test")
    torch.manual_seed(0)
    save_checkpoint(Path(folder) / "model", create_network(network), config)
    return Path(folder) / "model"


def add_phantom(name="phantom", shift=0):
    """A volume with two bright ellipsoids."""
    k, j, i = np.indices(SIZE).astype(float)
    values = np.zeros(SIZE)
    for center, level in (((6, 24 + shift, 24), 100), ((6, 42, 42), 60)):
        distance = ((k - center[0]) / 5) ** 2 + ((j - center[1]) / 9) ** 2
        values[distance + ((i - center[2]) / 9) ** 2 < 1] = level
    ijkToRas = np.diag([-1.0, -1.0, 3.0, 1.0])
    return slicer.util.addVolumeFromArray(values, ijkToRAS=ijkToRas, name=name)


def add_segmentation(volume):
    """An empty segmentation on the grid of ``volume``."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    return node


class EditorSession:
    """The Segment Editor module with a phantom, a segmentation and the effect."""

    def __init__(self):
        slicer.mrmlScene.Clear()
        self.folder = tempfile.TemporaryDirectory()
        self.volume = add_phantom()
        self.segmentation = add_segmentation(self.volume)
        slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
        slicer.util.setSliceViewerLayers(background=self.volume, fit=True)
        self.show()

    def show(self):
        """Open the nodes in the module and use the effect."""
        slicer.util.selectModule("SegmentEditor")
        self.editor = slicer.modules.segmenteditor.widgetRepresentation().self().editor
        self.editor.setSegmentationNode(self.segmentation)
        self.editor.setSourceVolumeNode(self.volume)
        self.editor.setActiveEffectByName(EFFECT)
        slicer.app.processEvents()

    @property
    def effect(self):
        """The Python object of the active effect."""
        return self.editor.activeEffect().self()

    @property
    def session(self):
        """The engine's session of the series."""
        return self.effect.desk.series.session

    def choose(self, model):
        """Choose a model, and wait until the series is ready."""
        self.effect.panel.ui.modelPath.currentPath = str(model)
        self.wait(lambda: self.effect.desk.series is not None)

    def wait(self, condition):
        """Let the application live until ``condition`` holds."""
        for _ in range(ROUNDS):
            slicer.app.processEvents()
            if condition():
                return
            qt.QThread.msleep(5)
        raise AssertionError(f"it did not come to that: {self.status()}")

    def status(self):
        """What was going on, for whoever reads why a test failed."""
        return self.effect.desk.status

    def settle(self):
        """Let the application live until the effect has nothing left to do."""
        self.wait(lambda: not self.effect.desk.busy)
        slicer.app.processEvents()

    def select(self, name):
        """Select a segment by its name."""
        ids = self.segmentation.GetSegmentation()
        self.editor.setCurrentSegmentID(ids.GetSegmentIdBySegmentName(name))

    def jump(self, view, ijk):
        """Show a voxel in a view, aligned with the volume."""
        node = self.sliceWidget(view).mrmlSliceNode()
        node.RotateToVolumePlane(self.volume)
        node.JumpSliceByOffsetting(*self.ras(ijk))
        slicer.app.processEvents()

    def click(self, view, ijk, to=None, modifiers=()):
        """Click on a voxel in a view, or drag from it ``to`` another; wait for the answer."""
        self.press(view, ijk, to, modifiers)
        self.settle()

    def press(self, view, ijk, to=None, modifiers=()):
        """Click or drag, and wait for nothing."""
        start, end = self.place(view, ijk), self.place(view, to or ijk)
        steps = 1 if to is None else 10
        slicer.util.clickAndDrag(
            self.sliceWidget(view), start=start, end=end, steps=steps, modifiers=list(modifiers)
        )

    def pressAgain(self, view, ijk):
        """The second click of two on one place, of which Qt makes a double click."""
        interactor = self.sliceWidget(view).interactorStyle().GetInteractor()
        interactor.SetEventInformation(*self.place(view, ijk), 0, 0, chr(0), 0, None)
        interactor.InvokeEvent("LeftButtonDoubleClickEvent")
        interactor.InvokeEvent("LeftButtonReleaseEvent")

    def sliceWidget(self, view):
        """The widget of a slice view."""
        return slicer.app.layoutManager().sliceWidget(view)

    def ras(self, ijk):
        """World coordinates of a voxel (i, j, k)."""
        matrix = slicer.util.arrayFromVTKMatrix(self.matrix())
        return (matrix @ [*ijk, 1])[:3]

    def matrix(self):
        """IJK to RAS of the phantom."""
        import vtk

        found = vtk.vtkMatrix4x4()
        self.volume.GetIJKToRASMatrix(found)
        return found

    def place(self, view, ijk):
        """Where a voxel is in a view, in pixels from the lower left corner."""
        xyToRas = slicer.util.arrayFromVTKMatrix(
            self.sliceWidget(view).mrmlSliceNode().GetXYToRAS()
        )
        x, y = (np.linalg.inv(xyToRas) @ [*self.ras(ijk), 1])[:2]
        return [round(x), round(y)]

    def voxels(self, name):
        """All voxels (K, J, I) of a segment."""
        ids = self.segmentation.GetSegmentation()
        return slicer.util.arrayFromSegmentBinaryLabelmap(
            self.segmentation, ids.GetSegmentIdBySegmentName(name), self.volume
        ).astype(bool)

    def close(self):
        """Leave the effect and empty the scene."""
        self.editor.setActiveEffect(None)
        self.editor.setSegmentationNode(None)
        self.editor.setSourceVolumeNode(None)
        slicer.mrmlScene.Clear()
        slicer.app.processEvents()
        self.folder.cleanup()
