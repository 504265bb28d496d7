"""A user at the panel of campaigns, with a project of small series."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import SimpleITK as sitk
import slicer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from SAIMCore.classes import ClassTable
from SAIMCore.data.sources import SeriesSource
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.stand_in.scripted_module import load_module, show_module
from Testing.desktop.workplace import EFFECT, MODULE

if TYPE_CHECKING:
    # Also used where torch is not installed.
    from SAIMCore.campaign.campaign import Campaign
    from SAIMCore.project.project import Project

__all__ = ["PANEL_MODULE", "WIDTH", "Clinic", "make_project", "project_opened"]

PANEL_MODULE = MODULE.parents[1] / "SAIMActiveLearning" / "SAIMActiveLearning.py"
SHAPE = (4, 32, 32)
# Of the module panel, in pixels.
WIDTH, HEIGHT = 420, 1000
STATUSES = {
    "first": "annotated",
    "second": "annotated",
    "val": "validation",
    "exam": "test",
    "pool_a": "unannotated",
    "pool_b": "unannotated",
    "pool_c": "unannotated",
    "pool_d": "unannotated",
}


def make_project(folder: Path) -> Path:
    """Make a project with two series to train, one each to validate and test, a pool of four."""
    from SAIMCore.project.importers.plan import ImportPlan, PlannedSeries
    from SAIMCore.project.project import Project
    from SAIMCore.project.settings import NetworkSettings

    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[1:3, 8:20, 8:20] = 1
    labels[1:3, 22:28, 22:28] = 2
    planned = []
    for name, status in STATUSES.items():
        rng = np.random.default_rng(list(name.encode()))
        voxels = (rng.integers(0, 60, SHAPE) + 90 * labels).astype(np.int16)
        image = _write(folder.parent / "images", name, voxels)
        labeled = _write(folder.parent / "labels", name, labels)
        source = SeriesSource(name, image, (image,), patient=f"patient of {name}")
        planned.append(PlannedSeries(source, labeled if status != "unannotated" else None, status))
    classes = ClassTable.from_names(["background", "liver", "kidney"])
    network = NetworkSettings(encoder="resnet18", decoder="unet")
    Project.create(folder, ImportPlan(classes, tuple(planned)), network=network).close()
    return folder


@contextmanager
def project_opened(folder: Path) -> Iterator[Project]:
    """The project in ``folder``, as another program opens it for writing."""
    from SAIMCore.project.project import Project

    with Project.open(folder) as project:
        yield project


class Clinic:
    """Both modules are loaded, and the panel is shown as wide as it is in Slicer."""

    def __init__(self, host: SlicerStandIn) -> None:
        self.host = host
        load_module(MODULE)
        self.module = load_module(PANEL_MODULE)
        host.application.startupCompleted.emit()
        self.module_widget = show_module(PANEL_MODULE)
        self.window = bare(self.module_widget.parent)
        self.window.resize(WIDTH, HEIGHT)
        self.window.show()

    @property
    def panel(self) -> Any:
        return self.module_widget.panel

    @property
    def campaign(self) -> Campaign:
        return self.panel.campaign

    def close(self) -> None:
        """Slicer unloads the module and deletes its panel."""
        self.module_widget.cleanup()
        self.window.close()

    def open(self, folder: Path) -> None:
        """Choose the project in ``folder``, and wait until its queue is there."""
        self.host.choose(folder)
        self.panel.ui.openButton.click()
        self.host.until(lambda: self.campaign is None or self.campaign.queue.rows)

    def settle(self) -> None:
        """Wait until the campaign and the effect have nothing left to do."""
        self.host.until(lambda: not self.panel._timer.active and not self.desk_busy)

    @property
    def desk_busy(self) -> bool:
        return self.desk is not None and self.desk.busy

    @property
    def desk(self) -> Any:
        made = self.host.segment_editor.made
        return None if made is None else made.effect(EFFECT).desk

    # -- the table ------------------------------------------------------------------------------

    @property
    def table(self) -> Any:
        return self.panel.queue.ui.table

    def cells(self, column: int) -> list[str]:
        """The texts of a column, from top to bottom."""
        model = bare(self.table).model()
        return [model.data(model.index(row, column)) for row in range(model.rowCount())]

    @property
    def names(self) -> list[str]:
        return self.cells(1)

    def select(self, name: str) -> None:
        """Click on the row of a series."""
        view = bare(self.table)
        place = view.visualRect(view.model().index(self.names.index(name), 1)).center()
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )

    def give_reason(self, text: str) -> None:
        """Type a reason and press Return."""
        edit = bare(self.panel.queue.ui.reasonEdit)
        edit.setText(text)
        edit.returnPressed.emit()

    def press(self, button: Any) -> None:
        """Click on a button that is enabled."""
        assert button.enabled, button.name
        button.click()

    # -- what is open ---------------------------------------------------------------------------

    def next(self) -> None:
        """Press Next, and wait for the series."""
        self.press(self.panel.annotation.ui.nextButton)
        self.settle()

    @contextmanager
    def without_image(self, name: str) -> Iterator[None]:
        """The image of a series is gone for a while."""
        path = self.campaign.project.series_named(name).source.path
        aside = path.with_name("aside")
        path.rename(aside)
        try:
            yield
        finally:
            aside.rename(path)

    def nodes(self, kind: str) -> list[slicer.vtkMRMLNode]:
        return slicer.util.getNodesByClass(kind, self.host.scene)

    def picture(self, path: Path) -> None:
        """Write what the panel looks like."""
        self.host.process()
        self.window.grab().save(str(path))


def _write(folder: Path, name: str, voxels: np.ndarray) -> Path:
    folder.mkdir(exist_ok=True)
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((0.8, 0.8, 3.0))
    path = folder / f"{name}.nii.gz"
    sitk.WriteImage(image, str(path))
    return path
