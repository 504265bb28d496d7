"""The section of models and progress: curves, tables, models, and what is written of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from SAIMCore.campaign.time_plan import PlanEntry
from Testing.desktop.progress_viewer import Section, model_record, overview, point
from Testing.desktop.stand_in.installation import SlicerStandIn
from Testing.desktop.stand_in.objects import bare
from Testing.unit.campaign.made_up import annotation_effort, curve_point, time_plan


@pytest.fixture
def section(host: SlicerStandIn, tmp_path: Path) -> Iterator[Section]:
    made = Section(host, tmp_path)
    yield made
    made.section.disconnectAll()
    assert made.plot_nodes() == []


def test_without_a_campaign_it_is_empty(section: Section) -> None:
    assert not section.section.widget.enabled
    section.section.show(None)
    assert section.plot_nodes() == []
    section.show(None)
    assert not section.section.widget.enabled
    section.show(overview())
    assert section.section.widget.enabled
    section.section.show(None)
    assert section.plot_nodes() == []


def test_the_campaign_is_summed_up(section: Section) -> None:
    section.show(overview())
    assert section.ui.shareBar.text == "25 % of the pool annotated"
    lines = section.ui.summaryLabel.text.split("\n")
    assert lines[0] == "Annotating the rest takes about 2.5 hours."
    assert lines[1].startswith("Whether annotating gets cheaper cannot be said yet")
    assert lines[2].startswith("Another round is worth it")
    assert all(line.endswith(".") for line in lines)


def test_how_the_plans_of_sessions_held_is_shown(section: Section, tmp_path: Path) -> None:
    section.show(overview())
    assert section.ui.plansLabel.text == "Plans begin with the first session of limited time."
    assert section.cells(section.ui.planTable) == []
    plan = time_plan(PlanEntry("a", 10.0, 15.0, accepted=True), PlanEntry("b", 8.0))
    section.show(replace(overview(), plans=(plan,)))
    assert section.ui.plansLabel.text.endswith("expected 10 min, took 15 min (50 % more).")
    cells = section.cells(section.ui.planTable)
    assert [row[1:] for row in cells] == [
        ["easy-first", "60", "a", "yes", "10", "15", "yes"],
        ["easy-first", "60", "b", "yes", "8", "0", "no"],
    ]
    section.show(replace(overview(), plans_problem="plans.json is damaged; restore it"))
    assert section.ui.plansLabel.text == "Plans.json is damaged; restore it."


def test_what_is_not_known_yet_is_said(section: Section) -> None:
    section.show(overview((), hours=None))
    assert section.ui.summaryLabel.text.startswith("How long the rest will take cannot be said")


def test_it_is_drawn_anew_only_when_it_changed(section: Section) -> None:
    shown = overview()
    section.show(shown)
    chart = section.chart("SAIM learning curve")
    chart.SetTitle("changed by hand")
    section.show(shown)
    assert chart.GetTitle() == "changed by hand"
    section.show(overview())
    assert chart.GetTitle() == "mIoU on the test set"


class TestCurve:
    """How good the models are."""

    def test_a_curve_for_each_number_of_clicks(self, section: Section) -> None:
        section.show(overview())
        assert section.curves() == {"0 clicks": [50, 75], "1 click": [50, 75]}
        assert section.ui.curveNote.isHidden()

    def test_classes_can_be_chosen(self, section: Section) -> None:
        section.show(overview())
        section.choose(section.ui.curveBox, "IoU of kidney")
        assert section.curves() == {"0 clicks": [25, 37.5], "1 click": [25, 37.5]}
        section.choose(section.ui.curveBox, "IoU of every class after 1 click")
        assert list(section.curves()) == ["mean", "liver", "kidney"]

    def test_the_choice_stays_when_a_model_is_added(self, section: Section) -> None:
        section.show(overview())
        section.choose(section.ui.curveBox, "IoU of kidney")
        section.choose(section.ui.placeBox, "training series")
        section.show(overview((point(1, 0.5), point(2, 0.75), point(3, 0.875))))
        assert section.ui.curveBox.currentText == "IoU of kidney"
        assert section.curves()["0 clicks"] == [25, 37.5, 43.75]
        more = {clicks: {"liver": 0.5, "kidney": 0.25, "spleen": 0.5} for clicks in range(3)}
        section.show(overview((curve_point(4, 0.5, 0.5, 0.5, iou=more),)))
        assert section.ui.curveBox.currentText == "IoU of kidney"
        assert section.curves()["2 clicks"][0] == 25
        assert section.chart("SAIM learning curve").GetXAxisTitle() == "training series"

    def test_every_model_is_in_the_table(self, section: Section) -> None:
        section.show(overview((point(1, 0.5), curve_point(9, 0.25, comparable=False))))
        rows = section.cells(section.ui.curveTable)
        assert [row[0] for row in rows] == ["model-of-3", "model-of-9"]
        assert section.ui.curveNote.text.startswith("1 model measured on other series")
        assert not section.ui.curveNote.isHidden()

    def test_a_closed_scene_takes_the_curve_along_for_a_moment_only(self, section: Section) -> None:
        section.show(overview())
        section.choose(section.ui.curveBox, "IoU of kidney")
        section.host.scene.Clear(0)
        assert section.curves() == {"0 clicks": [25, 37.5], "1 click": [25, 37.5]}


class TestEffort:
    """What annotating takes."""

    EFFORTS = tuple(
        annotation_effort(number, minutes) for number, minutes in enumerate((8.0, 6.0, 4.0), 1)
    )

    def test_minutes_and_what_is_usual(self, section: Section) -> None:
        section.show(overview(efforts=self.EFFORTS))
        assert section.curves("SAIM effort") == {
            "minutes per series": [8, 6, 4],
            "median of the latest 5": [8, 7, 6],
        }

    def test_clicks_can_be_chosen(self, section: Section) -> None:
        section.show(overview(efforts=self.EFFORTS))
        section.choose(section.ui.effortBox, "clicks per series")
        assert section.curves("SAIM effort")["clicks per series"] == [3, 3, 3]

    def test_every_annotation_is_in_the_table(self, section: Section) -> None:
        section.show(overview(efforts=self.EFFORTS))
        assert [row[0] for row in section.cells(section.ui.effortTable)] == [
            "series-01",
            "series-02",
            "series-03",
        ]


class TestModels:
    """Which model everybody uses."""

    MODELS = (
        model_record(1, 0.5, current=False, published=True),
        model_record(2, 0.625, current=True, published=True),
        model_record(3, 0.25, current=False, published=False),
        model_record(4, 0.75, current=False, published=False),
    )

    @pytest.fixture
    def models(self, section: Section) -> Section:
        section.show(overview(models=self.MODELS))
        return section

    def select(self, section: Section, version: str) -> None:
        names = [row[0].split()[0] for row in section.cells(section.ui.modelTable)]
        section.ui.modelTable.selectRow(names.index(version))

    def test_the_newest_is_on_top_and_the_shared_one_marked(self, models: Section) -> None:
        names = [row[0] for row in models.cells(models.ui.modelTable)]
        assert names == ["round-004", "round-003", "round-002 (shared)", "round-001"]
        assert models.cells(models.ui.modelTable)[0][1] == "75.0 %"

    def test_without_a_choice_nothing_can_be_done(self, models: Section) -> None:
        assert not models.ui.publishButton.enabled
        assert not models.ui.exportButton.enabled

    def test_a_better_one_is_published_at_once(self, models: Section) -> None:
        self.select(models, "round-004")
        assert models.ui.publishButton.text == "Publish this model"
        models.ui.publishButton.click()
        assert models.panel.published == ["round-004"]
        assert models.panel.questions == []

    def test_a_worse_one_only_when_the_user_insists(self, models: Section) -> None:
        self.select(models, "round-001")
        assert models.ui.publishButton.text == "Restore this model"
        assert "50.0 %, the shared model round-002 62.5 %" in models.ui.modelNote.text
        models.panel.agreeing = False
        models.ui.publishButton.click()
        assert models.panel.published == []
        models.panel.agreeing = True
        models.ui.publishButton.click()
        assert models.panel.published == ["round-001"]
        assert len(models.panel.questions) == 2

    def test_the_shared_one_needs_no_publishing(self, models: Section) -> None:
        self.select(models, "round-002")
        assert not models.ui.publishButton.enabled
        assert models.ui.exportButton.enabled

    def test_nothing_is_published_where_nothing_can_be_changed(self, models: Section) -> None:
        models.panel.campaign.read_only_because = "somebody else is at it"
        self.select(models, "round-004")
        assert not models.ui.publishButton.enabled
        assert models.ui.exportButton.enabled

    def test_the_chosen_one_stays_chosen_when_another_is_added(self, models: Section) -> None:
        self.select(models, "round-001")
        more = (*self.MODELS, model_record(5, 0.8, current=False, published=False))
        models.show(overview(models=more))
        models.ui.publishButton.click()
        assert models.panel.published == ["round-001"]

    @pytest.mark.parametrize(
        ("name", "kind", "file"),
        [
            ("TorchScript", "torchscript", "round-004.pt"),
            ("ONNX", "onnx", "round-004.onnx"),
            ("Folder", "folder", "round-004"),
        ],
    )
    def test_it_is_exported_where_the_user_wants_it(
        self, models: Section, tmp_path: Path, name: str, kind: str, file: str
    ) -> None:
        self.select(models, "round-004")
        models.choose(models.ui.formatBox, name)
        models.host.choose(tmp_path / "round-004")
        models.ui.exportButton.click()
        assert models.panel.exported == [("round-004", tmp_path / file, kind)]

    def test_a_declined_dialog_exports_nothing(self, models: Section) -> None:
        self.select(models, "round-004")
        models.ui.exportButton.click()
        assert models.panel.exported == []


class TestFiles:
    """Tables and pictures for other programs."""

    @pytest.mark.parametrize(
        ("button", "first"),
        [
            ("curveCsvButton", "model"),
            ("effortCsvButton", "series"),
            ("plansCsvButton", "session (UTC)"),
            ("queueCsvButton", "rank"),
        ],
    )
    def test_tables_are_written(
        self, section: Section, tmp_path: Path, button: str, first: str
    ) -> None:
        plan = time_plan(PlanEntry("a", 10.0))
        section.show(replace(overview(efforts=TestEffort.EFFORTS), plans=(plan,)))
        section.host.choose(tmp_path / "table")
        getattr(section.ui, button).click()
        with (tmp_path / "table.csv").open(encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file)
        assert header[0] == first
        assert rows
        assert section.panel.said == [f"{tmp_path / 'table.csv'} was written."]

    def test_the_curve_is_written_as_a_picture(self, section: Section, tmp_path: Path) -> None:
        section.show(overview())
        section.host.choose(tmp_path / "curve.png")
        section.ui.curvePngButton.click()
        assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")

    def test_without_a_model_there_is_no_picture(self, section: Section, tmp_path: Path) -> None:
        section.show(overview(()))
        section.host.choose(tmp_path / "curve.png")
        section.ui.curvePngButton.click()
        assert "annotate and train first" in section.panel.complaints[0]
        assert section.panel.said == []

    def test_a_folder_that_is_not_there_is_said(self, section: Section, tmp_path: Path) -> None:
        section.show(overview())
        section.host.choose(tmp_path / "gone" / "table.csv")
        section.ui.curveCsvButton.click()
        assert len(section.panel.complaints) == 1
        assert section.panel.said == []

    def test_a_declined_dialog_writes_nothing(self, section: Section, tmp_path: Path) -> None:
        section.show(overview())
        section.ui.curveCsvButton.click()
        assert section.panel.said == section.panel.complaints == []


def test_every_button_says_what_it_does(section: Section) -> None:
    buttons = bare(section.section.widget).findChildren(QAbstractButton)
    named = [button for button in buttons if button.objectName() and button.text()]
    assert len(named) > 5
    assert [button.objectName() for button in named if not button.toolTip()] == []
