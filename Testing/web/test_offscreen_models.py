"""The models on the page: list, restore, export."""

from __future__ import annotations

from pathlib import Path

import pytest

from SAIMCore.project.project import Project
from Testing.unit.campaign.stand_ins import publish_model
from Testing.web.page_bench import PageBench


@pytest.fixture
def project(project: Path) -> Path:
    """With two models, the second of which is used."""
    with Project.open(project) as opened:
        publish_model(opened, "round-002", seed=1)
    return project


def versions(bench: PageBench) -> dict[str, bool]:
    """The models in the order of the list, and which one is used."""
    return {entry["version"]: entry["current"] for entry in bench.state.models}


def test_models_are_listed_the_newest_first(bench: PageBench) -> None:
    assert list(versions(bench).items()) == [("round-002", True), ("round-001", False)]
    first = bench.state.models[-1]
    assert first["published"].startswith("20")
    assert "cannot be compared" in first["sentence"]


def test_an_earlier_model_is_restored_after_a_question(bench: PageBench) -> None:
    bench.page.models.publish("round-001")
    assert bench.state.question == "Use round-001 instead of round-002, everywhere?"
    assert bench.state.model == "round-002"
    bench.messages.answer(True)
    bench.settle()
    assert bench.state.model == "round-001"
    assert versions(bench) == {"round-002": False, "round-001": True}
    # The pool is scored by it.
    assert {row["model"] for row in bench.state.rows if row["rank"]} == {"round-001"}


def test_who_says_no_keeps_the_model(bench: PageBench) -> None:
    bench.page.models.publish("round-001")
    bench.messages.answer(False)
    bench.settle()
    assert bench.state.model == "round-002"


def test_a_model_is_exported_and_can_be_fetched(bench: PageBench) -> None:
    bench.page.models.export("round-002", "torchscript")
    assert bench.state.exporting
    bench.settle()
    path = bench.folder / "exports" / "round-002.pt"
    assert str(path) in bench.state.notice
    assert not bench.state.exporting
    (entry,) = bench.state.exports
    assert (entry["name"], entry["address"]) == ("round-002.pt", "/exports/round-002.pt")
    assert bench.page.exports.file("round-002.pt") == path


def test_before_an_export_is_written_anew_it_is_asked(bench: PageBench) -> None:
    path = bench.folder / "exports" / "round-001.pt"
    path.parent.mkdir()
    path.write_bytes(b"something else")
    bench.page.models.export("round-001", "torchscript")
    assert "Write it anew?" in bench.state.question
    bench.messages.answer(False)
    bench.settle()
    assert path.read_bytes() == b"something else"
    bench.page.models.export("round-001", "torchscript")
    bench.messages.answer(True)
    bench.settle()
    assert path.stat().st_size > 1000


def test_a_folder_for_another_saim_is_written_once(bench: PageBench) -> None:
    for said in ("copied round-001", "round-001 is at"):
        bench.page.models.export("round-001", "folder")
        bench.settle()
        assert bench.state.notice.casefold().startswith(said)
    folder = bench.folder / "exports" / "round-001"
    assert (folder / "model.safetensors").is_file()
    # A folder cannot be fetched.
    assert bench.state.exports == []


def test_a_damaged_model_is_not_handed_on(bench: PageBench) -> None:
    weights = bench.campaign.project.models.named("round-001").folder / "model.safetensors"
    weights.write_bytes(b"nothing")
    bench.page.models.export("round-001", "folder")
    bench.settle()
    assert bench.state.problem
    assert not bench.state.exporting
    assert not (bench.folder / "exports" / "round-001").exists()
