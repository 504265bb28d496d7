"""Curves of a campaign are tables and plots of Slicer, and pictures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import slicer
from PIL import Image

from SAIMCore.errors import ProjectError
from SAIMCore.mrml.curve_nodes import COLORS, CurveNodes
from Testing.conftest import LargestFile

BLUE, VERMILION = COLORS[:2]
COLUMNS = {"mean": [50.0, 61.0, 72.0], "liver": [None, 80.0, 83.0], "spleen": [None, None, None]}


@pytest.fixture
def curve(scene: slicer.vtkMRMLScene) -> CurveNodes:
    return CurveNodes(scene, "Learning curve")


@pytest.fixture(scope="session")
def opengl() -> None:
    """Skips where nothing can be drawn: that kills the process, so it is tried in another one."""
    code = "import vtk; window = vtk.vtkRenderWindow(); window.SetOffScreenRendering(True)"
    tried = subprocess.run(
        [sys.executable, "-c", f"{code}; window.Render()"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip("no OpenGL here; on Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri")


@pytest.fixture
def nodes(scene: slicer.vtkMRMLScene) -> Callable[[], set[str]]:
    def found() -> set[str]:
        return {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}

    return found


def show(curve: CurveNodes, columns: dict[str, list[float | None]] | None = None) -> None:
    curve.show("mIoU on the test set", "round", "mIoU (%)", [0, 1, 2], columns or COLUMNS)


def content(curve: CurveNodes) -> dict[str, list[float]]:
    table = curve.table.GetTable()
    columns = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    return {
        column.GetName(): [column.GetValue(row) for row in range(column.GetNumberOfTuples())]
        for column in columns
    }


def drawn(curve: CurveNodes) -> list[str]:
    count = curve.chart.GetNumberOfPlotSeriesNodes()
    return [curve.chart.GetNthPlotSeriesNode(index).GetName() for index in range(count)]


def test_values_are_in_the_table_and_their_curves_in_the_chart(curve: CurveNodes) -> None:
    show(curve)
    found = content(curve)
    assert list(found) == ["round", "mean", "liver", "spleen"]
    assert found["round"] == [0, 1, 2]
    np.testing.assert_equal(found["liver"], [np.nan, 80, 83])
    # What has no value at all has no curve.
    assert drawn(curve) == ["mean", "liver"]
    for index, (name, color) in enumerate((("mean", BLUE), ("liver", VERMILION))):
        series = curve.chart.GetNthPlotSeriesNode(index)
        assert series.GetTableNode() is curve.table
        assert (series.GetXColumnName(), series.GetYColumnName()) == ("round", name)
        assert series.GetColor() == pytest.approx([part / 255 for part in color])
    assert curve.chart.GetTitle() == "mIoU on the test set"
    assert curve.chart.GetXAxisTitle() == "round"
    assert curve.chart.GetYAxisTitle() == "mIoU (%)"
    assert curve.chart.GetLegendVisibility()
    assert curve.chart.GetYAxisRange()[0] < 50 < 83 < curve.chart.GetYAxisRange()[1]


def test_the_same_nodes_show_what_is_new(curve: CurveNodes, nodes: Callable[[], set[str]]) -> None:
    show(curve)
    before = nodes()
    show(curve, {"mean": [1.0, 2.0, 3.0], "kidney": [None, 4.0, 5.0]})
    assert nodes() == before
    assert drawn(curve) == ["mean", "kidney"]
    show(curve, {"mean": [1.0, 2.0, 3.0]})
    assert len(nodes()) == len(before) - 1
    assert not curve.chart.GetLegendVisibility()
    show(curve)
    assert len(nodes()) == len(before)
    assert drawn(curve) == ["mean", "liver"]


def test_many_curves_can_be_told_apart(curve: CurveNodes) -> None:
    show(curve, {f"class {number}": [1.0, 2.0, 3.0] for number in range(30)})
    series = [curve.chart.GetNthPlotSeriesNode(index) for index in range(30)]
    assert len({(each.GetColor(), each.GetMarkerStyle()) for each in series}) == 30


def test_a_class_may_have_the_name_of_the_axis(curve: CurveNodes) -> None:
    show(curve, {"round": [1.0, 2.0, 3.0], "round (x)": [4.0, 5.0, 6.0]})
    assert content(curve)["round"] == [1, 2, 3]
    series = curve.chart.GetNthPlotSeriesNode(0)
    assert content(curve)[series.GetXColumnName()] == [0, 1, 2]


def test_columns_have_a_value_for_each_place(curve: CurveNodes) -> None:
    with pytest.raises(ValueError, match="2 values for 3 places"):
        show(curve, {"mean": [1.0, 2.0]})


def test_nothing_of_it_is_saved_with_the_scene(
    scene: slicer.vtkMRMLScene, curve: CurveNodes, nodes: Callable[[], set[str]]
) -> None:
    before = nodes()
    show(curve)
    for node_id in nodes() - before:
        assert not scene.GetNodeByID(node_id).GetSaveWithScene()


def test_only_its_own_nodes_are_removed(
    scene: slicer.vtkMRMLScene, curve: CurveNodes, nodes: Callable[[], set[str]]
) -> None:
    for kind in ("Table", "PlotChart", "PlotSeries"):
        scene.AddNewNodeByClass(f"vtkMRML{kind}Node", "Learning curve")
    other = CurveNodes(scene, "Learning curve")
    show(other)
    before = nodes()
    show(curve)
    curve.remove()
    assert nodes() == before
    curve.remove()
    assert drawn(other) == ["mean", "liver"]


def test_what_the_user_deleted_is_made_again(scene: slicer.vtkMRMLScene, curve: CurveNodes) -> None:
    show(curve)
    scene.RemoveNode(curve.table)
    scene.RemoveNode(curve.chart.GetNthPlotSeriesNode(0))
    show(curve)
    assert drawn(curve) == ["mean", "liver"]
    assert content(curve)["mean"] == [50, 61, 72]
    scene.Clear()
    curve.remove()
    show(curve)
    assert drawn(curve) == ["mean", "liver"]


@pytest.mark.usefixtures("opengl")
def test_the_picture_shows_the_curves(curve: CurveNodes, tmp_path: Path) -> None:
    show(curve)
    curve.write_png(tmp_path / "curve.png", (600, 400))
    pixels = np.asarray(Image.open(tmp_path / "curve.png").convert("RGB"))
    assert pixels.shape == (400, 600, 3)
    for color in (BLUE, VERMILION):
        assert (pixels == color).all(axis=2).sum() > 100
    assert list(tmp_path.iterdir()) == [tmp_path / "curve.png"]


@pytest.mark.usefixtures("opengl")
def test_a_missing_value_leaves_a_gap(curve: CurveNodes, tmp_path: Path) -> None:
    def blue(values: list[float | None]) -> int:
        curve.show("", "", "", [0, 1, 2, 3, 4], {"mean": values})
        curve.write_png(tmp_path / "curve.png", (600, 400))
        pixels = np.asarray(Image.open(tmp_path / "curve.png").convert("RGB"))
        return int((pixels == BLUE).all(axis=2).sum())

    whole = blue([1.0, 1.0, 2.0, 1.0, 1.0])
    assert 0 < blue([1.0, 1.0, None, 2.0, 1.0]) < whole


@pytest.mark.usefixtures("opengl")
def test_a_single_point_is_drawn_without_a_complaint(
    curve: CurveNodes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    curve.show("first model", "round", "mIoU", [0], {"mean": [50.0]})
    curve.write_png(tmp_path / "curve.png", (600, 400))
    pixels = np.asarray(Image.open(tmp_path / "curve.png").convert("RGB"))
    assert (pixels == BLUE).all(axis=2).any()
    assert "ERR" not in capfd.readouterr().err


@pytest.mark.usefixtures("opengl")
def test_what_the_user_deleted_is_in_the_picture(
    scene: slicer.vtkMRMLScene, curve: CurveNodes, tmp_path: Path
) -> None:
    show(curve)
    curve.write_png(tmp_path / "before.png")
    scene.RemoveNode(curve.table)
    scene.RemoveNode(curve.chart)
    curve.write_png(tmp_path / "after.png")
    assert (tmp_path / "after.png").read_bytes() == (tmp_path / "before.png").read_bytes()


@pytest.mark.usefixtures("opengl")
def test_a_full_disk_leaves_the_earlier_picture(
    curve: CurveNodes, tmp_path: Path, largest_file: LargestFile
) -> None:
    show(curve)
    file = tmp_path / "curve.png"
    file.write_bytes(b"earlier")
    with largest_file(1000), pytest.raises(ProjectError, match="larger than allowed"):
        curve.write_png(file)
    assert file.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [file]


def test_without_values_there_is_no_picture(
    curve: CurveNodes, tmp_path: Path, nodes: Callable[[], set[str]]
) -> None:
    before = nodes()
    with pytest.raises(ProjectError, match="'Learning curve' has no values yet"):
        curve.write_png(tmp_path / "curve.png")
    assert nodes() == before
    for columns in ({}, {"mean": [None, None, None]}):
        curve.show("", "", "", [0, 1, 2], columns)
        with pytest.raises(ProjectError, match="'Learning curve' has no values yet"):
            curve.write_png(tmp_path / "curve.png")
    assert list(tmp_path.iterdir()) == []
