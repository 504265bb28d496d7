"""A user at the section of models and progress, of a campaign whose figures a test makes up."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import slicer

from SAIMCore.campaign.effort import AnnotationEffort, describe_trend
from SAIMCore.campaign.learning_curve import CurvePoint
from SAIMCore.campaign.overview import Overview
from SAIMCore.campaign.worth import worth_of_next_round
from SAIMCore.errors import SaimError
from SAIMCore.project.records import ModelRecord
from Testing.desktop.clinic import PANEL_MODULE
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.desktop.stand_in.scripted_module import load_module
from Testing.desktop.workplace import MODULE
from Testing.unit.campaign.made_up import curve_point, queue_row

__all__ = ["Section", "model_record", "overview", "point"]


def point(number: int, mean_iou: float) -> CurvePoint:
    """The model of a round, which knows two classes and was measured after 0 and 1 clicks."""
    iou = {clicks: {"liver": mean_iou, "kidney": mean_iou / 2} for clicks in range(2)}
    return curve_point(3 * number, mean_iou, mean_iou, round=number, iou=iou)


def model_record(number: int, mean_iou: float, *, current: bool, published: bool) -> ModelRecord:
    return ModelRecord(
        version=f"round-{number:03d}",
        round=number,
        folder=Path("models"),
        validation={"overall": mean_iou},
        test=None,
        parent=None,
        created="2026-01-01T00:00:00",
        published="2026-01-01T00:00:00" if published else None,
        current=current,
    )


def overview(
    points: tuple[CurvePoint, ...] = (point(1, 0.5), point(2, 0.75)),
    efforts: tuple[AnnotationEffort, ...] = (),
    models: tuple[ModelRecord, ...] = (),
    hours: float | None = 2.5,
) -> Overview:
    worth = worth_of_next_round(points, [queue_row(rank=1, predicted_minutes=30.0)], 10)
    return Overview(models, points, efforts, describe_trend(efforts), worth, 0.25, hours)


class Panel:
    """Runs what users do, and remembers what it was told."""

    def __init__(self, folder: Path) -> None:
        self.complaints: list[str] = []
        self.said: list[str] = []
        self.questions: list[str] = []
        self.agreeing = True
        self.published: list[str] = []
        self.exported: list[tuple[str, Path, str]] = []
        self.campaign = types.SimpleNamespace(
            queue=types.SimpleNamespace(overview=None, rows=[queue_row("a"), queue_row("b")]),
            project=types.SimpleNamespace(folder=folder / "project"),
            read_only_because="",
            publish=self.published.append,
            export=self.export,
        )

    def act(self, action: Any, *arguments: Any) -> None:
        try:
            action(*arguments)
        except SaimError as error:
            self.complaints.append(str(error))

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def agrees(self, question: str) -> bool:
        self.questions.append(question)
        return self.agreeing

    def export(self, version: str, output: Path, kind: str, *, overwrite: bool) -> None:
        assert overwrite
        self.exported.append((version, output, kind))


class Section:
    """The section in its panel."""

    def __init__(self, host: SlicerStandIn, folder: Path) -> None:
        # As Slicer does, since the panel's module depends on it.
        load_module(MODULE)
        load_module(PANEL_MODULE)
        from SAIMActiveLearningLib.ProgressSection import ProgressSection

        self.host = host
        self.panel = Panel(folder)
        self.section = ProgressSection(self.panel)

    @property
    def ui(self) -> Any:
        return self.section.ui

    def show(self, shown: Overview | None) -> None:
        self.panel.campaign.queue.overview = shown
        self.section.show(self.panel.campaign)

    def choose(self, box: Any, text: str) -> None:
        """What the mouse does in a combo box."""
        position = bare(box).findText(text)
        assert position >= 0
        bare(box).setCurrentIndex(position)
        bare(box).activated.emit(position)

    def chart(self, name: str) -> slicer.vtkMRMLPlotChartNode:
        (found,) = (
            node
            for node in slicer.util.getNodesByClass("vtkMRMLPlotChartNode", self.host.scene)
            if node.GetName() == name
        )
        return found

    def curves(self, name: str = "SAIM learning curve") -> dict[str, list[float]]:
        """The curves of a chart that is in the scene, by what the legend calls them."""
        chart = self.chart(name)
        found = {}
        for number in range(chart.GetNumberOfPlotSeriesNodes()):
            series = chart.GetNthPlotSeriesNode(number)
            column = series.GetTableNode().GetTable().GetColumnByName(series.GetYColumnName())
            found[series.GetName()] = [
                column.GetValue(row) for row in range(column.GetNumberOfValues())
            ]
        return found

    def plot_nodes(self) -> list[str]:
        kinds = ("Chart", "Series", "View")
        return [
            node.GetName()
            for kind in kinds
            for node in slicer.util.getNodesByClass(f"vtkMRMLPlot{kind}Node", self.host.scene)
        ]

    def cells(self, table: Any) -> list[list[str]]:
        columns = range(table.columnCount)
        return [
            [table.item(row, column).text() for column in columns] for row in range(table.rowCount)
        ]
