"""The report of figures that are known; the pictures of real models are left to the loop's test."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from SAIMCore.checkpoint import ModelConfig, save_checkpoint
from SAIMCore.experiments import report
from SAIMCore.experiments.examples import Example
from SAIMCore.experiments.result import EmulationResult
from SAIMCore.networks.factory import create_network
from SAIMCore.project.project import Project

PNG = b"\x89PNG not a real picture"


class Page(HTMLParser):
    """Collects cells, text and addresses; fails on tags that are not closed in order."""

    VOID = ("meta", "img", "br", "link", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["td"], ["th"]):
            self.tables[-1][-1][-1] += data.strip()
        elif self.open[-1:] != ["style"]:
            self.words += data


@pytest.fixture
def page(project: Project, result: EmulationResult, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(report, "_examples", lambda *_: PNG)
    path = report.write_report(project, result)
    assert path == result.options.folder / "report.html"
    return path.read_text(encoding="utf-8")


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    parsed = Page(page)
    assert parsed.addresses
    assert all(address.startswith("data:image/png;base64,") for address in parsed.addresses)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"base64,[^\"]+", "", page))
    assert not parsed.tags & {"script", "link", "iframe", "object"}


def test_the_pictures_in_the_page_are_the_files_beside_it(
    page: str, result: EmulationResult
) -> None:
    inside = [base64.b64decode(address.partition(",")[2]) for address in Page(page).addresses]
    names = ("curve", "classes", "examples")
    assert inside == [(result.options.folder / f"{name}.png").read_bytes() for name in names]
    assert inside[2] == PNG


def test_there_is_a_row_for_every_round(page: str) -> None:
    header, *rows = Page(page).tables[0]
    assert header[-4:] == ["mIoU,0 clicks", "mIoU,1 click", "classicalmIoU", "of fullclassical"]
    assert rows == [
        ["initial", "2", "20 %", "–", "50 min", "–", "40.0", "50.0", "–", "62.5"],
        ["1", "5", "50 %", "120", "70 min", "80.0", "55.0", "72.0", "75.0", "90.0"],
        ["2", "8", "80 %", "90", "90 min", "90.0", "60.0", "68.0", "80.0", "85.0"],
    ]


def test_there_is_a_column_for_every_class(page: str) -> None:
    header, *rows = Page(page).tables[1]
    assert header == ["labels", "round", "series", "liver", "tumor", "mean"]
    assert ["classical", "2", "8", "80.0 → 90.0", "60.0 → 70.0", "70.0 → 80.0"] in rows
    assert len(rows) == 5


def test_assumptions_seeds_and_series_are_stated(page: str, result: EmulationResult) -> None:
    words = " ".join(Page(page).words.split())
    assert "assumed: 3 s per click and 2 s to look at a slice" in words
    assert "assumed: 25 minutes per series" in words
    assert "2 series: a, b" in words
    assert "seed 0" in words
    assert "80 % of the data: all that was annotated here" in words
    assert "Annotate about" in words


def test_an_emulation_without_comparison_has_no_classical_columns(
    project: Project, result: EmulationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_examples", lambda *_: PNG)
    path = report.write_report(project, replace(result, classical=()))
    parsed = Page(path.read_text(encoding="utf-8"))
    assert parsed.tables[0][0][-1] == "mIoU,1 click"
    assert len(parsed.tables[1]) == 1 + 3
    assert "of full classical" not in parsed.words


def test_names_are_escaped(
    project: Project, result: EmulationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_examples", lambda *_: PNG)
    path = report.write_report(project, replace(result, initial=("<script>",)))
    assert "script" not in Page(path.read_text(encoding="utf-8")).tags


def test_the_table_has_one_row_per_labels_round_class_and_clicks(
    page: str, result: EmulationResult
) -> None:
    file = (result.options.folder / "report.csv").open(encoding="utf-8")
    with file:
        rows = list(csv.DictReader(file))
    # 3 rounds and 2 classical trainings, 2 classes and their mean, 0 and 1 clicks.
    assert len(rows) == 5 * 3 * 2
    keys = ("labels", "round", "class", "clicks")
    assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows)
    last = rows[17]
    assert last == {
        "labels": "saim", "round": "2", "series": "8", "share": "0.8000", "clicks_given": "210",
        "minutes": "90.00", "class": "mean", "clicks": "1", "iou": "0.680000",
        "dice": "0.780000",
    }  # fmt: skip
    assert rows[-1]["labels"] == "classical"
    assert rows[-1]["minutes"] == "200.00"


def test_the_document_says_everything(page: str, result: EmulationResult) -> None:
    document = json.loads((result.options.folder / "report.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(result.to_json()))
    assert document["rounds"][1]["saim_minutes"] == 70
    assert document["classical"][0]["test"]["1"]["mean_iou"] == 0.75


def _only_background(project: Project, name: str) -> None:
    labels = project.annotations.load(name)
    project.annotations.accept(name, np.zeros_like(labels), "somebody")


@pytest.fixture
def of_one_model(
    project: Project, result: EmulationResult, small_config: Callable[..., ModelConfig]
) -> EmulationResult:
    """A result whose only model exists in the project."""
    small = small_config()
    network = replace(small.network, num_classes=len(project.classes))
    config = replace(small, classes=project.classes, network=network)
    folder = project.models_folder / "round-001"
    save_checkpoint(folder, create_network(network), config)
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    project.models.add("round-001", folder)
    return replace(result, rounds=(replace(result.rounds[0], model="round-001"),), classical=())


def test_without_any_labeled_slice_the_page_has_no_example_slices(
    project: Project, of_one_model: EmulationResult
) -> None:
    for record in project.series("test"):
        _only_background(project, record.name)
    path = report.write_report(project, of_one_model, "cpu")
    parsed = Page(path.read_text(encoding="utf-8"))
    assert len(parsed.addresses) == 2
    assert "Example slices" not in parsed.words
    assert not path.with_name("examples.png").exists()


def test_example_slices_come_from_whichever_test_series_shows_something(
    project: Project, of_one_model: EmulationResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    for record in (*project.series("annotated"), *project.series("validation")):
        project.set_status(record.name, "test")
    first, *_, last = sorted(record.name for record in project.series("test"))
    for record in project.series("test"):
        if record.name != last:
            _only_background(project, record.name)
    monkeypatch.setattr(report, "EXAMPLES", 1)
    shown: list[str] = []

    def draw(examples: list[Example], classes: object) -> bytes:
        shown.extend(example.name for example in examples)
        return PNG

    monkeypatch.setattr(report, "draw_examples", draw)
    report.write_report(project, of_one_model, "cpu")
    assert shown == [last] != [first]
