"""The stand-in refuses what PythonQt refuses, so that the other tests mean something."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import slicer
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare


@pytest.fixture
def qt(host: SlicerStandIn) -> Any:
    import qt

    return qt


def test_properties_are_attributes(qt: Any) -> None:
    label = qt.QLabel("one")
    assert label.text == "one"
    label.text = "two"
    label.setText(label.text + " three")
    assert label.text == "two three"
    label.visible = False
    assert label.isHidden()
    label.setObjectName("name")
    assert (label.name, label.objectName) == ("name", "name")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda qt: qt.QLabel().text(), TypeError),
        (lambda qt: qt.QLabel().objectName(), TypeError),
        (lambda qt: qt.QTimer().interval(), TypeError),
        (lambda qt: qt.QLabel().tect, AttributeError),
        (lambda qt: setattr(qt.QLabel(), "tect", "a"), AttributeError),
        (lambda qt: setattr(qt.QLabel(), "setText", "a"), AttributeError),
        (lambda qt: setattr(qt.QLabel(), "maximumWidth", "wide"), AttributeError),
        (lambda qt: setattr(qt.QTimer(), "singleShot", True), AttributeError),
        (lambda qt: qt.QLabel(parent=None), TypeError),
        (lambda qt: qt.QPushButton().connect("clicked", print), AttributeError),
        (lambda qt: qt.QPushButton().connect("klicked()", print), AttributeError),
        (lambda qt: qt.QComboBox().connect("activated(bool)", print), AttributeError),
        (lambda qt: qt.QPushButton().connect("clicked()", None), TypeError),
        (lambda qt: qt.QPushButton().disconnect("clicked()", print), ValueError),
        (lambda qt: qt.QtWidgets, AttributeError),
        (lambda qt: type("Derived", (qt.QLabel,), {}), TypeError),
    ],
)
def test_wrong_idioms_are_refused(
    qt: Any, wrong: Callable[[Any], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        wrong(qt)


def test_objects_are_the_same_each_time(qt: Any) -> None:
    parent = qt.QWidget()
    child = qt.QPushButton("one", parent)
    child.setObjectName("button")
    assert parent.children() == [child]
    assert parent.children()[0] is child
    assert parent.button is child
    assert {child: 1}[parent.button] == 1
    assert child.className() == "QPushButton"
    assert isinstance(child, qt.QAbstractButton)
    assert not isinstance(child, qt.QLabel)


def test_deleted_objects_are_falsy_and_refuse_all(qt: Any, host: SlicerStandIn) -> None:
    parent = qt.QWidget()
    child = qt.QPushButton("one", parent)
    assert child
    child.deleteLater()
    host.process()
    assert not child
    with pytest.raises(ValueError, match="destroyed"):
        _ = child.text
    with pytest.raises(AttributeError, match="destroyed"):
        child.text = "two"
    with pytest.raises(ValueError, match="destroyed"):
        child.disconnect("clicked()", print)


def test_slots_get_the_arguments_that_they_take(qt: Any) -> None:
    box = qt.QCheckBox()
    got: list[tuple[object, ...]] = []

    class Receiver:
        def none(self) -> None:
            got.append(("none",))

        def one(self, checked: bool) -> None:
            got.append(("one", checked))

        def all(self, *arguments: object) -> None:
            got.append(("all", *arguments))

    receiver = Receiver()
    for slot in (receiver.none, receiver.one, receiver.all):
        box.connect("clicked(bool)", slot)
    box.connect("clicked()", receiver.all)
    box.click()
    assert sorted(got) == [("all",), ("all", True), ("none",), ("one", True)]
    got.clear()
    for slot in (receiver.none, receiver.one, receiver.all):
        box.disconnect("clicked(bool)", slot)
    box.click()
    assert got == [("all",)]


def test_a_connection_keeps_its_slot_alive(qt: Any) -> None:
    class Owner:
        def __init__(self) -> None:
            self.timer = qt.QTimer()
            self.timer.connect("timeout()", self.tick)

        def tick(self) -> None:
            pass

    owner = weakref.ref(Owner())
    gc.collect()
    found = owner()
    assert found is not None
    found.timer.disconnect("timeout()", found.tick)
    del found
    gc.collect()
    assert owner() is None


def test_a_timer_that_nobody_keeps_never_fires(qt: Any, host: SlicerStandIn) -> None:
    fired: list[str] = []
    lost, kept = qt.QTimer(), qt.QTimer()
    for timer, name in ((lost, "lost"), (kept, "kept")):
        timer.setSingleShot(True)
        timer.connect("timeout()", lambda name=name: fired.append(name))
        timer.start()
    del lost, timer
    host.until(lambda: fired)
    assert fired == ["kept"]


def test_errors_in_slots_are_printed(
    qt: Any, host: SlicerStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    button = qt.QPushButton()
    button.connect("clicked()", lambda: 1 / 0)
    button.click()
    assert [type(error) for error in host.printed()] == [ZeroDivisionError]
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_errors_in_observers_are_printed(host: SlicerStandIn) -> None:
    tag = host.scene.AddObserver("ModifiedEvent", lambda *_: 1 / 0)
    host.scene.Modified()
    host.scene.RemoveObserver(tag)
    assert [type(error) for error in host.printed()] == [ZeroDivisionError]


def test_dialogs_are_answered_and_noted(host: SlicerStandIn) -> None:
    from PySide6.QtWidgets import QMessageBox

    assert slicer.util.confirmOkCancelDisplay("Really?")
    host.answer(QMessageBox.StandardButton.Cancel)
    assert not slicer.util.confirmOkCancelDisplay("Really?")
    assert host.dialogs() == ["Really?", "Really?"]


def test_files_are_chosen_and_what_was_not_chosen_is_empty(
    qt: Any, host: SlicerStandIn, tmp_path: Path
) -> None:
    host.choose(tmp_path)
    assert qt.QFileDialog.getExistingDirectory(None, "Where?", "") == str(tmp_path)
    assert qt.QFileDialog.getExistingDirectory(None, "Where?", "") == ""
    with pytest.raises(TypeError, match="takes texts"):
        qt.QFileDialog.getSaveFileName(None, "Where?", tmp_path)


class TestTableModel:
    """A model that Python derives, as PythonQt calls it."""

    @pytest.fixture
    def model(self, qt: Any) -> Any:
        class Model(qt.QAbstractTableModel):
            def __init__(self) -> None:
                qt.QAbstractTableModel.__init__(self)
                self.asked: list[object] = []

            def rowCount(self, parent: Any) -> int:
                return 0 if parent.isValid() else 2

            def columnCount(self, parent: Any) -> int:
                return 1

            def headerData(self, section: int, orientation: object, role: int) -> object:
                return "title" if role == qt.Qt.DisplayRole else None

            def data(self, index: Any, role: int) -> object:
                self.asked.append((index.row(), type(role)))
                return f"row {index.row()}" if role == qt.Qt.DisplayRole else None

        return Model()

    def test_a_view_asks_it(self, qt: Any, model: Any) -> None:
        view = qt.QTableView()
        view.setModel(model)
        cell = bare(model).index(1, 0)
        assert bare(view).model().data(cell) == "row 1"
        assert bare(view).model().headerData(0, qt.Qt.Horizontal) == "title"
        assert bare(view).model().rowCount() == 2
        assert bare(view).model().rowCount(cell) == 0
        assert model.asked == [(1, int)]
        assert view.model() is model

    def test_it_is_one_of_the_base_class(self, qt: Any, model: Any) -> None:
        assert isinstance(model, qt.QAbstractItemModel)
        assert not isinstance(model, qt.QWidget)
        model.beginResetModel()
        model.endResetModel()

    def test_its_errors_are_printed(self, model: Any, host: SlicerStandIn) -> None:
        type(model).data = lambda *_: 1 / 0
        assert bare(model).data(bare(model).index(0, 0)) is None
        assert [type(error) for error in host.printed()] == [ZeroDivisionError]

    def test_without_its_python_it_is_empty(self, model: Any) -> None:
        made = type(model)()
        left = bare(made)
        assert left.rowCount() == 2
        del made
        gc.collect()
        assert left.rowCount() == 0


def test_a_collapsible_button_is_closed_and_opened_with_the_mouse(host: SlicerStandIn) -> None:
    import ctk

    button = ctk.ctkCollapsibleButton()
    button.text = "More"
    seen: list[bool] = []
    button.connect("contentsCollapsed(bool)", seen.append)
    button.collapsed = True
    assert button.maximumHeight < 40
    QTest.mouseClick(bare(button), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not button.collapsed
    assert seen == [True, False]


def test_the_main_window_is_found_as_in_slicer(host: SlicerStandIn) -> None:
    assert bare(slicer.util.mainWindow()) is host.window


def test_what_does_not_come_true_is_given_up(
    host: SlicerStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("Testing.desktop.stand_in.installation.ROUNDS", 3)
    with pytest.raises(AssertionError, match="did not come true"):
        host.until(lambda: False)
