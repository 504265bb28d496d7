"""A Segment Editor with a click desk in it, for the tests of the desk."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import slicer
import torch

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.classes import ClassTable
from SAIMCore.data.preprocessing import PreprocessingOptions
from SAIMCore.mrml.click_desk import ClickDesk
from SAIMCore.mrml.editor_content import EditorContent
from SAIMCore.mrml.geometry import SliceGrid
from SAIMCore.mrml.open_series import OpenSeries
from SAIMCore.mrml.pointer_gesture import Gesture
from SAIMCore.networks.config import NetworkConfig
from SAIMCore.networks.factory import create_network
from SAIMCore.project.importers.planning import plan_import
from SAIMCore.project.project import Project
from Testing.mrml.scenes import add_segmentation, add_view, add_volume, voxels

SIZE = (32, 32, 5)


class Host:
    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.refreshed = 0
        self.awake = False

    def refresh(self) -> None:
        self.refreshed += 1

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def wake(self) -> None:
        self.awake = True


class Editor:
    """A Segment Editor that shows one series in one view, and a desk in it."""

    def __init__(self, scene: slicer.vtkMRMLScene, model: Path) -> None:
        self.scene = scene
        self.model = model
        self.volume = add_volume(scene, SIZE)
        self.node = add_segmentation(scene, self.volume)
        self.grid = SliceGrid(self.volume)
        self.view, self.composite = add_view(scene, "Red", self.volume, self.grid)
        self.editor = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.host = Host()
        self.desk = ClickDesk(scene, self.host, "anna")

    def open(self) -> None:
        """Choose the model, use the effect, and wait until it is ready."""
        self.desk.activate()
        self.show(self.volume, self.node)
        assert self.desk.choose(self.model, "cpu")
        self.settle()
        assert self.desk.series is not None, self.desk.status

    @property
    def series(self) -> OpenSeries:
        """What is open."""
        assert self.desk.series is not None, self.desk.status
        return self.desk.series

    def begin(self) -> None:
        """``open`` it, and answer a click at (8, 9) of the first slice for the first class."""
        self.open()
        self.select("liver")
        self.click(8, 9)
        self.settle()

    def show(
        self,
        volume: slicer.vtkMRMLScalarVolumeNode | None,
        node: slicer.vtkMRMLSegmentationNode | None,
    ) -> None:
        self.desk.show(EditorContent(volume, node, self.editor))

    def settle(self) -> None:
        for _ in range(1000):
            if not self.desk.poll(timeout=1):
                return
        raise AssertionError("it never ended")

    def select(self, name: str) -> None:
        segmentation = self.node.GetSegmentation()
        self.editor.SetSelectedSegmentID(segmentation.GetSegmentIdBySegmentName(name))

    def click(self, row: int, column: int, *, background: bool = False) -> None:
        index = self.series.effect.slice_index
        self.desk.click(Gesture((self.grid.point(index, row, column),), background))

    def content(self) -> np.ndarray:
        names = self.node.GetSegmentation().GetSegmentIDs()
        return np.stack([voxels(self.node, name, self.volume) for name in names])

    def text_nodes(self) -> list[slicer.vtkMRMLTextNode]:
        return slicer.util.getNodesByClass("vtkMRMLTextNode", self.scene)


def save_model(folder: Path, names: list[str]) -> Path:
    """A small model of these classes with seeded weights, saved in ``folder``."""
    network = NetworkConfig(len(names), "sequential", 3, "unet", "resnet18", (16, 12, 8, 8, 4))
    classes = ClassTable.from_names(names)
    config = ModelConfig(network, classes, PreprocessingOptions(), 32, "round-007")
    torch.manual_seed(0)
    save_checkpoint(folder, create_network(network), config)
    return folder


def make_project(folder: Path, volume: slicer.vtkMRMLScalarVolumeNode, model: Path | None) -> Path:
    """A project with the volume as its series case1, and with a model if there is one."""
    (folder / "images").mkdir()
    image = sitk.GetImageFromArray(slicer.util.arrayFromVolume(volume).astype(np.float32))
    image.SetSpacing(volume.GetSpacing())
    right, anterior, superior = volume.GetOrigin()
    image.SetOrigin((-right, -anterior, superior))
    sitk.WriteImage(image, str(folder / "images" / "case1.nii.gz"))
    classes = ClassTable.from_names(["background", "liver", "kidney"])
    with Project.create(folder / "made", plan_import(folder / "images", classes=classes)) as made:
        if model is not None:
            publish(made, model)
    return folder / "made"


def publish(project: Project, model: Path) -> None:
    """Give the project that model as its own."""
    place = project.models_folder / "round-007"
    shutil.copytree(model, place)
    (place / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add("round-007", place)
    project.models.publish("round-007")
